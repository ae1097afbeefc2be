"""Reading your own writes: a view waits until it holds them, and says so when it cannot."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from itertools import count
from types import SimpleNamespace

import pytest

from shared.model.message import Position, new_id
from shared.ops.context import Context, WriteToken, WrittenEvent, entered
from shared.ops.settings import Settings
from shared.processing.handlers import ViewHandler
from shared.processing.own_views import OwnViews
from shared.processing.subscription import Subscription, follow
from shared.runtime.declaration import Service
from shared.runtime.kernel import Kernel
from shared.store import documents
from shared.store.documents import PATIENCE, Views
from shared.store.event_store import Store
from tests.shared.kafka.records import listening, relay_of
from tests.shared.things import COUNTER, PUBLISHED, TOTALS, Close, Raise, open_store, subscription_on
from tests.shared.waiting import equals, running, settled

VIEW = ViewHandler(TOTALS)
SERVICE = Service("things", PUBLISHED, deciders=(COUNTER,), projections=(TOTALS,))


@pytest.fixture
async def kernel(database: str, settings: Settings) -> AsyncIterator[Kernel]:
    async with open_store(database) as store:
        yield Kernel(SERVICE, settings, store.pool)


def looking_every(monkeypatch: pytest.MonkeyPatch, seconds: float) -> Callable[[], float]:
    """The clock of views, which so many seconds pass at each look, however long it takes."""
    clock = partial(next, count(0.0, seconds))
    monkeypatch.setattr(documents, "time", SimpleNamespace(monotonic=clock))
    return clock


def own_subscription(kernel: Kernel) -> Subscription:
    own_views = OwnViews(kernel.pool, kernel.views.folded)
    return Subscription(kernel.store, kernel.store.codec, own_views, "test", kernel.metrics)


@pytest.mark.usefixtures("patient")
async def test_a_page_after_a_command_shows_what_it_did_every_time(kernel: Kernel) -> None:
    async with running(follow(own_subscription(kernel), [VIEW], 0.5)):
        for number in range(1, 31):
            with entered(Context()) as scope:
                await kernel.execute(COUNTER, "a", Raise(by_much=1))
                document = await kernel.views.get(TOTALS, "a")
            assert document is not None
            assert (document["total"], scope.stale) == (number, False)


async def test_several_writes_of_one_request_are_all_waited_for(kernel: Kernel) -> None:
    with entered(Context()) as scope:
        for key in ("a", "b", "c"):
            await kernel.execute(COUNTER, key, Raise(by_much=1))
    wrote = scope.wrote["things"]
    assert len(wrote.events) == 3
    await settled(kernel.pool)
    assert wrote.position == await kernel.store.head()


async def test_a_view_that_does_not_catch_up_in_time_is_shown_as_it_is_and_said_to_be_stale(
    kernel: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    await kernel.execute(COUNTER, "a", Raise(by_much=1))
    clock = looking_every(monkeypatch, 0.3)
    with entered(Context(wrote={"things": WriteToken(Position(2**40, 1))})) as scope:
        assert await kernel.views.get(TOTALS, "a") is None
    assert scope.stale
    assert PATIENCE <= clock() - 0.3 < PATIENCE + 0.3


async def test_whoever_wrote_nothing_waits_for_nothing(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    await kernel.execute(COUNTER, "a", Raise(by_much=1))
    clock = looking_every(monkeypatch, 0.3)
    with entered(Context(wrote={"elsewhere": WriteToken(Position(2**40, 1))})) as scope:
        assert await kernel.views.many(TOTALS, ["a"]) == {}
    assert not scope.stale
    assert clock() - 0.3 <= 0.0, "nothing but the beginning"


async def test_a_command_that_changed_nothing_leaves_nothing_to_wait_for(kernel: Kernel) -> None:
    with entered(Context()):
        await kernel.execute(COUNTER, "a", Close())
    with entered(Context()) as scope:
        assert (await kernel.execute(COUNTER, "a", Close())).events == ()
        assert scope.wrote == {}


@pytest.mark.usefixtures("patient")
async def test_a_view_fed_through_kafka_waits_for_the_events_own_marks(
    kernel: Kernel, other: Store, settings: Settings
) -> None:
    subscription = subscription_on(other)
    views = Views(other.pool, "listener", [PUBLISHED], PUBLISHED.topics())
    views.folded = subscription.own_views.folded
    async with running(relay_of(kernel.store, settings).run()), listening(settings, subscription, [VIEW]):
        await kernel.execute(COUNTER, "warm", Raise(by_much=1))
        await equals(1, lambda: other.pool.fetchval("select count(*)::int from handled"), "the first event is handled")
        for number in range(1, 21):
            with entered(Context()) as scope:
                await kernel.execute(COUNTER, f"k{number % 4}", Raise(by_much=number))
                document = await views.get(TOTALS, f"k{number % 4}")
            assert document is not None
            assert (document["total"], scope.stale) == (sum(range(number, 0, -4)), False)


async def test_an_event_on_a_topic_that_the_service_does_not_hear_is_not_waited_for(
    kernel: Kernel, other: Store
) -> None:
    views = Views(other.pool, "listener", [PUBLISHED], PUBLISHED.topics())
    unheard = WrittenEvent("session", (await kernel.execute(COUNTER, "a", Raise(by_much=1))).events[0].id)
    with entered(Context(wrote={"things": WriteToken(Position(1, 1), (unheard,))})) as scope:
        assert await views.get(TOTALS, "a") is None
    assert not scope.stale


async def test_a_type_that_others_publish_too_is_not_waited_for_in_a_view_of_own_events(kernel: Kernel) -> None:
    others = PUBLISHED._replace(service="others")
    views = Views(kernel.pool, "things", [others], others.topics(), COUNTER.events)
    wrote = {"others": WriteToken(Position(2**40, 1), (WrittenEvent("counter", new_id()),))}
    with entered(Context(wrote=wrote)) as scope:
        assert await views.get(TOTALS, "a") is None
    assert not scope.stale


@pytest.mark.usefixtures("patient")
async def test_a_long_transaction_elsewhere_delays_a_page_only_as_long_as_it_lasts(
    kernel: Kernel, second_database: str
) -> None:
    """It hides the event; nothing signals its end, and yet the page does not wait for the next poll."""
    async with open_store(second_database, 1) as elsewhere, running(follow(own_subscription(kernel), [VIEW], 30.0)):
        async with elsewhere.pool.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            await connection.execute("select pg_current_xact_id()")
            with entered(Context()) as scope:
                await kernel.execute(COUNTER, "a", Raise(by_much=1))
                reading = asyncio.create_task(kernel.views.get(TOTALS, "a"))
                await asyncio.wait([reading], timeout=0.2)
                assert not reading.done()
                await transaction.rollback()
                assert await reading is not None
        assert not scope.stale


@pytest.mark.usefixtures("patient")
async def test_a_prefix_and_a_query_see_only_the_live_documents(kernel: Kernel) -> None:
    subscription = own_subscription(kernel)
    async with running(follow(subscription, [VIEW], 0.5)):
        with entered(Context()):
            for key in ("a1", "a2", "b1"):
                await kernel.execute(COUNTER, key, Raise(by_much=1))
            assert len(await kernel.views.prefixed(TOTALS, "a")) == 2
            assert len(await kernel.views.prefixed(TOTALS, "a", limit=1)) == 1
            sql = "select key from documents_of_view where (document->>'total')::int = $2 order by key desc"
            assert [row["key"] for row in await kernel.views.fetch(TOTALS, sql, 1)] == ["b1", "a2", "a1"]
