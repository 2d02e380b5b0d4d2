"""The tailer: reads a context's slot in the order of the commits and has every step applied exactly once.

Reading is peeking: the slot stays where it is until the log has the events and `messaging_tail` says so, in one
transaction. A tailer killed anywhere begins at the slot's place and passes over what `messaging_tail` covers.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

import msgspec
import structlog
from django.db import DatabaseError, InterfaceError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from uuid_utils.compat import uuid7

from contexts.messaging import log
from contexts.messaging.errors import MessagingError
from contexts.messaging.tailing import capture, lsn, slots
from contexts.messaging.tailing.applying import Step, apply, move
from contexts.messaging.tailing.pgoutput import Begin, Commit, Emitted, Relation, Row, decode
from contexts.messaging.tailing.slots import NotTailing, Place

logger = structlog.get_logger(__name__)

#: Changes that the server decodes at a time (it ends with a whole transaction), and that one transaction here takes.
PEEK = 5000
BATCH = 1000
FETCH = 2000

#: The slot follows after so many seconds, or changes read again; what it has not passed yet is passed over.
ADVANCE_AFTER_S = 0.2
ADVANCE_AFTER = 500

#: Seconds between two looks: from the shortest, while there is something, to the longest.
SHORTEST_S = 0.005
LONGEST_S = 0.2
#: Seconds until a tailer that cannot work looks again.
AGAIN_AFTER_S = 15.0

#: In a quiet context the slot follows the other writers of the server only in steps of so many bytes.
IDLE_STEP = 1024 * 1024

LOOK = """
select pg_current_wal_flush_lsn()::text, tail.lsn::text, tail.partial::text, tail.done,
       slot.wal_status, slot.confirmed_flush_lsn::text
from (select) nothing left join messaging_tail tail on true
left join pg_replication_slots slot on slot.slot_name = tail.slot
"""


class _Transaction(msgspec.Struct):
    """The transaction that is being read."""

    lsn: int
    at: datetime
    xid: int
    correlation_id: UUID
    seen: int = 0


class Tailer:
    """Tails one context's slot. `pass_once` does everything that is committed by now, at most `PEEK` changes of it."""

    def __init__(self, context: str) -> None:
        self.context = context
        self._relations: dict[int, Relation] = {}
        self._nothing_until = -1
        self._advanced_at = float("-inf")
        self._reader: BaseDatabaseWrapper | None = None

    def open(self) -> None:
        """Prepare the slot and become the one tailer of this context.

        Raises:
            NotTailing: it is not possible here, the slot needs an operator, or another tailer is at work.
        """
        with connections[self.context].cursor() as cursor:
            cursor.execute("select pg_try_advisory_lock(%s)", [log.lock_key(self.context, slots.LOCK)])
            if not cursor.fetchone()[0]:
                raise NotTailing(f"Another process tails the log of {self.context}; this one stands by.")
        slots.open_slot(self.context)
        self._nothing_until = -1

    def close(self) -> None:
        """Give up the lock and the connections."""
        for connection in (connections[self.context], self._reader):
            if connection is not None:
                connection.close()
        self._reader = None

    def pass_once(self) -> int:
        """Take over what was committed since the last pass; return how many changes and messages that was.

        Raises:
            NotTailing: the slot is gone or no longer ours.
        """
        flushed, place, confirmed = self._look()
        if flushed == self._nothing_until:
            return 0
        taken, read, reached = self._take_over(place)
        quiet = not taken and read < PEEK
        # Moving the slot makes the server decode once more, so under load it waits for a good many changes.
        late = time.monotonic() - self._advanced_at >= ADVANCE_AFTER_S
        if reached.end > confirmed and (quiet or late or read >= ADVANCE_AFTER):
            self._advance(reached.end)
        if quiet and reached.end == place.end:
            self._nothing_until = flushed
            if flushed - confirmed > IDLE_STEP:
                # All commits before the mark have been seen, and none concerned us.
                with transaction.atomic(using=self.context):
                    move(self.context, before=place, reached=Place(flushed))
                self._advance(flushed)
        return taken

    def _look(self) -> tuple[int, Place, int]:
        with connections[self.context].cursor() as cursor:
            cursor.execute(LOOK)
            flushed, end, partial, done, status, confirmed = cursor.fetchone()
        if end is None or status is None or status == "lost" or lsn.number(confirmed) > lsn.number(end):
            from contexts.messaging.tailing.status import verdict_on

            raise NotTailing(verdict_on(slots.facts(self.context)).sentence)
        return lsn.number(flushed), Place(lsn.number(end), lsn.number(partial), done), lsn.number(confirmed)

    def _take_over(self, stored: Place) -> tuple[int, int, Place]:
        """Apply what the slot holds in batches; return the steps taken, the messages read, and the place stored."""
        steps: list[Step] = []
        reached, taken, read = stored, 0, 0
        current: _Transaction | None = None
        with self._peek() as messages:
            for data in messages:
                read += 1
                for item in decode(data):
                    match item:
                        case Begin(at_lsn, at, xid):
                            current = _Transaction(at_lsn, at, xid, uuid7())
                        case Relation():
                            self._relations[item.id] = item
                        case Commit(_, end):
                            current = None
                            if end > reached.end:
                                reached = Place(end)
                        case Row() | Emitted() if current is not None and current.lsn >= reached.end:
                            current.seen += 1
                            if current.lsn == reached.partial and current.seen <= reached.done:
                                continue
                            reached = Place(reached.end, current.lsn, current.seen)
                            steps += self._steps(item, current)
                        case _:
                            continue
                    if len(steps) >= BATCH:
                        apply(self.context, steps, before=stored, reached=reached)
                        stored, taken, steps = reached, taken + len(steps), []
        # A transaction that holds nothing for us is passed over without writing, which would only make another one.
        if steps or (reached != stored and (taken or stored.partial or read >= PEEK)):
            apply(self.context, steps, before=stored, reached=reached)
            stored = reached
        return taken + len(steps), read, stored

    def _steps(self, item: Row | Emitted, current: _Transaction) -> list[Step]:
        if isinstance(item, Emitted):
            return [Step(item.content, None, None)]
        relation = self._relations[item.relation]
        if capture.capture_of(self.context, relation.name) is None:
            return []
        change = capture.row_change(relation, item, at=current.at, xid=current.xid)
        return [Step(None, change, current.correlation_id)]

    @contextmanager
    def _peek(self) -> Iterator[Iterator[bytes]]:
        """Read the slot through a connection of its own: the server keeps the rest while batches are written."""
        if self._reader is None:
            self._reader = connections.create_connection(self.context)
        with transaction_of(self._reader), self._reader.connection.cursor(name="tail", binary=True) as cursor:
            cursor.itersize = FETCH
            cursor.execute("select data from tail_peek(%s)", [PEEK])
            yield (row[0] for row in cursor)

    def _advance(self, upto: int) -> None:
        with connections[self.context].cursor() as cursor:
            cursor.execute("select tail_advance(%s)", [lsn.text(upto)])
        self._advanced_at = time.monotonic()


@contextmanager
def transaction_of(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Hold a transaction on a connection that no alias names."""
    connection.ensure_connection()
    with connection.connection.transaction():
        yield


def run(context: str, stop: threading.Event) -> None:
    """Tail a context until `stop` is set. What keeps it from working is logged once and looked at again later."""
    tailer = Tailer(context)
    said = ""
    while not stop.is_set():
        try:
            tailer.open()
            logger.info("tailing", context=context)
            said = ""
            _follow(tailer, stop)
        except (DatabaseError, InterfaceError, MessagingError) as problem:
            words = str(problem).strip()
            if words != said:
                logger.warning("not tailing", context=context, problem=words)
                said = words
            tailer.close()
            stop.wait(AGAIN_AFTER_S if isinstance(problem, NotTailing) else 1.0)
    tailer.close()


def _follow(tailer: Tailer, stop: threading.Event) -> None:
    pause_s = SHORTEST_S
    while not stop.is_set():
        pause_s = SHORTEST_S if tailer.pass_once() else min(pause_s * 1.3, LONGEST_S)
        stop.wait(pause_s)
