"""Spans by which one trace shows a request and all that it led to: appends, records on Kafka, handlers, mails.

A trace goes along with the conversation (`Context.trace`), the event and the mail, as a `traceparent` (W3C Trace
Context). Attributes are kinds, templates and numbers: nothing personal, no ids but the conversation's, no paths.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import Any, Final

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from shared.ops.settings import Settings

MOST: Final = 20
"""So many traces of a batch get a span each; a batch with more of them, such as a replay, gets one for all."""

Attributes = Mapping[str, str | int | Sequence[str]]
_HEADER: Final = "traceparent"
_W3C: Final = TraceContextTextMapPropagator()
_NONE: Final[AbstractContextManager[Any]] = nullcontext()


class Tracing:
    """The spans of one service. close: sends those that are left; it may block for some seconds."""

    def __init__(self, tracer: trace.Tracer, close: Callable[[], None]) -> None:
        self._tracer, self.close = tracer, close

    @contextmanager
    def span(
        self, name: str, within: str, attributes: Attributes, kind: SpanKind = SpanKind.INTERNAL
    ) -> Iterator[Span]:
        """A span of the trace that `within` tells, or of a new one. Of what is raised it holds the type alone."""
        span = self._tracer.start_span(name, _W3C.extract({_HEADER: within}, Context()), kind, attributes)
        try:
            yield span
        except BaseException as error:
            span.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise
        finally:
            span.end()

    @contextmanager
    def spans(
        self, name: str, of: Iterable[tuple[str, str]], attributes: Attributes, kind: SpanKind = SpanKind.INTERNAL
    ) -> Iterator[Mapping[str, str]]:
        """A span in each trace that these events belong to. Yields, by trace, the one that what follows belongs to.

        of: the trace and the type of each event.
        """
        with ExitStack() as stack:
            begun = {
                within: stack.enter_context(self.span(name, within or "", {**attributes, **_told(types)}, kind))
                for within, types in _batches(of).items()
            }
            yield {within: traceparent(span) for within, span in begun.items() if within is not None}


def tracing_of(settings: Settings, service: str) -> Tracing | None:
    """None where nobody collects spans."""
    if not settings.traces:
        return None
    from shared.ops import otlp  # noqa: PLC0415 - megabytes and a thread, which only those need who trace.

    return otlp.tracing_to(settings.traces, service)


def mailing(tracing: Tracing | None, within: str, template: str) -> AbstractContextManager[Any]:
    """While a mail is being sent."""
    if tracing is None:
        return _NONE
    return tracing.span("mail", within, {"postulo.template": template}, SpanKind.CLIENT)


def traceparent(span: Span) -> str:
    """How what follows names this span."""
    carrier: dict[str, str] = {}
    _W3C.inject(carrier, trace.set_span_in_context(span, Context()))
    return carrier[_HEADER]


def _batches(of: Iterable[tuple[str, str]]) -> Mapping[str | None, Sequence[str]]:
    """The types of the events by their traces; of too many traces all together, under None."""
    found: dict[str | None, list[str]] = {}
    for within, kind in of:
        found.setdefault(within, []).append(kind)
    return found if len(found) <= MOST else {None: [kind for kinds in found.values() for kind in kinds]}


def _told(types: Sequence[str]) -> Attributes:
    return {"postulo.events": len(types), "postulo.event_types": sorted(set(types))}
