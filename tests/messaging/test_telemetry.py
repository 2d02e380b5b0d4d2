"""Spans join across the hops when OpenTelemetry is installed, and cost nothing when it is not."""

from __future__ import annotations

import subprocess
import sys
from uuid import UUID

import pytest
from django.conf import settings
from django.db import transaction

from contexts.catalog.events import PriceChanged
from contexts.inventory.events import AvailabilityChanged
from contexts.messaging import acting_as, publish
from contexts.messaging.drain import drain
from tests.messaging.conftest import price_changed, sql

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

trace = pytest.importorskip("opentelemetry.trace")
sdk = pytest.importorskip("opentelemetry.sdk.trace")
memory = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")


@pytest.fixture
def spans(monkeypatch):
    """The spans that were ended, by name, oldest first."""
    exporter = memory.InMemorySpanExporter()
    provider = sdk.TracerProvider()
    provider.add_span_processor(sdk.export.SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", provider)

    def ended(name: str) -> list:
        return [span for span in exporter.get_finished_spans() if span.name == name]

    return ended


def test_a_trace_goes_on_through_publisher_subscriber_and_what_it_publishes(listen, spans):
    def answer(event, envelope):
        publish(AvailabilityChanged(sku=event.sku, available=1))

    listen(PriceChanged, answer, to="inventory")
    listen(AvailabilityChanged, lambda event, envelope: None, to="ordering")
    with trace.get_tracer("test").start_as_current_span("a request"), transaction.atomic(using="catalog"):
        publish(price_changed())
    drain(with_chores=False)

    chain = ["a request", "publish catalog.price_changed", "handle catalog.price_changed",
             "publish inventory.availability_changed", "handle inventory.availability_changed"]  # fmt: skip
    found = [spans(name)[0] for name in chain]
    assert len({span.context.trace_id for span in found}) == 1
    assert [span.parent.span_id for span in found[1:]] == [span.context.span_id for span in found[:-1]]


def test_what_waited_for_others_goes_on_in_the_trace_of_what_caused_it(listen, spans):
    """A payment's row keeps the correlation; the gateway's answer is published by a chore, where no span is open."""
    listen(PriceChanged, lambda event, envelope: None, to="inventory")
    with acting_as("guest") as correlation_id, transaction.atomic(using="catalog"):
        publish(price_changed())
    drain(with_chores=False)
    with acting_as("system", correlation_id=correlation_id), transaction.atomic(using="catalog"):
        publish(price_changed())
    drain(with_chores=False)

    found = spans("publish catalog.price_changed") + spans("handle catalog.price_changed")
    assert len(found) == 4
    assert {span.context.trace_id for span in found} == {correlation_id.int}


def test_the_log_keeps_the_publishers_span(listen, spans):
    with transaction.atomic(using="catalog"):
        publish(price_changed())

    context = spans("publish catalog.price_changed")[0].context
    assert sql("catalog", "select traceparent from messaging_event") == [
        (f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}",)
    ]


def test_a_page_links_to_the_traces_of_its_events(listen, spans):
    listen(PriceChanged, lambda events: None, to="inventory", batch=True)
    for cents in (1, 2):
        with transaction.atomic(using="catalog"):
            publish(price_changed(cents=cents, product_id=UUID(int=1)))
    drain(with_chores=False)

    published = {span.context.span_id for span in spans("publish catalog.price_changed")}
    page, batch = spans("deliver catalog to inventory")[0], spans("handle catalog.price_changed")[0]
    assert {link.context.span_id for link in page.links} == published
    assert {link.context.span_id for link in batch.links} == published
    assert batch.parent.span_id == page.context.span_id
    assert page.attributes["messaging.batch.message_count"] == 2
    kinds = [
        one.attributes["messaging.operation.type"] for one in (spans("publish catalog.price_changed")[0], page, batch)
    ]
    assert kinds == ["send", "receive", "process"]


def test_a_handler_that_fails_leaves_a_span_that_says_so(listen, spans):
    def fail(event, envelope):
        raise ValueError("no such shelf")

    listen(PriceChanged, fail, to="inventory")
    with transaction.atomic(using="catalog"):
        publish(price_changed())
    drain(with_chores=False)

    failed = spans("handle catalog.price_changed")
    assert {span.status.status_code.name for span in failed} == {"ERROR"}
    assert failed[0].events[0].attributes["exception.message"] == "no such shelf"


def test_an_event_published_without_a_span_gets_the_trace_of_its_correlation(listen):
    with transaction.atomic(using="catalog"):
        publish(price_changed())

    ((traceparent, correlation_id),) = sql("catalog", "select traceparent, correlation_id from messaging_event")
    assert traceparent.split("-")[1] == correlation_id.hex


def test_without_the_library_everything_works_and_nothing_is_imported(process_environment):
    program = """
import sys
sys.modules["opentelemetry"] = None
import importlib.util
real = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name.startswith("opentelemetry") else real(name, *rest)
import django
django.setup()
from contexts.messaging import telemetry
assert telemetry.trace is None
assert telemetry.current_traceparent() is None
with telemetry.publishing("catalog", [], None), telemetry.delivering(None), telemetry.handling("", "", []):
    pass
assert not [name for name in sys.modules if name.startswith("opentelemetry.")], "imported"
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=settings.BASE_DIR, env=process_environment, capture_output=True, text=True
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_an_endpoint_without_the_library_is_said_so(process_environment, monkeypatch):
    program = """
import sys
sys.modules["opentelemetry.exporter"] = None
import django
django.setup()
"""
    environment = process_environment | {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True
    )

    assert done.returncode == 0
    assert "requirements-telemetry.txt not installed" in done.stderr
