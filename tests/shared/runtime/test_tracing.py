"""One trace from a request to what another service makes of it, through both stores, Kafka and the mail queue."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, NamedTuple

import httpx
import pytest
from opentelemetry.trace import SpanKind, StatusCode

from deploy.local.processes import free_port
from shared.http import api_router
from shared.kafka.topics import create_topics
from shared.model.decider import Decider
from shared.model.message import Command, Event, Published, Recorded
from shared.model.projection import Projection, by_key
from shared.model.reaction import Do, Known, Reaction, Send
from shared.ops.settings import Settings
from shared.processing.execution import Rendered
from shared.runtime.declaration import Service
from shared.runtime.kernel import Kernel, KernelDep
from shared.runtime.process import ServiceProcess
from shared.store.database import open_pool
from tests.shared.processing.test_mail import Postbox
from tests.shared.things import COUNTER, PUBLISHED, TOTALS, Raise, Raised, fold_total, render
from tests.shared.tracing import Traced, told, trace_of
from tests.shared.waiting import equals

ROUTE = "/things/api/counters/{key}"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
ANNA = "anna-petit@example.org"
DOORS = api_router("things")


@DOORS.post("/counters/{key}", status_code=204)
async def raise_counter(key: str, kernel: KernelDep, *, wrong: bool = False) -> None:
    if wrong:
        raise ZeroDivisionError(ANNA)
    await kernel.execute(COUNTER, key, Raise(note=ANNA))


class Heard(Event):
    """A counter of the other service was heard of."""


class Hear(Command):
    pass


def decide(_: Hear, heard: int) -> Sequence[Heard]:
    return [Heard()]


def hear(event: Recorded[Any], known: Known) -> list[Do | Send]:
    return [Do(HEARING, event.key, Hear()), Send(event.id, ANNA, "listener/mail/heard", "en", whose="")]


HEARING: Decider[Hear, int, Heard] = Decider("hearing", 0, decide, lambda heard, _: heard + 1, (Heard,))
SEEN = Projection("seen", (Raised,), by_key, fold_total)
THINGS = Service("things", PUBLISHED, deciders=(COUNTER,), projections=(TOTALS,), routers=(DOORS,))
LISTENER = Service(
    "listener",
    Published("listener", {"hearing": (Heard,)}),
    deciders=(HEARING,),
    projections=(SEEN,),
    reactions=(Reaction("hearing", (Raised,), hear),),
    consumes=(PUBLISHED,),
)


class Plain(Kernel):
    """Its mails need no templates."""

    def render(self, template: str, language: str, params: Mapping[str, Any]) -> Rendered:
        return render(template, language, params)


class Together(NamedTuple):
    """Two services at work, what they trace, and who asks the first of them."""

    traced: Traced
    client: httpx.AsyncClient


@asynccontextmanager
async def at_work(service: Service, dsn: str, settings: Settings, traced: Traced) -> AsyncIterator[ServiceProcess]:
    kernel = Plain(service, settings, await open_pool(dsn, 6, service.name), traced.by(service.name))
    process = ServiceProcess(kernel, "test")
    await process.start()
    try:
        yield process
    finally:
        await process.stop()


@pytest.fixture
async def together(database: str, second_database: str, settings: Settings) -> AsyncIterator[Together]:
    postbox, traced = Postbox(free_port()), Traced()
    sending = settings.model_copy(update={"smtp": f"127.0.0.1:{postbox.port}"})
    await asyncio.to_thread(postbox.controller.start)
    await create_topics(sending, [PUBLISHED, LISTENER.published])
    async with AsyncExitStack() as stack:
        stack.push_async_callback(asyncio.to_thread, postbox.controller.stop)
        things = await stack.enter_async_context(at_work(THINGS, database, sending, traced))
        await stack.enter_async_context(at_work(LISTENER, second_database, sending, traced))
        transport = httpx.ASGITransport(things.app, raise_app_exceptions=False)
        yield Together(
            traced, await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url=sending.public_url))
        )


ALL = {
    ("", f"things: POST {ROUTE}"),
    (f"things: POST {ROUTE}", "things: append"),
    ("things: append", "things: handle view:totals"),
    ("things: append", "things: publish"),
    ("things: append", "listener: handle view:seen"),
    ("things: append", "listener: handle reaction:hearing"),
    ("listener: handle reaction:hearing", "listener: append"),
    ("listener: handle reaction:hearing", "listener: mail"),
    ("listener: append", "listener: publish"),
}


async def tree(traced: Traced) -> set[tuple[str, str]]:
    return traced.tree()


async def test_from_a_request_to_a_mail_of_another_service_there_is_one_trace(together: Together) -> None:
    headers = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
    answer = await together.client.post("/things/api/counters/a", headers=headers)
    assert answer.status_code == 204
    await equals(ALL, lambda: tree(together.traced), "everything is within what it follows from")
    assert {trace_of(span) for span in together.traced.spans()} == {TRACE}
    kinds = {span.name: span.kind for span in together.traced.spans()}
    assert kinds[f"POST {ROUTE}"] is SpanKind.SERVER
    assert kinds["publish"] is SpanKind.PRODUCER
    assert kinds["handle reaction:hearing"] is SpanKind.CONSUMER
    assert told(together.traced.named(f"POST {ROUTE}")) == {
        "http.request.method": "POST", "http.route": ROUTE, "http.response.status_code": 204,
        "postulo.correlation": answer.headers["x-correlation-id"],
    }  # fmt: skip
    assert told(together.traced.named("mail")) == {"postulo.template": "listener/mail/heard"}


async def test_a_trace_that_begins_here_has_the_id_that_the_answer_tells(together: Together) -> None:
    answer = await together.client.post("/things/api/counters/a")
    await equals(ALL, lambda: tree(together.traced), "everything is within what it follows from")
    correlation = answer.headers["x-correlation-id"].replace("-", "")
    assert {trace_of(span) for span in together.traced.spans()} == {correlation}


async def test_no_span_tells_what_anybody_wrote_or_which_path_was_asked(together: Together) -> None:
    ask = together.client.request
    await ask("POST", "/things/api/counters/anna")
    await ask("POST", "/things/api/counters/anna", params={"wrong": "true"})
    await ask("GET", "/things/anna")
    await ask("ANNA", "/anna")
    unknown = {("", "things: GET unknown"), ("", "things: other unknown")}
    await equals(ALL | unknown, lambda: tree(together.traced), "all of it is traced")
    spans = together.traced.spans()
    assert [span.name for span in spans if "anna" in span.to_json().lower()] == []
    failed = [span for span in spans if span.status.status_code is StatusCode.ERROR and span.kind is SpanKind.SERVER]
    assert [told(span)["http.response.status_code"] for span in failed] == [500]


async def test_what_machines_ask_for_all_day_is_not_traced(together: Together) -> None:
    for path in ("livez", "readyz", "metrics"):
        assert (await together.client.get(f"/things/{path}")).status_code == 200
    assert together.traced.spans() == ()
