"""A service forgets that it has handled what no store holds any more, and nothing else."""

import asyncio
from uuid import UUID

from shared.model.message import new_id
from shared.processing.handlers import ViewHandler
from shared.processing.reconciling import forget_unsaid
from shared.store.appending import Write
from shared.store.event_store import Store
from tests.shared.things import TOTALS, Raised, subscription_on
from tests.shared.waiting import settled

MARKS = "select event from handled order by event"
MARK = "insert into handled values ($1, $2)"


async def handled(store: Store, other: Store, count: int) -> list[UUID]:
    """What was said by one, and is handled by the other."""
    await store.append([Write("counter-1", 0, [Raised(by_much=n) for n in range(count)])])
    await settled(store.pool)
    raws = await store.read()
    await subscription_on(other).deliver(ViewHandler(TOTALS), raws)
    return sorted(raw.id for raw in raws)


async def test_what_is_in_a_store_stays_marked_and_what_is_in_none_does_not(store: Store, other: Store) -> None:
    known, gone = await handled(store, other, 3), [new_id(), new_id()]
    await other.pool.executemany(MARK, [(handler, event) for event in gone for handler in ("one", "two")])
    assert await forget_unsaid(other.pool, [other.pool, store.pool]) == 2
    assert [row["event"] for row in await other.pool.fetch(MARKS)] == known
    assert await forget_unsaid(other.pool, [store.pool, other.pool]) == 0


async def test_what_is_said_and_handled_meanwhile_stays_marked(store: Store, other: Store) -> None:
    await handled(store, other, 3)
    await other.pool.execute(MARK, "one", new_id())

    async def goes_on() -> None:
        for version in range(3, 43):
            (written,) = await store.append([Write("counter-1", version, [Raised(by_much=1)])])
            await other.pool.execute(MARK, "one", written.id)

    going = asyncio.create_task(goes_on())
    forgotten = 0
    while not going.done():
        forgotten += await forget_unsaid(other.pool, [store.pool])
    await going
    assert forgotten == 1
    assert await other.pool.fetchval("select count(*) from handled where handler = 'one'") == 40


async def test_its_connections_are_as_they_were_before(store: Store, other: Store) -> None:
    async with other.pool.acquire() as connection:
        before = await connection.fetchval("show transaction_timeout")
    await forget_unsaid(other.pool, [store.pool])
    for pool in (store.pool, other.pool):
        async with pool.acquire() as connection:
            assert await connection.fetchval("show transaction_timeout") == before
            assert await connection.fetchval("select to_regclass('pg_temp.marks')") is None
