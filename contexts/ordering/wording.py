"""What an order tells its shopper: as codes, and as the words in the order's own language that letters have."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from django.utils import translation

from contexts.inventory.events import Shortage
from contexts.kernel import said
from contexts.kernel.languages import as_written, said_in_language
from contexts.kernel.said import Said
from contexts.ordering.events import OrderLine
from contexts.ordering.models import OrderSummary
from contexts.ordering.order import Order
from contexts.ordering.returns import line_names
from contexts.ordering.summaries import lines_of
from contexts.payments.events import PaymentDeclined


def out_of_stock(shortages: list[Shortage]) -> list[Said]:
    """Say of each missing article how many are left."""
    return [_missing(shortage) for shortage in shortages] or [Said(code="last_piece_gone")]


def not_redeemed(order: Order, reason: str) -> list[Said]:
    """Say why an order's code or gift card was refused, and that it costs nothing."""
    placed = order.placed
    if placed is None:
        return []
    why = Said(code=reason)
    if not said.is_known(why):
        why = Said(code="gift_card_stopped")
    if why.code.startswith("code"):
        words = {"code": placed.code}
    else:
        words = {"last4": placed.gift_card.last4 if placed.gift_card else ""}
    return [Said(code=why.code, words=words), Said(code="price_kept")]


def card_refused(event: PaymentDeclined) -> list[Said]:
    """Return why payments says that a card was declined; nothing where only payments has the words."""
    why = Said(code=f"card_{event.reason}")
    return [why] if said.is_known(why) else []


def in_its_language(order: Order, sentences: Sequence[Said]) -> str:
    """Word sentences in the language that the order was placed in."""
    with translation.override(_language(order)):
        return said.in_words(sentences, line_names(order.lines))


def explanation_of(row: OrderSummary) -> str:
    """Return what an order's shopper was told last, in the language being read, or marked with the one it is in."""
    sentences = row.sentences
    worded = said.in_words(sentences, shown_names(row)) if sentences else ""
    return worded or as_written(row.explanation, row.language)


def shown_names(row: OrderSummary) -> dict[str, str]:
    """Return what an order's articles are called, by SKU, in the language being read where it is known."""
    return {line.sku: said.article(line.name, line.label) for line in shown_lines(row)}


def paid_with(row: OrderSummary) -> str:
    """Return what an order was paid with, as its shopper read it, marked with that language where another is read."""
    return as_written(row.method_label, row.language)


def shown_lines(row: OrderSummary) -> list[OrderLine]:
    """Return an order's lines in the language being read; what is not known in it is marked with the one it is in."""
    return [shown_line(line, written_in=row.language) for line in lines_of(row)]


def shown_line(line: OrderLine, *, written_in: str) -> OrderLine:
    return msgspec.structs.replace(
        line,
        name=said_in_language(line.name, line.names, written_in=written_in),
        label=said_in_language(line.label, line.labels, written_in=written_in),
    )


def _missing(shortage: Shortage) -> Said:
    if shortage.left <= 0:
        return Said(code="sold_out", sku=shortage.sku)
    return Said(code=said.FEW_LEFT, sku=shortage.sku, numbers={"left": shortage.left, "wanted": shortage.wanted})


def _language(order: Order) -> str:
    return order.placed.contact.language if order.placed else translation.get_language() or "en"
