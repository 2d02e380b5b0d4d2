"""The demo's promotion codes and gift cards, those that a visitor is told to try."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings

from contexts.kernel.money import eur
from contexts.messaging import acting_as

NEEDED = ("promotions",)


def possible() -> bool:
    # Everybody knows these codes, so they are for a demo alone.
    return settings.DEMO and all(context in settings.CONTEXTS for context in NEEDED)


def make() -> int:
    """Make what is not there yet; return how many codes and cards that was."""
    from contexts.kernel.vouchers import card_digest
    from contexts.promotions import services
    from contexts.promotions.models import GiftCard, PromotionCode
    from contexts.promotions.services import Terms

    codes = {
        "WELCOME10": Terms(kind="percent", percent=Decimal(10), per_customer=1),
        "FREESHIP": Terms(kind="free_shipping"),
        "FIVE": Terms(kind="amount", amounts={"EUR": 5_00}, minimums={"EUR": 30_00}),
    }
    cards = {"GOLD-0050": eur(50_00), "GOLD-0500": eur(500_00)}
    known = set(PromotionCode.objects.filter(code__in=codes).values_list("code", flat=True))
    issued = set(GiftCard.objects.values_list("digest", flat=True))
    made = 0
    with acting_as("system:demo"):
        for code, terms in codes.items():
            if code not in known:
                services.create_code(code, terms)
                made += 1
        for code, amount in cards.items():
            if card_digest(code) not in issued:
                services.issue_gift_card(amount, note="For visitors of the demo", code=code)
                made += 1
    return made
