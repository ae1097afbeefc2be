"""Spans of a service: within the trace that is told, one a trace, and holding nothing that anybody said."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.trace import StatusCode

from deploy.local.processes import free_port
from shared.model.message import new_id
from shared.ops import otlp
from shared.ops.context import Context, entered
from shared.ops.settings import Settings
from shared.ops.tracing import MOST, mailing, traceparent, tracing_of
from tests.containers import ROOT
from tests.shared.tracing import Traced, told, trace_of

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
WITHIN = f"00-{TRACE}-00f067aa0ba902b7-01"


@pytest.fixture
def traced() -> Traced:
    return Traced()


def test_nothing_is_traced_unless_it_is_set() -> None:
    assert tracing_of(Settings(environment="test"), "things") is None
    with mailing(None, WITHIN, "things/mail/raised"):
        pass


def test_unless_it_is_set_nothing_of_it_is_loaded() -> None:
    asked = "import sys, shared.runtime.host; sys.exit(any(n.startswith('opentelemetry.sdk') for n in sys.modules))"
    assert subprocess.run([sys.executable, "-c", asked], cwd=ROOT, check=False).returncode == 0


def test_a_span_is_within_the_trace_that_is_told(traced: Traced) -> None:
    with traced.by("things").span("work", WITHIN, {"postulo.template": "x"}) as span:
        followed = traceparent(span)
    (ended,) = traced.spans()
    assert ended.parent is not None
    assert (trace_of(ended), f"{ended.parent.span_id:016x}") == (TRACE, "00f067aa0ba902b7")
    assert followed.startswith(f"00-{TRACE}-")
    assert followed != WITHIN
    assert ended.resource.attributes["service.name"] == "things"


@pytest.mark.parametrize("nonsense", ["", "00-0-0-00", f"00-{'0' * 32}-00f067aa0ba902b7-01", "\0", "x" * 100_000])
def test_what_is_no_trace_begins_one(traced: Traced, nonsense: str) -> None:
    with traced.by("things").span("work", nonsense, {}):
        pass
    assert traced.named("work").parent is None


def test_a_trace_that_begins_in_a_conversation_has_its_id(traced: Traced) -> None:
    here = Context(correlation=new_id())
    with entered(here), traced.by("things").span("work", "", {}):
        pass
    assert trace_of(traced.named("work")) == here.correlation.hex


def test_a_caller_that_is_not_sampled_is_not_shown_and_passed_on_so(traced: Traced) -> None:
    with traced.by("things").span("work", f"{WITHIN[:-2]}00", {}) as span:
        assert traceparent(span).endswith("-00")
    assert traced.spans() == ()


def test_of_what_is_raised_the_type_alone_is_told(traced: Traced) -> None:
    with pytest.raises(ValueError, match="anna"), traced.by("things").span("work", "", {}):
        raise ValueError("anna@example.org")
    (span,) = traced.spans()
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, "ValueError")
    assert "anna" not in span.to_json()


def test_events_of_one_trace_have_one_span_and_those_of_another_their_own(traced: Traced) -> None:
    other = WITHIN.replace("4bf9", "5bf9")
    of = [(WITHIN, "Raised"), (other, "Closed"), (WITHIN, "Closed"), (WITHIN, "Raised")]
    with traced.by("things").spans("handle", of, {"a": "b"}) as traces:
        assert {before: after[:35] for before, after in traces.items()} == {
            WITHIN: WITHIN[:35], other: other[:35]
        }  # fmt: skip
    found = {trace_of(span): told(span) for span in traced.spans()}
    assert found == {
        TRACE: {"a": "b", "postulo.events": 3, "postulo.event_types": ("Closed", "Raised")},
        other[3:35]: {"a": "b", "postulo.events": 1, "postulo.event_types": ("Closed",)},
    }


@pytest.mark.parametrize(("traces", "spans"), [(0, 0), (1, 1), (MOST, MOST), (MOST + 1, 1), (1000, 1)])
def test_a_replay_is_one_span(traced: Traced, traces: int, spans: int) -> None:
    of = [(f"00-{number:032x}-00f067aa0ba902b7-01", "Raised") for number in range(1, traces + 1)]
    with traced.by("things").spans("handle", of, {}) as found:
        assert len(found) == (traces if traces <= MOST else 0)
    assert len(traced.spans()) == spans


class Collector(BaseHTTPRequestHandler):
    """Keeps what it is sent."""

    received: list[tuple[str, ExportTraceServiceRequest]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.received.append((self.path, ExportTraceServiceRequest.FromString(body)))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def collecting() -> Iterator[tuple[str, list[tuple[str, ExportTraceServiceRequest]]]]:
    """The address of a collector, and what it has received."""
    Collector.received = []
    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1/traces", Collector.received
        finally:
            server.shutdown()
            thread.join()


def test_what_is_left_is_sent_before_the_process_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(otlp, "LEAVING", 30.0)
    with collecting() as (address, received):
        tracing = tracing_of(Settings(environment="test", traces=address), "things")
        assert tracing is not None
        with tracing.span("work", WITHIN, {}):
            pass
        tracing.close()
    ((path, sent),) = received
    (resource,) = sent.resource_spans
    assert path == "/v1/traces"
    assert {each.key: each.value.string_value for each in resource.resource.attributes}["service.name"] == "things"
    assert [span.name for span in resource.scope_spans[0].spans] == ["work"]


def test_a_collector_that_is_away_keeps_no_process_from_ending(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(otlp, "LEAVING", 0.1)
    monkeypatch.setattr(otlp, "SENDING", 60.0)
    away = Settings(environment="test", traces=f"http://127.0.0.1:{free_port()}/v1/traces")
    tracing = tracing_of(away, "things")
    assert tracing is not None
    for _ in range(3):
        with tracing.span("work", "", {}):
            pass
    closing = Thread(target=tracing.close, daemon=True)
    closing.start()
    closing.join(20)
    assert not closing.is_alive()
