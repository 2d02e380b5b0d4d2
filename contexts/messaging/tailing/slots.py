"""A context's slot: the server keeps the write-ahead log from the slot's place on, until the tailer moves it.

`messaging_tail` says how far the context's log has the changes; the slot is never ahead of it.
"""

from __future__ import annotations

from typing import Any

import msgspec
from django.conf import settings
from django.db import connections, transaction

from contexts.messaging import log
from contexts.messaging.errors import MessagingError
from contexts.messaging.tailing import capture, lsn, outbox, rights

#: The name of the session lock that a tailer holds while it is at work.
LOCK = "tail"


class NotTailing(MessagingError):
    """A context's write-ahead log cannot be tailed; says why and what to do."""


class Place(msgspec.Struct, frozen=True):
    """How far a log was tailed: every transaction that ended before `end`, and of the one whose commit stands at
    `partial` the first `done` changes."""

    end: int
    partial: int = 0
    done: int = 0


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What server and tables say of a context's slot; None for what is not there. Sizes are in bytes."""

    context: str
    wal_level: str
    installed: bool
    slot: str | None
    opened: bool
    place: int
    same_server: bool
    moved_s: float | None
    tailed: bool
    wal_status: str | None
    confirmed: int | None
    retained: int
    cap: int | None
    safe: int | None
    behind: int
    refused: int


def tailed_contexts() -> list[str]:
    """Return the contexts of this process that capture tables or publish through the write-ahead log."""
    return [
        context
        for context in settings.CONTEXTS
        if capture.captured_tables(context) or outbox.chosen(context) == outbox.WAL
    ]


def require(context: str) -> None:
    """Make sure that tailing is possible at all.

    Raises:
        NotTailing: the server does not log enough, or `manage.py setup` has not installed the functions.
    """
    found = obstacle(facts(context))
    if found:
        raise NotTailing(found)


def obstacle(found: Facts) -> str | None:
    """Return why a log cannot be tailed on this server, with the next step; None if it can."""
    if found.wal_level != "logical":
        return (
            f"The server of {found.context} has wal_level = {found.wal_level}, so its log cannot be tailed: row changes "
            "are not captured, and events go through the outbox's table as ever. To tail, set wal_level = logical and "
            "restart PostgreSQL."
        )
    if not found.installed:
        return (
            f"The functions that let {found.context} tail its log are missing or old. Run manage.py setup with an "
            "administrator who is a superuser or has REPLICATION; until then events go through the outbox's table."
        )
    return None


def open_slot(context: str) -> None:
    """Create what is missing on the first start: the publication, then the slot, then the row that says so.

    A slot that was there once and is gone is not replaced silently: what was written meanwhile would be lost unseen.

    Raises:
        NotTailing: with what an operator should do.
    """
    require(context)
    found = facts(context)
    connection = connections[context]
    with connection.cursor() as cursor:
        # Before the slot: the plugin looks the publication up as it was at each change.
        cursor.execute("select tail_publish(%s)", [capture.captured_tables(context)])
        if not found.opened:
            if found.confirmed is None:
                cursor.execute("select tail_create()")
            _enter(cursor)


def recreate_slot(context: str) -> None:
    """Begin anew from now on: what the lost slot had not passed on is gone."""
    require(context)
    if facts(context).tailed:
        raise NotTailing(f"A tailer of {context} is at work. Stop it first.")
    with connections[context].cursor() as cursor:
        cursor.execute("select tail_drop()")
        cursor.execute("select tail_publish(%s)", [capture.captured_tables(context)])
        cursor.execute("select tail_create()")
    with transaction.atomic(using=context), connections[context].cursor() as cursor:
        cursor.execute("delete from messaging_tail")
        _enter(cursor)


def drop_slot(context: str) -> None:
    """Let the server forget the slot, so that it keeps no log for it; publishers use the table from then on.

    Raises:
        NotTailing: a tailer is at work, or there is no slot.
    """
    found = facts(context)
    if not found.installed or (found.confirmed is None and not found.opened):
        raise NotTailing(f"{context} has no slot; there is nothing to drop. See: manage.py tail status.")
    if found.tailed:
        raise NotTailing(f"A tailer of {context} is at work. Stop it first.")
    with transaction.atomic(using=context), connections[context].cursor() as cursor:
        cursor.execute("delete from messaging_tail")
    with connections[context].cursor() as cursor:
        cursor.execute("select tail_drop()")


def _enter(cursor: Any) -> None:
    cursor.execute(
        """
        insert into messaging_tail (slot, server, lsn, partial, done, moved_at)
        select slot_name, (select system_identifier from pg_control_system()), confirmed_flush_lsn, '0/0', 0, now()
        from pg_replication_slots where slot_name = tail_slot()
        on conflict do nothing
        """
    )


def place_of(context: str) -> Place:
    with connections[context].cursor() as cursor:
        cursor.execute("select lsn::text, partial::text, done from messaging_tail")
        row = cursor.fetchone()
    if row is None:
        raise NotTailing(f"The log of {context} is not tailed yet. Run manage.py tail run {context}.")
    return Place(lsn.number(row[0]), lsn.number(row[1]), row[2])


FACTS = """
select current_setting('wal_level'),
       tail.slot, coalesce(tail.lsn, '0/0')::text, coalesce(tail.server = control.system_identifier, true),
       extract(epoch from now() - tail.moved_at)::float,
       exists (select from pg_locks where locktype = 'advisory' and objsubid = 1 and granted
               and database = (select oid from pg_database where datname = current_database())
               and (classid::bigint << 32 | objid::bigint) = %s),
       slot.wal_status, slot.confirmed_flush_lsn::text,
       coalesce(pg_current_wal_lsn() - slot.restart_lsn, 0)::bigint,
       (select case when setting = '-1' then null else setting::bigint * 1024 * 1024 end
        from pg_settings where name = 'max_slot_wal_keep_size'),
       slot.safe_wal_size, greatest(coalesce(pg_current_wal_lsn() - slot.confirmed_flush_lsn, 0), 0)::bigint,
       (select count(*) from messaging_tail_refused)
from pg_control_system() control
left join messaging_tail tail on true
left join pg_replication_slots slot on slot.slot_name = coalesce(tail.slot, %s)
"""


def facts(context: str) -> Facts:
    with connections[context].cursor() as cursor:
        cursor.execute(rights.INSTALLED)
        installed = bool(cursor.fetchone()[0])
        slot = None
        if installed:
            cursor.execute("select tail_slot()")
            slot = cursor.fetchone()[0]
        key = log.lock_key(context, LOCK)
        cursor.execute(FACTS, [key, slot])
        row = cursor.fetchone()
    return Facts(
        context=context, wal_level=row[0], installed=installed, slot=row[1] or slot, opened=row[1] is not None,
        place=lsn.number(row[2]), same_server=row[3], moved_s=row[4], tailed=row[5], wal_status=row[6],
        confirmed=None if row[7] is None else lsn.number(row[7]), retained=row[8], cap=row[9], safe=row[10],
        behind=row[11], refused=row[12],
    )  # fmt: skip
