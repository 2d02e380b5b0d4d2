"""What catalog tells the others: which products are for sale, how they look and what they cost."""

from uuid import UUID

import msgspec

from contexts.kernel.money import Money
from contexts.messaging import Event


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that can be bought. `label` tells it from its siblings ("Rust red / Large"), "" for an only variant.

    `labels` are its translations: {"de": "Rostrot / Groß"}; a language that is missing reads the label.
    """

    sku: str
    label: str
    price: Money
    weight_grams: int
    image: str
    labels: dict[str, str] = {}


class ProductPublished(Event, name="catalog.product_published", version=1, subject="product/{product_id}"):
    """The product is in the shop from now on; nothing is known yet of its stock.

    `names` are translations of its name: {"de": "Becher Erle"}; a language that is missing reads the name.
    """

    product_id: UUID
    slug: str
    name: str
    category: str
    tax_class: str
    image: str
    variants: list[Variant]
    names: dict[str, str] = {}


class ProductChanged(Event, name="catalog.product_changed", version=1, subject="product/{product_id}"):
    """Anything of a published product but a price changed; the event carries the whole product as it is now.

    A variant that is no longer listed is no longer for sale. `names` as in `ProductPublished`.
    """

    product_id: UUID
    slug: str
    name: str
    category: str
    tax_class: str
    image: str
    variants: list[Variant]
    names: dict[str, str] = {}


class PriceChanged(Event, name="catalog.price_changed", version=1, subject="product/{product_id}"):
    """One variant has a new price; carts not yet placed follow it, placed orders do not."""

    product_id: UUID
    sku: str
    price: Money
    previous: Money


class ProductWithdrawn(Event, name="catalog.product_withdrawn", version=1, subject="product/{product_id}"):
    """The product is no longer for sale; orders already placed are still delivered."""

    product_id: UUID
    skus: list[str]
