"""OpenTelemetry spans that join across the hops, where `opentelemetry` is installed; nothing where it is not.

Install requirements-telemetry.txt and set OTEL_EXPORTER_OTLP_ENDPOINT (and whatever else OpenTelemetry reads from the
environment). An event keeps the trace context of the span that published it, so that its handlers, in any process and
at any later time, continue the trace. Where no span is open, as in what waits for a gateway or a timer, the trace is the one
of the correlation id: what one request caused stays one trace, whatever it waited for. (Where a library opens a span around
each request, its trace goes as far as the first wait.)
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from uuid import UUID

    from contexts.messaging.envelope import Envelope
    from contexts.messaging.events import Event
    from contexts.messaging.page import Page

#: The library's API, Any because it may not be there; everything below does nothing then.
trace: Any = import_module("opentelemetry.trace") if find_spec("opentelemetry") else None

logger = structlog.get_logger(__name__)

#: A page has up to 500 events; so many links to where they came from are enough to find one's way.
LINKS = 32

#: Of a correlation id they are the beginning that its trace's first span names: nobody sends it.
_LAST_64_BITS = 0xFFFF_FFFF_FFFF_FFFF

_nothing: AbstractContextManager[None] = nullcontext()


def start() -> None:
    """Send spans to OTEL_EXPORTER_OTLP_ENDPOINT, if it is set; called once in each process."""
    if not os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (
            OTLPSpanExporter,
        )
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        logger.warning(
            "no spans are sent: OTEL_EXPORTER_OTLP_ENDPOINT is set, requirements-telemetry.txt not installed"
        )
        return
    name = os.environ.get("OTEL_SERVICE_NAME", "tradepost")
    provider = TracerProvider(resource=Resource.create({"service.name": name}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)


def current_traceparent() -> str | None:
    """Return the W3C trace context of the span that is open here, None where none is."""
    if trace is None:
        return None
    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def publishing(context: str, events: Sequence[Event], correlation_id: UUID | None) -> AbstractContextManager[Any]:
    """Open the span of a publication; the events written inside carry it."""
    if not _sends():
        return _nothing
    span: AbstractContextManager[Any] = _tracer().start_as_current_span(
        f"publish {events[0].event_name}",
        context=_begun_by(correlation_id),
        kind=trace.SpanKind.PRODUCER,
        attributes={**_system(context, "publish", "send"), "messaging.batch.message_count": len(events)},
    )
    return span


def delivering(page: Page) -> AbstractContextManager[Any]:
    """Open the span of a page being applied; its events come from many traces, so it links to them."""
    if not _sends():
        return _nothing
    origins = [_origin(event.traceparent) for event in page.events[:LINKS]]
    span: AbstractContextManager[Any] = _tracer().start_as_current_span(
        f"deliver {page.publisher} to {page.subscriber}",
        kind=trace.SpanKind.CONSUMER,
        links=[trace.Link(origin) for origin in origins if origin],
        attributes={
            **_system(page.publisher, "deliver", "receive"),
            "messaging.consumer.group.name": page.subscriber,
            "messaging.batch.message_count": len(page.events),
            "tradepost.partition": page.partition,
            "tradepost.upto": page.upto,
        },
    )
    return span


def handling(subscriber: str, handler: str, envelopes: Sequence[Envelope]) -> AbstractContextManager[Any]:
    """Open the span of a handler's call: it continues the trace of its event, and links to the page it came with.

    A batch handler's span stays in the trace of the page and links to its events.
    """
    if not _sends():
        return _nothing
    return _handling(subscriber, handler, envelopes)


@contextmanager
def _handling(subscriber: str, handler: str, envelopes: Sequence[Envelope]) -> Any:
    page = trace.get_current_span().get_span_context()
    origins = [_origin(envelope.traceparent) for envelope in envelopes[:LINKS]]
    one = origins[0] if len(envelopes) == 1 else None
    parent = trace.set_span_in_context(trace.NonRecordingSpan(one)) if one else None
    links = [page] if one and page.is_valid else origins
    first = envelopes[0]
    with _tracer().start_as_current_span(
        f"handle {first.type}",
        context=parent,
        kind=trace.SpanKind.CONSUMER,
        links=[trace.Link(link) for link in links if link],
        attributes={
            **_system(first.source, "handle", "process"),
            "messaging.consumer.group.name": subscriber,
            "messaging.batch.message_count": len(envelopes),
            "code.function.name": handler,
            **(
                {
                    "messaging.message.id": str(first.id),
                    "messaging.message.conversation_id": str(first.correlation_id),
                    "tradepost.subject": first.subject,
                }
                if one
                else {}
            ),
        },
    ):
        yield


def _sends() -> bool:
    """Whether anybody would receive a span; making one for nobody costs more than the rest of what is here."""
    return trace is not None and bool(type(trace.get_tracer_provider()).__module__.startswith("opentelemetry.sdk"))


def _tracer() -> Any:
    return trace.get_tracer("tradepost.messaging")


def _system(context: str, operation: str, kind: str) -> dict[str, str]:
    """Return what OpenTelemetry's conventions for messaging ask of each span: our name of the operation, and its kind."""
    return {
        "messaging.system": "tradepost",
        "messaging.destination.name": context,
        "messaging.operation.name": operation,
        "messaging.operation.type": kind,
    }


def _begun_by(correlation_id: UUID | None) -> Any:
    """Return what a span goes on from that is opened within no other: the trace of a correlation id, if there is one."""
    if correlation_id is None or trace.get_current_span().get_span_context().is_valid:
        return None
    sampled = trace.TraceFlags(trace.TraceFlags.SAMPLED)
    beginning = trace.SpanContext(
        correlation_id.int, correlation_id.int & _LAST_64_BITS, is_remote=True, trace_flags=sampled
    )
    return trace.set_span_in_context(trace.NonRecordingSpan(beginning))


def _origin(traceparent: str) -> Any:
    """Return the span that a W3C trace context names, None if it names none."""
    try:
        _, trace_id, span_id, flags = traceparent.split("-")
        origin = trace.SpanContext(
            int(trace_id, 16), int(span_id, 16), is_remote=True, trace_flags=trace.TraceFlags(int(flags, 16))
        )
    except ValueError:
        return None
    return origin if origin.is_valid else None
