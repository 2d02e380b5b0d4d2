"""Whose a redemption is. When a person asks to be forgotten it stays, and nobody's."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from contexts.promotions.models import Redemption


def hand_over(*, order_id: UUID, customer_id: UUID) -> None:
    """What a guest's order redeemed is a customer's from now on, unless the guest was erased."""
    Redemption.objects.filter(order_id=order_id).exclude(email="").update(customer_id=customer_id)


def forget_customer(customer_id: UUID) -> dict[str, int]:
    """Take the person off what their orders redeemed; returns how many rows it was."""
    return _forget(Redemption.objects.filter(customer_id=customer_id))


def forget_guest(order_id: UUID) -> dict[str, int]:
    return _forget(Redemption.objects.filter(order_id=order_id).exclude(email=""))


def _forget(redemptions: QuerySet[Redemption]) -> dict[str, int]:
    return {"redemptions": redemptions.update(email="", customer_id=None)}
