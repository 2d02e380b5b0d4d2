"""What each statement that production sends means in the model.

Statements are known by their text, and one that is not known stops the simulation: whoever changes a statement of the
backbone changes its meaning here in the same commit, and `tests/simulation` compares both with real PostgreSQL.
"""

from __future__ import annotations

from typing import Any

from contexts.messaging.simulation.statements import logged, parked, received, subscribed, timed  # noqa: F401 - they declare
from contexts.messaging.simulation.statements.meanings import Result, UnknownStatement, execute, means

__all__ = ["Result", "UnknownStatement", "create_tables", "execute", "means"]


def create_tables(session_cluster: Any, schema: str) -> None:
    """Make the backbone's tables of one context, as its first migration does."""
    create = session_cluster.create
    create(schema, "messaging_event", ("id",))
    create(schema, "messaging_position", ("position",), ("event",))
    create(schema, "messaging_sequencer", ("id",))
    create(schema, "messaging_subscription", ("subscriber", "partition"))
    create(schema, "messaging_inbox", ("publisher", "subscriber", "partition"))
    create(schema, "messaging_delivery", ("id",))
    create(schema, "messaging_parked", ("publisher", "subscriber", "position"))
    create(schema, "messaging_timer", ("id",))
