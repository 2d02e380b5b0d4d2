"""What shipping holds of a customer, for their own copy."""

from __future__ import annotations

from typing import Any

from contexts.kernel.identity import Identity
from contexts.shipping.models import Parcel, ParcelEvent, ParcelLine


def held_of(identity: Identity) -> dict[str, Any]:
    parcels = Parcel.objects.filter(customer_id=identity.customer_id).order_by("id")
    inside = {"parcel__customer_id": identity.customer_id}
    return {
        "parcels": list(parcels.values()),
        "contents": list(ParcelLine.objects.filter(**inside).order_by("id").values()),
        "steps": list(ParcelEvent.objects.filter(**inside).order_by("id").values("parcel_id", "state", "happened_at")),
    }
