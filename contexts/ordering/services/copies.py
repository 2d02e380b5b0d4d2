"""Ordering's own copies of what others told: offers, availability, codes, gift cards, shipping methods, customers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from contexts.catalog.events import Variant
from contexts.kernel.addresses import Address
from contexts.kernel.money import Money
from contexts.kernel.rates import rate_key
from contexts.ordering import photos
from contexts.ordering.invoicing.issuing import forget_recipients
from contexts.ordering.models import Checkout, Code, Customer, ExchangeRate, GiftCard, Offer, ShippingMethod

CATALOG_FIELDS = [
    "product_id", "product_slug", "name", "label", "names", "labels", "image", "tax_class", "price_cents", "currency",
    "prices", "on_sale",
]  # fmt: skip


def keep_offers(offers: Iterable[Offer]) -> None:
    """Put offers on sale as catalog describes them now; what is known of their availability stays."""
    latest = {offer.sku: offer for offer in offers}
    # In order of SKU: two writers that share articles would otherwise deadlock.
    Offer.objects.bulk_create(
        [latest[sku] for sku in sorted(latest)],
        update_conflicts=True,
        unique_fields=["sku"],
        update_fields=CATALOG_FIELDS,
    )


def offers_of(
    *,
    product_id: UUID,
    slug: str,
    name: str,
    names: dict[str, str],
    tax_class: str,
    image: str,
    variants: list[Variant],
) -> list[Offer]:
    return [
        Offer(
            sku=variant.sku,
            product_id=product_id,
            product_slug=slug,
            name=name,
            label=variant.label,
            names=names or {},
            labels=variant.labels,
            image=variant.image or image,
            tax_class=tax_class,
            price_cents=variant.price.amount,
            currency=variant.price.currency,
            prices={price.currency: price.amount for price in variant.prices},
            on_sale=True,
        )
        for variant in variants
    ]


def withdraw_other_variants(product_id: UUID, listed: list[str]) -> None:
    Offer.objects.filter(product_id=product_id, on_sale=True).exclude(sku__in=listed).update(on_sale=False)


def withdraw_product(product_id: UUID) -> None:
    Offer.objects.filter(product_id=product_id).update(on_sale=False)


def keep_price(sku: str, price: Money) -> None:
    Offer.objects.filter(sku=sku).update(price_cents=price.amount, currency=price.currency)


def keep_fixed_prices(sku: str, prices: list[Money]) -> None:
    Offer.objects.filter(sku=sku).update(prices={price.currency: price.amount for price in prices})


def keep_rate(currency: str, since: date, **terms: object) -> None:
    kept = {"currency": currency, "since": since, **terms}
    ExchangeRate.objects.update_or_create(key=rate_key(currency, since), defaults=kept)


def keep_availability(available: dict[str, int]) -> None:
    """Remember how many pieces are left by SKU, also of articles catalog has not told about yet."""
    Offer.objects.bulk_create(
        [Offer(sku=sku, available=available[sku]) for sku in sorted(available)],
        update_conflicts=True,
        unique_fields=["sku"],
        update_fields=["available"],
    )


def keep_shipping_method(**method: object) -> None:
    ShippingMethod.objects.update_or_create(code=method.pop("code"), defaults=method)


def keep_code(code: str, **terms: object) -> None:
    Code.objects.update_or_create(code=code, defaults=terms)


def keep_gift_card(card_id: UUID, **card: object) -> None:
    GiftCard.objects.update_or_create(card_id=card_id, defaults=card)


def keep_customer(*, customer_id: UUID, email: str, name: str, address: Address | None) -> None:
    """Remember a customer; the name on the default address wins, since it is where parcels go."""
    kept = {"email": email, "name": address.name if address else name}
    for field in ("street", "postcode", "city", "country"):
        kept[field] = getattr(address, field) if address else ""
    Customer.objects.update_or_create(customer_id=customer_id, defaults=kept)


def forget_customer(customer_id: UUID) -> dict[str, int]:
    """Remove what these rows know of a person and return how many; orders follow their streams, and keep the numbers."""
    copies, _ = Customer.objects.filter(customer_id=customer_id).delete()
    return {
        "copies": copies,
        "checkouts": _forget_checkouts(Checkout.objects.filter(customer_id=customer_id)),
        "invoices": forget_recipients(Q(customer_id=customer_id)),
        "photos": photos.forget(Q(customer_id=customer_id)),
    }


def forget_guest(order_id: UUID) -> dict[str, int]:
    return {
        "checkouts": _forget_checkouts(Checkout.objects.filter(order_id=order_id)),
        "invoices": forget_recipients(Q(order_id=order_id)),
        "photos": photos.forget(Q(order_id=order_id)),
    }


def _forget_checkouts(checkouts: QuerySet[Checkout]) -> int:
    return checkouts.update(
        email="", name="", street="", postcode="", city="", country="", payment_method="", method_label=""
    )
