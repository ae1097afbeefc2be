"""Whoever waits for the database goes on as soon as it answers again."""

import asyncio
from typing import Any, cast

import asyncpg
import pytest

from shared.ops.waiting import FIRST, Waiting
from shared.processing import answering as module
from shared.processing.answering import answering, answers
from shared.store.database import Pool


class Answering:
    """A pool whose database raises these first."""

    def __init__(self, *errors: Exception) -> None:
        self.errors, self.asked = [*errors], asyncio.Event()

    async def fetchval(self, _: str) -> Any:
        self.asked.set()
        if self.errors:
            raise self.errors.pop(0)
        return 1


def pool_of(*errors: Exception) -> Pool:
    return cast(Pool, Answering(*errors))


async def never(_: float) -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(),
        TimeoutError(),
        asyncpg.InterfaceError("closed"),
        asyncpg.InternalClientError(""),
        asyncpg.InvalidPasswordError("wrong"),
        asyncpg.InvalidAuthorizationSpecificationError("wrong"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_a_wait_ends_when_the_database_answers_again(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOKING", (0.0, 0.0))
    pool, waits = pool_of(error, error, error), Waiting("own events", sleep=never)
    for _ in range(9):
        waits.backoff.pause()
    assert not await answers(pool)
    await waits.after(error, lambda: answering(pool))
    assert waits.backoff.pause() <= 2 * FIRST


async def test_a_database_that_answers_all_the_time_is_not_what_is_waited_for() -> None:
    pool = pool_of()
    looking = asyncio.create_task(answering(pool))
    await cast(Any, pool).asked.wait()
    await asyncio.sleep(0)
    assert not looking.done()
    looking.cancel()


async def test_what_is_no_weather_is_not_passed_over() -> None:
    with pytest.raises(asyncpg.UndefinedTableError):
        await answers(pool_of(asyncpg.UndefinedTableError()))
