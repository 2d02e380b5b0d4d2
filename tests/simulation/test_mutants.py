"""Twelve bugs, each put into a run that is clean without it: the checker says which promise was broken, and how."""

from __future__ import annotations

import pytest

from contexts.messaging.simulation.explore import examine
from tests.simulation.mutants import MUTANTS, Mutant

#: A bug must show within this many seeds.
SEEDS = 60


def test_there_are_twelve():
    assert len({mutant.name for mutant in MUTANTS}) == 12


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_checker_catches(mutant: Mutant):
    for seed in range(1, SEEDS + 1):
        found = [what for promise, what in examine(seed, mutant.inject).violations if promise == mutant.promise]
        if any(mutant.says in what for what in found):
            break
    else:
        pytest.fail(f"{SEEDS} seeds did not show it")

    assert examine(seed).violations == []
