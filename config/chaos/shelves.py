"""What a shop under test sells: a few of the demo's articles in well-known numbers, brought in by the services."""

from __future__ import annotations

from typing import NamedTuple

from django.conf import settings

from config.demo import goods, rates, shop as demo
from contexts.catalog import services as catalog
from contexts.inventory import services as inventory
from contexts.inventory.models import StockItem, StockMove
from contexts.kernel.currencies import own
from contexts.messaging import acting_as
from contexts.ordering.models import ExchangeRate, Offer, ShippingMethod
from contexts.shipping.services import install_default_methods

ACTOR = "system:chaos"
#: Of the first SKU there is so little that it sells out: orders for it end in a cancellation with a reason.
SCARCE_PIECES = 5


class Given(NamedTuple):
    """What was on the shelf at first; `last_move` is the last entry of the stock ledger then."""

    sku: str
    on_hand: int
    last_move: int


def fill(*, articles: int, pieces: int) -> list[str]:
    """Put articles on the shelves; return the SKUs of their variants, the scarce one first."""
    drafts = goods.invent(scale=1, seed=7)[:articles]
    skus = [variant.sku for draft in drafts for variant in draft.variants]
    demo.open_categories()
    with acting_as(ACTOR):
        catalog.publish_products(catalog.create_products(drafts))
        counts = dict.fromkeys(skus, pieces) | {skus[0]: SCARCE_PIECES}
        inventory.receive_many(counts, reason="First delivery", actor=ACTOR, open_missing=True)
        install_default_methods()
    rates.make()
    return skus


def known_to_ordering(skus: list[str]) -> bool:
    """Whether ordering has been told of all articles, that they are in stock, of rates, and of a way of shipping."""
    told = Offer.objects.filter(sku__in=skus, on_sale=True, available__gte=1).count()
    others = {code for code in settings.CURRENCIES if code != own()}
    known = set(ExchangeRate.objects.values_list("currency", flat=True))
    return told == len(skus) and known >= others and ShippingMethod.objects.exists()


def given() -> list[Given]:
    """Return what is on the shelves now."""
    last = StockMove.objects.order_by("-id").values_list("id", flat=True).first() or 0
    return [Given(item.sku, item.on_hand, last) for item in StockItem.objects.order_by("sku")]
