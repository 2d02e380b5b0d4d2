"""Proof: compares what a publisher's log says went over with what each subscriber noted that it received.

The publisher's side is computed anew from the log, event by event; the subscriber's side is the digest it kept with
each page. Equal digests prove that nothing was lost, doubled, reordered or altered up to there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from django.conf import settings
from django.db import connections

from contexts.messaging import books, reading
from contexts.messaging.archive import shelf
from contexts.messaging.archive.files import ArchiveProblem
from contexts.messaging.inbox import inbox_of
from contexts.messaging.page import NO_DIGEST, WireEvent, extend_digest

CHUNK = 5000


# One statement, so that all of it is asked of one moment: a shop at work moves on between two.
WHOLE = """
with log as (
    select coalesce((select head from messaging_sequencer), 0) as head
)
select head, (
    select min(n) from generate_series(1, head) n
    where not exists (select from messaging_position where position = n)
), (
    select min(position) from messaging_position where position > head
), (
    select min(position) from messaging_position p where position <= head
    and not exists (select from messaging_event e where e.id = p.event)
    and not exists (select from messaging_archive a where p.event >= a.first_event and p.event < a.end_event)
), late.count, late.first
from log, (
    select count(*) as count, min(id) as first from messaging_event e
    where not exists (select from messaging_position p where p.event = e.id) and e.time < now() - interval '30 s'
) late
"""


class Verdict(msgspec.Struct, kw_only=True):
    """One partition of one subscription. `agreed` is the last position up to which both sides hold the same."""

    publisher: str
    subscriber: str
    partition: int
    events: int = 0
    agreed: int = 0
    position: int = 0
    problems: list[str] = []


class LogVerdict(msgspec.Struct, kw_only=True):
    """One context's log: are its positions without gaps, and does each stand for exactly one event?"""

    publisher: str
    head: int
    problems: list[str]


class _Chain(msgspec.Struct, kw_only=True):
    """One subscription, followed along the log: the digest so far, and the pages still to be compared."""

    subscription: books.Subscription
    verdict: Verdict
    pages: list[tuple[int, int, str]]
    next: int = 0
    digest: str = NO_DIGEST
    broken: bool = False
    page_events: list[WireEvent] = []


def verify_log(context: str) -> LogVerdict:
    """Check that a context's positions are whole."""
    with connections[context].cursor() as cursor:
        cursor.execute(WHOLE)
        head, missing, beyond, gone, count, first = cursor.fetchone()
    problems = []
    if missing is not None:
        problems.append(f"position {missing} is missing")
    if beyond is not None:
        problems.append(f"position {beyond} is beyond the head")
    if gone is not None:
        problems.append(f"the event at position {gone} is gone from the log")
    if count:
        problems.append(f"{count} events have no position after 30 s, the first with identity {first}")
    problems += shelf.problems(context)
    return LogVerdict(publisher=context, head=head, problems=problems)


def subscribers_away(context: str) -> set[str]:
    """Return the subscribers of a context that this process lacks, so that nothing can be compared with them."""
    return {s.subscriber for s in books.load(context) if s.subscriber.partition(":")[0] not in settings.CONTEXTS}


def verify_subscriptions(context: str) -> Iterator[Verdict]:
    """Follow a context's log once and compare it with what each of its subscribers in this process received."""
    chains = [
        _chain(context, subscription)
        for subscription in books.load(context)
        if subscription.subscriber.partition(":")[0] in settings.CONTEXTS
    ]
    last = max((chain.verdict.position for chain in chains), default=0)
    by_key: dict[tuple[str, int], list[_Chain]] = {}
    for chain in chains:
        for kind in chain.subscription.types:
            by_key.setdefault((kind, chain.subscription.partition), []).append(chain)
    after = 0
    while after < last:
        try:
            rows, after = reading.read_all(context, after, last, limit=CHUNK)
        except ArchiveProblem as problem:
            for chain in chains:
                chain.broken = True
                chain.verdict.problems.append(
                    f"could not be followed after {chain.verdict.agreed}: {problem}".rstrip(".")
                )
            break
        for row in rows:
            event = reading.wire(context, row)
            for chain in by_key.get((event.type, row[1] % settings.MESSAGING_PARTITIONS), []):
                if chain.subscription.wants(event) and not chain.broken:
                    _close_pages(chain, event.position - 1)
                    chain.page_events.append(event)
                    chain.verdict.events += 1
    for chain in chains:
        _close_pages(chain, chain.verdict.position)
        _finish(chain)
        yield chain.verdict


def _chain(context: str, subscription: books.Subscription) -> _Chain:
    verdict = Verdict(publisher=context, subscriber=subscription.subscriber, partition=subscription.partition)
    alias = subscription.subscriber.partition(":")[0]
    key: list[Any] = [context, subscription.subscriber, subscription.partition]
    # With the place held: a page that arrives in between would be in one of the two and not in the other.
    with inbox_of(subscription.subscriber).open(*key) as place, connections[alias].cursor() as cursor:
        verdict.position, digest = place.position, place.digest
        cursor.execute(
            "select after, upto, digest from messaging_delivery "
            "where publisher = %s and subscriber = %s and partition = %s order by upto, id",
            key,
        )
        pages = cursor.fetchall()
    last = pages[-1] if pages else (0, 0, NO_DIGEST)
    if (last[1], last[2]) != (verdict.position, digest):
        if last[1] < verdict.position and not pages:
            pages = [(0, verdict.position, digest)]
        else:
            verdict.problems.append(
                f"the inbox says position {verdict.position}, digest {digest[:8]}; its last page says position "
                f"{last[1]}, digest {last[2][:8]}"
            )
    return _Chain(subscription=subscription, verdict=verdict, pages=pages)


def _close_pages(chain: _Chain, upto: int) -> None:
    """Compare the pages that end at or before a position, now that all their events were seen."""
    while not chain.broken and chain.next < len(chain.pages) and chain.pages[chain.next][1] <= upto:
        after, end, digest = chain.pages[chain.next]
        own = [event for event in chain.page_events if event.position <= end]
        chain.page_events = [event for event in chain.page_events if event.position > end]
        chain.digest = extend_digest(chain.digest, own)
        chain.next += 1
        if after != chain.verdict.agreed:
            chain.broken = True
            chain.verdict.problems.append(
                f"pages do not join: one begins after {after}, the last one agreed ended at {chain.verdict.agreed}"
            )
        elif chain.digest != digest:
            chain.broken = True
            held = ", ".join(f"{event.type} of {event.subject} at {event.position}" for event in own[:3]) or "no event"
            chain.verdict.problems.append(
                f"the first difference lies between positions {after} and {end}: the log has {held}"
                f"{' and more' if len(own) > 3 else ''}, the subscriber received something else"
            )
        else:
            chain.verdict.agreed = end


def _finish(chain: _Chain) -> None:
    subscription, verdict = chain.subscription, chain.verdict
    if chain.broken:
        return
    if verdict.agreed != verdict.position:
        verdict.problems.append(f"pages are noted up to {verdict.agreed}, the inbox is at {verdict.position}")
    if subscription.acknowledged > verdict.position:
        verdict.problems.append(
            f"the publisher believes {subscription.acknowledged} acknowledged, the subscriber is at {verdict.position}"
        )
    if subscription.acknowledged == verdict.position and subscription.acknowledged_digest != chain.digest:
        verdict.problems.append(f"the publisher's own digest at {verdict.position} is not that of its log")
