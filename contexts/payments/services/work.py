"""The calls to the gateway, in the background.

Each takes three steps: a transaction claims a payment that is due; the call is made outside any transaction, with the
payment's idempotency key; a second transaction records the answer and announces it. Whatever dies in between, the lease
runs out, and the next worker asks the gateway by the key what became of the call before it repeats it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urljoin

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import override

from contexts.kernel.links import link
from contexts.kernel.prepared import Lookup
from contexts.messaging import acting_as, background, cancel_timers, publish, wake
from contexts.payments.cards import card_label
from contexts.payments.events import (
    PaymentActionDue,
    PaymentActionRequired,
    PaymentAuthorised,
    PaymentCaptured,
    PaymentDeclined,
    PaymentVoided,
)
from contexts.payments.gateway import (
    Answer,
    Gateway,
    GatewayRefused,
    GatewayUnreachable,
    Status,
    gateway_named,
)
from contexts.payments.models import GatewayCall, Payment, StaleState, State
from contexts.payments.services import refunds
from contexts.payments.wording import explanation_of

logger = structlog.get_logger(__name__)

#: How many payments one run settles before it makes room for other work of the queue.
PER_RUN = 100
#: How long a shopper may take to confirm with the bank.
CONFIRM_WITHIN_S = 15 * 60

#: The money was charged, whether or not it went back since.
TAKEN = (Status.CAPTURED, Status.REFUNDED)
PARCEL_UNPAID = (
    "The parcel has left, the authorisation ran out before, and the card was declined when it was asked again. "
    'Write to the shopper; "Ask the gateway again" tries the card once more.'
)

_leased = Lookup(Payment, "id", "lease", lock=True)

Ask = Callable[[Gateway, Payment], Answer]
Record = Callable[[Payment, Answer], None]


@background(every_s=2, queue="effects", per_run=PER_RUN)
def authorise_due() -> int:
    """Set aside what is due for placed orders whose goods are reserved."""
    return _work_through(State.DUE, "authorise", _authorise, record_authorisation)


@background(every_s=5, queue="effects", per_run=PER_RUN)
def settle_overdue_actions() -> int:
    """Close the payments whose confirmation is overdue: it came at the last moment, or the charge is given up."""
    return _work_through(State.ACTION_OVERDUE, "expire", _close_confirmation, record_authorisation)


@background(every_s=5, queue="effects", per_run=PER_RUN)
def capture_due() -> int:
    """Charge the orders whose parcels have left."""
    return _work_through(State.CAPTURE_DUE, "capture", _capture, _record_capture)


@background(every_s=5, queue="effects", per_run=PER_RUN)
def void_due() -> int:
    """Release what was set aside for cancelled orders."""
    return _work_through(State.VOID_DUE, "void", _void, _record_void)


def _work_through(state: State, operation: str, ask: Ask, record: Record) -> int:
    done = 0
    while done < PER_RUN and (payment := Payment.claim(state)) is not None:
        _settle(payment, operation, ask, record)
        done += 1
    return done


def _settle(payment: Payment, operation: str, ask: Ask, record: Record) -> None:
    gateway = gateway_named(payment.gateway)
    call = GatewayCall.objects.create(payment=payment, operation=operation, key=payment.key(operation))
    try:
        answer = ask(gateway, payment)
    except GatewayUnreachable as problem:
        call.end("unanswered", str(problem))
        payment.try_again_later()
        logger.warning(
            "gateway did not answer", order_id=str(payment.order_id), operation=operation, tries=payment.tries
        )
        return
    except GatewayRefused as refusal:
        call.end("refused", str(refusal))
        payment.leave_to_a_person(str(refusal))
        logger.error("gateway refused", order_id=str(payment.order_id), operation=operation, refusal=str(refusal))
        return
    with acting_as("system", correlation_id=payment.correlation_id), transaction.atomic(using="payments"):
        call.end(answer.status.value, answer.reason)
        try:
            if (mine := _leased(payment.pk, payment.lease)) is None:
                raise StaleState(f"The payment of order {payment.order_id} is another worker's now.")
            record(mine, answer)
        except StaleState:
            # The lease ran out and another worker, or the confirmation page, was faster with the same answer.
            logger.info("answer already recorded", order_id=str(payment.order_id), operation=operation)


def _authorise(gateway: Gateway, payment: Payment) -> Answer:
    key = payment.key("authorise")
    if payment.tries > 1:
        if (found := gateway.find(key=key, card=payment.card)) is not None:
            return found
        payment.refresh_from_db(fields=["cancel_requested"])
        if payment.cancel_requested:
            return Answer(charge="", status=Status.VOIDED)
    try:
        return gateway.authorise(
            key=key,
            card=payment.card,
            amount=payment.amount_due,
            reference=str(payment.order_id),
            back=urljoin(str(settings.SITE_URL), link("pay-return", order_id=payment.order_id)),
            present=not payment.renewed,
        )
    except GatewayRefused as refusal:
        logger.warning("authorisation refused", order_id=str(payment.order_id), refusal=str(refusal))
        return Answer(charge="", status=Status.DECLINED, reason="unknown_card")


def _close_confirmation(gateway: Gateway, payment: Payment) -> Answer:
    found = gateway.status_of(payment.charge)
    if found.status not in (Status.ACTION_REQUIRED, Status.VOIDED):
        return found
    if found.status is Status.ACTION_REQUIRED:
        gateway.void(key=payment.key("void"), charge=payment.charge)
    return Answer(charge=payment.charge, status=Status.DECLINED, reason="confirmation_expired")


def _capture(gateway: Gateway, payment: Payment) -> Answer:
    if payment.tries > 1 and (found := gateway.status_of(payment.charge)).status in TAKEN:
        return found
    try:
        return gateway.capture(key=payment.key("capture"), charge=payment.charge, amount=payment.amount_due)
    except GatewayRefused:
        # What was set aside does not last for ever (seven days with most cards). The parcel has left: ask once more.
        found = gateway.status_of(payment.charge)
        if found.status is Status.VOIDED and not payment.renewed:
            return found
        raise


def _void(gateway: Gateway, payment: Payment) -> Answer:
    return gateway.void(key=payment.key("void"), charge=payment.charge)


def record_authorisation(payment: Payment, answer: Answer) -> None:
    """Write down and announce what the gateway says of a charge; `payment` is locked.

    An order that was cancelled meanwhile is told nothing: its money is released.
    """
    match answer.status:
        case Status.AUTHORISED | Status.ACTION_REQUIRED if payment.cancel_requested or payment.state == State.CANCELLED:
            authorised_at = timezone.now() if answer.status is Status.AUTHORISED else None
            payment.move(State.VOID_DUE, work=True, charge=answer.charge, authorised_at=authorised_at)
            wake(void_due)
        case Status.AUTHORISED if payment.renewed:
            payment.move(State.AUTHORISED, charge=answer.charge, authorised_at=timezone.now())
            payment.move(State.CAPTURE_DUE, work=True)
            wake(capture_due)
        case _not_authorised if payment.renewed:
            payment.move(State.DECLINED, charge=answer.charge, decline_reason=answer.reason or "declined")
            Payment.objects.filter(pk=payment.pk).update(problem=PARCEL_UNPAID)
            logger.error("parcel left unpaid", order_id=str(payment.order_id), status=answer.status.value)
        case Status.AUTHORISED:
            payment.move(State.AUTHORISED, charge=answer.charge, authorised_at=timezone.now())
            _stop_the_clock(payment)
            with override(payment.language):
                label = card_label(payment.card_brand, payment.card_last4)
            publish(PaymentAuthorised(order_id=payment.order_id, amount=payment.amount_due, method_label=label))
        case Status.ACTION_REQUIRED:
            _ask_for_confirmation(payment, answer)
        case Status.DECLINED if not payment.cancel_requested:
            _decline(payment, answer.reason, charge=answer.charge)
        case Status.VOIDED if not payment.cancel_requested:
            _decline(payment, "declined", charge=answer.charge)
        case Status.DECLINED | Status.VOIDED:
            payment.move(State.CANCELLED)
        case Status.CAPTURED | Status.REFUNDED:
            raise StaleState(f"Charge {answer.charge} is {answer.status} although payments only asked to set it aside.")


def _ask_for_confirmation(payment: Payment, answer: Answer) -> None:
    if payment.state == State.ACTION_OVERDUE:
        raise StaleState(f"The confirmation of order {payment.order_id} is overdue.")
    expires_at = timezone.now() + timedelta(seconds=getattr(settings, "PAYMENT_CONFIRM_WITHIN_S", CONFIRM_WITHIN_S))
    payment.move(State.ACTION_REQUIRED, charge=answer.charge, action_expires_at=expires_at)
    path = link("pay-confirm", order_id=payment.order_id)
    publish(PaymentActionRequired(order_id=payment.order_id, path=path, expires_at=expires_at))
    publish(PaymentActionDue(order_id=payment.order_id, attempt=payment.attempt), at=expires_at)


def _decline(payment: Payment, reason: str, *, charge: str) -> None:
    payment.move(State.DECLINED, charge=charge, decline_reason=reason)
    _stop_the_clock(payment)
    publish(
        PaymentDeclined(
            order_id=payment.order_id,
            reason=reason,
            explanation=explanation_of(reason, language=payment.language),
        )
    )


def _stop_the_clock(payment: Payment) -> None:
    if payment.action_expires_at is not None:
        cancel_timers(PaymentActionDue, subject=f"order/{payment.order_id}")


def _record_capture(payment: Payment, answer: Answer) -> None:
    if answer.status is Status.VOIDED:
        _renew(payment)
        return
    payment.move(State.CAPTURED, captured_cents=payment.amount_cents, captured_at=timezone.now())
    publish(PaymentCaptured(order_id=payment.order_id, amount=payment.amount_due))
    if payment.cancel_requested:
        refunds.request_refund(payment, payment.captured, reason="The order was cancelled while its parcel left.")


def _renew(payment: Payment) -> None:
    """The authorisation ran out before the parcel left: ask for another, unless the order was cancelled meanwhile."""
    if payment.cancel_requested:
        payment.move(State.VOID_DUE, work=True)
        wake(void_due)
        return
    payment.move(State.DUE, work=True, renewed=True, attempt=payment.attempt + 1, charge="")
    wake(authorise_due)


def _record_void(payment: Payment, answer: Answer) -> None:
    if payment.authorised_at is None:
        payment.move(State.CANCELLED)
        return
    payment.move(State.VOIDED)
    publish(PaymentVoided(order_id=payment.order_id, amount=payment.amount_due))
