"""What services trace, kept in memory."""

from collections.abc import Mapping, Sequence
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.ops.otlp import tracing_by
from shared.ops.tracing import Tracing


class Traced:
    """The spans of several services; each is here once it has ended."""

    def __init__(self) -> None:
        self._memory = InMemorySpanExporter()

    def by(self, service: str) -> Tracing:
        return tracing_by(self._memory, service, SimpleSpanProcessor)

    def spans(self) -> Sequence[ReadableSpan]:
        """In the order in which they ended."""
        return self._memory.get_finished_spans()

    def named(self, name: str) -> ReadableSpan:
        (found,) = [span for span in self.spans() if span.name == name]
        return found

    def tree(self) -> set[tuple[str, str]]:
        """Each span as `service: name`, and the one that it is within; "" for what is not of these services."""
        names = {_id(span): f"{span.resource.attributes['service.name']!s}: {span.name}" for span in self.spans()}
        return {(names.get(span.parent.span_id, "") if span.parent else "", names[_id(span)]) for span in self.spans()}


def told(span: ReadableSpan) -> Mapping[str, Any]:
    return dict(span.attributes or {})


def trace_of(span: ReadableSpan) -> str:
    return f"{span.context.trace_id:032x}" if span.context else ""


def _id(span: ReadableSpan) -> int:
    return span.context.span_id if span.context else 0
