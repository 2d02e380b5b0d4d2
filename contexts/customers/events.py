"""What customers tells the others: who has an account."""

from uuid import UUID

from contexts.kernel.addresses import Address
from contexts.messaging import Event, Personal

SUBJECT = PERSON = "customer/{customer_id}"


class CustomerRegistered(Event, name="customers.customer_registered", version=1, subject=SUBJECT, person=PERSON):
    """Somebody opened an account; the e-mail address may be unconfirmed still."""

    customer_id: UUID
    email: Personal[str]
    name: Personal[str]
    language: str


class CustomerChanged(Event, name="customers.customer_changed", version=1, subject=SUBJECT, person=PERSON):
    """Profile or default address changed; the event carries both as they are now."""

    customer_id: UUID
    email: Personal[str]
    name: Personal[str]
    language: str
    default_address: Personal[Address | None]


class EmailConfirmed(Event, name="customers.email_confirmed", version=1, subject=SUBJECT, person=PERSON):
    """The customer proved that `email` is theirs; it is the account's address now."""

    customer_id: UUID
    email: Personal[str]


class AccountOpenedFromOrder(Event, name="customers.account_opened_from_order", version=1, subject=SUBJECT):
    """Whoever saw a guest's order opened an account from its page; the e-mail address is not confirmed yet."""

    customer_id: UUID
    order_id: UUID


class CustomerErased(Event, name="customers.customer_erased", version=1, subject=SUBJECT, erases=PERSON):
    """The customer asked to be forgotten: whoever keeps personal data of theirs removes it now."""

    customer_id: UUID


class ErasureDue(Event, name="customers.erasure_due", version=1, subject=SUBJECT):
    """The days in which a customer could take the deletion back are over; a timer that only customers itself hears.

    Nothing is erased yet, and the customer may have changed their mind at the last moment.
    """

    customer_id: UUID
