"""Three judges who do not know each other: the checker, `events verify`, and `streams verify`.

Each is a program of its own. The checker imports nothing of the shop, so that a mistake there cannot hide here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import msgspec
from django.conf import settings

from config.problems import Problem

CHECKER = "tests/checker/checker.py"
#: The checker's words, and ours for people.
PROMISES = {
    "durable": "lost", "delivered": "undelivered", "once": "doubled", "ordered": "inverted",
    "conserved": "not conserved", "phantom": "invented",
}  # fmt: skip


class Violation(NamedTuple):
    """One broken promise, by the checker's name for it."""

    promise: str
    what: str


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What one judge says. `looked_at` is how much was judged, in words."""

    judge: str
    looked_at: str
    problems: list[str]


def checked(history: Path) -> list[Violation]:
    """Let the checker compare a history with the databases; return what it finds.

    Raises:
        Problem: the checker is not here, or cannot read what it was given.
    """
    return [Violation(**found) for found in _checker(history)["violations"]]


def judge(history: Path) -> tuple[dict[str, int], list[Verdict]]:
    """Return how often each promise was broken, and what each judge says."""
    found = _checker(history)
    counts = dict.fromkeys(PROMISES, 0)
    for violation in found["violations"]:
        counts[violation["promise"]] += 1
    said = [f"{PROMISES[one['promise']]}: {one['what']}" for one in found["violations"]]
    looked_at = (
        f"{found['events']} events of {found['contexts']} contexts, {found['lines of history']} lines of history"
    )
    return counts, [Verdict(judge="the checker", looked_at=looked_at, problems=said), *proofs()]


def proofs() -> list[Verdict]:
    """Return what the shop's own two proofs say."""
    return [_events(), _streams()]


def _checker(history: Path) -> dict[str, Any]:
    program = Path(settings.BASE_DIR) / CHECKER
    if not program.exists():
        raise Problem(f"The checker ({CHECKER}) is not here. Run this from a checkout with its tests.")
    admin = settings.DATABASE_ADMIN
    url = f"postgresql://{quote(admin['USER'])}@/{quote(admin['NAME'])}?" + urlencode(
        {"host": admin["HOST"], "port": admin["PORT"]}
    )
    command = [sys.executable, str(program), "--history", str(history), "--database", url, "--json"]
    return _answer("The checker", command, {"PGPASSWORD": admin["PASSWORD"]})


def _events() -> Verdict:
    found = _answer("events verify", _manage("events", "verify", "--json"))
    problems = [f"{log['publisher']}'s log: {problem}" for log in found["logs"] for problem in log["problems"]]
    problems += [
        f"{one['publisher']} to {one['subscriber']}, partition {one['partition']}: {problem}"
        for one in found["subscriptions"]
        for problem in one["problems"]
    ]
    deliveries = sum(one["events"] for one in found["subscriptions"])
    return Verdict(judge="events verify", looked_at=f"{deliveries} deliveries", problems=problems)


def _streams() -> Verdict:
    found = _answer("streams verify", _manage("streams", "verify", "--json"))
    proofs = found["proofs"]
    problems = [
        f"{one['subject']} ({one['where']}): {one['problem']}" for proof in proofs for one in proof["differences"]
    ]
    looked_at = f"{sum(p['streams'] for p in proofs)} streams, {sum(p['rows'] for p in proofs)} rows"
    return Verdict(judge="streams verify", looked_at=looked_at, problems=problems)


def _manage(*arguments: str) -> list[str]:
    return [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), *arguments]


def _answer(who: str, command: list[str], environment: dict[str, str] | None = None) -> dict[str, Any]:
    """Run a judge and return the JSON that it prints.

    Raises:
        Problem: it prints none.
    """
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL,
        env=os.environ | (environment or {}), cwd=settings.BASE_DIR,
    )  # fmt: skip
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except ValueError as problem:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:] or [f"nothing, status {done.returncode}"]
        raise Problem(f"{who} gave no verdict; it says: {last[0]}") from problem
    return found
