"""What wishlists can be asked: a list with today's prices, and what moved since each wish."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from uuid import UUID

import msgspec

from contexts.kernel.currencies import currency, note_shown
from contexts.kernel.money import Money
from contexts.kernel.rates import with_rate
from contexts.wishlists.models import LOW_STOCK, Article, ExchangeRate, Item, Wishlist


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A wish as the page shows it.

    `variants` are those for sale, `chosen` the wished one if it still is. `price` is of the chosen one, else the lowest
    of all (`is_from` then says that there are dearer ones). `cheaper` and `dearer` are by how much it moved since the
    wish. `stock` is "gone" (no longer sold), "none", "low", "good" or "unknown"; `left` counts what is low.
    """

    item: Item
    variants: list[Article]
    chosen: Article | None
    image: str
    price: Money | None
    is_from: bool
    cheaper: Money | None
    dearer: Money | None
    stock: str
    left: int
    back_since: datetime | None


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A list and its lines, newest wish first."""

    wishlist: Wishlist | None
    lines: list[Line]

    @property
    def product_ids(self) -> list[UUID]:
        return [line.item.product_id for line in self.lines]


def shown(wishlist: Wishlist | None) -> Shown:
    """Return a list as it is read; two queries."""
    if wishlist is None:
        return Shown(wishlist=None, lines=[])
    items = list(Item.objects.filter(wishlist=wishlist).select_related("product"))
    variants: dict[UUID | None, list[Article]] = defaultdict(list)
    listed = Article.objects.filter(product__in=[item.product_id for item in items], listed=True)
    for article in with_rate(listed, currency(), ExchangeRate):
        variants[article.product_id].append(article)
    lines = [_line(item, variants[item.product_id]) for item in items]
    for price in [line.price for line in lines if line.price]:
        note_shown(price.currency)
    return Shown(wishlist=wishlist, lines=lines)


def shared(share_key: str) -> Wishlist | None:
    return Wishlist.objects.filter(share_key=share_key).first()


def _line(item: Item, variants: list[Article]) -> Line:
    chosen = next((article for article in variants if article.sku == item.sku), None)
    if not variants or not item.product.on_sale:
        return _gone(item)
    considered = [chosen] if chosen else variants
    cheapest = min(considered, key=lambda article: article.price.amount)
    # A variant that is no longer sold had another price than its siblings: nothing moved, so nothing is said.
    comparable = chosen is not None or not item.sku
    cheaper, dearer = _moved(item.seen_price, cheapest.price) if comparable else (None, None)
    pieces = [article.available for article in considered]
    left = sum(count or 0 for count in pieces)
    stock = _stock(pieces, left)
    back = [article.back_since for article in considered if article.back_since and article.available]
    since = max(back, default=None)
    return Line(
        item=item, variants=variants, chosen=chosen or (variants[0] if len(variants) == 1 else None),
        image=chosen.image if chosen else item.product.image, price=cheapest.price,
        is_from=any(article.price > cheapest.price for article in considered),
        cheaper=cheaper, dearer=dearer, stock=stock, left=left,
        back_since=since if since and since > item.added_at else None,
    )  # fmt: skip


def _gone(item: Item) -> Line:
    return Line(
        item=item, variants=[], chosen=None, image=item.product.image, price=None, is_from=False, cheaper=None,
        dearer=None, stock="gone", left=0, back_since=None,
    )  # fmt: skip


def _moved(seen: Money, now: Money) -> tuple[Money | None, Money | None]:
    if seen.currency != now.currency or seen == now:
        return None, None
    return (seen - now, None) if now < seen else (None, now - seen)


def _stock(pieces: list[int | None], left: int) -> str:
    if left == 0:
        return "unknown" if None in pieces else "none"
    return "low" if left <= LOW_STOCK and None not in pieces else "good"
