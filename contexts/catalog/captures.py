"""What catalog reads from the write-ahead log: suppliers' price lists, whoever writes them and however."""

from __future__ import annotations

from collections.abc import Iterator

from contexts.catalog import services
from contexts.catalog.models import Variant
from contexts.kernel.money import Money
from contexts.messaging import RowChange, captures


@captures("catalog_supplierprice", batch=True)
def follow_price_list(changes: list[RowChange]) -> None:
    """Sell at the price that the supplier lists; `PriceChanged` is published with it.

    A SKU that the shop does not have is of no interest, and neither is one that left the list: it keeps its price.
    """
    for prices in _each_sku_once(changes):
        known = Variant.objects.filter(sku__in=prices).values_list("sku", flat=True)
        services.change_prices({sku: prices[sku] for sku in known})


def _each_sku_once(changes: list[RowChange]) -> Iterator[dict[str, Money]]:
    """Yield prices by SKU, in order, so that a SKU listed twice has each of its prices once."""
    prices: dict[str, Money] = {}
    for change in changes:
        if change.after is None:
            continue
        sku, price = change.after["sku"], Money(change.after["price_cents"], change.after["currency"].strip())
        if sku in prices:
            yield prices
            prices = {}
        prices[sku] = price
    if prices:
        yield prices
