"""Chores: work outside the transaction, done until nothing is left and not looked for once more than that."""

from __future__ import annotations

import pytest

from contexts.messaging import chores
from contexts.messaging.chores import Chore
from contexts.messaging.memory import MemoryTransport
from contexts.messaging.transport import use


@pytest.mark.parametrize(("per_run", "amounts"), [(3, [3, 3, 2]), (3, [0]), (1, [4, 1, 0])])
def test_a_chore_runs_until_it_did_less_than_it_may(monkeypatch, per_run, amounts):
    left = list(amounts)
    chore = Chore("catalog.probe", "catalog", lambda: left.pop(0), 5, "effects", per_run)
    monkeypatch.setitem(chores._chores, chore.name, chore)

    with use(MemoryTransport()):
        chores.run(chore.name)

    assert left == []
