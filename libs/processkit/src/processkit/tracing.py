"""W3C trace context through Kafka headers, and OpenTelemetry spans where an exporter is configured."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

from opentelemetry import trace
from opentelemetry.trace import Link, SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_MAX_LINKS = 128
_NO_BATCH: Mapping[str, str] = MappingProxyType({})
_BATCH: ContextVar[Mapping[str, str]] = ContextVar("traces by event id", default=_NO_BATCH)


def configure(service: str) -> None:
    """Export spans by OTLP if OTEL_EXPORTER_OTLP_ENDPOINT is set; otherwise record none."""
    if not os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)


def valid_traceparent(text: str | None) -> str | None:
    """Return the header if it is a W3C traceparent of version 00, else None."""
    return text if text is not None and _TRACEPARENT.fullmatch(text) else None


def new_traceparent() -> str:
    """Return the current span's traceparent, or that of a new trace when there is no span."""
    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier.get("traceparent") or f"00-{os.urandom(16).hex()}-{os.urandom(8).hex()}-01"


def current(event_id: str | None = None) -> str:
    """Return the traceparent for a message that a handler publishes: that of the given event of the current
    batch.

    Without an event, that of the batch if all its messages share one trace; otherwise as new_traceparent().
    """
    batch = _BATCH.get()
    mine = None if event_id is None else batch.get(event_id)
    known = [mine] if mine is not None else list(batch.values())
    if len({trace_id(text) for text in known}) != 1:
        return new_traceparent()
    version, trace, _, flags = known[0].split("-")
    return f"{version}-{trace}-{os.urandom(8).hex()}-{flags}"


def trace_id(traceparent: str | None) -> str | None:
    """Return the trace id of a traceparent header, for logs."""
    return traceparent.split("-")[1] if traceparent is not None and valid_traceparent(traceparent) else None


@contextmanager
def batch_span(name: str, traceparents: Mapping[str, str | None]) -> Iterator[None]:
    """Open a span for one batch, linked to the traces of its messages, which are keyed by event id."""
    valid = {event: text for event, text in traceparents.items() if text and valid_traceparent(text)}
    token = _BATCH.set(valid)
    try:
        with _span(name, valid.values()):
            yield
    finally:
        _BATCH.reset(token)


@contextmanager
def _span(name: str, traceparents: Iterable[str]) -> Iterator[None]:
    tracer = trace.get_tracer("messaging")
    if isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider | trace.NoOpTracerProvider):
        yield
        return
    propagator = TraceContextTextMapPropagator()
    links = []
    for text in dict.fromkeys(traceparents):
        context = trace.get_current_span(propagator.extract({"traceparent": text})).get_span_context()
        if context.is_valid:
            links.append(Link(context))
        if len(links) == _MAX_LINKS:
            break
    with tracer.start_as_current_span(name, kind=SpanKind.CONSUMER, links=links):
        yield
