"""What a shopper types as code or gift card: either may stand in either field, and each problem is told beside it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from django.utils.translation import gettext as _

from contexts.ordering.events import OrderLine
from contexts.ordering.guesses import Guesses
from contexts.ordering.models import GiftCard
from contexts.ordering.quotes import currency_of
from contexts.ordering.services import vouchers
from contexts.ordering.services.vouchers import Given

CODE, CARD = "promotion_code", "gift_card"


class Entered(msgspec.Struct, frozen=True, kw_only=True):
    """What was understood; `problems` has a sentence for each field that was not."""

    given: Given
    problems: dict[str, str]


def masked(card: GiftCard | None) -> str:
    """Return how a kept gift card stands in its field: its code is not known here."""
    return f"•••• {card.last4}" if card else ""


def enter(
    typed: Mapping[str, str], *, kept: GiftCard | None, email: str, lines: list[OrderLine], guesses: Guesses
) -> Entered:
    """Look up what was typed into both fields, for these lines at present prices. `kept` was given before."""
    given, problems = Given(), {}
    for field in (CODE, CARD):
        text = typed.get(field, "").strip()
        if not text:
            continue
        if kept and text == masked(kept):
            found = Given(card=kept)
        elif guesses.used_up():
            problems[field] = _("These were too many wrong codes. Wait ten minutes, or go on without one.")
            continue
        else:
            found = _find(text, field, email, currency_of(lines))
        if found.code is None and found.card is None:
            guesses.note()
            problems[field] = _("We do not know this code. Please check it.")
        elif (found.code and given.code) or (found.card and given.card):
            problems[field] = _("One code and one gift card can be used for an order. Please remove one.")
        elif objections := vouchers.objections(found, lines):
            problems[field] = next(iter(objections.values()))
        else:
            given = Given(
                code=found.code or given.code, used_before=found.used_before or given.used_before,
                card=found.card or given.card,
            )  # fmt: skip
    return Entered(given=given, problems=problems)


def _find(text: str, field: str, email: str, currency: str) -> Given:
    """Look where the field says first: most people read the label."""
    by_code = vouchers.find_code(text, email=email, currency=currency) if field == CODE else vouchers.find_card(text)
    if by_code.code or by_code.card:
        return by_code
    return vouchers.find_card(text) if field == CODE else vouchers.find_code(text, email=email, currency=currency)
