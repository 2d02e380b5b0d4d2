"""Doing without savepoints where all is undone anyway."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections


@contextmanager
def undivided(alias: str) -> Iterator[None]:
    """Let `atomic` blocks inside be no savepoints: what fails in one of them fails the whole transaction.

    Whoever catches such a failure and goes on is refused their next statement (TransactionManagementError), so nothing
    half done is ever committed. For a transaction that ends with a statement and can be tried again with savepoints.
    """
    features: Any = connections[alias].features  # The stubs have it that a feature is never changed.
    before, features.uses_savepoints = features.uses_savepoints, False
    try:
        yield
    finally:
        features.uses_savepoints = before
