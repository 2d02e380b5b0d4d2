"""Made-up purchases, the same for both stores: a fixed seed, a few hundred products, some years."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from contexts.history.changes import AddPurchase, Change, UpdatePurchase, year_of
from contexts.history.purchases import BoughtLine, Receipt
from contexts.kernel.money import Money, eur

PRODUCTS = 200
NEWEST = datetime(2026, 6, 30, 12, tzinfo=UTC)
YEARS = 6
FINALLY = ("completed",) * 16 + ("cancelled",) * 2 + ("shipped", "confirmed")
SHIPPING = eur(4_90)


class MadeOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A purchase at the end of its way."""

    id: UUID
    customer_id: UUID
    receipt: Receipt
    status: str
    refunded_cents: int

    @property
    def explanation(self) -> str:
        return "Your card was declined." if self.status == "cancelled" else ""

    @property
    def parcel(self) -> tuple[str, str]:
        """Carrier and tracking number."""
        return ("Post", f"TR{self.id.hex[:10].upper()}") if self.status in {"shipped", "completed"} else ("", "")


def customer(number: int) -> UUID:
    return UUID(int=random.Random(f"customer {number}").getrandbits(128))  # noqa: S311 - no secret


def made_up(customer_id: UUID, count: int) -> Iterator[MadeOrder]:
    """Yield a customer's purchases, oldest first and evenly spread over the years."""
    dice = random.Random(customer_id.int)  # noqa: S311
    step = timedelta(days=365 * YEARS) / count
    at = NEWEST - step * count
    for number in range(count):
        at += step * dice.uniform(0.5, 1.5)
        lines = [_line(dice) for _ in range(dice.choice((1, 2, 2, 3)))]
        total = sum((line.total for line in lines), SHIPPING)
        status = dice.choice(FINALLY)
        yield MadeOrder(
            id=UUID(int=dice.getrandbits(128)), customer_id=customer_id, status=status,
            refunded_cents=lines[0].total.amount if status == "completed" and dice.random() < 0.05 else 0,
            receipt=Receipt(
                number=f"TP-{number:08d}", placed_at=at.replace(microsecond=at.microsecond // 1000 * 1000), lines=lines,
                shipping=SHIPPING, total=total,
            ),
        )  # fmt: skip


def changes_of(order: MadeOrder) -> list[Change]:
    """Return what a store is told of an order: that it was placed, and where it has got to."""
    receipt, (carrier, tracking_number) = order.receipt, order.parcel
    return [
        AddPurchase(
            order_id=order.id, version=1, customer_id=order.customer_id,
            placed_ms=round(receipt.placed_at.timestamp() * 1000), year=year_of(receipt.placed_at),
            currency=receipt.total.currency, total_cents=receipt.total.amount,
            products=sorted({line.product_slug for line in receipt.lines}),
            receipt=msgspec.json.encode(receipt).decode(),
        ),
        UpdatePurchase(
            order_id=order.id, version=2, status=order.status, refunded_cents=order.refunded_cents,
            explanation=order.explanation, carrier=carrier, tracking_number=tracking_number,
        ),
    ]  # fmt: skip


def slug(product: int) -> str:
    return f"product-number-{product}"


def _line(dice: random.Random) -> BoughtLine:
    # Some products are bought far more often than others.
    product = min(int(dice.expovariate(6 / PRODUCTS)), PRODUCTS - 1)
    return BoughtLine(
        sku=f"PRODUCT-{product:03d}-RED", name=f"Product number {product}", label="Rust red",
        quantity=dice.choice((1, 1, 1, 2, 3)), unit_price=Money(500 + 37 * product, "EUR"),
        image=f"/pictures/product-{product}-c9953f/front.svg", product_slug=slug(product),
    )  # fmt: skip
