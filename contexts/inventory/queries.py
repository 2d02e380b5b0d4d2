"""What inventory can be asked: what is there, what is low, and whether the books add up."""

from __future__ import annotations

import msgspec
from django.db import connections
from django.utils.translation import gettext as _, ngettext

from contexts.inventory.models import Reservation, ReservationLine, StockItem, StockItemQuerySet
from contexts.kernel.board import Tile


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A number of a stock item that does not follow from what was written down about it."""

    sku: str
    what: str
    item: int
    expected: int

    def __str__(self) -> str:
        return f"{self.sku}: {self.what} is {self.item}, but should be {self.expected}."


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of checking every item against ledger, holds and reservations."""

    items: int
    moves: int
    differences: list[Difference]

    @property
    def holds(self) -> bool:
        return not self.differences


class Missing(msgspec.Struct, frozen=True, kw_only=True):
    """Pieces that left in a cancelled order's parcel while all that was on the shelf was promised to others."""

    sku: str
    order_id: str
    pieces: int


# One statement, so that it sees one moment: checked one after the other, a busy shop would never add up.
BALANCES = """
WITH booked AS (
    SELECT item_id, sum(on_hand_change) AS on_hand, sum(held_change) AS held, sum(reserved_change) AS reserved
    FROM inventory_stockmove GROUP BY item_id
), broken AS (
    SELECT item_id, count(*) AS links FROM (
        SELECT item_id,
            (on_hand_after - on_hand_change, held_after - held_change, reserved_after - reserved_change)
            IS DISTINCT FROM (lag(on_hand_after, 1, 0) OVER chain, lag(held_after, 1, 0) OVER chain,
             lag(reserved_after, 1, 0) OVER chain) AS torn
        FROM inventory_stockmove WINDOW chain AS (PARTITION BY item_id ORDER BY id)
    ) AS moves WHERE torn GROUP BY item_id
), holding AS (
    SELECT sku, sum(quantity) AS held FROM inventory_holdline JOIN inventory_hold AS hold ON hold.id = hold_id
    WHERE hold.state = 'live' GROUP BY sku
), owned AS (
    SELECT sku, sum(quantity) AS reserved FROM inventory_reservationline
    JOIN inventory_reservation AS reservation ON reservation.id = reservation_id
    WHERE reservation.state = 'reserved' GROUP BY sku
), compared AS (
    SELECT item.sku, check_.what, check_.item, check_.expected
    FROM inventory_stockitem AS item
    LEFT JOIN booked ON booked.item_id = item.id
    LEFT JOIN broken ON broken.item_id = item.id
    LEFT JOIN holding ON holding.sku = item.sku
    LEFT JOIN owned ON owned.sku = item.sku
    CROSS JOIN LATERAL (VALUES
        ('on hand, by the ledger', item.on_hand, coalesce(booked.on_hand, 0)),
        ('held, by the ledger', item.held, coalesce(booked.held, 0)),
        ('reserved, by the ledger', item.reserved, coalesce(booked.reserved, 0)),
        ('held, by the live holds', item.held, coalesce(holding.held, 0)),
        ('reserved, by the reservations', item.reserved, coalesce(owned.reserved, 0)),
        ('the number of ledger lines that do not continue the one before', coalesce(broken.links, 0), 0)
    ) AS check_ (what, item, expected)
)
SELECT (SELECT count(*) FROM inventory_stockitem), (SELECT count(*) FROM inventory_stockmove),
    coalesce((SELECT json_agg(compared ORDER BY sku, what) FROM compared WHERE item <> expected), '[]')::text
"""


def ledger_balances() -> Balance:
    """Check that each item's numbers follow from the ledger, the live holds and the reservations."""
    with connections["inventory"].cursor() as cursor:
        cursor.execute(BALANCES)
        items, moves, differences = cursor.fetchone()
    return Balance(items=items, moves=moves, differences=msgspec.json.decode(differences, type=list[Difference]))


def pieces_missing() -> list[Missing]:
    """Return what left unbooked and waits for a person to count."""
    lines = (
        ReservationLine.objects.filter(missing__gt=0, reservation__state=Reservation.State.BOOKED_OUT)
        .order_by("sku", "reservation_id")
        .values_list("sku", "reservation__order_id", "missing")
    )
    return [Missing(sku=sku, order_id=str(order_id), pieces=pieces) for sku, order_id, pieces in lines]


def stock_items(*, low_only: bool = False) -> StockItemQuerySet:
    """Return items in SKU order; `low_only` leaves those for sale that are low or sold out."""
    return StockItem.objects.low() if low_only else StockItem.objects.all()


def tiles() -> list[Tile]:
    """Return what somebody may want to order more of."""
    out, low = StockItem.objects.low().sold_out().count(), StockItem.objects.low().count()
    more = low - out
    text = (
        ngettext("and %(more)d more is running low", "and %(more)d more are running low", more) % {"more": more}
        if more
        else _("of what is for sale")
    )
    return [
        Tile(
            title=_("Sold out"), figure=str(out), text=text,
            list="inventory_stockitem", query="stock=low" if low > out else "stock=out", tone="act" if out else "calm",
        ),
    ]  # fmt: skip
