"""Stripe's webhooks: whose signature holds, and which order one is about. Nothing else in them is believed."""

from __future__ import annotations

from uuid import UUID

import msgspec
import stripe
from django.conf import settings

from contexts.payments.gateway import ForgedNotice

#: A notice older or newer than this is refused: somebody may have kept it to send it again.
TOLERANCE_S = 300


class Thing(msgspec.Struct, frozen=True):
    metadata: dict[str, str] = {}


class Data(msgspec.Struct, frozen=True):
    object: Thing


class Notice(msgspec.Struct, frozen=True):
    type: str
    data: Data


def order_in(body: bytes, signature: str) -> UUID | None:
    """Return the order of a payment that moved, None for a notice about something else.

    Raises:
        ForgedNotice: not signed by Stripe with our secret, too old, or not the shape of a notice.
    """
    if not settings.STRIPE_WEBHOOK_SECRET:
        raise ForgedNotice("STRIPE_WEBHOOK_SECRET is not set, so no notice can be believed.")
    try:
        stripe.WebhookSignature.verify_header(
            body.decode(), signature, settings.STRIPE_WEBHOOK_SECRET, tolerance=TOLERANCE_S
        )
    except stripe.SignatureVerificationError as problem:
        old = "Timestamp outside" in str(problem)
        raise ForgedNotice("The notice is too old." if old else "The signature does not hold.") from problem
    except ValueError as problem:
        raise ForgedNotice("The signature does not hold.") from problem
    try:
        notice = msgspec.json.decode(body, type=Notice)
        if not notice.type.startswith("payment_intent."):
            return None
        order = notice.data.object.metadata.get("order")
        return UUID(order) if order else None
    except (msgspec.DecodeError, ValueError) as problem:
        raise ForgedNotice("The notice is not of the agreed shape.") from problem
