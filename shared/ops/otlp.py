"""Spans on their way to a collector (OTLP over HTTP), with OpenTelemetry's SDK: loaded only where one is set."""

from collections.abc import Callable
from functools import partial
from threading import Thread
from typing import Final

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

from shared import VERSION
from shared.ops.context import current_or_none
from shared.ops.tracing import Tracing

SENDING: Final = 5.0
"""Seconds within which a collector has to take a batch of spans."""
LEAVING: Final = 2.0
"""Seconds in which a process that ends still sends what it has."""


class Ids(RandomIdGenerator):
    """A trace that begins in a conversation has its id, so that one id finds log lines, answers and spans."""

    def generate_trace_id(self) -> int:
        here = current_or_none()
        return (here.correlation.int if here else 0) or super().generate_trace_id()

    def is_trace_id_random(self) -> bool:
        """Not all of it: callers may choose it."""
        return False


def tracing_to(endpoint: str, service: str) -> Tracing:
    """Sends the service's spans to this collector. Whether it is there, nobody waits for."""
    return tracing_by(OTLPSpanExporter(endpoint, timeout=SENDING), service)


def tracing_by(
    exporter: SpanExporter, service: str, processor: Callable[[SpanExporter], SpanProcessor] = BatchSpanProcessor
) -> Tracing:
    """Hands the service's spans to this exporter. OTEL_TRACES_SAMPLER says which are sampled: all, if not set."""
    resource = Resource({"service.name": service, "service.namespace": "postulo", "service.version": VERSION})
    provider = TracerProvider(resource=resource, id_generator=Ids(), shutdown_on_exit=False)
    provider.add_span_processor(processor(exporter))
    return Tracing(provider.get_tracer("postulo", VERSION), partial(_close, provider, exporter))


def _close(provider: TracerProvider, exporter: SpanExporter) -> None:
    """Without a collector the SDK would try for half a minute: once the exporter is closed, it gives up at once."""
    sending = Thread(target=provider.force_flush, daemon=True)
    sending.start()
    sending.join(LEAVING)
    exporter.shutdown()
    provider.shutdown()
