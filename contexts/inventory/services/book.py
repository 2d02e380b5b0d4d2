"""The stock book: the items that a change touches, locked, with the ledger lines and announcements it leads to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from uuid import UUID

from django.utils.translation import gettext as _

from contexts.inventory.events import AvailabilityChanged, Shortage
from contexts.inventory.models import MAX_PIECES, StockItem, StockMove
from contexts.kernel.prepared import Lookup, prepared_cursor
from contexts.messaging import Event, publish

_locked_items = Lookup(StockItem, "sku__in", lock=True, order_by="sku")


class StockError(Exception):
    """A change of stock that cannot be made; the message says why and what to do."""


class UnknownSku(StockError):
    """No stock item has this SKU."""

    def __init__(self, sku: str) -> None:
        self.sku = sku
        super().__init__(_('No stock item "%(sku)s". Check the spelling, or publish its product first.') % {"sku": sku})


class BadCount(StockError):
    """A number of pieces that makes no sense."""


class StillPromised(StockError):
    """Fewer pieces were counted than are promised to shoppers."""

    def __init__(self, item: StockItem, counted: int) -> None:
        super().__init__(
            _(
                "%(sku)s: %(counted)d counted, but %(held)d are held for checkouts and %(reserved)d reserved for orders. "
                "Cancel an order or wait until holds end, then enter the count again."
            )
            % {"sku": item.sku, "counted": counted, "held": item.held, "reserved": item.reserved}
        )


class StockBook:
    """Locked items by SKU. Moves are collected and written, with what they announce, when the book closes."""

    def __init__(self, items: Mapping[str, StockItem], *, actor: str, reason: str, order_id: UUID | None) -> None:
        self._items = items
        self._actor, self._reason, self._order_id = actor, reason, order_id
        self._available_before = {sku: item.available for sku, item in items.items()}
        self._moves: list[StockMove] = []
        self._announcements: list[Event] = []

    def item(self, sku: str) -> StockItem:
        """Return a locked item.

        Raises:
            UnknownSku: there is none.
        """
        try:
            return self._items[sku]
        except KeyError:
            raise UnknownSku(sku) from None

    def available(self, sku: str) -> int:
        """How many can be promised now; 0 of a SKU that nobody stocks."""
        item = self._items.get(sku)
        return item.available if item else 0

    def shortages(self, wanted: Mapping[str, int], *, already: Mapping[str, int]) -> list[Shortage]:
        """Return the lines that cannot be filled, counting what the same order holds `already` as available."""
        left = {sku: self.available(sku) + already.get(sku, 0) for sku in wanted}
        return [
            Shortage(sku=sku, wanted=wanted[sku], left=left[sku]) for sku in sorted(wanted) if wanted[sku] > left[sku]
        ]

    def move(self, sku: str, kind: StockMove.Kind, *, on_hand: int = 0, held: int = 0, reserved: int = 0) -> None:
        """Change an item's numbers by these amounts.

        Raises:
            BadCount: the item would hold more than `MAX_PIECES`.
        """
        item = self.item(sku)
        item.on_hand += on_hand
        item.held += held
        item.reserved += reserved
        if item.on_hand > MAX_PIECES:
            raise BadCount(
                _("%(sku)s: %(pieces)d pieces is more than %(most)d, the most a shelf holds.")
                % {"sku": sku, "pieces": item.on_hand, "most": MAX_PIECES}
            )
        self._moves.append(
            StockMove(
                item=item,
                kind=kind,
                on_hand_change=on_hand,
                held_change=held,
                reserved_change=reserved,
                on_hand_after=item.on_hand,
                held_after=item.held,
                reserved_after=item.reserved,
                order_id=self._order_id,
                reason=self._reason[:300],
                actor=self._actor,
            )
        )

    def announce(self, event: Event) -> None:
        """Publish `event` when the book closes, together with what became of availability."""
        self._announcements.append(event)

    def close(self) -> None:
        """Write items and ledger, and publish."""
        touched = {move.item.sku: move.item for move in self._moves}
        changed = [touched[sku] for sku in sorted(touched)]
        if changed:
            _write_numbers(changed)
            StockMove.objects.bulk_create(self._moves)
        publish(
            *self._announcements,
            *(
                AvailabilityChanged(sku=item.sku, available=item.available)
                for item in changed
                if item.available != self._available_before[item.sku]
            ),
        )


def _write_numbers(items: Sequence[StockItem]) -> None:
    # Not bulk_update: building its CASE expressions takes longer than all the rest of an order.
    columns = [[getattr(item, name) for item in items] for name in ("id", "on_hand", "held", "reserved")]
    with prepared_cursor("inventory") as cursor:
        cursor.execute(
            """
            UPDATE inventory_stockitem AS item
            SET on_hand = numbers.on_hand, held = numbers.held, reserved = numbers.reserved
            FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::int[]) AS numbers (id, on_hand, held, reserved)
            WHERE item.id = numbers.id
            """,
            columns,
        )


@contextmanager
def open_book(skus: Iterable[str], *, actor: str, reason: str, order_id: UUID | None = None) -> Iterator[StockBook]:
    """Lock the items of `skus` for a change, inside the caller's transaction; unknown ones are left out."""
    # Lock in SKU order: two orders that share items would otherwise deadlock.
    locked = _locked_items.rows(sorted(set(skus)))
    book = StockBook({item.sku: item for item in locked}, actor=actor, reason=reason, order_id=order_id)
    yield book
    book.close()
