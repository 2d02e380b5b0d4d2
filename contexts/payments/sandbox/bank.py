"""The sandbox bank at work: the `Gateway` port over its own ledger, and the card holder's answer."""

from __future__ import annotations

import secrets
import time

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from contexts.kernel.money import Money
from contexts.payments.cards import brand_of
from contexts.payments.gateway import Answer, CardToken, GatewayRefused, GatewayUnreachable, Status
from contexts.payments.sandbox import notices
from contexts.payments.sandbox.cards import BEHAVIOURS, Behaviour
from contexts.payments.sandbox.ledger import BankCard, BankCharge, BankEntry

#: How long the slow card takes, in seconds, and how late the late card's bank tells the shop.
SLOW_S = 3.0
LATE_S = 20

VERDICTS = {
    Behaviour.APPROVE: (Status.AUTHORISED, ""),
    Behaviour.SLOW: (Status.AUTHORISED, ""),
    Behaviour.LOSE_ANSWER: (Status.AUTHORISED, ""),
    Behaviour.RUN_OUT: (Status.AUTHORISED, ""),
    Behaviour.REFUSE_CAPTURE: (Status.AUTHORISED, ""),
    Behaviour.CONFIRM: (Status.ACTION_REQUIRED, ""),
    Behaviour.REPEAT_NOTICE: (Status.ACTION_REQUIRED, ""),
    Behaviour.LATE_NOTICE: (Status.ACTION_REQUIRED, ""),
    Behaviour.DECLINE: (Status.DECLINED, "declined"),
    Behaviour.INSUFFICIENT_FUNDS: (Status.DECLINED, "insufficient_funds"),
}


def books() -> transaction.Atomic:
    """Open a transaction of the bank's own. A caller that is inside one of the shop's is refused (RuntimeError)."""
    return transaction.atomic(using="payments", durable=True)


class SandboxGateway:
    """A bank that knows its test cards only; see `contexts.payments.gateway.Gateway` for what each method promises."""

    name = "sandbox"

    def tokenise(self, number: str) -> CardToken:
        if number not in BEHAVIOURS:
            raise GatewayRefused("The sandbox bank takes its own test cards only, never a real one.")
        card = BankCard(
            token=f"card_{secrets.token_hex(12)}",
            brand=brand_of(number),
            last4=number[-4:],
            behaviour=BEHAVIOURS[number],
        )
        with books():
            card.save(force_insert=True)
        return CardToken(token=card.token, brand=card.brand, last4=card.last4)

    def authorise(
        self, *, key: str, card: str, amount: Money, reference: str, back: str, present: bool = True
    ) -> Answer:
        if amount.amount <= 0:
            raise GatewayRefused(f"{amount} cannot be set aside; ask for more than nothing.")
        with books():
            holder = BankCard.objects.filter(token=card).first()
            if holder is None:
                raise GatewayRefused("No card is known by that token.")
        behaviour = Behaviour(holder.behaviour)
        if behaviour is Behaviour.SLOW:
            time.sleep(getattr(settings, "SANDBOX_SLOW_S", SLOW_S))
        status, reason = VERDICTS[behaviour]
        if status is Status.ACTION_REQUIRED and not present:
            status, reason = Status.DECLINED, "not_confirmed"
        charge = BankCharge(
            reference=f"charge_{secrets.token_hex(12)}",
            key=key,
            card=holder,
            order=reference,
            status=status,
            reason=reason,
            amount_cents=amount.amount,
            currency=amount.currency,
        )
        try:
            with books():
                charge.save(force_insert=True)
                BankEntry.objects.create(key=key, charge=charge, kind="authorise", amount_cents=amount.amount)
        except IntegrityError:
            return self._repeated_authorisation(key=key, card=card, amount=amount)
        if behaviour is Behaviour.LOSE_ANSWER:
            raise GatewayUnreachable("The bank did not answer in time.")
        return _answer(charge)

    def _repeated_authorisation(self, *, key: str, card: str, amount: Money) -> Answer:
        first = BankCharge.objects.get(key=key)
        if (first.card_id, first.amount) != (card, amount):
            raise GatewayRefused(f"The key {key} was used before, for {first.amount} on another card or amount.")
        return _answer(first)

    def capture(self, *, key: str, charge: str, amount: Money) -> Answer:
        with books():
            held = _locked(charge)
            if _was_done(held, key, "capture", amount):
                return _answer(held)
            if held.status == Status.AUTHORISED and _runs_out(held):
                held.status = Status.VOIDED
                held.save(update_fields=["status"])
                BankEntry.objects.create(key=f"expire:{charge}", charge=held, kind="expire", amount_cents=0)
            elif held.status != Status.AUTHORISED:
                raise GatewayRefused(f"Charge {charge} is {held.status}; only an authorised one can be captured.")
            elif held.card.behaviour == Behaviour.REFUSE_CAPTURE:
                raise GatewayRefused(f"The card holder's bank will not pay charge {charge}.")
            if not 0 < amount.amount <= held.amount_cents or amount.currency != held.currency:
                raise GatewayRefused(f"{amount} cannot be captured of {held.amount}.")
            if held.status == Status.AUTHORISED:
                held.status, held.captured_cents = Status.CAPTURED, amount.amount
                held.save(update_fields=["status", "captured_cents"])
                BankEntry.objects.create(key=key, charge=held, kind="capture", amount_cents=amount.amount)
        if held.status == Status.VOIDED:
            raise GatewayRefused(f"Charge {charge} was authorised too long ago; ask for a new authorisation.")
        return _answer(held)

    def void(self, *, key: str, charge: str) -> Answer:
        with books():
            held = _locked(charge)
            if held.status == Status.VOIDED:
                return _answer(held)
            if held.status not in (Status.AUTHORISED, Status.ACTION_REQUIRED):
                raise GatewayRefused(f"Charge {charge} is {held.status} and cannot be voided any more.")
            held.status = Status.VOIDED
            held.save(update_fields=["status"])
            BankEntry.objects.create(key=key, charge=held, kind="void", amount_cents=held.amount_cents)
        return _answer(held)

    def refund(self, *, key: str, charge: str, amount: Money) -> Answer:
        with books():
            held = _locked(charge)
            if _was_done(held, key, "refund", amount):
                return _answer(held)
            if held.status not in (Status.CAPTURED, Status.REFUNDED):
                raise GatewayRefused(f"Charge {charge} is {held.status}; nothing was taken that could be given back.")
            left = Money(held.captured_cents - held.refunded_cents, held.currency)
            if amount.currency != held.currency or not 0 < amount.amount <= left.amount:
                raise GatewayRefused(f"{amount} cannot be given back; {left} of the charge is left.")
            held.refunded_cents = F("refunded_cents") + amount.amount
            if amount == left:
                held.status = Status.REFUNDED
            held.save(update_fields=["refunded_cents", "status"])
            BankEntry.objects.create(key=key, charge=held, kind="refund", amount_cents=amount.amount)
        return _answer(held)

    def refund_stands(self, *, key: str, charge: str) -> bool:
        with books():
            return BankEntry.objects.filter(key=key, charge=charge, kind="refund").exists()

    def find(self, *, key: str, card: str) -> Answer | None:
        with books():
            charge = BankCharge.objects.filter(key=key, card=card).first()
        return _answer(charge) if charge else None

    def status_of(self, charge: str) -> Answer:
        with books():
            return _answer(_locked(charge))

    def confirmation_page(self, charge: str) -> str:
        return ""


def answer_confirmation(*, charge: str, approve: bool) -> Answer:
    """The card holder said yes or no on the bank's page. Only the first answer counts; the shop gets a notice."""
    with books():
        held = _locked(charge)
        if held.status == Status.ACTION_REQUIRED:
            held.status = Status.AUTHORISED if approve else Status.DECLINED
            held.reason = "" if approve else "not_confirmed"
            held.save(update_fields=["status", "reason"])
            _tell_the_shop(held, "charge.confirmed" if approve else "charge.refused")
    return _answer(held)


def _tell_the_shop(held: BankCharge, kind: str) -> None:
    """Owe the shop a notice; some cards' banks send it three times, or long after the card holder is back."""
    late = held.card.behaviour == Behaviour.LATE_NOTICE
    for _ in range(3 if held.card.behaviour == Behaviour.REPEAT_NOTICE else 1):
        notices.owe(held, kind, after_s=LATE_S if late else 0)


def _runs_out(held: BankCharge) -> bool:
    """Tell whether the authorisation did not last until the parcel left: so with one card, for an order's first."""
    return held.card.behaviour == Behaviour.RUN_OUT and not (
        BankCharge.objects.filter(order=held.order, card=held.card).exclude(pk=held.pk).exists()
    )


def _locked(charge: str) -> BankCharge:
    held = BankCharge.objects.select_for_update(of=("self",)).select_related("card").filter(reference=charge).first()
    if held is None:
        raise GatewayRefused(f"No charge is known as {charge}.")
    return held


def _was_done(held: BankCharge, key: str, kind: str, amount: Money) -> bool:
    done = BankEntry.objects.filter(key=key).first()
    if done is None:
        return False
    if (done.charge_id, done.kind, done.amount_cents) != (held.pk, kind, amount.amount):
        raise GatewayRefused(f"The key {key} was used before, for another request.")
    return True


def _answer(charge: BankCharge) -> Answer:
    return Answer(charge=charge.reference, status=Status(charge.status), reason=charge.reason)
