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
    REPEAT_NOTICE = "repeat_notice"
    LATE_NOTICE = "late_notice"
    RUN_OUT = "run_out"
    REFUSE_CAPTURE = "refuse_capture"


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
    TestCard(
        number="4000000000003220",
        behaviour=Behaviour.REPEAT_NOTICE,
        name=_("Told three times"),
        effect=_("Needs confirmation; the bank tells the shop of it three times, and it counts once."),
    ),
    TestCard(
        number="4000008400001629",
        behaviour=Behaviour.LATE_NOTICE,
        name=_("Told late"),
        effect=_("Needs confirmation; you are back in the shop long before the bank tells it."),
    ),
    TestCard(
        number="4000000000000069",
        behaviour=Behaviour.RUN_OUT,
        name=_("Runs out"),
        effect=_("Approved, but not for long enough: when the parcel leaves, the shop asks the bank again."),
    ),
    TestCard(
        number="4000000000000119",
        behaviour=Behaviour.REFUSE_CAPTURE,
        name=_("Refused at dispatch"),
        effect=_("Approved, but the bank does not pay when the parcel leaves; staff is told."),
    ),
)

BEHAVIOURS = {card.number: card.behaviour for card in TEST_CARDS}
