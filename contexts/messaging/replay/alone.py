"""One replay of a read model at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections

from contexts.messaging.errors import MessagingError
from contexts.messaging.log import lock_key


class CannotReplay(MessagingError):
    """A replay that would not give what the live read model should be."""


@contextmanager
def one_at_a_time(context: str, name: str) -> Iterator[None]:
    """Hold the replay of a read model for this session; a process that dies lets go of it.

    Raises:
        CannotReplay: another process has it.
    """
    key = lock_key(context, f"replay {name}")
    with connections[context].cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s)", [key])
        if not cursor.fetchone()[0]:
            raise CannotReplay(f"{name} is being replayed by another process. Wait for it, or end it and try again.")
    try:
        yield
    finally:
        if connections[context].connection is not None and connections[context].is_usable():
            with connections[context].cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(%s)", [key])
