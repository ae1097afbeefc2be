"""The event store: one wins, all or nothing, and nothing is skipped or inverted while writers commit out of order."""

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import asyncpg
import pytest

from shared.model.message import START
from shared.ops.context import Context, entered
from shared.store.appending import ANY, NO_STREAM, Write, WrongVersion
from shared.store.event_store import Store
from tests.shared.things import Closed, Raised, open_store
from tests.shared.waiting import equals, eventually, settled


async def test_of_concurrent_appends_at_one_version_exactly_one_wins(store: Store) -> None:
    await store.append([Write("counter-1", NO_STREAM, [Raised(by_much=1)])])
    racers = [store.append([Write("counter-1", 1, [Raised(by_much=n)])]) for n in range(12)]
    results = await asyncio.gather(*racers, return_exceptions=True)
    assert sum(isinstance(result, WrongVersion) for result in results) == 11
    assert (await store.load("counter-1")).version("counter-1") == 2


async def test_of_concurrent_creations_exactly_one_wins(store: Store) -> None:
    racers = [store.append([Write("counter-1", NO_STREAM, [Raised(by_much=n)])]) for n in range(12)]
    results = await asyncio.gather(*racers, return_exceptions=True)
    assert sum(isinstance(result, WrongVersion) for result in results) == 11


async def test_several_streams_are_appended_all_or_none(store: Store) -> None:
    await store.append([Write("counter-2", NO_STREAM, [Raised(by_much=1)])])
    with pytest.raises(WrongVersion):
        await store.append(
            [Write("counter-1", NO_STREAM, [Raised(by_much=1)]), Write("counter-2", NO_STREAM, [Raised(by_much=1)])]
        )
    loaded = await store.load("counter-1", "counter-2")
    assert (loaded.version("counter-1"), loaded.version("counter-2")) == (0, 1)
    written = await store.append(
        [Write("counter-2", 1, [Raised(by_much=2), Closed()]), Write("counter-1", NO_STREAM, [Raised(by_much=3)])]
    )
    assert [(event.stream, event.version) for event in written] == [
        ("counter-1", 1), ("counter-2", 2), ("counter-2", 3)
    ]  # fmt: skip


async def test_a_recorded_event_comes_back_as_it_was_appended(store: Store) -> None:
    scope = Context(actor="candidate:1", trace="00-ab-cd-01")
    with entered(scope):
        written = await store.append([Write("counter-1", NO_STREAM, [Raised(by_much=7, note="Élodie")])])
    loaded = (await store.load("counter-1")).streams["counter-1"]
    assert loaded == written
    assert (loaded[0].actor, loaded[0].correlation, loaded[0].trace) == ("candidate:1", scope.correlation, scope.trace)


async def test_appending_at_any_version_always_succeeds_and_keeps_versions_gapless(store: Store) -> None:
    await asyncio.gather(*(_until_appended(store, "counter-1") for _ in range(40)))
    versions = [event.version for event in (await store.load("counter-1")).streams["counter-1"]]
    assert versions == list(range(1, 41))


async def test_no_event_is_skipped_or_inverted_while_hundreds_of_writers_commit_out_of_order(
    store: Store, database: str
) -> None:
    """Slow transactions hold their positions open while fast ones overtake them; a reader follows all along."""
    seen: list[tuple[str, int]] = []
    finished = asyncio.Event()

    async def reader() -> None:
        position = START
        while True:
            last = finished.is_set()
            raws = await store.read(position, 50)
            seen.extend((raw.stream, raw.version) for raw in raws)
            if raws:
                position = raws[-1].position
            elif last:
                return

    reading = asyncio.create_task(reader())
    slots = asyncio.Semaphore(30)
    await asyncio.gather(*(_slow_writer(database, slots, number) for number in range(300)))
    await settled(store.pool)
    finished.set()
    await reading
    assert len(seen) == len(set(seen)) == await store.pool.fetchval("select count(*) from events")
    for stream in {stream for stream, _ in seen}:
        versions = [version for name, version in seen if name == stream]
        assert versions == list(range(1, len(versions) + 1)), stream


async def test_a_running_write_transaction_holds_readers_back_and_its_age_is_shown(store: Store, database: str) -> None:
    other = await asyncpg.connect(database)
    async with other.transaction():
        await store.append([Write("counter-9", NO_STREAM, [Closed()])], connection=other)
        await store.append([Write("counter-1", NO_STREAM, [Raised(by_much=1)])])
        assert await store.read() == []
        assert await store.horizon_age() == 0
        await eventually(store.horizon_age, "the age grows")
    async with other.transaction():
        await store.append([Write("counter-8", NO_STREAM, [Closed()])], connection=other)
        await equals(0.0, store.horizon_age, "the age of another transaction begins anew")
    await other.close()
    await equals(0.0, store.horizon_age, "nothing holds readers back")
    await settled(store.pool)
    assert [raw.stream for raw in await store.read()] == ["counter-9", "counter-1", "counter-8"]


async def _until_appended(store: Store, stream: str) -> None:
    appended = False
    while not appended:
        with suppress(WrongVersion):
            appended = bool(await store.append([Write(stream, ANY, [Raised(by_much=1)])]))


async def _slow_writer(database: str, slots: asyncio.Semaphore, number: int) -> None:
    """Appends to one of 20 streams at any version within a transaction that stays open for a random while."""
    async with slots, open_store(database, 1) as own:
        appended: Sequence[Any] = ()
        while not appended:
            with suppress(WrongVersion):
                async with own.pool.acquire() as connection, connection.transaction():
                    write = Write(f"counter-{number % 20}", ANY, [Raised(by_much=number)])
                    appended = await own.append([write], connection=connection)
                    await connection.execute("select pg_sleep($1)", random.random() / 50)  # noqa: S311
