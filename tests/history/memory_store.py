"""Purchases in dictionaries: the same port as Redis, written as plainly as possible, to compare the other one with."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from contexts.history.changes import AddPurchase, Change, EraseCustomer, UpdatePurchase, year_of
from contexts.history.purchases import STATUSES, Purchase, PurchasePage, PurchaseQuery, Receipt, YearTotal
from contexts.history.store import Move, PlaceTaken, StoreUnavailable
from contexts.kernel.money import Money
from contexts.kernel.said import Said


class MemoryPurchaseStore:
    def __init__(self) -> None:
        self.added: dict[UUID, AddPurchase] = {}
        self.now: dict[UUID, UpdatePurchase] = {}
        self.erased: set[UUID] = set()
        self.places: dict[str, tuple[int, str]] = {}
        self.as_of: datetime | None = None
        self.late_at: datetime | None = None
        self.moves: list[Move] = []

    def apply(self, changes: list[Change], *, move: Move | None = None, as_of: datetime | None = None) -> None:
        if move and self.places.get(move.subscription, (0, ""))[0] != move.after:
            raise PlaceTaken(f"{move.subscription} is not at {move.after}.")
        for change in changes:
            self._apply(change)
        start = datetime.fromtimestamp(0, UTC)
        self.as_of = max(self.as_of or start, as_of or start)
        if move:
            self.late_at = move.at if move.late else self.late_at
            if move.at:
                self.moves.append(move)
            self.places[move.subscription] = (move.upto, move.digest)

    def _apply(self, change: Change) -> None:
        match change:
            case AddPurchase():
                if change.order_id not in self.added and change.customer_id not in self.erased:
                    self.added[change.order_id] = change
                    self.now[change.order_id] = UpdatePurchase(
                        order_id=change.order_id, version=change.version, status="placed", refunded_cents=0,
                        explanation="", carrier="", tracking_number="",
                    )  # fmt: skip
            case UpdatePurchase():
                old = self.now.get(change.order_id)
                if old and old.version < change.version:
                    said = {f: value for f in change.__struct_fields__ if (value := getattr(change, f)) is not None}
                    self.now[change.order_id] = msgspec.structs.replace(old, **said)
            case EraseCustomer():
                self.erased.add(change.customer_id)
                for order_id in [o for o, added in self.added.items() if added.customer_id == change.customer_id]:
                    del self.added[order_id], self.now[order_id]

    def place(self, publisher: str, subscriber: str, partition: int) -> tuple[int, str]:
        return self.places.get(f"{publisher}/{subscriber}/{partition}", (0, ""))

    def moved_past(self, publisher: str, subscriber: str, partition: int, position: int) -> datetime | None:
        subscription = f"{publisher}/{subscriber}/{partition}"
        for move in self.moves:
            if move.subscription == subscription and move.after < position <= move.upto:
                return move.at
        return None

    def page(self, query: PurchaseQuery) -> PurchasePage:
        if self.as_of is None:
            raise StoreUnavailable("Nothing was ever applied.")
        mine = [added for added in self.added.values() if added.customer_id == query.customer_id]
        mine.sort(key=lambda added: (added.placed_ms, str(added.order_id)), reverse=True)
        by_status = {status: len(self._filtered(mine, query, status)) for status in STATUSES}
        shown = self._filtered(mine, query, query.status)
        pages = max(1, -(-len(shown) // query.size))
        page = min(query.page, pages)
        return PurchasePage(
            purchases=[self._purchase(added) for added in shown[(page - 1) * query.size : page * query.size]],
            count=len(shown), page=page, pages=pages, years=self._years(mine), by_status=by_status, as_of=self.as_of,
            late_at=self.late_at, missing=[order for order, version in query.awaited if self._version(order) < version],
        )  # fmt: skip

    def _filtered(self, mine: list[AddPurchase], query: PurchaseQuery, status: str) -> list[AddPurchase]:
        return [
            added
            for added in mine
            if status in ("", self.now[added.order_id].status)
            and query.product_slug in ("", *added.products)
            and query.year in (None, year_of(datetime.fromtimestamp(added.placed_ms / 1000, UTC)))
        ]

    def _version(self, order_id: UUID) -> int:
        return self.now[order_id].version if order_id in self.now else 0

    def _purchase(self, added: AddPurchase) -> Purchase:
        now = self.now[added.order_id]
        return Purchase(
            order_id=added.order_id, receipt=msgspec.json.decode(added.receipt, type=Receipt),
            status=now.status or "", refunded=Money(now.refunded_cents or 0, added.currency),
            explanation=now.explanation or "", carrier=now.carrier or "", tracking_number=now.tracking_number or "",
            said=msgspec.json.decode(now.said or "[]", type=list[Said]),
        )  # fmt: skip

    def _years(self, mine: list[AddPurchase]) -> list[YearTotal]:
        orders: defaultdict[int, int] = defaultdict(int)
        spent: defaultdict[int, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
        for added in mine:
            now = self.now[added.order_id]
            orders[added.year] += 1
            kept = 0 if now.status == "cancelled" else added.total_cents - (now.refunded_cents or 0)
            spent[added.year][added.currency] += kept
        return [
            YearTotal(
                year=year, orders=orders[year],
                spent=[Money(cents, currency) for currency, cents in sorted(spent[year].items())],
            )
            for year in sorted(orders, reverse=True)
        ]  # fmt: skip
