"""Both gateways for tests: how each is brought to each answer, and what its books say."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from uuid_utils.compat import uuid7

from contexts.payments.gateway import CardToken, Gateway, gateway_named
from contexts.payments.models import Card
from contexts.payments.sandbox import bank
from contexts.payments.sandbox.ledger import BankCharge
from tests.payments.stripe_stand_in import StripeStandIn

APPROVED, DECLINED, INSUFFICIENT = "4242424242424242", "4000000000000002", "4000000000009995"
CONFIRM, MASTERCARD = "4000002500003155", "5555555555554444"
#: What opens the stand-in.
STRIPE_KEY, STRIPE_WEBHOOK_SECRET = "sk_test_stand_in", "whsec_stand_in"

#: What the bank's books call what the port calls so.
Books = list[tuple[str, int]]


class Harness(Protocol):
    """A gateway with the people around it."""

    name: str

    @property
    def gateway(self) -> Gateway: ...

    def token(self, number: str, *, order: UUID) -> CardToken:
        """Give a card as the shopper does."""

    def token_whose_answer_is_lost(self, *, order: UUID) -> CardToken:
        """Give a good card of which the bank's next answer never arrives, although it did what it was asked."""

    def confirm(self, charge: str, *, approve: bool) -> None:
        """Answer on the bank's confirmation page."""

    def run_out(self, charge: str) -> None:
        """Let the time be over for which an amount is set aside."""

    def books(self, order: UUID) -> Books:
        """Return, for an order, each charge's status (as the port calls it) and the cents that were taken for good."""


class Sandbox:
    name = "sandbox"

    @property
    def gateway(self) -> Gateway:
        return gateway_named("sandbox")

    def token(self, number: str, *, order: UUID) -> CardToken:
        return bank.SandboxGateway().tokenise(number)

    def token_whose_answer_is_lost(self, *, order: UUID) -> CardToken:
        return bank.SandboxGateway().tokenise("4000000000000341")

    def confirm(self, charge: str, *, approve: bool) -> None:
        bank.answer_confirmation(charge=charge, approve=approve)

    def run_out(self, charge: str) -> None:
        BankCharge.objects.filter(reference=charge).update(status="voided")

    def books(self, order: UUID) -> Books:
        rows = BankCharge.objects.filter(order=str(order)).order_by("created_at")
        return [(row.status, row.captured_cents - row.refunded_cents) for row in rows]


class Stripe:
    name = "stripe"

    def __init__(self, stand_in: StripeStandIn) -> None:
        self.stand_in = stand_in

    @property
    def gateway(self) -> Gateway:
        return gateway_named("stripe")

    def token(self, number: str, *, order: UUID) -> CardToken:
        from contexts.payments.stripe_gateway.gateway import StripeGateway

        gateway = StripeGateway()
        address = gateway.open_card_page(
            order=str(order), currency="EUR", back="http://shop/card/?page={CARD_PAGE}", away="http://shop/",
            language="en",
        )  # fmt: skip
        page = address.rpartition("/")[2]
        self.stand_in.give_card(page, number)
        return gateway.card_from_page(page, order=str(order))

    def token_whose_answer_is_lost(self, *, order: UUID) -> CardToken:
        token = self.token(APPROVED, order=order)
        self.stand_in.fault("lose", "/v1/payment_intents")
        return token

    def confirm(self, charge: str, *, approve: bool) -> None:
        self.stand_in.confirm(charge, approve=approve)

    def run_out(self, charge: str) -> None:
        self.stand_in.expire(charge)

    def books(self, order: UUID) -> Books:
        names = {
            "requires_capture": "authorised", "requires_action": "action_required", "canceled": "voided",
            "requires_payment_method": "declined", "succeeded": "captured",
        }  # fmt: skip
        rows = [intent for intent in self.stand_in.intents.values() if intent["metadata"]["order"] == str(order)]
        return [
            (names[row["status"]], row["amount_received"] - (row["latest_charge"] or {}).get("amount_refunded", 0))
            for row in rows
        ]


def keep_card(harness: Harness, number: str, *, order: UUID | None = None) -> tuple[UUID, str]:
    """Give a card for an order and return both, as payments keeps them."""
    order = order or uuid7()
    token = harness.token(number, order=order)
    Card.objects.create(token=token.token, order_id=order, gateway=harness.name, brand=token.brand, last4=token.last4)
    return order, token.token
