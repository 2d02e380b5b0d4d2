"""Goods and lists for these tests; each names only what matters."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from uuid_utils.compat import uuid7

from contexts.catalog.events import PriceChanged, ProductChanged, ProductPublished, Variant
from contexts.kernel import identity
from contexts.kernel.identity import Identity
from contexts.kernel.money import eur
from contexts.wishlists.models import Product
from contexts.wishlists.services import Owner, copies

ADA, BOB = UUID(int=1), UUID(int=2)
ADAS, BOBS = Owner(customer_id=ADA), Owner(customer_id=BOB)


def variants(**cents: int) -> list[Variant]:
    """Return variants by SKU and price: `variants(RED_MUG=12_50)`; the label is the SKU's first word."""
    return [
        Variant(
            sku=sku.replace("_", "-"), label=sku.split("_")[0].title(), price=eur(price), weight_grams=300,
            image=f"/{sku.lower()}.svg",
        )
        for sku, price in cents.items()
    ]  # fmt: skip


def published(product_id: UUID, name: str = "Mug", **cents: int) -> ProductPublished:
    return ProductPublished(
        product_id=product_id, slug=name.lower().replace(" ", "-"), name=name, category="cups", tax_class="standard",
        image="/mug.svg", variants=variants(**(cents or {"RED_MUG": 12_50})),
    )  # fmt: skip


def changed(product_id: UUID, name: str = "Mug", **cents: int) -> ProductChanged:
    event = published(product_id, name, **cents)
    return ProductChanged(**{field: getattr(event, field) for field in event.__struct_fields__})


def price_changed(product_id: UUID, sku: str, cents: int) -> PriceChanged:
    return PriceChanged(product_id=product_id, sku=sku, price=eur(cents), previous=eur(1))


def product(name: str = "Mug", *, left: int = 10, **cents: int) -> Product:
    """Put a product on sale, with `left` pieces of each variant."""
    event = published(uuid7(), name, **(cents or {f"{name.upper().replace(' ', '_')}_SKU": 12_50}))
    copies.keep_products([
        copies.Told(
            product_id=event.product_id, slug=event.slug, name=event.name, image=event.image, variants=event.variants
        )
    ])  # fmt: skip
    stock({variant.sku: left for variant in event.variants})
    return Product.objects.get(id=event.product_id)


def stock(available: dict[str, int]) -> None:
    copies.keep_availability(available, at=timezone.now())


def sign_in(client: Client, customer_id: UUID = ADA) -> Client:
    """Let a browser carry the identity that customers would have given it."""
    response = HttpResponse()
    identity.issue(response, Identity(customer_id=customer_id, email="ada@example.com", name="Ada Byron"))
    client.cookies[identity.COOKIE] = response.cookies[identity.COOKIE].value
    return client
