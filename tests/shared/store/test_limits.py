"""Limits on what strangers may cause: a burst, then one at a time."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from shared.model.errors import TooMany
from shared.store.database import Pool, open_pool
from shared.store.limits import Limit, keep_within, use

LIMIT = Limit("letters", 3, timedelta(minutes=2))


@pytest.fixture
async def pool(database: str) -> AsyncIterator[Pool]:
    opened = await open_pool(database, 4, "test")
    yield opened
    await opened.close()


async def test_a_burst_goes_at_once_and_the_next_has_to_wait(pool: Pool) -> None:
    uses = [await use(pool, LIMIT, "anna") for _ in range(5)]
    assert [each.granted for each in uses] == [True, True, True, False, False]
    assert [each.first for each in uses] == [True, False, False, False, False]


async def test_what_is_refused_does_not_count(pool: Pool) -> None:
    for _ in range(9):
        await use(pool, LIMIT, "anna")
    await pool.execute("update limits set until = until - interval '2 minutes'")
    assert [(await use(pool, LIMIT, "anna")).granted for _ in range(2)] == [True, False]


async def test_each_has_a_limit_of_the_own(pool: Pool) -> None:
    for _ in range(3):
        await use(pool, LIMIT, "anna")
    assert (await use(pool, LIMIT, "boris")).first
    assert (await use(pool, Limit("parcels", 3, timedelta(minutes=2)), "anna")).first


async def test_whoever_is_over_the_limit_is_told_how_long_to_wait(pool: Pool) -> None:
    for _ in range(3):
        await keep_within(pool, LIMIT, "anna")
    with pytest.raises(TooMany) as refusal:
        await keep_within(pool, LIMIT, "anna")
    assert refusal.value.seconds == 120
    assert str(refusal.value) == "Too many requests at once. Try again in 2 min"


async def test_a_row_of_one_s_own_whose_time_is_over_begins_a_new_burst(pool: Pool) -> None:
    """The same use takes the old row away and counts the first of the new burst."""
    for _ in range(3):
        await use(pool, LIMIT, "anna")
    await pool.execute("update limits set until = until - interval '1 hour'")
    assert [(await use(pool, LIMIT, "anna")).granted for _ in range(4)] == [True, True, True, False]


async def test_rows_whose_time_is_over_go_by_themselves(pool: Pool) -> None:
    for number in range(3):
        await use(pool, LIMIT, number)
    await pool.execute("update limits set until = until - interval '1 hour'")
    await use(pool, LIMIT, "anna")
    assert await pool.fetchval("select count(*) from limits") == 1
