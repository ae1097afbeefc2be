"""What is measured of a request, and its span: by its route's template, since a path may hold a token."""

import re
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Final, Protocol

from opentelemetry.trace import SpanKind, Status, StatusCode
from starlette.types import Scope

from shared.ops.context import Context
from shared.ops.metrics import known_method
from shared.ops.tracing import Tracing, traceparent

QUIET: Final = re.compile(r"^/(assets/|[a-z]+/(livez|readyz|metrics)$)")
"""What machines ask for all day: not logged, measured or traced."""
_UNTRACED: Final[AbstractContextManager[None]] = nullcontext()


class Asked(Protocol):
    """A request: its conversation, and the status of its answer, 0 until there is one."""

    conversation: Context
    status: int


def route_of(scope: Scope) -> str:
    """The template of the route that took the request; `unknown` where none did."""
    return getattr(scope.get("route"), "path", "") or "unknown"


@contextmanager
def watched(scope: Scope, asked: Asked) -> Iterator[None]:
    """Counts the request and what it takes; where the service traces, what it leads to is within a span of its own."""
    kernel = None if QUIET.match(scope["path"]) else _kernel(scope)
    if kernel is None:
        yield
        return
    began = time.perf_counter()
    with kernel.metrics.in_flight.track_inprogress():
        try:
            with _UNTRACED if kernel.tracing is None else _traced(kernel.tracing, scope, asked):
                yield
        finally:
            kernel.metrics.answered(scope["method"], route_of(scope), asked.status, time.perf_counter() - began)


@contextmanager
def _traced(tracing: Tracing, scope: Scope, asked: Asked) -> Iterator[None]:
    here, method = asked.conversation, known_method(scope["method"])
    told = {"http.request.method": method, "postulo.correlation": str(here.correlation)}
    with tracing.span(method, here.trace, told, SpanKind.SERVER) as span:
        here.trace = traceparent(span)
        try:
            yield
        finally:
            route = route_of(scope)
            span.update_name(f"{method} {route}")
            span.set_attributes({"http.route": route, "http.response.status_code": asked.status})
            if asked.status >= 500:
                span.set_status(Status(StatusCode.ERROR))


def _kernel(scope: Scope) -> Any:
    """What the doors of this application receive; None where they receive nothing."""
    return getattr(scope["app"].state, "kernel", None) if "app" in scope else None
