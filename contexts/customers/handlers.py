"""What customers hears: only that its own timer is over."""

from contexts.customers import erasure
from contexts.customers.events import ErasureDue
from contexts.messaging import Envelope, handles, never_replayed

never_replayed(because="whoever was erased stays erased")


@handles(ErasureDue)
def erase_customer(event: ErasureDue, envelope: Envelope) -> None:
    erasure.erase_if_due(customer_id=event.customer_id, now=envelope.time)
