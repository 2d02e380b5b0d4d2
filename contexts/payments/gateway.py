"""The port to whoever moves the money: what payments asks of a gateway, and what it may answer.

Every request carries an idempotency key chosen by payments. The same key asks for the same thing: the gateway does it
once and answers the same again. Gateways forget keys after a while (Stripe after a day), so a request whose answer was
lost is looked up first: a charge whose name was never learned with `find`, a known one with `status_of`.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import cache
from importlib import import_module
from typing import Protocol, cast, runtime_checkable

import msgspec
from django.conf import settings

from contexts.kernel.money import Money

#: name: the class, as "module:name". A gateway is chosen by the setting PAYMENTS_GATEWAY.
GATEWAYS = {
    "sandbox": "contexts.payments.sandbox.bank:SandboxGateway",
    "stripe": "contexts.payments.stripe_gateway.gateway:StripeGateway",
}


class Status(StrEnum):
    """How a charge stands at the gateway."""

    ACTION_REQUIRED = "action_required"
    AUTHORISED = "authorised"
    DECLINED = "declined"
    CAPTURED = "captured"
    VOIDED = "voided"
    REFUNDED = "refunded"


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a request: the gateway's own name for the charge, how it stands now, and if declined, why.

    `reason` is one of `REASONS`.
    """

    charge: str
    status: Status
    reason: str = ""


class CardToken(msgspec.Struct, frozen=True, kw_only=True):
    """A card that the gateway knows: its name there, and what may be shown of it."""

    token: str
    brand: str
    last4: str


#: Why a charge is declined; `contexts.payments.wording` has the plain words.
REASONS = ("declined", "insufficient_funds", "not_confirmed", "confirmation_expired", "unknown_card")


class GatewayError(Exception):
    """A gateway did not do what was asked."""


class GatewayUnreachable(GatewayError):
    """No answer came: the request may have been carried out or not. Ask with `find` before anything else."""


class GatewayRefused(GatewayError):
    """The gateway will never do this request; it says why. Nothing changed there."""


class ForgedNotice(Exception):
    """A webhook's body is not the gateway's: its signature does not hold, or it is too old, or of another shape."""


class Gateway(Protocol):
    """Every method may raise `GatewayUnreachable`. None may be called inside a database transaction."""

    name: str

    def authorise(
        self, *, key: str, card: str, amount: Money, reference: str, back: str, present: bool = True
    ) -> Answer:
        """Set `amount` aside on a card: authorised, declined or action_required.

        `reference` is shown to people; a bank that wants a confirmation sends the card holder to `back` afterwards.
        Without the card holder `present`, there is nobody to ask: it is declined instead. All of it belongs to the
        key: a repetition asks with the same values.
        """

    def capture(self, *, key: str, charge: str, amount: Money) -> Answer:
        """Charge what was set aside, or a part of it; the rest is given up."""

    def void(self, *, key: str, charge: str) -> Answer:
        """Give up a charge that is authorised or awaits confirmation; voiding it twice is no error."""

    def refund(self, *, key: str, charge: str, amount: Money) -> Answer:
        """Give back part or all of what was captured; `GatewayRefused` beyond that."""

    def refund_stands(self, *, key: str, charge: str) -> bool:
        """Tell whether a refund that was taken still is one: a bank may send it back days later."""

    def find(self, *, key: str, card: str) -> Answer | None:
        """Return how the charge that `authorise` was asked for stands *now*; None if that request never arrived."""

    def status_of(self, charge: str) -> Answer:
        """Return how a charge stands now."""

    def confirmation_page(self, charge: str) -> str:
        """Return where the card holder confirms at the gateway, "" where that is a page of ours or nothing waits."""


@runtime_checkable
class TakesNumbers(Protocol):
    """A gateway whose cards are given on our own page. Only a pretend bank may be one: see docs/adr/0024."""

    def tokenise(self, number: str) -> CardToken:
        """Give the gateway a card number (digits only, Luhn holds); `GatewayRefused` for one it does not take."""


@runtime_checkable
class HasCardPage(Protocol):
    """A gateway that asks for cards on a page of its own, so that no number reaches this server."""

    def card_page_origin(self) -> str:
        """Return the origin of that page: the only other one that our payment page's form may lead to."""

    def open_card_page(self, *, order: str, currency: str, back: str, away: str, language: str) -> str:
        """Return the address of a new page for one order's card.

        The shopper comes to `back` with a card, `PAGE_MARK` in it replaced by the page's name; to `away` without one.
        """

    def card_from_page(self, page: str, *, order: str) -> CardToken:
        """Return the card that was given on a page; `GatewayRefused` if none was, or for another order."""


#: Stands in `open_card_page`'s `back` for the name of the page.
PAGE_MARK = "{CARD_PAGE}"


@cache
def gateway_named(name: str) -> Gateway:
    """Return a gateway by its name in `GATEWAYS`.

    Raises:
        LookupError: no such gateway; the names that there are.
    """
    try:
        module, _, attribute = GATEWAYS[name].partition(":")
    except KeyError:
        raise LookupError(f'No payment gateway is called "{name}". Known: {", ".join(sorted(GATEWAYS))}.') from None
    return cast("Callable[[], Gateway]", getattr(import_module(module), attribute))()


def current_gateway() -> Gateway:
    """Return the gateway that new cards are given to."""
    return gateway_named(settings.PAYMENTS_GATEWAY)
