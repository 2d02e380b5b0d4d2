"""What is due for each order, what was set aside, charged and given back, and every word spoken with the gateway."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID, uuid4

from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from contexts.kernel.money import Money
from contexts.kernel.prepared import Lookup, Returning

#: How long a worker may take over one call before another one looks after it.
LEASE_S = 60
#: After an unanswered call, seconds until the gateway is asked what became of it.
RETRY_S = (1, 2, 5, 15, 60, 300)


class StaleState(Exception):
    """The row changed since it was read, or may not go to that state; nothing was written."""


class WorkQuerySet(models.QuerySet[Any]):
    """Rows that background work is waiting for: those whose `work_at` has come."""

    def claim(self) -> Any | None:
        """Take one due row for this worker, until its lease runs out; None if nothing is due.

        Rows that another worker is claiming at this moment are passed over.
        """
        now = timezone.now()
        with transaction.atomic(using="payments"):
            row = (
                self.select_for_update(skip_locked=True, of=("self",))
                .filter(work_at__lte=now)
                .order_by("work_at")
                .first()
            )
            if row is None:
                return None
            row.lease, row.tries = uuid4(), row.tries + 1
            row.work_at = now + timedelta(seconds=LEASE_S)
            row.save(update_fields=["lease", "tries", "work_at"])
        return row


class Work(models.Model):
    """A row that the gateway is asked about in the background. `work_at` None: nothing to do.

    `tries` counts the claims since the work became due: from the second on, an earlier answer may have been lost.
    `problem` says why a person has to look at it.
    """

    work_at = models.DateTimeField(null=True, blank=True)
    lease = models.UUIDField(null=True, blank=True)
    tries = models.PositiveIntegerField(default=0)
    problem = models.TextField(blank=True, default="")
    correlation_id = models.UUIDField(null=True, blank=True)

    class Meta:
        abstract = True

    def try_again_later(self) -> None:
        """Give the row back after a call without answer; the delay grows."""
        delay_s = RETRY_S[min(self.tries, len(RETRY_S)) - 1]
        type(self)._default_manager.filter(pk=self.pk, lease=self.lease).update(
            work_at=timezone.now() + timedelta(seconds=delay_s), lease=None
        )

    def leave_to_a_person(self, problem: str) -> None:
        """Stop trying; staff sees `problem` and can set it going again."""
        type(self)._default_manager.filter(pk=self.pk, lease=self.lease).update(
            work_at=None, lease=None, problem=problem
        )


class State(models.TextChoices):
    WAITING = "waiting", _("Waiting for order or stock")
    DUE = "due", _("To be authorised")
    ACTION_REQUIRED = "action_required", _("Waiting for the shopper's bank confirmation")
    ACTION_OVERDUE = "action_overdue", _("Confirmation overdue")
    AUTHORISED = "authorised", _("Authorised")
    CAPTURE_DUE = "capture_due", _("To be charged")
    CAPTURED = "captured", _("Charged")
    VOID_DUE = "void_due", _("To be released")
    VOIDED = "voided", _("Released")
    DECLINED = "declined", _("Declined")
    CANCELLED = "cancelled", _("Cancelled before anything was set aside")
    NOTHING_DUE = "nothing_due", _("Nothing to pay")


TRANSITIONS: dict[State, frozenset[State]] = {
    State.WAITING: frozenset({State.DUE, State.CANCELLED, State.NOTHING_DUE}),
    State.DUE: frozenset({State.AUTHORISED, State.ACTION_REQUIRED, State.DECLINED, State.CANCELLED, State.VOID_DUE}),
    State.ACTION_REQUIRED: frozenset({State.AUTHORISED, State.DECLINED, State.ACTION_OVERDUE, State.VOID_DUE}),
    State.ACTION_OVERDUE: frozenset({State.AUTHORISED, State.DECLINED, State.VOID_DUE}),
    State.AUTHORISED: frozenset({State.CAPTURE_DUE, State.VOID_DUE}),
    # To DUE where the authorisation did not last until the parcel left, and the bank is asked once more.
    State.CAPTURE_DUE: frozenset({State.CAPTURED, State.VOID_DUE, State.DUE}),
    State.VOID_DUE: frozenset({State.VOIDED, State.CANCELLED}),
    State.CAPTURED: frozenset(),
    State.VOIDED: frozenset(),
    # A gift card covers the order: the gateway never hears of it.
    State.NOTHING_DUE: frozenset(),
    # Another card was given.
    State.DECLINED: frozenset({State.DUE}),
    # An authorisation that arrives after all, when nobody expected it any more, is released.
    State.CANCELLED: frozenset({State.VOID_DUE}),
}


class Payment(Work):
    """What is due for one order, and how far it got.

    The order, its stock and what it redeems announce themselves in any order; the payment is due when all have.
    `attempt` counts the cards tried and is part of the idempotency key. `cancel_requested`: the order was cancelled
    while a call was under way; the money is released when its answer arrives. `renewed`: the authorisation ran out
    before the parcel left, so the bank is asked a second time and the amount charged at once.
    """

    order_id = models.UUIDField(unique=True)
    order_number = models.CharField(max_length=32, blank=True, default="")
    state = models.CharField(max_length=20, choices=State, default=State.WAITING)
    amount_cents = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True, default="")
    stock_reserved = models.BooleanField(default=False)
    redemption_awaited = models.BooleanField(default=False)
    redeemed = models.BooleanField(default=False)
    cancel_requested = models.BooleanField(default=False)
    renewed = models.BooleanField(default=False)
    gateway = models.CharField(max_length=20, blank=True, default="")
    card = models.CharField("card token", max_length=100, blank=True, default="")
    card_brand = models.CharField(max_length=30, blank=True, default="")
    card_last4 = models.CharField(max_length=4, blank=True, default="")
    language = models.CharField(max_length=12, default="en")
    attempt = models.PositiveIntegerField(default=1)
    charge = models.CharField("charge at the gateway", max_length=100, blank=True, default="")
    action_expires_at = models.DateTimeField(null=True, blank=True)
    captured_cents = models.BigIntegerField(default=0)
    refunds_requested_cents = models.BigIntegerField(default=0)
    refunded_cents = models.BigIntegerField(default=0)
    decline_reason = models.CharField(max_length=40, blank=True, default="")
    authorised_at = models.DateTimeField(null=True, blank=True)
    captured_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[models.Manager[Any]] = models.Manager.from_queryset(WorkQuerySet)()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="payment_state_known", condition=Q(state__in=State.values)),
            models.CheckConstraint(
                name="payment_amount_known_when_due",
                condition=Q(state__in=[State.WAITING, State.CANCELLED]) | Q(amount_cents__isnull=False),
            ),
            models.CheckConstraint(
                name="payment_captured_within_amount",
                condition=Q(captured_cents=0) | Q(captured_cents__gt=0, captured_cents__lte=F("amount_cents")),
            ),
            models.CheckConstraint(
                name="payment_refunds_within_captured",
                condition=Q(refunds_requested_cents__gte=0, refunds_requested_cents__lte=F("captured_cents")),
            ),
            models.CheckConstraint(
                name="payment_refunded_within_requested",
                condition=Q(refunded_cents__gte=0, refunded_cents__lte=F("refunds_requested_cents")),
            ),
        ]
        indexes = [
            models.Index(fields=["state", "work_at"], name="payment_work", condition=Q(work_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.order_number or str(self.order_id)

    @classmethod
    def locked(cls, order_id: UUID) -> Payment:
        """Return the order's payment, made on first mention, locked until the transaction ends."""
        payment = _locked_payment(order_id)
        if payment is None:
            cls.objects.bulk_create([cls(order_id=order_id)], ignore_conflicts=True)
            payment = _locked_payment(order_id)
        assert payment is not None  # Whoever was faster has committed.
        return payment

    @classmethod
    def claim(cls, state: State) -> Payment | None:
        """Take one payment in this state that is due, as `WorkQuerySet.claim` does, in one statement."""
        now = timezone.now()
        return _claim(uuid4(), now + timedelta(seconds=LEASE_S), state.value, now)

    @property
    def amount(self) -> Money | None:
        return None if self.amount_cents is None else Money(self.amount_cents, self.currency)

    @property
    def amount_due(self) -> Money:
        """The amount; asking before the order was placed is a mistake."""
        if self.amount_cents is None:
            raise ValueError(f"Order {self.order_id} was not placed yet, so no amount is due for it.")
        return Money(self.amount_cents, self.currency)

    @property
    def captured(self) -> Money:
        return Money(self.captured_cents, self.currency)

    @property
    def refunded(self) -> Money:
        return Money(self.refunded_cents, self.currency)

    @property
    def refundable(self) -> Money:
        """What was charged and is neither given back nor about to be."""
        return Money(self.captured_cents - self.refunds_requested_cents, self.currency)

    @property
    def in_flight(self) -> bool:
        """Whether the gateway may know of a request whose answer has not arrived."""
        return self.work_at is not None and self.tries > 0

    def key(self, operation: str) -> str:
        """Return the idempotency key of an operation: the same for every repetition of it."""
        return f"{operation}:{self.order_id}:{self.attempt}"

    def move(self, to: State, *, work: bool = False, **changes: Any) -> None:
        """Go to another state: a compare-and-set on the state and the lease as they were read.

        `work`: background work is due in the new state at once.

        Raises:
            StaleState: not allowed from here, or somebody else was faster.
        """
        if to not in TRANSITIONS[State(self.state)]:
            raise StaleState(f"The payment of order {self.order_id} cannot go from {self.state} to {to}.")
        now = timezone.now()
        changes |= {
            "state": to,
            "work_at": now if work else None,
            "lease": None,
            "tries": 0,
            "problem": "",
            "changed_at": now,
        }
        moved = Payment.objects.filter(pk=self.pk, state=self.state, lease=self.lease).update(**changes)
        if not moved:
            raise StaleState(f"The payment of order {self.order_id} is no longer {self.state}.")
        for name, value in changes.items():
            setattr(self, name, value)


_locked_payment = Lookup(Payment, "order_id", lock=True)
_claim = Returning(
    Payment,
    """
    update payments_payment set tries = tries + 1, lease = %s::uuid, work_at = %s::timestamptz where id = (
        select id from payments_payment where state = %s::text and work_at <= %s::timestamptz
        order by work_at limit 1 for update skip locked
    ) returning {columns}
    """,
)


class GatewayCall(models.Model):
    """One request to the gateway, written before it is sent; without an end the answer never came."""

    payment = models.ForeignKey(Payment, on_delete=models.CASCADE, related_name="calls")
    operation = models.CharField(max_length=20)
    key = models.CharField(max_length=100)
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=30, blank=True, default="")
    detail = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.operation} {self.outcome or _('unanswered')}"

    def end(self, outcome: str, detail: str = "") -> None:
        self.ended_at, self.outcome, self.detail = timezone.now(), outcome, detail
        self.save(update_fields=["ended_at", "outcome", "detail"])


class Card(models.Model):
    """A card that a shopper gave for an order: the gateway's token, and what may be shown. Never the number."""

    token = models.CharField(primary_key=True, max_length=100)
    order_id = models.UUIDField(db_index=True)
    gateway = models.CharField(max_length=20)
    brand = models.CharField(max_length=30)
    last4 = models.CharField(max_length=4)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.brand} {self.last4}"


class RefusedNotice(models.Model):
    """How many notices a gateway's webhook refused in a day for one reason. Counted, so that no flood fills a table."""

    day = models.DateField()
    gateway = models.CharField(max_length=20)
    problem = models.CharField(max_length=100)
    count = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-day", "-last_at"]
        constraints = [models.UniqueConstraint(name="refused_once_a_day", fields=["day", "gateway", "problem"])]

    def __str__(self) -> str:
        counted = {"count": self.count, "day": date_format(self.day, "SHORT_DATE_FORMAT"), "problem": self.problem}
        return str(_("%(count)d on %(day)s: %(problem)s") % counted)


class RefundState(models.TextChoices):
    REQUESTED = "requested", _("Requested")
    DONE = "done", _("Given back")
    FAILED = "failed", _("Refused by the gateway")


class Refund(Work):
    """Money on its way back to a shopper. Its amount is set aside in the payment's `refunds_requested_cents`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.CASCADE, related_name="refunds")
    amount_cents = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    reason = models.TextField()
    return_id = models.UUIDField(null=True, blank=True, unique=True)
    state = models.CharField(max_length=12, choices=RefundState, default=RefundState.REQUESTED)
    requested_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager[Any]] = models.Manager.from_queryset(WorkQuerySet)()

    class Meta:
        ordering = ["-requested_at"]
        constraints = [
            models.CheckConstraint(name="refund_amount_positive", condition=Q(amount_cents__gt=0)),
            models.CheckConstraint(name="refund_state_known", condition=Q(state__in=RefundState.values)),
        ]
        indexes = [models.Index(fields=["work_at"], name="refund_work", condition=Q(work_at__isnull=False))]

    def __str__(self) -> str:
        return f"{self.amount} ({self.get_state_display()})"

    @property
    def amount(self) -> Money:
        return Money(self.amount_cents, self.currency)

    @property
    def key(self) -> str:
        return f"refund:{self.id}"


# The sandbox bank's ledger stands apart; Django finds an app's tables through this module.
from contexts.payments.sandbox.ledger import BankCard, BankCharge, BankEntry, BankNotice  # noqa: E402, F401
