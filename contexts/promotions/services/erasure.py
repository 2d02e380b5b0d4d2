"""What stays when a person asks to be forgotten: that some order used a code, and no longer whose."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from contexts.promotions.models import Redemption


def forget_customer(customer_id: UUID) -> dict[str, int]:
    """Take the person off what their orders redeemed; returns how many rows it was."""
    return _forget(Redemption.objects.filter(customer_id=customer_id))


def forget_guest(order_id: UUID) -> dict[str, int]:
    return _forget(Redemption.objects.filter(order_id=order_id).exclude(email=""))


def _forget(redemptions: QuerySet[Redemption]) -> dict[str, int]:
    return {"redemptions": redemptions.update(email="", customer_id=None)}
