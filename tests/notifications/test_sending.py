"""Each event writes one e-mail, which is sent once, tried again when it must be, and withdrawn with its customer."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from itertools import pairwise
from smtplib import SMTPRecipientsRefused
from typing import Any, ClassVar
from uuid import UUID

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connections
from uuid_utils.compat import uuid7

from contexts.customers.events import CustomerErased, CustomerRegistered
from contexts.kernel.addresses import Address
from contexts.kernel.money import eur
from contexts.messaging import Discard, Event
from contexts.notifications import services
from contexts.notifications.models import Email, EmailState, OrderContact
from contexts.ordering.events import (
    Contact,
    OrderActionRequired,
    OrderCancelled,
    OrderCompleted,
    OrderConfirmed,
    OrderLine,
    OrderPaymentDeclined,
    OrderPlaced,
    OrderRefunded,
    OrderShipped,
)

pytestmark = pytest.mark.django_db(databases=["notifications"])

ADDRESS = Address(name="Ada", street="Main Street 1", postcode="10115", city="Berlin", country="DE")
LINES = [
    OrderLine(
        sku="RED-MUG", name="Red mug", label="Large", quantity=2, unit_price=eur(9_99), image="", product_slug="mug"
    )
]


def placed(order_id: UUID, *, customer_id: UUID | None = None, language: str = "en") -> OrderPlaced:
    return OrderPlaced(
        order_id=order_id, number="TP-1001", customer_id=customer_id,
        contact=Contact(email="ada@example.com", name="Ada", language=language), shipping_address=ADDRESS,
        shipping_method="standard", lines=LINES, subtotal=eur(19_98), shipping=eur(4_90), tax=eur(3_97),
        total=eur(24_88), payment_method="card_1",
    )  # fmt: skip


def registered(customer_id: UUID) -> CustomerRegistered:
    return CustomerRegistered(customer_id=customer_id, email="ada@example.com", name="Ada", language="en")


def due_now() -> None:
    Email.objects.filter(state=EmailState.QUEUED).update(send_at=datetime(2020, 1, 1, tzinfo=UTC))


class Failing(EmailBackend):
    """A mail server that fails with `failures`, one for each message, before it works."""

    failures: ClassVar[list[Exception]] = []

    def send_messages(self, messages: Any) -> int:
        if self.failures:
            raise self.failures.pop()
        return super().send_messages(messages)


@pytest.fixture
def failing(settings: Any) -> type[Failing]:
    settings.EMAIL_BACKEND = f"{__name__}.Failing"
    Failing.failures = []
    return Failing


def steps(order_id: UUID) -> list[tuple[Event, str]]:
    return [
        (placed(order_id), "We have your order TP-1001"),
        (
            OrderActionRequired(order_id=order_id, path="/pay/1/confirm/", expires_at=datetime(2026, 3, 1, tzinfo=UTC)),
            "Order TP-1001: please confirm your payment",
        ),
        (
            OrderPaymentDeclined(
                order_id=order_id, explanation="Not enough money.", retry_until=datetime(2026, 3, 1, tzinfo=UTC)
            ),
            "Order TP-1001: please pay with another card",
        ),
        (
            OrderConfirmed(
                order_id=order_id,
                number="TP-1001",
                customer_id=None,
                contact=placed(order_id).contact,
                shipping_address=ADDRESS,
                shipping_method="standard",
                lines=LINES,
                total=eur(24_88),
            ),
            "Order TP-1001 is confirmed",
        ),
        (OrderShipped(order_id=order_id, carrier="Blue Van", tracking_number="BV1"), "Order TP-1001 is on its way"),
        (OrderCompleted(order_id=order_id), "Order TP-1001 was delivered"),
        (OrderRefunded(order_id=order_id, amount=eur(5_00), refunded=eur(5_00)), "Money back for order TP-1001"),
        (
            OrderCancelled(order_id=order_id, number="TP-1001", reason="by_staff", explanation="We are out of mugs."),
            "Order TP-1001 was cancelled",
        ),
    ]


def test_each_step_of_an_order_sends_one_email_though_delivered_twice(deliver: Any) -> None:
    order_id = uuid7()

    for event, _ in steps(order_id):
        deliver(event, times=2)
    services.send_due()
    services.send_due()

    assert [message.subject for message in mail.outbox] == [subject for _, subject in steps(order_id)]
    assert {tuple(message.to) for message in mail.outbox} == {("ada@example.com",)}
    assert all("text/html" in str(message.message()) for message in mail.outbox)
    assert set(Email.objects.values_list("state", flat=True)) == {EmailState.SENT}


def test_a_new_customer_is_welcomed_once(deliver: Any) -> None:
    deliver(registered(uuid7()), times=2)
    services.send_due()

    assert [message.subject for message in mail.outbox] == ["Welcome to Tradepost"]


def test_one_event_owes_one_letter_even_if_handled_again(deliver: Any) -> None:
    from contexts.notifications.letters import Welcome

    event_id = uuid7()
    for _ in range(2):
        services.write(
            Welcome(name="Ada"), recipient="ada@example.com", language="en", event_id=event_id, customer_id=uuid7()
        )

    assert Email.objects.count() == 1


def test_nothing_is_sent_in_the_handlers_transaction(deliver: Any) -> None:
    deliver(placed(uuid7()))

    assert mail.outbox == []
    assert Email.objects.get().state == EmailState.QUEUED


def test_a_mail_server_that_is_down_is_tried_again_later(deliver: Any, failing: type[Failing]) -> None:
    failing.failures = [ConnectionRefusedError("nobody there")]
    deliver(placed(uuid7()))

    services.send_due()
    waiting = Email.objects.get()
    assert (waiting.state, waiting.attempts, waiting.error) == (
        EmailState.QUEUED, 1, "ConnectionRefusedError: nobody there",
    )  # fmt: skip
    assert services.send_due() == 0, "it waits"
    due_now()
    services.send_due()

    assert len(mail.outbox) == 1
    assert Email.objects.get().state == EmailState.SENT


def test_the_pauses_grow_and_end(deliver: Any, failing: type[Failing]) -> None:
    failing.failures = [ConnectionRefusedError() for _ in range(20)]
    deliver(placed(uuid7()))
    pauses = []

    while Email.objects.get().state == EmailState.QUEUED:
        due_now()
        services.send_due()
        email = Email.objects.get()
        if email.send_at:
            pauses.append(email.send_at)

    assert len(pauses) == 6
    growth = [later - earlier for earlier, later in pairwise(pauses)]
    assert growth == sorted(growth)
    assert Email.objects.get().state == EmailState.FAILED


def test_a_refused_address_fails_at_once_and_keeps_nobody_waiting(deliver: Any, failing: type[Failing]) -> None:
    failing.failures = [SMTPRecipientsRefused({"ada@example.com": (550, b"unknown")})]
    deliver(placed(uuid7()))
    deliver(registered(uuid7()))

    services.send_due()

    states = dict(Email.objects.values_list("kind", "state"))
    assert states == {"order_placed": EmailState.FAILED, "welcome": EmailState.SENT}


def test_an_email_that_cannot_be_written_keeps_nobody_waiting(deliver: Any) -> None:
    deliver(placed(uuid7()))
    Email.objects.update(data={"name": "damaged"})
    deliver(registered(uuid7()))

    services.send_due()

    assert [message.subject for message in mail.outbox] == ["Welcome to Tradepost"]
    assert "ValidationError" in Email.objects.get(kind="order_placed").error


def test_a_dead_workers_email_is_sent_by_the_next_one_under_the_same_name(deliver: Any) -> None:
    deliver(placed(uuid7()))
    dead = Email.claim()

    assert services.send_due() == 0
    due_now()
    services.send_due()

    assert dead is not None
    assert mail.outbox[0].extra_headers["Message-ID"] == f"<{dead.event_id}.order_placed.0@testserver>"
    assert not dead.sent(), "the dead worker's word no longer counts"


def test_staff_can_send_an_email_again(deliver: Any) -> None:
    deliver(placed(uuid7()))
    services.send_due()

    services.send_again(email_id=Email.objects.get().pk)
    services.send_due()

    names = [message.extra_headers["Message-ID"] for message in mail.outbox]
    assert len(names) == len(set(names)) == 2


def test_an_erased_customer_leaves_nothing_behind(deliver: Any) -> None:
    customer_id, order_id, late = uuid7(), uuid7(), uuid7()
    deliver(registered(customer_id))
    services.send_due()
    deliver(placed(order_id, customer_id=customer_id))

    deliver(CustomerErased(customer_id=customer_id))

    assert services.send_due() == 0
    kept = str(list(Email.objects.values())) + str(list(OrderContact.objects.values()))
    assert not [word for word in ("ada@", "'Ada'", "Main Street", "Red mug") if word in kept]
    assert set(Email.objects.values_list("state", flat=True)) == {EmailState.WITHDRAWN}
    with pytest.raises(services.CannotResend):
        services.send_again(email_id=Email.objects.earliest("pk").pk)
    with pytest.raises(Discard):
        services.contact_of(order_id)
    for news in (placed(late, customer_id=customer_id), OrderCompleted(order_id=late)):
        with pytest.raises(Discard):
            deliver(news)
    assert Email.objects.exclude(state=EmailState.WITHDRAWN).count() == 0


@pytest.mark.django_db(transaction=True, databases=["notifications"])
def test_many_workers_send_each_email_once(deliver: Any) -> None:
    orders = [uuid7() for _ in range(10)]
    for order_id in orders:
        deliver(placed(order_id))

    def work() -> None:
        services.send_due()
        connections["notifications"].close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    names = [message.extra_headers["Message-ID"] for message in mail.outbox]
    assert len(names) == len(set(names)) == 10
