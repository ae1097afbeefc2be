"""The feed: the same events as on Kafka in the store's order, from a place that stays valid, none skipped."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import asyncpg
import httpx
import pytest

from shared.auth import Who
from shared.auth.tokens import machine_id
from shared.http import create
from shared.kafka.relay import Relay
from shared.model.message import Published, new_id
from shared.ops.context import Context, entered
from shared.ops.metrics import Metrics
from shared.ops.settings import Settings
from shared.processing.polling import Polling
from shared.processing.timers import Timers
from shared.runtime.declaration import Service
from shared.runtime.feed import feed_router
from shared.runtime.host import Host
from shared.runtime.kernel import Kernel
from shared.store import feed
from shared.store.appending import Write
from shared.store.epoch import adopt
from shared.store.event_store import Store
from tests.shared.kafka.records import drained, header, records_of
from tests.shared.store.test_epoch import restored_elsewhere
from tests.shared.things import COUNTER, PUBLISHED, Closed, Raised, own_views, render
from tests.shared.waiting import eventually, running, settled

FEED = "/things/api/events"
REDACTING = PUBLISHED._replace(redacted=(Raised,))


class Machines:
    """Tokens are the scopes of their machine."""

    async def machine(self, token: str) -> Who:
        return Who(machine_id("hr"), "", frozenset(), frozenset(token.split("+")), client="hr", organisation="OHRM")


class Feed:
    """A service of counters with its feed, as a machine asks it."""

    def __init__(self, store: Store, settings: Settings, published: Published) -> None:
        self.kernel = Kernel(Service("things", published, deciders=(COUNTER,)), settings, store.pool)
        self.store = self.kernel.store
        app = create("things")
        app.state.kernel, app.state.sessions = self.kernel, Machines()
        app.include_router(feed_router(published))
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://postulo.test")

    async def ask(self, path: str = FEED, scope: str = "events", **query: Any) -> httpx.Response:
        return await self.client.get(path, params=query or None, headers={"authorization": f"Bearer {scope}"})

    async def all_from(self, path: str = FEED) -> list[dict[str, Any]]:
        """Everything from this page on, page by page, until nothing more comes."""
        found: list[dict[str, Any]] = []
        page = await self.ask(path)
        while page.json() or next_of(page) != path:
            found, path = found + page.json(), next_of(page)
            page = await self.ask(path)
        return found


def next_of(page: httpx.Response) -> str:
    return page.links["next"]["url"]


@asynccontextmanager
async def reading(store: Store, settings: Settings, published: Published = PUBLISHED) -> AsyncIterator[Feed]:
    found = Feed(store, settings, published)
    async with found.client:
        yield found


async def raised(store: Store, streams: int, first: int, last: int) -> None:
    for number in range(first, last + 1):
        await store.append([Write(f"counter-{k}", number - 1, [Raised(by_much=number)]) for k in range(streams)])
    await settled(store.pool)


def subjects(events: list[dict[str, Any]]) -> list[tuple[str, int]]:
    return [(event["subject"], int(event["sequence"])) for event in events]


def in_rounds(streams: int, first: int, last: int) -> list[tuple[str, int]]:
    return [(f"counter-{k}", number) for number in range(first, last + 1) for k in range(streams)]


async def test_an_event_is_the_same_here_as_on_kafka_redacted_alike(store: Store, settings: Settings) -> None:
    scope = Context(
        causation=new_id(), actor="candidate:7", trace="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    )
    with entered(scope):
        await store.append([Write("counter-1", 0, [Raised(by_much=7, note="Élodie"), Closed()])])
    async with running(Relay(store, REDACTING, settings, Metrics("things")).run()):
        await drained(store)
    async with reading(store, settings, REDACTING) as things:
        page = await things.ask()
    records = await records_of(settings)
    assert page.headers["content-type"] == "application/cloudevents-batch+json"
    assert page.json() == [
        {
            **{name.removeprefix("ce_"): value.decode() for name, value in record.headers if name != "content-type"},
            "datacontenttype": header(record, "content-type"),
            "data": json.loads(record.value),
        }
        for record in records
    ]
    assert page.json()[0]["data"] == {"by_much": 7}
    assert [each.get("dataref") for each in page.json()] == [f"{settings.public_url}/things/api/counters/1", None]
    assert next_of(page) == f"{FEED}?after={header(records[1], 'ce_id')}"


async def test_pages_follow_one_another_exactly_and_what_comes_meanwhile_comes_after(
    store: Store, settings: Settings
) -> None:
    await raised(store, 3, 1, 5)
    await store.append([Write("secret-1", 0, [Raised(by_much=1)])])
    async with reading(store, settings) as things:
        first = await things.ask(limit=4)
        assert subjects(first.json()) == in_rounds(3, 1, 5)[:4]
        await raised(store, 3, 6, 6)
        rest = await things.all_from(next_of(first))
    assert subjects(first.json() + rest) == in_rounds(3, 1, 6)


async def test_only_the_types_asked_for_come_and_the_place_moves_on_over_all_others(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "SCANNED", 4)
    await raised(store, 3, 1, 3)
    await store.append([Write("counter-1", 3, [Closed()])])
    await settled(store.pool)
    async with reading(store, settings) as things:
        passed = await things.ask(types="Closed")
        assert (passed.json(), parse_qs(urlsplit(next_of(passed)).query)["types"]) == ([], ["Closed"])
        assert subjects(await things.all_from(f"{FEED}?types=Closed")) == [("counter-1", 4)]
        assert subjects((await things.ask(types="Closed", wait=5)).json()) == [("counter-1", 4)]
        both = await things.ask(types=["Closed", "Raised"], limit=1_000)
        assert len(both.json()) == 4
        unknown = await things.ask(types="Lowered")
    assert unknown.status_code == 422


async def test_large_events_come_in_smaller_batches(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "_NEXT", feed._NEXT.replace("8000000", "1"))
    await raised(store, 3, 1, 2)
    async with reading(store, settings) as things:
        assert len((await things.ask()).json()) == 1
        assert subjects(await things.all_from()) == in_rounds(3, 1, 2)


async def test_who_waits_is_answered_as_soon_as_something_happens_and_holds_no_connection_meanwhile(
    store: Store, settings: Settings
) -> None:
    await raised(store, 1, 1, 1)
    settings = settings.model_copy(update={"poll_seconds": 3600.0})
    async with reading(store, settings) as things:
        last = (await things.ask()).json()[-1]["id"]
        waiting = [asyncio.create_task(things.ask(after=last, wait=30)) for _ in range(40)]
        await eventually(lambda: _waiters(things.store, len(waiting)), "all wait")
        assert store.pool.get_idle_size() == store.pool.get_size()
        await things.store.append([Write("counter-0", 1, [Raised(by_much=2)])])
        answers = await asyncio.gather(*waiting)
    assert {tuple(subjects(answer.json())) for answer in answers} == {(("counter-0", 2),)}


async def _waiters(store: Store, count: int) -> bool:
    awaited = store.appended._awaited
    return awaited is not None and len(awaited._waiters) == count


async def test_who_waits_hears_of_what_another_process_appended_and_in_the_end_of_nothing(
    store: Store, settings: Settings
) -> None:
    async with reading(store, settings) as things:
        waiting = asyncio.create_task(things.ask(wait=30))
        await eventually(lambda: _waiters(things.store, 1), "it waits")
        await raised(store, 1, 1, 1)  # by another store: nothing wakes the one that waits but polling
        await Polling(things.store, Timers(things.store, render, (), own_views(things.store)), tells=False).look()
        answer = await asyncio.wait_for(waiting, 20)
        assert subjects(answer.json()) == [("counter-0", 1)]
        last = (await things.ask()).json()[-1]["id"]
        nothing = await things.ask(after=last, wait=1)
    assert (nothing.status_code, nothing.json(), next_of(nothing)) == (200, [], f"{FEED}?wait=1&after={last}")


async def test_where_nothing_has_happened_the_same_address_is_the_next(store: Store, settings: Settings) -> None:
    async with reading(store, settings) as things:
        nothing = await things.ask(limit=7)
        assert (nothing.json(), next_of(nothing)) == ([], f"{FEED}?limit=7")
        await raised(store, 1, 1, 1)
        assert subjects(await things.all_from(next_of(nothing))) == [("counter-0", 1)]


async def test_who_waits_is_answered_when_the_process_is_about_to_stop(store: Store, settings: Settings) -> None:
    async with reading(store, settings) as things, asyncio.timeout(25):
        waiting = asyncio.create_task(things.ask(wait=30))
        await eventually(lambda: _waiters(things.store, 1), "it waits")
        Host({"things": things}, "things").wind_up()  # type: ignore[dict-item]
        assert ((await waiting).status_code, (await waiting).json()) == (200, [])


async def test_nothing_is_skipped_that_an_open_transaction_holds_back(
    store: Store, settings: Settings, database: str
) -> None:
    await raised(store, 1, 1, 1)
    slow = await asyncpg.connect(database)
    async with reading(store, settings) as things:
        transaction = slow.transaction()
        await transaction.start()
        await store.append([Write("counter-1", 0, [Raised(by_much=1)])], connection=slow)
        await store.append([Write("counter-2", 0, [Raised(by_much=1)])])
        before = await things.ask()
        assert subjects(before.json()) == [("counter-0", 1)]
        await transaction.commit()
        await settled(store.pool)
        after = await things.ask(next_of(before))
    await slow.close()
    assert subjects(after.json()) == [("counter-1", 1), ("counter-2", 1)]


async def test_a_place_stays_valid_when_the_store_was_restored_into_another_cluster(
    store: Store, settings: Settings
) -> None:
    await raised(store, 3, 1, 4)
    async with reading(store, settings) as things:
        first = await things.ask(limit=5)
        await restored_elsewhere(store)
        async with store.pool.acquire() as connection:
            await adopt(connection)
        await raised(store, 3, 5, 5)
        rest = await things.all_from(next_of(first))
    assert subjects(first.json() + rest) == in_rounds(3, 1, 5)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"after": "0191d2d4-0000-7000-8000-000000000001"}, "after"),
        ({"after": "x"}, "after"),
        ({"wait": 31}, "wait"),
        ({"limit": 0}, "limit"),
    ],
)
async def test_a_place_that_there_is_not_is_refused(
    store: Store, settings: Settings, query: Mapping[str, Any], field: str
) -> None:
    async with reading(store, settings) as things:
        answer = await things.ask(**query)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize(("scope", "status"), [("events", 200), ("hr", 200), ("vacancies.write+support", 403)])
async def test_the_feed_asks_for_its_scope(store: Store, settings: Settings, scope: str, status: int) -> None:
    async with reading(store, settings) as things:
        answer = await things.ask(scope=scope)
    assert answer.status_code == status
    challenge = 'Bearer error="insufficient_scope", scope="events"' if status == 403 else None
    assert answer.headers.get("www-authenticate") == challenge


def test_a_service_that_publishes_nothing_has_no_feed() -> None:
    assert feed_router(Published("careers", {})).routes == []
    assert len(feed_router(PUBLISHED).routes) == 1


async def test_an_event_is_found_by_its_index(store: Store) -> None:
    await raised(store, 1, 1, 1)
    async with store.pool.acquire() as connection, connection.transaction():
        await connection.execute("set local enable_seqscan = off")
        plan = await connection.fetch(f"explain {feed.PLACE_OF}", UUID(int=1))
    assert "events_by_id" in str(plan)
