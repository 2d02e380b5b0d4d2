"""Stock and orders for inventory's tests; each names only what matters."""

from __future__ import annotations

from uuid import UUID, uuid4

from contexts.catalog.events import ProductPublished, Variant
from contexts.inventory import services
from contexts.inventory.models import StockItem
from contexts.kernel.addresses import Address
from contexts.kernel.money import eur
from contexts.ordering.events import CheckoutStarted, Contact, OrderCancelled, OrderLine, OrderPlaced
from contexts.shipping.events import ParcelDispatched

Pieces = tuple[str, int]


def shelf(*pieces: Pieces) -> None:
    """Put pieces on the shelf: `shelf(("RED-MUG", 10))`."""
    StockItem.objects.bulk_create([StockItem(sku=sku) for sku, _ in pieces], ignore_conflicts=True)
    services.receive_many({sku: quantity for sku, quantity in pieces if quantity}, reason="First delivery")


def stock(sku: str) -> StockItem:
    return StockItem.objects.get(sku=sku)


def figures(sku: str) -> tuple[int, int, int]:
    """Return on hand, held, reserved."""
    item = stock(sku)
    return item.on_hand, item.held, item.reserved


def order_lines(*pieces: Pieces) -> list[OrderLine]:
    return [
        OrderLine(sku=sku, name="Mug", label="", quantity=quantity, unit_price=eur(9_99), image="", product_slug="mug")
        for sku, quantity in pieces
    ]


def checkout_started(order_id: UUID, *pieces: Pieces) -> CheckoutStarted:
    return CheckoutStarted(order_id=order_id, customer_id=None, lines=order_lines(*pieces))


def order_placed(order_id: UUID, *pieces: Pieces) -> OrderPlaced:
    return OrderPlaced(
        order_id=order_id,
        number="T-1001",
        customer_id=None,
        contact=Contact(email="ada@example.com", name="Ada"),
        shipping_address=Address(name="Ada", street="Street 1", postcode="1000", city="Utrecht", country="NL"),
        shipping_method="standard",
        lines=order_lines(*pieces),
        subtotal=eur(0),
        shipping=eur(0),
        tax=eur(0),
        total=eur(0),
        payment_method="token",
    )


def order_cancelled(order_id: UUID) -> OrderCancelled:
    return OrderCancelled(order_id=order_id, number="T-1001", reason="by_customer", explanation="You cancelled it.")


def parcel_dispatched(order_id: UUID) -> ParcelDispatched:
    return ParcelDispatched(order_id=order_id, parcel_id=uuid4(), carrier="Heron Post", tracking_number="TP1")


def product_published(*skus: str, name: str = "Mug", product_id: UUID | None = None) -> ProductPublished:
    return ProductPublished(
        product_id=product_id or uuid4(),
        slug="mug",
        name=name,
        category="kitchen",
        tax_class="standard",
        image="",
        variants=[Variant(sku=sku, label=sku.title(), price=eur(9_99), weight_grams=300, image="") for sku in skus],
    )
