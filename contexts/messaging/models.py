"""The backbone's tables, one set in each context's schema; `migrations/` writes their SQL by hand.

They have no default database: name the context, `LogEntry.objects.using("ordering")`.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class LogEntry(models.Model):
    """An event in its publisher's log: insert-only, partitioned by `id`.

    The table also has `tx`, the id of the transaction that wrote the row, which only the sequencer reads.
    """

    id = models.BigIntegerField(primary_key=True)
    event_id = models.UUIDField()
    type = models.TextField()
    version = models.SmallIntegerField()
    subject = models.TextField()
    slot = models.SmallIntegerField()
    stream_version = models.IntegerField(null=True)
    time = models.DateTimeField()
    correlation_id = models.UUIDField()
    causation_id = models.UUIDField(null=True)
    actor = models.TextField()
    traceparent = models.TextField()
    data = models.JSONField()

    class Meta:
        db_table = "messaging_event"
        verbose_name = "event"

    def __str__(self) -> str:
        return f"{self.type} of {self.subject}"


class Position(models.Model):
    """The place of an event in its publisher's gapless order; insert-only."""

    position = models.BigIntegerField(primary_key=True)
    event = models.BigIntegerField()
    slot = models.SmallIntegerField()

    class Meta:
        db_table = "messaging_position"


class Sequencer(models.Model):
    """One row: the last position given, how far the relay has searched, and the snapshot of the last pass.

    Of events after `whole_after` everything goes into the digest, of those before not who, when and from what cause.
    """

    id = models.SmallIntegerField(primary_key=True)
    head = models.BigIntegerField()
    relayed = models.BigIntegerField()
    whole_after = models.BigIntegerField()

    class Meta:
        db_table = "messaging_sequencer"


class Stream(models.Model):
    """The version of an event-sourced subject."""

    subject = models.TextField(primary_key=True)
    version = models.IntegerField()

    class Meta:
        db_table = "messaging_stream"


class SubscriptionState(models.Model):
    """The publisher's side: how far one partition of a subscriber was sent and has acknowledged."""

    subscriber = models.TextField()
    partition = models.IntegerField()
    types = ArrayField(models.TextField())
    since = ArrayField(models.BigIntegerField())
    sent = models.BigIntegerField()
    sent_digest = models.TextField()
    acknowledged = models.BigIntegerField()
    acknowledged_digest = models.TextField()
    scanned = models.BigIntegerField(null=True)
    sent_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    attempts = models.IntegerField()
    diverged_at = models.BigIntegerField(null=True)

    class Meta:
        db_table = "messaging_subscription"


class InboxState(models.Model):
    """The subscriber's side: its position, moved in the transaction of the effects."""

    publisher = models.TextField()
    subscriber = models.TextField()
    partition = models.IntegerField()
    position = models.BigIntegerField()
    digest = models.TextField()
    parked = models.IntegerField()
    moved_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "messaging_inbox"


class Delivery(models.Model):
    """A page that a subscriber applied, and its digest then; insert-only, written with the effects."""

    publisher = models.TextField()
    subscriber = models.TextField()
    partition = models.IntegerField()
    after = models.BigIntegerField()
    upto = models.BigIntegerField()
    digest = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "messaging_delivery"


class Act(models.Model):
    """What an operator did to a parked event: who, when, to which, and what was there before."""

    at = models.DateTimeField()
    actor = models.TextField()
    act = models.TextField()
    event_id = models.UUIDField(null=True)
    subscriber = models.TextField()
    subject = models.TextField()
    details = models.JSONField()

    class Meta:
        db_table = "messaging_act"


class ParkedEvent(models.Model):
    """An event that could not be handled, or that waits behind one of its subject, or was discarded."""

    publisher = models.TextField()
    subscriber = models.TextField()
    partition = models.IntegerField()
    position = models.BigIntegerField()
    event_id = models.UUIDField()
    type = models.TextField()
    subject = models.TextField()
    event = models.JSONField()
    state = models.TextField()
    fingerprint = models.TextField()
    place = models.TextField()
    attempts = models.IntegerField()
    problem = models.TextField()
    traceback = models.TextField()
    retry_at = models.DateTimeField(null=True)
    parked_at = models.DateTimeField()

    class Meta:
        db_table = "messaging_parked"


class Timer(models.Model):
    """An event that enters the log at `due_at`."""

    due_at = models.DateTimeField()
    event_id = models.UUIDField()
    type = models.TextField()
    version = models.SmallIntegerField()
    subject = models.TextField()
    correlation_id = models.UUIDField()
    causation_id = models.UUIDField(null=True)
    actor = models.TextField()
    data = models.JSONField()

    class Meta:
        db_table = "messaging_timer"


class Refusal(models.Model):
    """Messages of one day that had no effect for one reason: forged, altered, or not for us."""

    day = models.DateField()
    reason = models.TextField()
    count = models.BigIntegerField()
    last_at = models.DateTimeField()

    class Meta:
        db_table = "messaging_refusal"
