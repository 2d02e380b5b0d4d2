"""What customers holds of a customer, for their own copy."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator

from contexts.customers.models import Account, Device, SavedAddress
from contexts.kernel.identity import Identity


def held_of(identity: Identity) -> dict[str, Any]:
    """Return everything but secrets: neither the password's digest nor keys or codes."""
    mine = {"account_id": identity.customer_id}
    account = Account.objects.get(id=identity.customer_id)
    factors = Authenticator.objects.filter(user_id=account.id)
    return {
        "account": {
            "email": account.email, "name": account.name, "language": account.language,
            "currency": account.currency,
            "registered_at": account.registered_at, "last_sign_in_at": account.last_login,
            "to_be_erased_at": account.erase_at,
        },
        "email_addresses": list(EmailAddress.objects.filter(user_id=account.id).values("email", "verified", "primary")),
        "addresses": list(
            SavedAddress.objects.filter(**mine).values("name", "street", "postcode", "city", "country", "is_default")
        ),
        "devices": list(Device.objects.filter(**mine).values("browser", "system", "signed_in_at", "seen_at")),
        "second_factors": [
            {"kind": one.type, "name": str(one), "added_at": one.created_at, "last_used_at": one.last_used_at}
            for one in factors
        ],
    }  # fmt: skip
