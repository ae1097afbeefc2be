"""The loops of a process end when it is told to, whatever a library makes of the first word."""

import asyncio

from shared.ops.tasks import Tasks
from shared.ops.waiting import FIRST, LONGEST
from tests.shared.logged import logged


async def test_a_loop_whose_cancellation_a_library_took_for_its_own_is_told_again() -> None:
    tasks, told = Tasks("test"), 0
    tasks.patience = 0.01

    async def deaf() -> None:
        nonlocal told
        while told < 3:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                told += 1

    ended = asyncio.Event()

    async def tidy() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    tasks.start("deaf", deaf)
    tasks.start("tidy", tidy)
    await asyncio.sleep(0)
    async with asyncio.timeout(30):
        await tasks.stop()
    assert (told, ended.is_set(), tasks.restarts) == (3, True, 0)


async def test_a_loop_that_awaits_what_a_library_cancelled_starts_again_and_is_counted() -> None:
    tasks, begun, again = Tasks("test"), 0, asyncio.Event()

    async def interrupted() -> None:
        nonlocal begun
        begun += 1
        if begun == 1:
            ended = asyncio.ensure_future(asyncio.sleep(60))
            ended.cancel()
            await ended
        again.set()
        await asyncio.sleep(60)

    tasks.start("interrupted", interrupted)
    async with asyncio.timeout(30):
        await again.wait()
        await tasks.stop()
    assert (tasks.restarts, tasks.names) == (1, set())


async def test_a_loop_that_fails_starts_again_after_longer_and_longer_pauses_and_says_so_once_a_minute() -> None:
    told, pauses, enough = list[int](), list[float](), asyncio.Event()
    tasks = Tasks("test", lambda: told.append(1))

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 12:
            enough.set()
            await asyncio.Event().wait()

    async def failing() -> None:
        raise ConnectionError

    tasks.sleep = sleep
    with logged("INFO") as lines:
        tasks.start("failing", failing)
        await enough.wait()
        await tasks.stop()
    assert len(lines.getvalue().splitlines()) == 1
    assert all(FIRST <= pause <= min(LONGEST, FIRST * 2 ** (n + 1)) for n, pause in enumerate(pauses))
    assert tasks.restarts == sum(told) == 12
