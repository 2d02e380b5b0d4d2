"""The e-mails we owe and have sent, and the little we keep to write them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from contexts.kernel.languages import in_language
from contexts.kernel.prepared import Returning

#: How long a worker may take to hand one e-mail over before another worker tries.
LEASE_S = 120
#: Seconds until an e-mail that could not be handed over is tried again; after the last it has failed.
RETRY_S = (30, 120, 600, 3600, 4 * 3600, 12 * 3600)


class EmailState(models.TextChoices):
    QUEUED = "queued", _("To be sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    WITHDRAWN = "withdrawn", _("Withdrawn (customer erased)")


class Email(models.Model):
    """One e-mail, owed since the event `event_id`; `data` is what the letter of that `kind` needs to know."""

    event_id = models.UUIDField()
    kind = models.CharField(max_length=30)
    recipient = models.EmailField(blank=True)
    language = models.CharField(max_length=12, default="en")
    subject = models.CharField(max_length=200, blank=True)
    data = models.JSONField(default=dict)
    customer_id = models.UUIDField(null=True, blank=True, db_index=True)
    order_id = models.UUIDField(null=True, blank=True, db_index=True)
    state = models.CharField(max_length=10, choices=EmailState, default=EmailState.QUEUED)
    attempts = models.PositiveIntegerField(default=0)
    times_resent = models.PositiveIntegerField(default=0)
    send_at = models.DateTimeField(null=True, default=timezone.now)
    lease = models.UUIDField(null=True, blank=True)
    error = models.TextField(blank=True, default="")
    queued_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["event_id", "kind", "recipient"], name="one_email_per_event_and_recipient"),
            models.CheckConstraint(name="email_state_known", condition=Q(state__in=EmailState.values)),
        ]
        indexes = [models.Index(fields=["send_at"], name="email_due", condition=Q(state="queued"))]

    def __str__(self) -> str:
        about, whom = self.subject or self.kind, self.recipient or _("somebody erased")
        return str(_("%(subject)s to %(recipient)s") % {"subject": about, "recipient": whom})

    @classmethod
    def claim(cls) -> Email | None:
        """Take one due e-mail for this worker until its lease runs out; None if nothing is due."""
        now = timezone.now()
        return _claim(uuid4(), now + timedelta(seconds=LEASE_S), now)

    def sent(self) -> bool:
        """Note that it was handed over; False if the lease ran out meanwhile."""
        return self._close(state=EmailState.SENT, sent_at=timezone.now(), send_at=None, error="")

    def not_sent(self, error: str, *, permanent: bool = False) -> bool:
        """Note why it was not handed over; it is tried again later, unless that is `permanent` or the last time."""
        if permanent or self.attempts > len(RETRY_S):
            return self._close(state=EmailState.FAILED, send_at=None, error=error)
        return self._close(send_at=timezone.now() + timedelta(seconds=RETRY_S[self.attempts - 1]), error=error)

    def _close(self, **changes: Any) -> bool:
        mine = Email.objects.filter(pk=self.pk, state=EmailState.QUEUED, lease=self.lease)
        return bool(mine.update(lease=None, subject=self.subject, **changes))


# In one statement: it is asked after every letter whether there is another.
_claim = Returning(
    Email,
    """
    update notifications_email set attempts = attempts + 1, lease = %s::uuid, send_at = %s::timestamptz where id = (
        select id from notifications_email where state = 'queued' and send_at <= %s::timestamptz
        order by send_at limit 1 for update skip locked
    ) returning {columns}
    """,
)


class OrderContact(models.Model):
    """Whom to write to about an order, as ordering said when it was placed."""

    order_id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=32)
    customer_id = models.UUIDField(null=True, blank=True, db_index=True)
    email = models.EmailField()
    name = models.CharField(max_length=200)
    language = models.CharField(max_length=12, default="en")

    def __str__(self) -> str:
        return self.number


class Article(models.Model):
    """What catalog sells, as far as an e-mail about it needs to know, and how much of it inventory says is left.

    Availability may be told before catalog's news arrives: such a row has no name yet and is not on sale.
    """

    sku = models.CharField(max_length=64, primary_key=True)
    product_id = models.UUIDField(null=True, db_index=True)
    product_slug = models.CharField(max_length=100, default="", blank=True)
    name = models.CharField(max_length=120, default="", blank=True)
    label = models.CharField(max_length=200, default="", blank=True)
    names = models.JSONField(default=dict, db_default={}, blank=True, editable=False)
    labels = models.JSONField(default=dict, db_default={}, blank=True, editable=False)
    on_sale = models.BooleanField(default=False)
    available = models.PositiveIntegerField(null=True)

    def __str__(self) -> str:
        return self.title or self.sku

    @property
    def title(self) -> str:
        """Name and label in the language that is being read."""
        name, label = in_language(self.name, self.names), in_language(self.label, self.labels)
        return f"{name} ({label})" if label else name

    @property
    def can_be_bought(self) -> bool:
        return self.on_sale and bool(self.available)


class Awaited(Article):
    """An article for which somebody waits, as staff list them."""

    class Meta:
        proxy = True
        verbose_name = "awaited article"
        verbose_name_plural = "awaited articles"


class BackRequest(models.Model):
    """Somebody wants one e-mail when an article is back. `told_at` is empty until it was written."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sku = models.CharField(max_length=64)
    email = models.EmailField()
    language = models.CharField(max_length=12, default="en")
    customer_id = models.UUIDField(null=True, blank=True, db_index=True)
    asked_at = models.DateTimeField(default=timezone.now)
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "request to be told"
        verbose_name_plural = "requests to be told"
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["sku", "email"], condition=Q(told_at=None), name="one_open_request_per_article_and_address"
            ),
        ]
        indexes = [models.Index(fields=["email"], condition=Q(told_at=None), name="open_requests_of_address")]

    def __str__(self) -> str:
        return self.sku


class MutedAddress(models.Model):
    """An address that wants no more news of stock, as a digest: nobody needs to keep the address for that."""

    digest = models.CharField(max_length=64, primary_key=True)
    muted_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.digest[:12]


class ErasedCustomer(models.Model):
    """Somebody who asked to be forgotten: what is still on its way about them is not kept."""

    customer_id = models.UUIDField(primary_key=True)
    erased_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.customer_id)
