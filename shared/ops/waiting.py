"""How a loop waits for what is away: longer each time, each by chance, told once and then once a minute."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from shared.ops.logs import safe_message

log = structlog.get_logger(__name__)

FIRST: Final = 0.5
LONGEST: Final = 30.0
"""Seconds of the shortest pause between two tries, and of the longest."""
TOLD_EVERY: Final = 60.0
"""Seconds between two lines of the log about the same kind of failure."""

Until = Callable[[], Awaitable[object]]
"""Returns when what is waited for may be there."""


class Backoff:
    """Pauses in seconds: the longest one doubles with each, and any length down to the first may come (full jitter)."""

    def __init__(
        self, first: float = FIRST, longest: float = LONGEST, chance: Callable[[], float] = random.random
    ) -> None:
        self.first, self.longest, self._chance = first, longest, chance
        self._most = first

    def pause(self) -> float:
        """The next pause."""
        self._most = min(2 * self._most, self.longest)
        return self.first + self._chance() * (self._most - self.first)

    def reset(self) -> None:
        """The next pause is a short one again."""
        self._most = self.first


class Telling:
    """What is worth a line of the log: the same once a minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._told = clock, dict[object, float]()

    def worth(self, what: object) -> bool:
        now = self._clock()
        if now - self._told.get(what, -TOLD_EVERY) < TOLD_EVERY:
            return False
        self._told[what] = now
        return True


class Waiting:
    """One loop's waiting. what: begins its lines in the log. about: is said in each of them."""

    def __init__(
        self, what: str, *, backoff: Backoff | None = None, clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep, **about: str,
    ) -> None:  # fmt: skip
        self.what, self.backoff = what, backoff or Backoff()
        self._telling, self._sleep, self._about = Telling(clock), sleep, about
        self._tries, self._told = 0, False

    async def after(self, error: BaseException, until: Until | None = None, *, of: str = "") -> None:
        """Tells why there is to wait, and waits; no longer than `until` does, after which pauses are short again.

        of: what is waited for.
        """
        self.tell(error, of)
        if await self._ends_early(self.backoff.pause(), until):
            self.backoff.reset()

    def tell(self, error: BaseException, of: str = "") -> None:
        """One line a minute for each kind of failure."""
        self._tries += 1
        if self._telling.worth(type(error)):
            self._told = True
            said = f"{self.what} waits for {of}" if of else f"{self.what} waits"
            log.warning(said, error=safe_message(error), tries=self._tries, **self._about)

    def over(self) -> None:
        """It works again: said if it was said that it does not."""
        if self._told:
            said = f"{self.what} goes on"
            log.info(said, tries=self._tries, **self._about)
        self._tries, self._told = 0, False
        self.backoff.reset()

    async def _ends_early(self, seconds: float, until: Until | None) -> bool:
        if until is None:
            await self._sleep(seconds)
            return False
        return await first_of(self._sleep(seconds), until()) == 1


async def once_there(is_there: Callable[[], Awaitable[bool]], every: tuple[float, float]) -> None:
    """Returns once this is there that was not; never, if it is there all the time and something else is amiss.

    every: between so many seconds lie two looks.
    """
    if await is_there():
        await asyncio.Event().wait()
    while not await is_there():  # noqa: ASYNC110 - nobody here could set an event
        await asyncio.sleep(random.uniform(*every))  # noqa: S311 - so that not all look at once


async def first_of(*waits: Awaitable[object]) -> int:
    """Which of these ended first, by its number from 0; the others are cancelled."""
    tasks = [asyncio.ensure_future(each) for each in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return [task.done() for task in tasks].index(True)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
