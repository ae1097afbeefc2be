"""What a service says of itself at /metrics: what its tables hold now, and requests by their routes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from functools import partial

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from shared.model.message import Published, new_id
from shared.model.reaction import Known, Schedule, Send, Timer, TimerRule
from shared.ops.context import Context
from shared.ops.settings import Settings
from shared.processing.execution import Caused, carry_out
from shared.processing.mail import REFUSED
from shared.processing.parking import park
from shared.runtime.declaration import Service
from shared.runtime.kernel import Kernel
from shared.runtime.process import ServiceProcess
from tests.shared.things import COUNTER, PUBLISHED, Raise, open_store, render
from tests.shared.waiting import settled


def stay(_: Timer, known: Known) -> list[Schedule]:
    return []


SERVICE = Service("things", PUBLISHED, deciders=(COUNTER,), timers=(TimerRule("stay", stay),))
LONG_AGO = timedelta(hours=1)


@pytest.fixture
async def process(database: str, settings: Settings) -> AsyncIterator[ServiceProcess]:
    """It is asked, and none of its loops runs."""
    async with open_store(database, 4) as store:
        yield ServiceProcess(Kernel(SERVICE, settings, store.pool), "test")


def browser(process: ServiceProcess) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(process.app)
    return httpx.AsyncClient(transport=transport, base_url=process.kernel.settings.public_url)


async def shown(process: ServiceProcess, prefix: str = "postulo_") -> dict[str, float]:
    """The values of what has no label but the service's."""
    async with browser(process) as client:
        text = (await client.get("/things/metrics")).text
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {each.name.removeprefix(prefix): each.value for each in samples if set(each.labels) == {"service"}}


async def test_a_service_that_has_done_nothing_shows_that_nothing_waits(process: ServiceProcess) -> None:
    found = await shown(process)
    names = ("parked", "outbox_events", "outbox_age_seconds", "mails_waiting", "mails_age_seconds", "mails_failed",
             "timers_late_seconds", "relay_leader", "loop_restarts_total")  # fmt: skip
    assert {name: found[name] for name in names} == dict.fromkeys(names, 0)


async def test_events_that_are_not_on_kafka_are_counted_from_the_oldest_on(process: ServiceProcess) -> None:
    for _ in range(3):
        await process.kernel.execute(COUNTER, "a", Raise(by_much=1))
    await process.kernel.pool.execute("update events set at = at - $1::interval where version = 1", LONG_AGO)
    await settled(process.kernel.pool)
    found = await shown(process)
    assert (found["outbox_events"], found["events_appended_total"]) == (3, 3)
    assert found["outbox_age_seconds"] == pytest.approx(3600, abs=60)
    (last,) = (await process.kernel.store.read())[2:]
    await process.kernel.pool.execute("update relay set transaction = $1, position = $2", *last.position)
    found = await shown(process)
    assert (found["outbox_events"], found["outbox_age_seconds"]) == (0, 0)


async def test_mails_are_waiting_from_the_oldest_on_or_given_up(process: ServiceProcess) -> None:
    pool = process.kernel.pool
    mails = [Send(new_id(), "anna@example.org", "things/mail/rung", "en", whose="") for _ in range(3)]
    async with pool.acquire() as connection, connection.transaction():
        await carry_out(connection, process.kernel.store, render, [Caused(Context(), mails)], "test")
    await pool.execute("update mails set queued_at = now() - $1::interval where id = $2", LONG_AGO, mails[0].id)
    await pool.execute("update mails set due = null where id = $1", mails[1].id)
    found = await shown(process)
    assert (found["mails_waiting"], found["mails_refused"], found["mails_failed"]) == (2, 0, 1)
    assert found["mails_age_seconds"] == pytest.approx(3600, abs=60)
    await pool.execute("update mails set error = $1 where id = $2", REFUSED, mails[0].id)
    found = await shown(process)
    assert (found["mails_waiting"], found["mails_refused"], found["mails_failed"]) == (2, 1, 1)
    assert found["mails_age_seconds"] == pytest.approx(0, abs=60), "a full mailbox is not the mail server's"


async def test_what_is_parked_and_what_is_late_is_shown(process: ServiceProcess) -> None:
    await process.kernel.execute(COUNTER, "a", Raise(by_much=1))
    await settled(process.kernel.pool)
    late = Schedule("one", datetime.now(UTC) - LONG_AGO, "stay", {})
    async with process.kernel.pool.acquire() as connection, connection.transaction():
        await park(connection, "a handler", await process.kernel.store.read(), ValueError("no"))
        await carry_out(connection, process.kernel.store, render, [Caused(Context(), [late])], "test")
    found = await shown(process)
    assert found["parked"] == 1
    assert found["timers_late_seconds"] == pytest.approx(3600, abs=60)


async def test_requests_are_counted_by_their_route_and_methods_that_nobody_knows_together(
    process: ServiceProcess,
) -> None:
    async with browser(process) as client:
        for path in ("/things/api/events", "/nowhere/1", "/nowhere/2"):
            await client.head(path)
        for method in ("BREW", "STEEP"):
            await client.request(method, "/nowhere/3")
    count = partial(process.kernel.metrics.registry.get_sample_value, "postulo_request_seconds_count")
    here = {"service": "things", "route": "unknown"}
    assert count({"service": "things", "route": "/things/api/events", "method": "GET", "status": "401"}) == 1
    assert count({**here, "method": "GET", "status": "404"}) == 2
    assert count({**here, "method": "other", "status": "404"}) == 2


async def test_a_request_that_is_not_answered_yet_is_counted_as_such(process: ServiceProcess) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    @process.app.get("/things/api/slow")
    async def slow() -> None:
        begun.set()
        await go_on.wait()

    async with browser(process) as client:
        asked = asyncio.create_task(client.get("/things/api/slow"))
        await begun.wait()
        assert (await shown(process))["requests_in_flight"] == 1
        go_on.set()
        await asked
    assert (await shown(process))["requests_in_flight"] == 0


async def test_a_database_that_does_not_answer_leaves_the_last_values(process: ServiceProcess) -> None:
    await process.kernel.execute(COUNTER, "a", Raise(by_much=1))
    await settled(process.kernel.pool)
    before = await shown(process)
    await process.kernel.pool.close()
    after = await shown(process)
    assert after["outbox_events"] == before["outbox_events"] == 1
    assert (before["ready"], after["ready"]) == (1, 0)


async def test_a_database_whose_connections_are_all_in_use_delays_no_answer_to_prometheus(
    process: ServiceProcess,
) -> None:
    pool = process.kernel.pool
    async with AsyncExitStack() as stack:
        for _ in range(pool.get_max_size()):
            await stack.enter_async_context(pool.acquire())
        found = await asyncio.wait_for(shown(process), 8)
    assert found["ready"] == 0
    assert (await shown(process))["ready"] == 1


async def test_a_database_that_is_not_migrated_is_not_ready(process: ServiceProcess) -> None:
    await process.kernel.pool.execute("delete from migrations")
    assert (await shown(process))["ready"] == 0


async def test_of_a_service_that_publishes_nothing_no_outbox_is_shown(database: str, settings: Settings) -> None:
    silent = Service("things", Published("things", {}), deciders=(COUNTER,))
    async with open_store(database, 4) as store:
        found = await shown(ServiceProcess(Kernel(silent, settings, store.pool), "test"))
    assert "parked" in found
    assert not {"relay_leader", "outbox_events", "outbox_age_seconds"} & set(found)
