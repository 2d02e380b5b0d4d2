"""What customers tells the others: who has an account."""

from uuid import UUID

from contexts.kernel.addresses import Address
from contexts.messaging import Event

SUBJECT = "customer/{customer_id}"


class CustomerRegistered(Event, name="customers.customer_registered", version=1, subject=SUBJECT):
    """Somebody opened an account; the e-mail address may be unconfirmed still."""

    customer_id: UUID
    email: str
    name: str
    language: str


class CustomerChanged(Event, name="customers.customer_changed", version=1, subject=SUBJECT):
    """Profile or default address changed; the event carries both as they are now."""

    customer_id: UUID
    email: str
    name: str
    language: str
    default_address: Address | None


class CustomerErased(Event, name="customers.customer_erased", version=1, subject=SUBJECT):
    """The customer asked to be forgotten: whoever keeps personal data of theirs removes it now."""

    customer_id: UUID
