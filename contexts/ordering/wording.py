"""The plain words that become part of an order's events, in the shopper's own language."""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext as _, ngettext

from contexts.inventory.events import Shortage
from contexts.ordering.order import Order


def out_of_stock(order: Order, shortages: list[Shortage]) -> str:
    """Say of each missing article how many are left."""
    names = {line.sku: f"{line.name} ({line.label})" if line.label else line.name for line in order.lines}
    with translation.override(_language(order)):
        sentences = [_missing(names.get(shortage.sku, shortage.sku), shortage) for shortage in shortages]
        return " ".join(sentences) or _("Somebody else bought the last piece while you were ordering.")


def not_redeemed(order: Order, reason: str) -> str:
    """Say why an order's code or gift card was refused, and that it costs nothing."""
    placed = order.placed
    if placed is None:
        return ""
    with translation.override(_language(order)):
        names = {"code": placed.code, "last4": placed.gift_card.last4 if placed.gift_card else ""}
        match reason:
            case "code_used_up":
                why = _("Somebody else was a moment faster and used the code %(code)s for the last time.") % names
            case "code_used_before":
                why = _("The code %(code)s was already used with this e-mail address.") % names
            case "code_over":
                why = _("The code %(code)s is no longer valid.") % names
            case "gift_card_balance":
                why = _("The gift card ending %(last4)s no longer has the amount that this order needs.") % names
            case _gift_card_stopped:
                why = _("The gift card ending %(last4)s cannot be used at the moment.") % names
        return f"{why} " + _("So that you do not pay another price than you saw, we ended the order.")


def hold_ran_out(order: Order) -> str:
    with translation.override(_language(order)):
        return _("We could not keep the goods for you any longer, so others can buy them again.")


def no_other_card(order: Order) -> str:
    with translation.override(_language(order)):
        return _("Your card was declined and no other was given in time. Nothing was charged.")


def _missing(name: str, shortage: Shortage) -> str:
    if shortage.left <= 0:
        return _("“%(name)s” is sold out.") % {"name": name}
    return ngettext(
        "Of “%(name)s” only %(left)d is left; you wanted %(wanted)d.",
        "Of “%(name)s” only %(left)d are left; you wanted %(wanted)d.",
        shortage.left,
    ) % {"name": name, "left": shortage.left, "wanted": shortage.wanted}


def _language(order: Order) -> str:
    return order.placed.contact.language if order.placed else translation.get_language() or "en"
