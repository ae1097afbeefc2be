"""The loops of a process end when it is told to, whatever a library makes of the first word."""

import asyncio

from shared.ops.tasks import Tasks


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
    async with asyncio.timeout(5):
        await tasks.stop()
    assert (told, ended.is_set(), tasks.restarts) == (3, True, 0)
