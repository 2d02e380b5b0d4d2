"""Stripe's webhooks: whose signature holds, and which order or refund one is about. Nothing else in them is believed."""

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


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """What a notice is about: an order's payment, or one refund. Both None: something that payments does not keep."""

    order_id: UUID | None = None
    refund_id: UUID | None = None


def what_moved(body: bytes, signature: str) -> Moved:
    """Return what a notice is about.

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
        written = notice.data.object.metadata
        if notice.type.startswith("payment_intent.") and "order" in written:
            return Moved(order_id=UUID(written["order"]))
        if notice.type.startswith("refund.") and written.get("key", "").startswith("refund:"):
            return Moved(refund_id=UUID(written["key"].removeprefix("refund:")))
    except (msgspec.DecodeError, ValueError) as problem:
        raise ForgedNotice("The notice is not of the agreed shape.") from problem
    return Moved()
