"""What catalog tells the others: which products are for sale, how they look and what they cost."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec

from contexts.kernel.money import Money
from contexts.messaging import Event


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that can be bought. `label` tells it from its siblings ("Rust red / Large"), "" for an only variant.

    `labels` are its translations: {"de": "Rostrot / Groß"}; a language that is missing reads the label. `price` is in the
    shop's own currency; `prices` are those that are fixed in others, where the exchange rate does not count.
    """

    sku: str
    label: str
    price: Money
    weight_grams: int
    image: str
    labels: dict[str, str] = {}
    prices: list[Money] = []


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


class PricesFixed(Event, name="catalog.prices_fixed", version=1, subject="product/{product_id}"):
    """What one variant costs in other currencies is fixed anew: `prices` are all of these; without one the rate counts.

    Its price in the shop's own currency is as it was.
    """

    product_id: UUID
    sku: str
    prices: list[Money]


class ExchangeRateSet(Event, name="catalog.exchange_rate_set", version=1, subject="currency/{currency}"):
    """From the day `since` on the shop exchanges at `per_unit` of the currency for one unit of its own.

    Prices are rounded half up to a multiple of `step` minor units, less `less`. It may be a day to come, or the
    correction of one that was said before; orders already placed keep their prices.
    """

    currency: str
    since: date
    per_unit: Decimal
    step: int
    less: int


class ProductWithdrawn(Event, name="catalog.product_withdrawn", version=1, subject="product/{product_id}"):
    """The product is no longer for sale; orders already placed are still delivered."""

    product_id: UUID
    skus: list[str]
