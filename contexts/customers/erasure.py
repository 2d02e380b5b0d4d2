"""Deleting an account in two steps: asked for now, done after some days in which it can be taken back."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from contexts.customers import services
from contexts.customers.events import ErasureDue
from contexts.customers.models import Account
from contexts.messaging import cancel_timers, publish


def ask_erasure(*, customer_id: UUID) -> datetime:
    """Note that a customer wants to be forgotten and return when that happens; asking again moves nothing.

    Raises:
        StaffAccount: somebody answers for what this account did in the admin.
    """
    with transaction.atomic(using="customers"):
        account = Account.objects.select_for_update().get(id=customer_id)
        if account.is_staff:
            raise services.StaffAccount(f"{account.email} is a staff account. Take its staff rights away first.")
        if account.erase_at is None:
            account.erase_at = timezone.now() + timedelta(days=settings.CUSTOMERS_ERASURE_DAYS)
            account.save(update_fields=["erase_at"])
            publish(ErasureDue(customer_id=account.id), at=account.erase_at)
    return account.erase_at


def keep_account(*, customer_id: UUID) -> None:
    """Take the deletion back; where none was asked for, nothing happens."""
    with transaction.atomic(using="customers"):
        Account.objects.filter(id=customer_id).update(erase_at=None)
        cancel_timers(ErasureDue, subject=f"customer/{customer_id}")


def erase_if_due(*, customer_id: UUID, now: datetime) -> None:
    """Erase a customer whose days are over; one who took it back, or became staff meanwhile, stays."""
    with transaction.atomic(using="customers"):
        account = Account.objects.select_for_update().get(id=customer_id)
        if account.erase_at is not None and account.erase_at <= now and not account.is_staff:
            services.erase(customer_id=customer_id)
