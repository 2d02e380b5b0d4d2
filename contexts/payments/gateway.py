"""The port to whoever moves the money: what payments asks of a gateway, and what it may answer.

Every request carries an idempotency key chosen by payments. The same key asks for the same thing: the gateway does it
once and answers the same again, so a request whose answer was lost may be repeated, or looked up with `find`.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import cache
from importlib import import_module
from typing import Protocol, cast

import msgspec
from django.conf import settings

from contexts.kernel.money import Money

#: name: the class, as "module:name". A gateway is chosen by the setting PAYMENT_GATEWAY.
GATEWAYS = {"sandbox": "contexts.payments.sandbox.bank:SandboxGateway"}


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


class Gateway(Protocol):
    """Every method may raise `GatewayUnreachable`. None may be called inside a database transaction."""

    name: str

    def tokenise(self, number: str) -> CardToken:
        """Give the gateway a card number (digits only, Luhn holds); `GatewayRefused` for one it does not take."""

    def authorise(self, *, key: str, card: str, amount: Money, reference: str) -> Answer:
        """Set `amount` aside on a card: authorised, declined or action_required. `reference` is shown to people."""

    def capture(self, *, key: str, charge: str, amount: Money) -> Answer:
        """Charge what was set aside, or a part of it; the rest is given up."""

    def void(self, *, key: str, charge: str) -> Answer:
        """Give up a charge that is authorised or awaits confirmation; voiding it twice is no error."""

    def refund(self, *, key: str, charge: str, amount: Money) -> Answer:
        """Give back part or all of what was captured; `GatewayRefused` beyond that."""

    def find(self, key: str) -> Answer | None:
        """Return how the charge of the request with this key stands *now*; None if no such request ever arrived."""


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
    return gateway_named(getattr(settings, "PAYMENT_GATEWAY", "sandbox"))
