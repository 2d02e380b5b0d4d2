"""`/metrics`: what the databases say is asked at the scrape, what processes measured comes through Redis."""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import redis
from django.conf import settings
from django.db import DatabaseError, connections
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from prometheus_client import CONTENT_TYPE_LATEST
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector, CollectorRegistry

from contexts.messaging.measuring import KEY, MEASURES, Measure, flush, store
from contexts.messaging.status import log_of, subscriptions_of
from contexts.messaging.tailing.slots import facts
from contexts.messaging.tailing.status import has_slot, verdict_on

#: A metric's name, the values of its labels, and how much.
Sample = tuple[str, tuple[str, ...], float]


class Databases(Collector):
    """Gauges asked at the scrape; a context whose database does not answer is said to be down and left out."""

    def collect(self) -> Iterable[Metric]:
        up = GaugeMetricFamily("tradepost_database_up", "Whether a context's database answers.", labels=["context"])
        rows: list[Sample] = []
        for context in settings.CONTEXTS:
            try:
                rows += self._of(context)
            except DatabaseError:
                up.add_metric([context], 0)
            else:
                up.add_metric([context], 1)
        yield up
        for name, (help_text, labels) in GAUGES.items():
            family = (CounterMetricFamily if name in COUNTED else GaugeMetricFamily)(name, help_text, labels=labels)
            for row_name, values, amount in rows:
                if row_name == name:
                    family.add_metric(values, amount)
            yield family

    def _of(self, context: str) -> Iterator[Sample]:
        log = log_of(context)
        yield "tradepost_log_head", (context,), log.head
        yield "tradepost_log_unsequenced_events", (context,), log.unsequenced
        yield "tradepost_log_unsequenced_seconds", (context,), log.oldest_unsequenced_s
        for row in subscriptions_of(context):
            labels = (context, row.subscriber, str(row.partition))
            yield "tradepost_subscription_lag_events", labels, row.lag_events
            yield "tradepost_subscription_lag_seconds", labels, row.lag_s
            yield "tradepost_subscription_resends", labels, row.attempts
            yield "tradepost_subscription_diverged", labels, row.diverged_at is not None
        for subscriber, state, number in _rows(
            context, "select subscriber, state, count(*) from messaging_parked group by subscriber, state"
        ):
            yield "tradepost_parked_events", (subscriber, state), number
        for (refused,) in _rows(context, "select coalesce(sum(count), 0) from messaging_refusal"):
            yield "tradepost_refused_messages", (context,), float(refused)
        for number, oldest in _rows(
            context, "select count(*), coalesce(extract(epoch from now() - min(due_at)), 0) from messaging_timer"
        ):
            yield "tradepost_timers_pending", (context,), number
            yield "tradepost_timers_late_seconds", (context,), max(float(oldest), 0.0)
        if has_slot(context):
            yield from self._of_slot(context)

    def _of_slot(self, context: str) -> Iterator[Sample]:
        slot = facts(context)
        yield "tradepost_tail_retained_bytes", (context,), slot.retained
        if slot.safe is not None:
            yield "tradepost_tail_until_lost_bytes", (context,), slot.safe
        yield "tradepost_tail_refused_changes", (context,), slot.refused
        verdict = verdict_on(slot)
        yield "tradepost_tail_wrong", (context, verdict.state), verdict.wrong


SUBSCRIPTION = ("publisher", "subscriber", "partition")
GAUGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "tradepost_log_head": ("Last position of a context's log.", ("context",)),
    "tradepost_log_unsequenced_events": ("Committed events that wait for their position.", ("context",)),
    "tradepost_log_unsequenced_seconds": ("Age of the oldest event that waits for its position.", ("context",)),
    "tradepost_subscription_lag_events": ("Events wanted and not acknowledged.", SUBSCRIPTION),
    "tradepost_subscription_lag_seconds": ("Age of the oldest event wanted and not acknowledged.", SUBSCRIPTION),
    "tradepost_subscription_resends": ("Times the page in flight was sent again.", SUBSCRIPTION),
    "tradepost_subscription_diverged": ("1 where publisher and subscriber disagree on what went over.", SUBSCRIPTION),
    "tradepost_parked_events": ("Events in the parking, by state.", ("subscriber", "state")),
    "tradepost_refused_messages": ("Forged, altered or misdirected messages since the beginning.", ("context",)),
    "tradepost_timers_pending": ("Timers that have not fired.", ("context",)),
    "tradepost_timers_late_seconds": ("How overdue the oldest timer is.", ("context",)),
    "tradepost_tail_retained_bytes": ("Write-ahead log that the server keeps for a context's slot.", ("context",)),
    "tradepost_tail_until_lost_bytes": ("How much more log may come before the slot is lost.", ("context",)),
    "tradepost_tail_refused_changes": ("Row changes that could not become events.", ("context",)),
    "tradepost_tail_wrong": ("1 where somebody has to act: manage.py tail status says how.", ("context", "state")),
}
COUNTED = {"tradepost_refused_messages"}


def _rows(context: str, query: str) -> list[Any]:  # Each query has columns of its own.
    with connections[context].cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


class Processes(Collector):
    """What workers measured, as they passed it on through Redis."""

    def collect(self) -> Iterable[Metric]:
        up = GaugeMetricFamily("tradepost_metrics_store_up", "Whether the store of measurements answers.")
        try:
            with store() as client:
                stored = client.hgetall(KEY)
        except (redis.RedisError, OSError):
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        found: dict[tuple[str, tuple[str, ...]], dict[str, float]] = defaultdict(dict)
        for field, amount in stored.items():
            name, values, part = msgspec.json.decode(field, type=tuple[str, tuple[str, ...], str])
            found[name, values][part] = float(amount)
        for measure in MEASURES.values():
            yield self._family(
                measure, {values: parts for (name, values), parts in found.items() if name == measure.name}
            )

    def _family(self, measure: Measure, found: dict[tuple[str, ...], dict[str, float]]) -> Metric:
        if not measure.buckets:
            counter = CounterMetricFamily(measure.name, measure.help, labels=measure.labels)
            for values, parts in found.items():
                counter.add_metric(values, parts.get("sum", 0.0))
            return counter
        histogram = HistogramMetricFamily(measure.name, measure.help, labels=measure.labels)
        bounds = [*map(str, measure.buckets), "+Inf"]
        for values, parts in found.items():
            total, buckets = 0.0, []
            for nr, bound in enumerate(bounds):
                total += parts.get(str(nr), 0.0)
                buckets.append((bound, total))
            histogram.add_metric(values, buckets, parts.get("sum", 0.0))
        return histogram


def registry() -> CollectorRegistry:
    """Return everything there is to scrape."""
    made = CollectorRegistry()
    made.register(Databases())
    made.register(Processes())
    return made


@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """`/metrics`, for a scraper on this machine or one that has the METRICS_TOKEN."""
    if not _may_scrape(request):
        return HttpResponse("Not for you: scrape from this machine, or send METRICS_TOKEN as a bearer token.\n",
                            status=403, content_type="text/plain")  # fmt: skip
    flush()
    return HttpResponse(generate_latest(registry()), content_type=CONTENT_TYPE_LATEST)


def _may_scrape(request: HttpRequest) -> bool:
    token: str = getattr(settings, "METRICS_TOKEN", "")
    if token:
        return constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {token}")
    # Behind a proxy on this machine everybody comes from here, so a request that was passed on is not let in.
    passed_on = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    try:
        return not passed_on and ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
