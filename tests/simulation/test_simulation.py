"""The backbone keeps its promises whatever happens, seed by seed, and a seed says exactly what happened."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from io import StringIO

import pytest
from django.conf import settings
from rich.console import Console

from contexts.messaging.cli import simulate as command
from contexts.messaging.errors import MessagingError
from contexts.messaging.simulation import explore, statements
from contexts.messaging.simulation.network import Faults
from contexts.messaging.simulation.run import simulate
from contexts.messaging.simulation.statements import meanings

SEEDS = 1000


def run(**given: object) -> tuple[int, str]:
    """Run `events simulate` as the command does."""
    screen = StringIO()
    options = {"seeds": None, "seed": None, "jobs": None, "trace": False, "json": False} | given
    status = command.run(options, Console(file=screen, width=200))
    return status, screen.getvalue()


@pytest.mark.slow
def test_a_thousand_seeds_keep_every_promise():
    status, printed = run(seeds=SEEDS, seed=1, json=True)

    found = json.loads(printed)
    assert found["failed"] == []
    assert status == 0
    assert found["events"] > 10 * SEEDS
    assert min(found["misfortunes"].values()) > SEEDS / 10, "a kind of misfortune hardly ever happened"


def test_a_seed_takes_the_same_steps_in_every_process():
    code = (
        "import django; django.setup(); from contexts.messaging.simulation.run import simulate; "
        "print(*[simulate(seed).fingerprint for seed in range(5)])"
    )
    here = " ".join(simulate(seed).fingerprint for seed in range(5))

    there = [
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": str(hash_seed), "DJANGO_SETTINGS_MODULE": "tests.settings"},
            cwd=settings.BASE_DIR, capture_output=True, text=True, check=True,
        ).stdout.strip().splitlines()[-1]
        for hash_seed in (1, 2)
    ]  # fmt: skip

    assert there == [here, here]


def test_seeds_differ():
    assert len({simulate(seed).fingerprint for seed in range(10)}) == 10


def test_without_faults_everything_arrives_without_asking_twice():
    outcome = simulate(3, faults=Faults())

    assert explore.judge(outcome) == []
    assert not [line for line in outcome.trace if "missing" in line or "failed" in line]


def test_the_simulation_leaves_the_process_as_it_was():
    from contexts.messaging import chores, events, planning, subscriptions

    before = (dict(events._events), dict(subscriptions._handlers), dict(chores._chores), planning.datetime)

    simulate(1)

    assert (dict(events._events), dict(subscriptions._handlers), dict(chores._chores), planning.datetime) == before


def test_transactions_wait_for_each_other_and_deadlocks_are_found():
    waits = Counter()
    for seed in range(30):
        for line in simulate(seed).trace:
            waits["conflict"] += "OperationalError" in line
    assert waits["conflict"] > 0


def test_a_statement_that_the_model_does_not_know_stops_it(monkeypatch):
    known = next(text for text in meanings._meanings if text.startswith("update messaging_sequencer set relayed"))
    monkeypatch.delitem(meanings._meanings, known)

    with pytest.raises(statements.UnknownStatement, match="update messaging_sequencer set relayed"):
        simulate(1)


def test_a_failing_seed_is_named_explained_and_repeatable(monkeypatch):
    monkeypatch.setattr(
        explore, "judge", lambda outcome: [("once", "a thing happened twice")] if outcome.seed == 4 else []
    )

    status, printed = run(seeds=3, seed=3, jobs=1)

    assert status == 1
    assert "1 seeds broke a promise" in printed
    assert "seed 4" in printed
    assert "manage.py events simulate --seed 4 --trace" in printed
    assert "did not repeat itself" not in printed
    assert "the storm is over" in printed or "takes sweep" in printed


@pytest.mark.parametrize("nonsense", [{"seeds": 0}, {"seeds": -3}, {"seed": -1}, {"jobs": 0}])
def test_nonsense_is_refused_with_a_sentence(nonsense):
    with pytest.raises(MessagingError, match="1 or more"):
        run(**nonsense)


def test_without_the_tests_it_says_where_it_runs(monkeypatch, tmp_path):
    monkeypatch.setattr(settings, "BASE_DIR", tmp_path)

    with pytest.raises(MessagingError, match="from a checkout with its tests"):
        run(seeds=1)
