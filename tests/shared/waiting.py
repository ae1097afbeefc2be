"""Waiting for a condition, bounded, instead of sleeping."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from shared.store.database import Pool

PATIENCE = 60.0


async def eventually(condition: Callable[[], Awaitable[Any]], what: str, patience: float = PATIENCE) -> Any:
    """The condition's first truthy value; fails with `what` and the last value when it stays false."""
    deadline = time.monotonic() + patience
    while not (value := await condition()):
        assert time.monotonic() < deadline, f"never: {what} (last: {value!r})"
        await asyncio.sleep(0.01)
    return value


async def settled(pool: Pool) -> None:
    """Waits until no event is hidden by a running transaction, be it one of a test in another database."""
    hidden = "select not exists (select from events where transaction >= pg_snapshot_xmin(pg_current_snapshot()))"
    await eventually(lambda: pool.fetchval(hidden), "every event is settled")


async def equals(expected: Any, found: Callable[[], Awaitable[Any]], what: str, patience: float = PATIENCE) -> None:
    """Waits until what is found is what is expected; fails showing both."""
    deadline = time.monotonic() + patience
    while (value := await found()) != expected:
        if time.monotonic() > deadline:
            assert value == expected, what
        await asyncio.sleep(0.01)


@asynccontextmanager
async def told_once(loop: Awaitable[None], within: float) -> AsyncIterator[None]:
    """Runs an endless loop beside the block, which tidies up within so many seconds of being cancelled, once."""
    task = asyncio.ensure_future(loop)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task], timeout=within)
    assert task.cancelled(), task


@asynccontextmanager
async def running(*loops: Awaitable[None]) -> AsyncIterator[None]:
    """Runs endless loops beside the block, then cancels them; what one of them raises fails the test."""
    tasks = [asyncio.ensure_future(loop) for loop in loops]
    try:
        yield
    except BaseException as error:
        for task in tasks:
            if task.done() and not task.cancelled():
                error.add_note(f"a loop has ended: {task.exception()!r}")
        raise
    finally:
        failed = [task.exception() for task in tasks if task.done() and not task.cancelled()]
        left: set[asyncio.Future[None]] = {*tasks}
        while left:  # Told again, since aiokafka loses a cancellation that comes while it ends a task of its own.
            for each in left:
                each.cancel()
            _, left = await asyncio.wait(left, timeout=5)
    assert failed == []
