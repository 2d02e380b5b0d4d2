"""What customers' pages show."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404

from contexts.customers.models import SavedAddress


def addresses_of(customer_id: UUID) -> list[SavedAddress]:
    """Return the address book, the default first."""
    return list(SavedAddress.objects.filter(account_id=customer_id))


def address_of(customer_id: UUID, address_id: UUID) -> SavedAddress:
    """Return one address of a customer's own book; somebody else's is not found."""
    try:
        return SavedAddress.objects.get(account_id=customer_id, id=address_id)
    except SavedAddress.DoesNotExist:
        raise Http404("That address is not in your address book.") from None
