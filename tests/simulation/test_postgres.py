"""The same shop over real PostgreSQL, dying at crash points; and the model beside it, which must say the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from django.db import connections

from contexts.messaging.crashpoints import POINTS
from contexts.messaging.simulation.explore import judge
from contexts.messaging.simulation.history import Tables
from contexts.messaging.simulation.serial import ModelStore, PostgresStore, simulate_serially
from contexts.messaging.simulation.shop import CONTEXTS, EFFECT_TABLE, TABLES

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

SEEDS = 30

#: What the two worlds count for themselves; tables whose own key nobody uses have none in the model.
OWN = {"tx", "snapshot", "traceback", "place"}
KEYLESS = {"messaging_subscription", "messaging_inbox"}


@pytest.fixture
def tables() -> Iterator[None]:
    """The tables of the simulated shop, in the schemas of the real one."""
    for context in CONTEXTS:
        for statement in (*TABLES[context], EFFECT_TABLE):
            _execute(context, statement)
    yield
    for context in CONTEXTS:
        for statement in (*TABLES[context], EFFECT_TABLE):
            _execute(context, f"drop table {statement.split()[2]}")


def _execute(context: str, statement: str) -> None:
    with connections[context].cursor() as cursor:
        cursor.execute(statement)


def _clean() -> None:
    for context in CONTEXTS:
        names = [statement.split()[2] for statement in (*TABLES[context], EFFECT_TABLE)]
        backbone = ("event", "position", "subscription", "inbox", "delivery", "parked", "timer")
        names += [f"messaging_{name}" for name in backbone]
        _execute(context, f"truncate {', '.join(names)} restart identity")
        _execute(context, "update messaging_sequencer set head = 0, relayed = 0, snapshot = '3:3:'")


def _comparable(found: Tables) -> dict[str, list[list[tuple[str, str]]]]:
    return {
        f"{context}.{name}": sorted(
            [
                sorted((column, str(value)) for column, value in row.items() if column not in own)
                for own in [OWN | ({"id"} if name in KEYLESS else set())]
                for row in rows
            ]
        )
        for context, tables in found.items()
        for name, rows in tables.items()
    }


@pytest.mark.slow
def test_postgres_and_the_model_leave_the_same_trace_and_the_same_rows(tables):
    crashes: Counter[str] = Counter()
    for seed in range(SEEDS):
        _clean()
        real, crashed = simulate_serially(seed, PostgresStore())
        model, _ = simulate_serially(seed, ModelStore())
        crashes.update(crashed)

        assert judge(real) == [], f"seed {seed}"
        assert real.quiet, f"seed {seed}"
        assert model.trace == real.trace, f"seed {seed}"
        there, here = _comparable(model.tables), _comparable(real.tables)
        assert there.keys() == here.keys()
        for name in here:
            assert there[name] == here[name], f"seed {seed}: {name}"

    assert set(crashes) == set(POINTS), "a crash point was never hit"
