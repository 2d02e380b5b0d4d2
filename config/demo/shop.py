"""Fills the shelves: categories, goods, stock, ways of shipping, customers. Everything goes through the services."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from uuid import UUID

from django.conf import settings
from django.db import transaction

from config.demo import german
from config.demo.goods import invent
from config.demo.lines import CATEGORIES
from config.demo.people import GUIDE, PEOPLE
from contexts.catalog import services as catalog
from contexts.catalog.drafts import ProductDraft
from contexts.catalog.models import Category, Product
from contexts.catalog.translations import keep_terms
from contexts.messaging import acting_as

#: Products per transaction.
CHUNK = 50
FIRST_DELIVERY = "First delivery"


def is_wanted(*, scale: int, seed: int) -> bool:
    """Whether the shop lacks some of the demo's goods. One with goods of its own wants none of ours."""
    present = set(Product.objects.values_list("slug", flat=True))
    return present < {draft.slug for draft in drafts(scale=scale, seed=seed)}


def drafts(*, scale: int, seed: int) -> list[ProductDraft]:
    """Return all that the demo sells, whether it is there already or not."""
    return invent(scale=scale, seed=seed)


def is_begun() -> bool:
    return Product.objects.exists()


def open_categories() -> None:
    """Open the aisles; those that are there keep what staff made of them."""
    with transaction.atomic(using="catalog"):
        for position, (slug, parent, name, blurb, drawing) in enumerate(CATEGORIES):
            above = Category.objects.get(slug=parent) if parent else None
            name_de, blurb_de = german.CATEGORIES[slug]
            translations = {"de:name": name_de, "de:blurb": blurb_de}
            texts = {
                "parent": above,
                "name": name,
                "blurb": blurb,
                "drawing": drawing,
                "position": position,
                "texts": translations,
            }
            Category.objects.get_or_create(slug=slug, defaults=texts)
        keep_terms(german.terms())


def publish_goods(drafts: Sequence[ProductDraft], *, seed: int) -> Iterator[int]:
    """Bring in the goods and their stock that are not there yet, chunk by chunk; yields how many each chunk had."""
    random = Random(seed + 1)  # noqa: S311 - stock levels, not secrets
    with acting_as("system:demo"):
        for start in range(0, len(drafts), CHUNK):
            chunk = drafts[start : start + CHUNK]
            present = set(
                Product.objects.filter(slug__in=[draft.slug for draft in chunk]).values_list("slug", flat=True)
            )
            catalog.create_products([draft for draft in chunk if draft.slug not in present])
            catalog.publish_products(_never_published(chunk))
            _receive_stock(chunk, random)
            yield len(chunk)


def _never_published(drafts: Sequence[ProductDraft]) -> list[UUID]:
    """Return what waits to be put in the shop; what staff took out again stays out."""
    fresh = Product.objects.filter(slug__in=[draft.slug for draft in drafts], published_at=None)
    return list(fresh.values_list("id", flat=True))


def open_house() -> None:
    """Offer ways of shipping, and open the accounts of some customers."""
    if "shipping" in settings.CONTEXTS:
        from contexts.shipping.models import ShippingMethod
        from contexts.shipping.services import install_default_methods

        if not ShippingMethod.objects.exists():
            install_default_methods()
    if "customers" in settings.CONTEXTS:
        _open_accounts()


def _receive_stock(drafts: Sequence[ProductDraft], random: Random) -> None:
    """Deliver most variants well, some scarcely, a few not at all."""
    if "inventory" not in settings.CONTEXTS:
        return
    from contexts.inventory.models import StockMove
    from contexts.inventory.services import receive_many

    pieces = {variant.sku: _pieces(random) for draft in drafts for variant in draft.variants}
    # Of things on the front table there are plenty: a visitor's first click should be buyable.
    pieces |= {variant.sku: 24 for draft in drafts if draft.featured for variant in draft.variants}
    came = StockMove.objects.filter(item__sku__in=pieces, kind=StockMove.Kind.RECEIVED, reason=FIRST_DELIVERY)
    there = set(came.values_list("item__sku", flat=True))
    receive_many(
        {sku: count for sku, count in pieces.items() if count and sku not in there}, reason=FIRST_DELIVERY,
        actor="system:demo", open_missing=True,
    )  # fmt: skip


def _pieces(random: Random) -> int:
    luck = random.random()
    if luck < 0.05:
        return 0
    return random.randint(1, 5) if luck < 0.17 else random.randint(8, 60)


def _open_accounts() -> None:
    from contexts.customers.models import Account
    from contexts.customers.services import EmailTaken, register, save_address

    for person in PEOPLE:
        if not person.account:
            continue
        # Only the guide can sign in at once: hashing a password is slow on purpose.
        password = settings.DEMO_ADMIN_PASSWORD if person is GUIDE and settings.DEMO else None
        try:
            account = register(
                email=person.email,
                name=person.name,
                password=password or None,
                language=person.language,
                confirmed=True,
            )
        except EmailTaken:
            account = Account.objects.get(email=person.email)
        if not account.addresses.exists():
            save_address(customer_id=account.id, address=person.address)
