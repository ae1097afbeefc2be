"""A wake-up within one process: whoever waits goes on as soon as something happened, and looks by itself otherwise."""

import asyncio


class Wakeup:
    """Level-triggered and broadcast: a `fire` that happened since `seen` was taken is never missed."""

    def __init__(self) -> None:
        self.count = 0
        self._awaited: asyncio.Event | None = None

    def fire(self) -> None:
        self.count += 1
        if self._awaited is not None:
            self._awaited.set()
            self._awaited = None

    async def wait(self, seen: int, patience: float) -> bool:
        """Whether it was fired after `seen`: at once, at the next fire, or False after `patience` seconds."""
        if self.count != seen:
            return True
        self._awaited = awaited = self._awaited or asyncio.Event()
        try:
            await asyncio.wait_for(awaited.wait(), patience)
        except TimeoutError:
            return self.count != seen
        return True
