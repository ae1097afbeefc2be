"""The loops of a process: each is restarted with a pause when it fails, and all are ended together."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog

from shared.ops.logs import safe_message

log = structlog.get_logger(__name__)


class Tasks:
    """`restarts` counts failures, for the metrics and for liveness.

    patience: seconds in which a loop may tidy up, more than a consumer takes to drain.
    """

    patience = 15.0

    def __init__(self, owner: str) -> None:
        self.owner, self.restarts = owner, 0
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        self._tasks.add(asyncio.create_task(self._keep(name, work), name=f"{self.owner}: {name}"))

    async def _keep(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        pause = 0.2
        while True:
            begun = time.monotonic()
            try:
                return await work()
            except Exception as error:  # noqa: BLE001 - whatever it was, the loop must go on
                self.restarts += 1
                log.error("loop failed, starting again", owner=self.owner, loop=name, error=safe_message(error))
            pause = min(pause * 2, 10.0) if time.monotonic() - begun < 60 else 0.2
            await asyncio.sleep(pause)

    async def stop(self) -> None:
        """Ends them all; those that go on are told again.

        A library that ends a task of its own at that moment can take our cancellation for that task's.
        """
        while self._tasks:
            for task in self._tasks:
                task.cancel()
            _, self._tasks = await asyncio.wait(self._tasks, timeout=self.patience)
