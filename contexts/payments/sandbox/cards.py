"""The sandbox bank's cards: their numbers are public, and each stands for one thing that can happen."""

from __future__ import annotations

from enum import StrEnum

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Behaviour(StrEnum):
    """What the bank does when a card is charged."""

    APPROVE = "approve"
    DECLINE = "decline"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    CONFIRM = "confirm"
    SLOW = "slow"
    LOSE_ANSWER = "lose_answer"


class TestCard(msgspec.Struct, frozen=True, kw_only=True):
    """`name` and `effect` are for the list on the payment page."""

    __test__ = False

    number: str
    behaviour: Behaviour
    name: Promise
    effect: Promise

    @property
    def spaced(self) -> str:
        """The number as it is printed on a card."""
        return " ".join(self.number[i : i + 4] for i in range(0, len(self.number), 4))


TEST_CARDS = (
    TestCard(
        number="4242424242424242",
        behaviour=Behaviour.APPROVE,
        name=_("Approved"),
        effect=_("The bank says yes at once."),
    ),
    TestCard(
        number="5555555555554444",
        behaviour=Behaviour.APPROVE,
        name=_("Approved (Mastercard)"),
        effect=_("The bank says yes at once."),
    ),
    TestCard(
        number="4000002500003155",
        behaviour=Behaviour.CONFIRM,
        name=_("Needs confirmation"),
        effect=_("The bank asks you to confirm on a page of its own."),
    ),
    TestCard(
        number="4000000000000002",
        behaviour=Behaviour.DECLINE,
        name=_("Declined"),
        effect=_("The bank says no."),
    ),
    TestCard(
        number="4000000000009995",
        behaviour=Behaviour.INSUFFICIENT_FUNDS,
        name=_("Not enough money"),
        effect=_("The bank says no, and why."),
    ),
    TestCard(
        number="4000000000000077",
        behaviour=Behaviour.SLOW,
        name=_("Slow"),
        effect=_("The bank says yes after about three seconds."),
    ),
    TestCard(
        number="4000000000000341",
        behaviour=Behaviour.LOSE_ANSWER,
        name=_("Answer lost"),
        effect=_("The bank says yes, but its answer never arrives; the shop finds out, and you pay once."),
    ),
)

BEHAVIOURS = {card.number: card.behaviour for card in TEST_CARDS}
