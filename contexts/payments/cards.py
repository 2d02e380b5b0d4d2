"""Card numbers, which pass through here and stay nowhere: reading what a person typed, and what may be shown of it."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

#: brand: (how its numbers begin, how long they are)
BRANDS = {
    "American Express": (re.compile(r"3[47]"), (15,)),
    "Mastercard": (re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"), (16,)),
    "Visa": (re.compile(r"4"), (13, 16, 19)),
}


class InvalidCard(ValueError):
    """What was typed is no card number, or the gateway does not take it; the message is for the shopper."""


def card_number(typed: str) -> str:
    """Return the digits of a card number typed with spaces or hyphens.

    Raises:
        InvalidCard: in plain words that never repeat what was typed.
    """
    digits = re.sub(r"[\s\-\u2010-\u2015]", "", typed)
    if not digits:
        raise InvalidCard(_("Enter the number on the front of your card."))
    if not (digits.isascii() and digits.isdigit()):
        raise InvalidCard(_("A card number has digits only. Leave out letters and other signs."))
    if not 12 <= len(digits) <= 19:
        raise InvalidCard(
            _("A card number has 12 to 19 digits; this one has %(count)s. Compare it with your card.")
            % {"count": len(digits)}
        )
    if not luhn_holds(digits):
        raise InvalidCard(
            _("A digit seems to be wrong or swapped with its neighbour. Compare the number with your card.")
        )
    return digits


def luhn_holds(digits: str) -> bool:
    """Tell whether the last digit checks the others (ISO/IEC 7812-1, annex B)."""
    backwards = [int(digit) for digit in reversed(digits)]
    doubled = sum(sum(divmod(2 * digit, 10)) for digit in backwards[1::2])
    return (sum(backwards[0::2]) + doubled) % 10 == 0


def brand_of(digits: str) -> str:
    """Return the name of the card's brand, or "Card" for one we do not know."""
    for brand, (beginning, lengths) in BRANDS.items():
        if beginning.match(digits) and len(digits) in lengths:
            return brand
    return "Card"


def card_label(brand: str, last4: str) -> str:
    """Return how a card is called before its owner: "Visa ending 4242"."""
    return _("%(brand)s ending %(last4)s") % {"brand": brand, "last4": last4}
