"""Owing e-mails and sending them.

A letter is owed by a row that the handler writes in its own transaction; the row is unique per event, kind and
recipient. Sending happens in the background, outside any transaction.
"""

from __future__ import annotations

from smtplib import SMTPRecipientsRefused
from uuid import UUID

import msgspec
import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from contexts.kernel.mailbox import forget_mail
from contexts.kernel.prepared import Lookup
from contexts.messaging import Discard, background, wake
from contexts.notifications.letters import BackInStock, Letter, OrderLetter
from contexts.notifications.models import BackRequest, Email, EmailState, ErasedCustomer, OrderContact
from contexts.notifications.rendering import letter_of, render, stop_url

logger = structlog.get_logger(__name__)

PER_RUN = 100

_contact = Lookup(OrderContact, "order_id")


class CannotResend(Exception):
    """The e-mail cannot be sent again; the message says why."""


def remember_contact(
    *,
    order_id: UUID,
    number: str,
    customer_id: UUID | None,
    email: str,
    name: str,
    language: str,
) -> OrderContact:
    """Keep whom to write to about an order.

    Raises:
        Discard: the customer was erased.
    """
    refuse_if_erased(customer_id)
    contact = OrderContact(
        order_id=order_id, number=number, customer_id=customer_id, email=email, name=name, language=language
    )
    OrderContact.objects.bulk_create([contact], ignore_conflicts=True)
    return contact_of(order_id)


def refuse_if_erased(customer_id: UUID | None) -> None:
    """Stop before anything is kept of somebody who asked to be forgotten.

    Raises:
        Discard: the customer was erased.
    """
    if customer_id is not None and ErasedCustomer.objects.filter(customer_id=customer_id).exists():
        raise Discard(f"Customer {customer_id} was erased.")


def contact_of(order_id: UUID) -> OrderContact:
    """Return whom to write to about an order.

    Raises:
        Discard: nobody; the customer was erased.
    """
    contact = _contact(order_id)
    if contact is None:
        raise Discard(f"Nobody to write to about order {order_id}: its customer was erased.")
    return contact


def write_to_contact(letter: OrderLetter, *, contact: OrderContact, event_id: UUID) -> None:
    """Owe a letter about an order to its contact."""
    write(
        letter,
        recipient=contact.email,
        language=contact.language,
        event_id=event_id,
        customer_id=contact.customer_id,
        order_id=contact.order_id,
    )


def write(
    letter: Letter,
    *,
    recipient: str,
    language: str,
    event_id: UUID,
    customer_id: UUID | None,
    order_id: UUID | None = None,
) -> None:
    """Owe a letter, once per event and recipient; it leaves when the transaction has committed."""
    with transaction.atomic(using="notifications"):
        email = Email(
            event_id=event_id,
            kind=letter.kind,
            recipient=recipient,
            language=language,
            customer_id=customer_id,
            order_id=order_id,
            data=msgspec.to_builtins(letter),
        )
        Email.objects.bulk_create([email], ignore_conflicts=True)
        wake(send_due)


@background(every_s=5, queue="effects", per_run=PER_RUN)
def send_due() -> int:
    """Hand the e-mails that are due to the mail server.

    A worker that dies between the handing over and its note sends that e-mail twice at worst, under one Message-ID.
    """
    done = 0
    connection = get_connection()
    try:
        while done < PER_RUN and (email := Email.claim()) is not None:
            _send(email, connection)
            done += 1
    finally:
        connection.close()
    return done


def _send(email: Email, connection: BaseEmailBackend) -> None:
    try:
        message = _message(email, connection)
        message.send()
    except SMTPRecipientsRefused as refusal:
        email.not_sent(f"The mail server refuses the address: {refusal}", permanent=True)
        logger.warning("e-mail refused", email=email.pk, kind=email.kind)
    # Whatever is wrong with this one - its template, its address, the server - must not keep the others waiting.
    except Exception as problem:
        email.not_sent(f"{type(problem).__name__}: {problem}")
        connection.close()
        logger.exception("e-mail not sent", email=email.pk, kind=email.kind, attempts=email.attempts)
    else:
        if not email.sent() and Email.objects.filter(pk=email.pk, state=EmailState.WITHDRAWN).exists():
            forget_mail([email.recipient])  # Its recipient was erased while it was being handed over.
        logger.info("e-mail sent", email=email.pk, kind=email.kind)


def _message(email: Email, connection: BaseEmailBackend) -> EmailMultiAlternatives:
    letter = letter_of(email.kind, email.data)
    rendered = render(letter, language=email.language)
    email.subject = rendered.subject[:200]
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">") or "localhost"
    message = EmailMultiAlternatives(
        subject=rendered.subject,
        body=rendered.text,
        to=[email.recipient],
        connection=connection,
        headers={
            "Message-ID": f"<{email.event_id}.{email.kind}.{email.times_resent}@{domain}>",
            "Auto-Submitted": "auto-generated",
            **_ways_out(letter),
        },
    )
    message.attach_alternative(rendered.html, "text/html")
    return message


def _ways_out(letter: Letter) -> dict[str, str]:
    """Let the mail program offer a button that ends news nobody owes (RFC 8058)."""
    if not isinstance(letter, BackInStock):
        return {}
    return {
        "List-Unsubscribe": f"<{stop_url(letter.request_id)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def send_again(*, email_id: int) -> None:
    """Send an e-mail once more, as a message of its own.

    Raises:
        CannotResend: it is on its way already, or its recipient was erased.
    """
    with transaction.atomic(using="notifications"):
        email = Email.objects.select_for_update().get(pk=email_id)
        if email.state == EmailState.WITHDRAWN:
            raise CannotResend("Its recipient was erased; there is nobody to send it to.")
        if email.state == EmailState.QUEUED and email.lease is not None:
            raise CannotResend(f"The e-mail to {email.recipient} is being sent at this moment.")
        email.state, email.attempts, email.error = EmailState.QUEUED, 0, ""
        email.send_at, email.lease, email.times_resent = timezone.now(), None, email.times_resent + 1
        email.save()
        wake(send_due)


def hand_over(*, order_id: UUID, customer_id: UUID) -> None:
    """A guest's order, and the letters about it, are a customer's from now on.

    Raises:
        Discard: the customer was erased; the guest is, too, and `forget_guest` is on its way.
    """
    refuse_if_erased(customer_id)
    with transaction.atomic(using="notifications"):
        OrderContact.objects.filter(order_id=order_id).update(customer_id=customer_id)
        Email.objects.filter(order_id=order_id).update(customer_id=customer_id)


def forget_customer(*, customer_id: UUID) -> dict[str, int]:
    """Remove what we keep of a customer: contacts, requests, addresses and contents of e-mails; return how many."""
    with transaction.atomic(using="notifications"):
        ErasedCustomer.objects.get_or_create(customer_id=customer_id)
        requests, _ = BackRequest.objects.filter(customer_id=customer_id).delete()
        return {**_forget(Q(customer_id=customer_id)), "requests": requests}


def forget_guest(*, order_id: UUID) -> dict[str, int]:
    """Remove what we keep of whoever placed an order without an account."""
    with transaction.atomic(using="notifications"):
        return _forget(Q(order_id=order_id))


def _forget(theirs: Q) -> dict[str, int]:
    # Locked: an e-mail that is being handed over is waited for, or finds itself withdrawn.
    emails, contacts = Email.objects.select_for_update().filter(theirs), OrderContact.objects.filter(theirs)
    addresses = {*emails.values_list("recipient", flat=True), *contacts.values_list("email", flat=True)}
    withdrawn = emails.update(
        state=EmailState.WITHDRAWN, recipient="", subject="", data={}, error="", send_at=None, lease=None
    )
    forgotten, _ = contacts.delete()
    return {"emails": withdrawn, "contacts": forgotten, "mails": forget_mail(addresses)}
