"""Snapshots change nothing but how much is read: with and without them, commands find the same and lead to the same."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.model.errors import Refused
from shared.model.reaction import Do
from shared.processing.execution import execute
from shared.store.codec import Codec
from shared.store.database import Pool
from shared.store.event_store import Store
from shared.store.snapshots import EVENTS
from tests.shared.keys import erase_all, keys_of
from tests.shared.things import COUNTER, Close, Counter, Raise, open_store

RULES = "as they are today"
NOTE = "Kanarienvogel"


def remembering(pool: Pool, rules: str = RULES) -> Store:
    """A process of its own, of which the code may be another."""
    return Store(pool, Codec(COUNTER.events), keys_of(pool, "counter"), "things", rules=rules)


@pytest.fixture
def first(store: Store) -> Store:
    return remembering(store.pool)


async def raised(store: Store, times: int, key: str = "1", note: str = "") -> None:
    for _ in range(times):
        await execute(store, [Do(COUNTER, key, Raise(by_much=1, note=note))])


async def taken(pool: Pool) -> list[tuple[str, int, str]]:
    rows = await pool.fetch("select stream, version, subject from snapshots order by stream")
    return [tuple(row) for row in rows]


async def read(store: Store, key: str = "1") -> tuple[Any, int, int]:
    """The state, its version, and how many events had to be read to know it."""
    found = (await store.states([(COUNTER, key)])).aggregates[COUNTER.stream(key)]
    return found.state, found.version, len(found.since)


async def test_a_command_after_thousands_reads_no_more_than_after_a_few(first: Store) -> None:
    for number in range(1, 1001):
        await raised(first, 1)
        before = await read(first)
        assert before[0].total == before[1] == number
        assert before[2] <= EVENTS
        await first.snapshots.write()
    assert await read(remembering(first.pool)) == (Counter(total=1000), 1000, 1000 % EVENTS)


async def test_two_processes_share_what_either_has_taken(first: Store) -> None:
    second = remembering(first.pool)
    await raised(first, EVENTS)
    await first.snapshots.write()
    assert await read(second) == (Counter(total=EVENTS), EVENTS, 0)
    await raised(second, EVENTS)
    await second.snapshots.write()
    assert await read(first) == (Counter(total=2 * EVENTS), 2 * EVENTS, 0)


async def test_other_code_folds_the_events_itself_and_leaves_a_snapshot_of_its_own(first: Store) -> None:
    await raised(first, EVENTS)
    await first.snapshots.write()
    changed = remembering(first.pool, "another evolve")
    assert await read(changed) == (Counter(total=EVENTS), EVENTS, EVENTS)
    await raised(changed, 1)
    await changed.snapshots.write()
    assert await read(changed) == (Counter(total=EVENTS + 1), EVENTS + 1, 0)
    assert await read(first) == (Counter(total=EVENTS + 1), EVENTS + 1, EVENTS + 1)


async def test_an_older_state_does_not_replace_a_later_one(first: Store) -> None:
    slow = remembering(first.pool)
    await raised(slow, EVENTS)
    await raised(first, EVENTS)
    await first.snapshots.write()
    await slow.snapshots.write()
    assert await taken(first.pool) == [("counter-1", 2 * EVENTS, "")]


async def test_what_was_rolled_back_is_in_no_snapshot(first: Store) -> None:
    await raised(first, EVENTS - 1)

    @asynccontextmanager
    async def undone() -> AsyncIterator[Any]:
        async with first.pool.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            yield connection
            await transaction.rollback()

    async with undone() as connection:
        await execute(first, [Do(COUNTER, "1", Raise(by_much=1000))], connection)
    await raised(remembering(first.pool), 1)
    assert await first.snapshots.write() == 1
    assert await taken(first.pool) == []
    assert await read(first) == (Counter(total=EVENTS), EVENTS, EVENTS)


async def test_what_is_personal_is_encrypted_and_goes_with_its_subject(first: Store) -> None:
    await raised(first, EVENTS, note=NOTE)
    await raised(first, EVENTS, "2")
    await first.snapshots.write()
    assert await taken(first.pool) == [("counter-1", EVENTS, "counter-1"), ("counter-2", EVENTS, "")]
    kept = await first.pool.fetchval("select state from snapshots where stream = 'counter-1'")
    assert b"total" not in kept
    other = remembering(first.pool)
    assert await read(other) == (Counter(total=EVENTS), EVENTS, 0)

    await erase_all(first, {"counter-1": datetime.now(UTC)}, told=False)
    assert await taken(first.pool) == [("counter-2", EVENTS, "")]
    first.keys.forget(["counter-1"])
    assert await read(first) == (Counter(total=EVENTS), EVENTS, EVENTS)
    await raised(first, 1)
    await first.snapshots.write()
    assert await taken(first.pool) == [("counter-2", EVENTS, "")], "of who is erased there is none"


async def test_who_holds_a_connection_needs_no_other(first: Store, database: str) -> None:
    """Reactions decide within a transaction: if each wanted a second connection, they would wait for each other."""
    await raised(first, EVENTS, note=NOTE)
    await first.snapshots.write()
    async with open_store(database, 1) as only, asyncio.timeout(10):
        alone = remembering(only.pool)
        async with alone.pool.acquire() as connection:
            found = await alone.states([(COUNTER, "1")], connection)
    assert (found.state(COUNTER, "1"), found.aggregates["counter-1"].since) == (Counter(total=EVENTS), [])


async def test_who_asks_for_nothing_is_told_the_time(first: Store) -> None:
    found = await first.states([])
    assert (found.aggregates, found.now.tzinfo) == ({}, UTC)


@pytest.mark.parametrize("damage", [b"{", b"\0", b"null", b'{"total": "much"}'])
async def test_what_cannot_be_read_is_read_from_the_events(first: Store, damage: bytes) -> None:
    await raised(first, EVENTS, note=NOTE)
    await raised(first, EVENTS, "2")
    await first.snapshots.write()
    await first.pool.execute("update snapshots set state = $1", damage)
    for key in ("1", "2"):
        assert await read(remembering(first.pool), key) == (Counter(total=EVENTS), EVENTS, EVENTS)


async def test_a_snapshot_of_another_stream_or_version_is_not_believed(first: Store) -> None:
    await raised(first, EVENTS, note=NOTE)
    await raised(first, EVENTS + 1, note=NOTE)
    await first.snapshots.write()
    await first.pool.execute("update snapshots set version = version - 1")
    assert await read(first) == (Counter(total=2 * EVENTS + 1), 2 * EVENTS + 1, 2 * EVENTS + 1)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("raise"), st.sampled_from("abc"), st.integers(1, 3)),
        st.tuples(st.just("close"), st.sampled_from("abc"), st.just(0)),
        st.tuples(st.just("write"), st.just(""), st.just(0)),
    ),
    max_size=40,
)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
async def test_with_and_without_it_is_the_same(
    store: Store, other: Store, monkeypatch: pytest.MonkeyPatch, steps: list[tuple[str, str, int]]
) -> None:
    """A snapshot after every second event, in one store; none at all in the other."""
    monkeypatch.setattr("shared.store.snapshots.EVENTS", 2)
    await store.pool.execute("truncate events, streams, snapshots")
    await other.pool.execute("truncate events, streams")
    stores = [remembering(store.pool), remembering(other.pool, rules="")]
    for what, key, much in steps:
        if what == "write":
            await stores[0].snapshots.write()
            continue
        command = Raise(by_much=much, note=NOTE) if what == "raise" else Close()
        outcomes = [await outcome(each, Do(COUNTER, key, command)) for each in stores]
        assert outcomes[0] == outcomes[1]
    for key in "abc":
        assert [(await read(each, key))[:2] for each in stores] == [(await read(stores[1], key))[:2]] * 2


async def outcome(store: Store, step: Do) -> Any:
    try:
        return [(event.stream, event.version, event.data) for event in await execute(store, [step])]
    except Refused as refusal:
        return str(refusal)
