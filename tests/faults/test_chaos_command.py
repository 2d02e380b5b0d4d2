"""`manage.py chaos`: what it refuses, that a seed repeats, that a short campaign keeps every promise and leaves nothing."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest

from config.chaos import house
from config.chaos.faults import FULL, KILLS, OPENING, campaign
from config.chaos.figures import quantile, rows

REPOSITORY = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, str(REPOSITORY / "manage.py"), "chaos"]
processes = pytest.mark.xdist_group("faults")


@pytest.fixture
def data() -> Path:
    """The tests' own data folder: short enough for a socket's path, and inside the checkout."""
    return Path(os.environ["DATA_DIR"])


def environment(data: Path, **more: str) -> dict[str, str]:
    bare = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return bare | {"ENV_FILE": os.devnull, "DATA_DIR": str(data)} | more


def refusal(data: Path, *arguments: str, **more: str) -> str:
    done = subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, env=environment(data, **more), cwd=REPOSITORY
    )
    assert done.returncode not in (0, None)
    assert "Traceback" not in done.stderr
    return done.stderr


def left_running(data: Path) -> list[str]:
    """Return the command lines of processes whose environment names a house below this data folder."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and f"{house.VARIABLE}={data}/".encode() in (entry / "environ").read_bytes():
                found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return found


# --- the plan


def test_a_seed_repeats_its_faults():
    one, same, other = (list(islice(campaign(seed=seed, full=False), 60)) for seed in (4, 4, 5))

    assert one == same
    assert one != other


def test_the_full_campaign_is_200_kills_50_flushes_and_20_immediate_restarts():
    kinds = Counter(fault.kind for fault in campaign(seed=1, full=True))

    assert sum(kinds[kind] for kind in KILLS) == 200
    assert kinds["redis flush"] == 50
    assert kinds["postgres restart"] == 20
    assert kinds == FULL


def test_even_a_short_campaign_begins_with_one_fault_of_each_important_kind():
    kinds = [fault.kind for fault in islice(campaign(seed=9, full=False), len(OPENING))]

    assert sorted(kinds) == sorted(OPENING)


def test_the_first_fault_is_on_top_of_nothing():
    assert not any(next(campaign(seed=seed, full=True)).on_top for seed in range(50))


def test_in_a_storm_most_faults_come_on_top_of_others():
    def on_top(*, storm: bool) -> int:
        return sum(fault.on_top for fault in campaign(seed=3, full=True, storm=storm))

    assert on_top(storm=False) < 80
    assert on_top(storm=True) > 200


def test_only_the_kinds_that_were_asked_for_strike():
    kinds = {fault.kind for fault in islice(campaign(seed=3, full=False, only=["beat", "web"]), 50)}

    assert kinds == {"beat", "web"}


@pytest.mark.parametrize(("share", "expected"), [(0.5, 3.0), (0.9, 5.0), (0.0, 1.0), (1.0, 5.0)])
def test_quantiles_are_values_that_were_measured(share: float, expected: float):
    assert quantile([5.0, 1.0, 4.0, 2.0, 3.0], share) == expected


def test_without_any_fault_there_is_nothing_to_measure():
    assert quantile([], 0.5) is None
    assert [(row.kind, row.struck, row.p50) for row in rows([])] == [("all", 0, None)]


# --- what it refuses


@pytest.mark.parametrize(
    ("arguments", "settings", "words"),
    [
        (["--minutes", "0"], {}, "--minutes takes more than 0"),
        (["--minutes", "soon"], {}, "invalid float value"),
        (["--orders-per-minute", "100000"], {}, "--orders-per-minute takes 1 to 1200"),
        (["--only", "earthquake"], {}, "invalid choice: 'earthquake'"),
        (["--report", "out.pdf"], {}, "out.pdf is none of them"),
        (["--report", "/nowhere/at/all/out.md"], {}, "There is no folder /nowhere/at/all"),
        ([], {"DATABASE_URL": "postgres://a:b@db.internal/shop"}, "DATABASE_URL name stores of yours"),
        ([], {"REDIS_URL": "redis://redis.internal:6379/0"}, "REDIS_URL name stores of yours"),
        ([], {"ORDERING_DATABASE_URL": "postgres://a:b@db.internal/shop"}, "ORDERING_DATABASE_URL name stores"),
        ([], {"CONTEXTS": "ordering"}, "Run it with all contexts"),
    ],
)
def test_nonsense_is_refused_before_anything_starts(
    arguments: list[str], settings: dict[str, str], words: str, data: Path
):
    assert words in refusal(data, *arguments, **settings)


def test_a_house_shares_no_setting_with_the_callers_shop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    for name in ("DATABASE_URL", "REDIS_URL", "ORDERING_DATABASE_URL", "CELERY_BROKER_URL", "ALLOWED_HOSTS"):
        monkeypatch.setenv(name, "theirs")

    made = house.environment(tmp_path / "run-1-2", port=4711)

    assert "theirs" not in made.values()
    assert made["DATA_DIR"] == str(tmp_path / "run-1-2")
    assert made["PORT"] == "4711"


# --- a campaign


@processes
@pytest.mark.faults
@pytest.mark.campaign
@pytest.mark.timeout(1200)
def test_a_short_campaign_keeps_every_promise_and_leaves_nothing_behind(data: Path, tmp_path: Path):
    report = tmp_path / "report.html"
    done = subprocess.run(
        [*COMMAND, "--minutes", "0.5", "--seed", "7", "--orders-per-minute", "20", "--json", "--report", str(report)],
        capture_output=True, text=True, env=environment(data), cwd=REPOSITORY,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout)
    assert outcome["kept"]
    assert outcome["broken"] == dict.fromkeys(["durable", "delivered", "once", "ordered", "conserved", "phantom"], 0)
    assert [verdict["problems"] for verdict in outcome["verdicts"]] == [[], [], []]
    planned = [fault.kind for fault in islice(campaign(seed=7, full=False), len(outcome["blows"]))]
    assert [blow["kind"] for blow in outcome["blows"]] == planned
    assert outcome["counts"]["placed"] >= len(outcome["blows"])
    assert set(outcome["ends"]) <= {"completed", "cancelled"}
    assert "Every promise was kept." in report.read_text()
    assert left_running(data) == []
    assert list((data / "chaos").glob("run-7-*")) == []


@processes
@pytest.mark.faults
@pytest.mark.campaign
@pytest.mark.timeout(900)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "terminated"])
def test_stopped_in_the_middle_it_leaves_nothing_running(number: int, data: Path):
    campaigning = subprocess.Popen(
        [*COMMAND, "--minutes", "5", "--seed", "8"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env=environment(data), cwd=REPOSITORY,
    )  # fmt: skip
    assert campaigning.stdout is not None
    said = ""
    while not re.search(r"^00:.*well after", said, re.MULTILINE):
        line = campaigning.stdout.readline()
        assert line, said
        said += line

    campaigning.send_signal(number)
    rest, _ = campaigning.communicate()

    assert campaigning.returncode == 130
    assert "Stopped by you; nothing is left running." in rest
    assert "Traceback" not in rest
    assert left_running(data) == []
    assert list((data / "chaos").glob("run-8-*")) == []
