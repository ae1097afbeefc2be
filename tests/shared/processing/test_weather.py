"""The weather never parks: what a stopped process, a database or a key that is late did is not the event's failing."""

from collections.abc import Sequence
from typing import Any

import asyncpg
import pytest

from shared.model.message import Recorded
from shared.processing import blame, parking
from shared.processing.handlers import ViewHandler
from shared.processing.subscription import Subscription
from shared.processing.transient import transient
from shared.store.codec import Raw
from shared.store.database import Connection
from shared.store.event_store import Store
from shared.store.folding import HandlerName
from shared.store.keys import KeyAwaited, KeyMissing
from tests.shared.things import TOTALS, documents, raised, subscription_on

ONE_AND_TWO = {"1": {"total": 3, "versions": [1, 2]}}


class Failing(ViewHandler):
    """Fails so many times before it works."""

    at_once = False

    def __init__(self, error: Exception, times: int) -> None:
        super().__init__(TOTALS)
        self.error, self.times = error, times

    async def apply(self, connection: Connection, name: HandlerName, events: Sequence[Recorded[Any]]) -> None:
        if self.times:
            self.times -= 1
            raise self.error
        await super().apply(connection, name, events)


class OnStream(Failing):
    """Fails on one stream only."""

    def __init__(self, error: Exception, stream: str) -> None:
        super().__init__(error, 0)
        self.stream = stream

    async def apply(self, connection: Connection, name: HandlerName, events: Sequence[Recorded[Any]]) -> None:
        if any(event.stream == self.stream for event in events):
            raise self.error
        await super().apply(connection, name, events)


def slept(store: Store) -> Subscription:
    """One that finds after each failure that more time has passed than a transaction may take."""
    subscription = subscription_on(store)
    subscription.patience = -1.0
    return subscription


async def elsewhere(store: Store) -> list[Raw]:
    return [raw._replace(source="elsewhere") for raw in await store.read()]


async def handled(subscription: Subscription, handler: Failing, own: bool) -> None:
    """Tried again after what is worth it, as the loops do."""
    while await failed(subscription, handler, own):
        pass


async def failed(subscription: Subscription, handler: Failing, own: bool) -> Exception | None:
    """The weather that stopped it, if any did."""
    try:
        if own:
            while await subscription.advance(handler):
                pass
        else:
            await subscription.deliver(handler, await elsewhere(subscription.store))
    except Exception as error:
        if not transient(error):
            raise
        return error
    return None


async def parked(store: Store) -> int:
    return int(await store.pool.fetchval("select count(*) from parked"))


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize(
    ("error", "times"),
    [
        (TimeoutError(), 2),
        (asyncpg.ConnectionDoesNotExistError(), 2),
        (asyncpg.InterfaceError("connection is closed"), 2),
        (ConnectionResetError(), 20),
        (asyncpg.InternalClientError("unexpected"), 20),
        (asyncpg.InvalidPasswordError(), 20),
        (asyncpg.InvalidAuthorizationSpecificationError(), 20),
        (asyncpg.AdminShutdownError(), 20),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_a_process_that_was_stopped_in_the_middle_of_a_transaction_parks_nothing(
    store: Store, error: Exception, times: int, own: bool
) -> None:
    await raised(store, "counter-1", 1, 2)
    await handled(slept(store), Failing(error, times), own)
    assert await documents(store.pool) == ONE_AND_TWO
    assert await parked(store) == 0


@pytest.mark.parametrize("own", [True, False])
async def test_a_database_that_does_not_answer_is_no_failing_of_any_event(
    store: Store, other: Store, own: bool
) -> None:
    await raised(other, "counter-1", 1)
    name = await other.pool.fetchval("select current_database()")

    class Cut(Failing):
        async def apply(self, *_: Any) -> None:
            await store.pool.execute(f'alter database "{name}" allow_connections false')
            await store.pool.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", name)
            raise TimeoutError

    assert await failed(slept(other), Cut(TimeoutError(), 0), own) is not None
    await store.pool.execute(f'alter database "{name}" allow_connections true')
    assert await parked(other) == 0


async def test_an_event_that_is_too_much_each_time_is_parked_and_the_others_flow(store: Store) -> None:
    await raised(store, "counter-1", 1)
    await raised(store, "counter-2", 1)
    await handled(slept(store), OnStream(TimeoutError(), "counter-1"), own=True)
    assert set(await documents(store.pool)) == {"2"}
    assert await parked(store) == 1


async def test_a_key_that_is_only_late_parks_nothing(store: Store) -> None:
    await raised(store, "counter-1", 1, 2)
    subscription = subscription_on(store)
    handler = Failing(KeyMissing("the key of counter-1 has not come"), 2)
    store.keys.arrived.fire()
    await handled(subscription, handler, own=False)
    assert await parked(store) == 0
    assert await documents(store.pool) == ONE_AND_TWO


async def test_a_key_that_does_not_come_is_waited_for_once_not_for_every_event(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blame, "HEARING", 0)
    await raised(store, "counter-1", 1)
    await raised(store, "counter-2", 1)
    handler = Failing(KeyMissing("the key of subject-7 has not come"), 100)
    await handled(subscription_on(store), handler, own=False)
    assert await parked(store) == 2


async def test_an_event_whose_key_does_not_come_is_tried_again_for_ever(store: Store) -> None:
    await raised(store, "counter-1", 1)
    (raw,) = await elsewhere(store)
    subscription, handler = subscription_on(store), Failing(KeyMissing("the key of subject-7 has not come"), 100)
    async with subscription.exclusively(handler) as (connection, name):
        await parking.park(connection, name, [raw], KeyMissing("the key of subject-7 has not come"))
    for _ in range(3 * len(parking.PAUSES)):
        await store.pool.execute("update parked set due = now()")
        assert await subscription.resume_due([handler]) == 1
        assert await store.pool.fetchval("select due > now() from parked")
    handler.times = 0
    await store.pool.execute("update parked set due = now()")
    await subscription.resume_due([handler])
    assert await parked(store) == 0


@pytest.mark.parametrize("weather", [KeyAwaited(["subject-7"]), ConnectionResetError()])
async def test_of_what_is_parked_one_stream_s_weather_holds_up_no_other(store: Store, weather: Exception) -> None:
    for stream in ("counter-1", "counter-2", "counter-3"):
        await raised(store, stream, 1)
    subscription, handler = subscription_on(store), OnStream(weather, "counter-1")
    async with subscription.exclusively(handler) as (connection, name):
        await parking.park(connection, name, await elsewhere(store), ValueError())
    await store.pool.execute("update parked set due = now()")
    assert await subscription.resume_due([handler]) == 2
    assert [row[0] for row in await store.pool.fetch("select stream from parked")] == ["counter-1"]
    with pytest.raises(type(weather)):
        await subscription.resume_due([handler])
