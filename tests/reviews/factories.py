"""Goods, purchases and reviews for these tests; each names only what matters."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.http import HttpResponse
from django.test import Client
from uuid_utils.compat import uuid7

from contexts.catalog.events import ProductChanged, ProductPublished, Variant
from contexts.kernel import identity
from contexts.kernel.addresses import Address
from contexts.kernel.identity import Identity
from contexts.kernel.money import eur
from contexts.ordering.events import Contact, OrderCancelled, OrderCompleted, OrderConfirmed, OrderLine
from contexts.reviews import services
from contexts.reviews.models import Product, Review
from contexts.reviews.services import Words
from contexts.reviews.services.copies import Told

ADA, BOB = UUID(int=1), UUID(int=2)
ADDRESS = Address(name="Ada", street="Main Street 1", postcode="10115", city="Berlin", country="DE")


def published(product_id: UUID, *skus: str, slug: str = "red-mug", name: str = "Red mug") -> ProductPublished:
    variants = [Variant(sku=sku, label="", price=eur(12_50), weight_grams=300, image="") for sku in skus]
    return ProductPublished(
        product_id=product_id, slug=slug, name=name, category="cups", tax_class="standard", image="/mug.svg",
        variants=variants,
    )  # fmt: skip


def changed(product_id: UUID, *skus: str, slug: str = "red-mug", name: str = "Red mug") -> ProductChanged:
    event = published(product_id, *skus, slug=slug, name=name)
    return ProductChanged(**{field: getattr(event, field) for field in event.__struct_fields__})


def confirmed(order_id: UUID, *skus: str, customer_id: UUID | None = ADA) -> OrderConfirmed:
    lines = [
        OrderLine(sku=sku, name="Mug", label="", quantity=1, unit_price=eur(12_50), image="", product_slug="red-mug")
        for sku in skus
    ]
    return OrderConfirmed(
        order_id=order_id, number="T-1", customer_id=customer_id, contact=Contact(email="a@example.com", name="Ada"),
        shipping_address=ADDRESS, shipping_method="standard", lines=lines, total=eur(12_50),
    )  # fmt: skip


def completed(order_id: UUID) -> OrderCompleted:
    return OrderCompleted(order_id=order_id)


def cancelled(order_id: UUID) -> OrderCancelled:
    return OrderCancelled(order_id=order_id, number="T-1", reason="by_customer", explanation="You cancelled it.")


def product(name: str = "Red mug", *skus: str) -> Product:
    product_id = uuid7()
    slug = name.lower().replace(" ", "-")
    known = Told(product_id=product_id, slug=slug, name=name, image="/mug.svg", skus=list(skus) or [slug.upper()])
    services.keep_products([known])
    return Product.objects.get(id=product_id)


def words(rating: int = 5, title: str = "Good", **more: str) -> Words:
    return Words(**{"author": "Ada", "rating": rating, "title": title, "text": "It holds tea."} | more)


def reviewed(about: Product, rating: int = 5, *, by: UUID | None = None, title: str = "Good", **more: str) -> Review:
    """Write a review and let it appear."""
    made = services.write_review(product_id=about.id, customer_id=by or uuid4(), words=words(rating, title, **more))
    return made if made.is_published else services.publish_review(made.id)


def sign_in(client: Client, customer_id: UUID = ADA, name: str = "Ada Byron") -> Client:
    """Let a browser carry the identity that customers would have given it."""
    response = HttpResponse()
    identity.issue(response, Identity(customer_id=customer_id, email="ada@example.com", name=name))
    client.cookies[identity.COOKIE] = response.cookies[identity.COOKIE].value
    return client
