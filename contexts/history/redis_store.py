"""Purchases in Redis."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import redis
from django.conf import settings
from django.utils import timezone
from redis.backoff import NoBackoff
from redis.retry import Retry

from contexts.history.changes import Change
from contexts.history.purchases import STATUSES, Purchase, PurchasePage, PurchaseQuery, Receipt, YearTotal
from contexts.history.scripts import APPLY, PAGE, PLACE
from contexts.history.store import Move, PlaceTaken, StoreUnavailable
from contexts.kernel.money import Money
from contexts.kernel.said import Said

#: A page waits this long for Redis and then says that the history is away.
TIMEOUT_S = 2.0
CONNECT_TIMEOUT_S = 0.5

#: The times of so many moves are kept for each subscription, for `events where`.
PAGES_KEPT = 1000

APPLIED = -1
#: Scores that no purchase lies beyond, in milliseconds since 1970.
BEGINNING_MS, END_MS = 0, 10**14


@lru_cache(maxsize=4)
def client_of(url: str) -> redis.Redis:
    """Return the one client of this process for a Redis; it connects when it is first used."""
    return redis.Redis.from_url(
        url, decode_responses=True, socket_timeout=TIMEOUT_S, socket_connect_timeout=CONNECT_TIMEOUT_S,
        retry=Retry(NoBackoff(), 1), client_name="tradepost-history",
    )  # fmt: skip


class RedisPurchaseStore:
    """The live purchases under a key prefix, or those of one `generation`, which is made beside the live one."""

    def __init__(self, client: redis.Redis, *, prefix: str = "history:", generation: str | None = None) -> None:
        self._client, self._prefix, self._generation = client, prefix, generation
        self._apply = client.register_script(APPLY)
        self._page = client.register_script(PAGE)
        self._place = client.register_script(PLACE)

    def apply(self, changes: list[Change], *, move: Move | None = None, as_of: datetime | None = None) -> None:
        batch: dict[str, Any] = {"changes": changes, "as_of_ms": _ms(as_of) if as_of else 0}
        if self._generation:
            batch["generation"] = self._generation
        if move:
            batch |= {"subscription": move.subscription, "after": move.after, "upto": move.upto, "digest": move.digest}
            if move.at:
                batch |= {"at_ms": _ms(move.at), "late": move.late, "pages_kept": PAGES_KEPT}
        outcome = self._apply(keys=[self._prefix], args=[msgspec.json.encode(batch)])
        if outcome != APPLIED:
            at = move.after if move else None
            raise PlaceTaken(f"{move.subscription if move else '?'} stands at {outcome}, not at {at}; read it again.")

    def place(self, publisher: str, subscriber: str, partition: int) -> tuple[int, str]:
        asked = [self._generation or "", f"{publisher}/{subscriber}/{partition}"]
        stored = self._place(keys=[self._prefix], args=asked)
        position, _, digest = str(stored or "0 ").partition(" ")
        return int(position), digest

    def moved_past(self, publisher: str, subscriber: str, partition: int, position: int) -> datetime | None:
        generation = self._generation or str(self._client.get(f"{self._prefix}generation") or "g1")
        pages = f"{self._prefix}{generation}:pages:{publisher}/{subscriber}/{partition}"
        for page in self._client.zrangebyscore(pages, position, "+inf", start=0, num=1):
            after, _, at_ms = str(page).split()
            return _moment(at_ms) if int(after) < position else None
        return None

    def page(self, query: PurchaseQuery) -> PurchasePage:
        from_ms, before_ms = _bounds(query.year)
        question = {
            "customer_id": query.customer_id, "status": query.status, "product": query.product_slug,
            "from_ms": str(from_ms), "before_ms": str(before_ms), "page": query.page, "size": query.size,
            "statuses": STATUSES, "awaited": query.awaited,
        }  # fmt: skip
        if self._generation:
            question["generation"] = self._generation
        try:
            answer = self._page(keys=[self._prefix], args=[msgspec.json.encode(question)])
        except redis.RedisError as problem:
            raise StoreUnavailable(f"Redis does not answer: {problem}") from problem
        if answer is None:
            raise StoreUnavailable("Redis holds no history yet.")
        count, page, pages, orders, totals, by_status, (as_of_ms, late_ms), missing = answer
        return PurchasePage(
            purchases=[_purchase(*order) for order in orders], count=count, page=page, pages=pages,
            years=_years(totals), by_status=dict(zip(STATUSES, by_status, strict=True)),
            as_of=_moment(as_of_ms), missing=[UUID(order_id) for order_id in missing],
            late_at=_moment(late_ms) if late_ms else None,
        )  # fmt: skip


_receipts, _sentences = msgspec.json.Decoder(Receipt), msgspec.json.Decoder(list[Said])


def _purchase(
    order_id: str, receipt: str, status: str, refunded: str, explanation: str, carrier: str, tracking_number: str,
    said: str | None,
) -> Purchase:  # fmt: skip
    read = _receipts.decode(receipt)
    return Purchase(
        order_id=UUID(order_id), receipt=read, status=status, refunded=Money(int(refunded), read.total.currency),
        explanation=explanation, carrier=carrier, tracking_number=tracking_number,
        said=_sentences.decode(said) if said else [],
    )  # fmt: skip


def _years(totals: list[str] | dict[str, str]) -> list[YearTotal]:
    """Read the hash `<year>:orders`, `<year>:<currency>`; the latest year first."""
    pairs = totals.items() if isinstance(totals, dict) else zip(totals[::2], totals[1::2], strict=True)
    orders: dict[int, int] = {}
    spent: defaultdict[int, list[Money]] = defaultdict(list)
    for field, value in pairs:
        year, _, what = field.partition(":")
        if what == "orders":
            orders[int(year)] = int(value)
        else:
            spent[int(year)].append(Money(int(value), what))
    return [
        YearTotal(year=year, orders=orders[year], spent=sorted(spent[year], key=lambda amount: amount.currency))
        for year in sorted(orders, reverse=True)
    ]


def _bounds(year: int | None) -> tuple[int, int]:
    """Return the first millisecond of a year on the shop's calendar and the first one after it."""
    if year is None:
        return BEGINNING_MS, END_MS
    zone = timezone.get_default_timezone()
    assert isinstance(zone, ZoneInfo)
    return _ms(datetime(year, 1, 1, tzinfo=zone)), _ms(datetime(year + 1, 1, 1, tzinfo=zone))


def _moment(ms: str | None) -> datetime:
    return datetime.fromtimestamp(int(ms or 0) / 1000, UTC)


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def live_store() -> RedisPurchaseStore:
    """Return the purchases that customers see."""
    return _store(settings.REDIS_URL)


@lru_cache(maxsize=4)
def _store(url: str) -> RedisPurchaseStore:
    return RedisPurchaseStore(client_of(url))
