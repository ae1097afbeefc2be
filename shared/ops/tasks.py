"""The loops of a process: each is restarted with a pause when it fails, and all are ended together."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from shared.ops.logs import safe_message
from shared.ops.waiting import Backoff, Telling

log = structlog.get_logger(__name__)

WORKED: Final = 60.0
"""Seconds after which a loop that fails has worked: the next pause is a short one."""


def told_to_end(error: BaseException) -> bool:
    """Whether somebody cancelled this task: what awaits a task that a library has cancelled raises the same."""
    task = asyncio.current_task()
    return isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling() > 0


class Tasks:
    """`restarts` counts failures; whoever watches is told of each.

    patience: seconds in which a loop may tidy up, more than a consumer takes to drain.
    """

    patience = 15.0

    def __init__(self, owner: str, failed: Callable[[], None] = lambda: None) -> None:
        self.owner, self.restarts, self._failed = owner, 0, failed
        self.sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def names(self) -> set[str]:
        """Of those that go on."""
        return {task.get_name().removeprefix(f"{self.owner}: ") for task in self._tasks}

    def start(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        self._tasks.add(asyncio.create_task(self._keep(name, work), name=f"{self.owner}: {name}"))

    async def _keep(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        backoff, telling = Backoff(), Telling()
        while True:
            begun = time.monotonic()
            try:
                return await work()
            except (Exception, asyncio.CancelledError) as error:
                if told_to_end(error):
                    raise
                self.restarts += 1
                self._failed()
                if telling.worth(type(error)):
                    log.error("loop failed, starting again", owner=self.owner, loop=name, error=safe_message(error))
            if time.monotonic() - begun > WORKED:
                backoff.reset()
            await self.sleep(backoff.pause())

    async def stop(self) -> None:
        """Ends them all; those that go on are told again.

        A library that ends a task of its own at that moment can take our cancellation for that task's.
        """
        while self._tasks:
            for task in self._tasks:
                task.cancel()
            _, self._tasks = await asyncio.wait(self._tasks, timeout=self.patience)
