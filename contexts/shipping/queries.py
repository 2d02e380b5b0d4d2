"""What shipping can be asked: where a parcel is."""

from __future__ import annotations

from datetime import datetime

import msgspec
from django.db.models import Count, Q
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy as _

from contexts.kernel.board import Tile
from contexts.shipping.models import Parcel

State = Parcel.State


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a parcel's way as the tracking page shows it; `happened_at` is None for one to come."""

    title: str | Promise
    text: str | Promise
    status: str
    happened_at: datetime | None


class Tracking(msgspec.Struct, frozen=True, kw_only=True):
    """A parcel and its way, for whoever has its tracking number."""

    parcel: Parcel
    steps: list[Step]

    @property
    def entries(self) -> int:
        """How many steps have happened; the page asks for more than these."""
        return sum(step.happened_at is not None for step in self.steps)


PACKING = (_("Being packed"), _("The goods are taken from the shelf and packed."))
TEXTS: dict[str, tuple[Promise, Promise]] = {
    "created": (_("Packed"), _("The goods were taken from the shelf and packed.")),
    "dispatched": (_("On its way"), _("The parcel was handed to the carrier.")),
    "delivered": (_("Delivered"), _("The parcel reached its address.")),
    "cancelled": (_("Cancelled"), _("The order was cancelled before the parcel left.")),
}
COMING: dict[str, Promise] = {
    "dispatched": _("Next, the parcel is handed to the carrier."),
    "delivered": _("Then it travels to its destination."),
}
NOT_PACKED = (_("Confirmed"), _("The shop had begun to pack."))
WAY = [State.CREATED, State.DISPATCHED, State.DELIVERED]


def tracking(tracking_number: str) -> Tracking | None:
    """Return where the parcel of that number is, None if there is none."""
    parcel = Parcel.objects.prefetch_related("events").filter(tracking_number=tracking_number.upper()).first()
    if parcel is None:
        return None
    happened = {event.state: event.happened_at for event in parcel.events.all()}
    way = [State.CREATED, State.CANCELLED] if parcel.state == State.CANCELLED else WAY
    return Tracking(parcel=parcel, steps=[_step(state, parcel, happened.get(state)) for state in way])


def _step(state: Parcel.State, parcel: Parcel, happened_at: datetime | None) -> Step:
    title, text = TEXTS[state]
    if state == State.CREATED and parcel.state in (State.CREATED, State.CANCELLED):
        title, text = PACKING if parcel.state == State.CREATED else NOT_PACKED
    if happened_at is None:
        return Step(title=title, text=COMING[state], status="", happened_at=None)
    return Step(title=title, text=text, status=_status(state, parcel), happened_at=happened_at)


def _status(state: Parcel.State, parcel: Parcel) -> str:
    if state == State.CANCELLED:
        return "bad"
    return "now" if state == parcel.state and parcel.is_moving else "done"


def tiles() -> list[Tile]:
    """Return what the packing table has before it."""
    counted = Parcel.objects.aggregate(
        waiting=Count("pk", filter=Q(state=State.CREATED)), moving=Count("pk", filter=Q(state=State.DISPATCHED))
    )
    return [
        Tile(
            title=gettext("Parcels to pack"), figure=str(counted["waiting"]), text=gettext("paid for and not yet dispatched"),
            list="shipping_parcel", query="state__exact=created", tone="act" if counted["waiting"] else "calm",
        ),
        Tile(
            title=gettext("On their way"), figure=str(counted["moving"]), text=gettext("dispatched and not yet delivered"),
            list="shipping_parcel", query="state__exact=dispatched",
        ),
    ]  # fmt: skip
