"""What an operator should know of a slot, before the disk is full: its state, and the next step."""

from __future__ import annotations

import msgspec
from django.conf import settings
from django.db import connections

from contexts.messaging.tailing import slots
from contexts.messaging.tailing.capture import captured_tables
from contexts.messaging.tailing.outbox import WAL, chosen
from contexts.messaging.tailing.slots import Facts, facts

MB = 1024 * 1024
#: A tailer that is at work and this far behind does not keep up.
BEHIND = 256 * MB


class Verdict(msgspec.Struct, frozen=True):
    """A state in a word or two, a sentence with the next step, and whether somebody has to act."""

    state: str
    sentence: str
    wrong: bool


def contexts_with_slots() -> list[str]:
    """Return the contexts that tail, and those that no longer do but still have a slot."""
    return [context for context in settings.CONTEXTS if has_slot(context)]


def has_slot(context: str) -> bool:
    """Say whether a context tails, or no longer does but still has a slot."""
    return context in slots.tailed_contexts() or (found := facts(context)).opened or found.confirmed is not None


def verdict_on(found: Facts) -> Verdict:
    """Say what state a slot is in and what to do about it."""
    context = found.context
    again = (
        f"Run manage.py tail recreate {context}: it begins anew from now on. What the old slot had not passed on is not "
        "in the log" + _what_is_gone(context)
    )
    impossible = slots.obstacle(found)
    if impossible:
        return Verdict("impossible", impossible, wrong=True)
    if context not in slots.tailed_contexts() and context in settings.CONTEXTS:
        return Verdict(
            "unused",
            f"Nothing of {context} is tailed any more, but its slot keeps {_size(found.retained)} of log. "
            f"Run manage.py tail drop {context}.",
            wrong=True,
        )
    if not found.opened:
        return Verdict("new", f"Nobody has tailed {context} yet. Run manage.py tail run {context}.", wrong=True)
    if not found.same_server:
        return Verdict(
            "another server", f"{context} came here from another server, and its slot did not come along. {again}", True
        )
    if found.wal_status is None:
        return Verdict("missing", f"The slot {found.slot} of {context} is gone: somebody dropped it. {again}", True)
    if found.wal_status == "lost":
        return Verdict(
            "lost",
            f"The server has removed log that the slot of {context} still needed, because it was over the cap of "
            f"{_size(found.cap)} (max_slot_wal_keep_size). {again}",
            wrong=True,
        )
    if found.confirmed is not None and found.confirmed > found.place:
        return Verdict(
            "recreated",
            f"The slot {found.slot} of {context} is further than the log: somebody made it anew or moved it. {again}",
            wrong=True,
        )
    # The server takes a slot for unreserved for a moment too while another one comes or goes; it is over the cap or it is not.
    if found.wal_status == "unreserved" and found.cap is not None and found.retained > found.cap:
        return Verdict(
            "nearly lost",
            f"The slot of {context} keeps {_size(found.retained)} of log, over the cap of {_size(found.cap)}: the next "
            f"checkpoint may remove it. Start manage.py tail run {context} now, or raise max_slot_wal_keep_size.",
            wrong=True,
        )
    if not found.tailed:
        left = f"; in {_size(found.safe)} more it is lost" if found.safe is not None else ", and has no cap"
        return Verdict(
            "abandoned",
            f"Nobody tails {context}: its slot keeps {_size(found.retained)} of log{left}. "
            f"Start manage.py tail run {context} (make up does), or give it up: manage.py tail drop {context}.",
            wrong=True,
        )
    if found.behind > BEHIND or (found.safe is not None and found.cap and found.safe < found.cap // 2):
        return Verdict(
            "behind",
            f"The tailer of {context} is {_size(found.behind)} behind and its slot keeps {_size(found.retained)}"
            + (f" of {_size(found.cap)} allowed" if found.cap else "")
            + ". Look at its log lines; raise max_slot_wal_keep_size if it cannot keep up.",
            wrong=True,
        )
    if found.refused:
        return Verdict(
            "refused changes",
            f"{found.refused} row changes of {context} could not become events. See manage.py tail refused {context}; "
            f"then manage.py tail retry {context} or tail discard {context}.",
            wrong=True,
        )
    return Verdict("following", "" if found.cap else NO_CAP, wrong=False)


NO_CAP = "max_slot_wal_keep_size is not set: a tailer that stands still could fill the disk. Set a cap that the disk can hold."


def strangers() -> list[tuple[str, int]]:
    """Return the slots that nobody uses and that belong to no context of this process, with the bytes that each keeps."""
    ours = [facts(context).slot for context in settings.CONTEXTS]
    with connections[settings.CONTEXTS[0]].cursor() as cursor:
        cursor.execute(
            """
            select slot_name, coalesce(pg_current_wal_lsn() - restart_lsn, 0)::bigint from pg_replication_slots
            where not active and database = current_database() and slot_name <> all(%s) order by 1
            """,
            [[slot for slot in ours if slot]],
        )
        return list(cursor.fetchall())


def _what_is_gone(context: str) -> str:
    parts = []
    if chosen(context) == WAL:
        parts.append("; events published meanwhile went to the table, those before are lost")
    if tables := captured_tables(context):
        parts.append(
            f"; rows changed in between can be sent through again by touching them (update {tables[0]} set "
            "<column> = <column>)"
        )
    return "".join(parts) + "."


def _size(size: int | None) -> str:
    if size is None:
        return "no limit"
    return f"{size / MB:.0f} MB" if size >= MB else f"{max(size, 0) / 1024:.0f} kB"
