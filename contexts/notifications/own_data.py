"""What notifications holds of a customer, for their own copy."""

from __future__ import annotations

from typing import Any

from contexts.kernel.identity import Identity
from contexts.notifications.models import BackRequest, Email, OrderContact


def held_of(identity: Identity) -> dict[str, Any]:
    mine = {"customer_id": identity.customer_id}
    sent = ("kind", "recipient", "language", "subject", "data", "state", "queued_at", "sent_at")
    return {
        "emails": list(Email.objects.filter(**mine).order_by("id").values(*sent)),
        "order_contacts": list(OrderContact.objects.filter(**mine).order_by("order_id").values()),
        "waiting_for": list(BackRequest.objects.filter(**mine).order_by("id").values()),
    }
