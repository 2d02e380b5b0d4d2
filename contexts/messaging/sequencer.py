"""The sequencer: gives the events of a log their gapless positions, in an order in which nothing is lost or inverted.

Identities are drawn before transactions commit, so reading "everything after the last identity" loses the events of
slow transactions, and reading by transaction id inverts a subject's events. The sequencer takes what is visible now
and was not visible in the snapshot of its last pass, orders that by identity, and appends it.
See docs/adr/0003-sequencer.md for what the other readers lose.
"""

from __future__ import annotations

from contexts.messaging.log import lock_key
from contexts.messaging.prepared import prepared_cursor

# A transaction that was in progress at the last pass is looked up by its id and all later ones by range, so that one
# transaction held open for hours does not make every pass read everything since it began.
SEQUENCE = """
with last as (
    select snapshot, head from messaging_sequencer
), fresh as (
    select id, slot from messaging_event where tx >= (select pg_snapshot_xmax(snapshot) from last)
    union all
    select id, slot from messaging_event where tx = any(array(select pg_snapshot_xip(snapshot) from last))
), numbered as (
    insert into messaging_position (position, event, slot)
    select (select head from last) + row_number() over (order by id), id, slot from fresh
    returning position
), moved as (
    update messaging_sequencer set head = given.head, snapshot = pg_current_snapshot()
    from (select max(position) as head from numbered) given where given.head is not null
    returning messaging_sequencer.head
)
select coalesce((select head from moved), head), relayed from messaging_sequencer
"""

#: Whoever asks for what is new looks up some rows of a log that may hold hundreds of millions. The planner thinks
#: otherwise as soon as one transaction has written much of the table, and would read all of it each time.
LOOK_UP = "set_config('enable_seqscan', 'off', true)"

LOCK = f"select pg_advisory_xact_lock(%s), {LOOK_UP}"


def take_lock(context: str) -> None:
    """Wait until no other sequencer or relay of this context is at work; held until the transaction ends.

    A statement of its own, before the one that reads: a sequencer that waited inside the reading statement would read
    with the snapshot from before its wait.
    """
    with prepared_cursor(context) as cursor:
        cursor.execute(LOCK, [lock_key(context, "sequencer")])


def sequence(context: str) -> tuple[int, int]:
    """Give positions to the events that became visible since the last pass.

    Returns the head, and how far the relay has searched for everybody who is not behind.

    Call it in a READ COMMITTED transaction that holds `take_lock`.
    """
    with prepared_cursor(context) as cursor:
        cursor.execute(SEQUENCE)
        found: tuple[int, int] | None = cursor.fetchone()
        if found is None:
            cursor.execute("insert into messaging_sequencer (id, head, snapshot) values (1, 0, '3:3:')")
            return sequence(context)
        return found
