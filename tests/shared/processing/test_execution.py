"""Commands: decided on what is there, retried when others are faster, atomic with the rows that go with them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from shared.model.errors import Conflict, Invalid
from shared.model.reaction import Do
from shared.ops.context import Context, entered
from shared.ops.settings import Settings
from shared.runtime.declaration import Service
from shared.runtime.kernel import Kernel
from shared.store.appending import ANY, LARGEST, Write
from shared.store.event_store import Store
from tests.shared.things import COUNTER, PUBLISHED, Close, Raise, Raised, open_store

SERVICE = Service("things", PUBLISHED, deciders=(COUNTER,))


@pytest.fixture
async def kernel(database: str, settings: Settings) -> AsyncIterator[Kernel]:
    """A kernel with as few connections as can be."""
    async with open_store(database, 2) as store:
        yield Kernel(SERVICE, settings, store.pool)


async def total(kernel: Kernel, key: str = "a") -> int:
    return (await kernel.state(COUNTER, key)).total


async def note(connection: Any) -> None:
    await connection.execute("insert into streams values ('note-' || gen_random_uuid(), 1)")


async def notes(kernel: Kernel) -> int:
    return int(await kernel.pool.fetchval("select count(*) from streams where stream like 'note-%'"))


async def test_commands_on_one_aggregate_at_the_same_time_all_count(kernel: Kernel) -> None:
    await asyncio.gather(*(kernel.execute(COUNTER, "a", Raise(by_much=1)) for _ in range(5)))
    assert await total(kernel) == 5


async def test_more_commands_at_once_than_connections_finish_also_with_rows_of_their_own(kernel: Kernel) -> None:
    async with asyncio.timeout(30):
        await asyncio.gather(
            *(kernel.execute(COUNTER, f"k{n}", Raise(by_much=1), also=note if n % 2 else None) for n in range(60))
        )
    assert await notes(kernel) == 30


async def test_who_loses_every_race_is_refused_with_a_conflict(kernel: Kernel) -> None:
    class Contested(Store):
        async def states(self, aggregates: Any, connection: Any = None) -> Any:
            found = await super().states(aggregates, connection)
            await super().append([Write(stream, ANY, [Raised(by_much=1)]) for stream in found.aggregates])
            return found

    kernel.store = Contested(kernel.pool, kernel.store.codec, kernel.keys, "things")
    with pytest.raises(Conflict):
        await kernel.execute(COUNTER, "a", Raise(by_much=100))
    assert await kernel.pool.fetchval("select count(*) from events where data->>'by_much' = '100'") == 0


async def test_several_aggregates_happen_together_or_not_at_all(kernel: Kernel) -> None:
    await kernel.execute(COUNTER, "closed", Close())
    with pytest.raises(Conflict):
        await kernel.execute_all(Do(COUNTER, "a", Raise(by_much=1)), Do(COUNTER, "closed", Raise(by_much=1)), also=note)
    assert (await total(kernel), await notes(kernel)) == (0, 0)
    written = await kernel.execute_all(
        Do(COUNTER, "b", Raise(by_much=1)), Do(COUNTER, "a", Raise(by_much=2)), Do(COUNTER, "b", Close()), also=note
    )
    assert [event.stream for event in written.events] == ["counter-a", "counter-b", "counter-b"]
    assert await notes(kernel) == 1
    assert len({event.position.transaction for event in written.events}) == 1


async def test_rows_that_cannot_be_written_undo_the_events(kernel: Kernel) -> None:
    async def clash(connection: Any) -> None:
        await note(connection)
        await connection.execute("insert into streams values ('counter-a', 9)")

    with pytest.raises(asyncpg.UniqueViolationError):
        await kernel.execute(COUNTER, "a", Raise(by_much=1), also=clash)
    assert (await total(kernel), await notes(kernel)) == (0, 0)


async def test_a_cancelled_command_leaves_nothing_half_done_and_the_connection_usable(kernel: Kernel) -> None:
    inside = asyncio.Event()

    async def linger(connection: Any) -> None:
        await note(connection)
        inside.set()
        await connection.execute("select pg_sleep(60)")

    command = asyncio.create_task(kernel.execute(COUNTER, "a", Raise(by_much=1), also=linger))
    await inside.wait()
    command.cancel()
    await asyncio.gather(command, return_exceptions=True)
    assert (await total(kernel), await notes(kernel)) == (0, 0)
    await asyncio.gather(*(kernel.execute(COUNTER, "a", Raise(by_much=1), also=note) for _ in range(4)))
    assert await total(kernel) == 4


async def test_a_command_carries_the_databases_time_and_the_scopes_actor(kernel: Kernel) -> None:
    seen: list[Any] = []

    def decide(command: Any, state: Any) -> Any:
        seen.append(command)
        return COUNTER.decide(command, state)

    spying = replace(COUNTER, decide=decide)
    with entered(Context(actor="candidate:1")):
        await kernel.execute(spying, "a", Raise(by_much=1))
    now = await kernel.now()
    assert now - timedelta(minutes=1) < seen[0].at < now
    assert seen[0].by == "candidate:1"


async def test_an_event_that_kafka_would_refuse_is_refused_by_the_store(kernel: Kernel) -> None:
    with pytest.raises(Invalid):
        await kernel.execute(COUNTER, "a", Raise(by_much=1, note="é" * (LARGEST // 2)))
    await kernel.execute(COUNTER, "a", Raise(by_much=1, note="é" * (LARGEST // 2 - 100)))
    assert await total(kernel) == 1


async def test_everything_appended_is_counted(kernel: Kernel) -> None:
    await kernel.execute(COUNTER, "a", Raise(by_much=1))
    await kernel.execute_all(Do(COUNTER, "a", Raise(by_much=1)), Do(COUNTER, "a", Close()))
    assert kernel.metrics.registry.get_sample_value("postulo_events_appended_total", {"service": "things"}) == 3
