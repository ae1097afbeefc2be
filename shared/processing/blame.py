"""Whether a failure is the event's own or the weather's: only what is surely its own parks an event."""

import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

import asyncpg

from shared.processing.answering import answers
from shared.processing.transient import transient
from shared.store.event_store import Store
from shared.store.keys import KeyMissing

ALONE: Final = 3
"""So many times in a row an event has to be too much on its own before it is parked for that."""
HEARING: Final = 3
"""Seconds for which a key that is late is waited for once more, counted one by one as this process lives them."""
OUT_OF_TIME: Final = (
    TimeoutError,
    asyncpg.QueryCanceledError,
    asyncpg.TransactionTimeoutError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.ConnectionDoesNotExistError,
    asyncpg.InterfaceError,
)
"""What is raised where a statement or a transaction lasted too long: PostgreSQL ends the connection then."""

Again = Callable[[], Awaitable[object]]
"""Does once more what failed."""


class Blame:
    """patience: seconds after which what failed was too much for one transaction, rather than unlucky."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._in_vain = set[str]()

    async def failing(self, error: Exception, again: Again, patience: float) -> Exception | None:
        """Why a single event is to be parked, if it is: an error of its own, or that it took too long each of several
        times. None if it was handled after all. Raises what the weather did.
        """
        for _ in range(ALONE - 1):
            if not transient(error):
                return None if await self._key_has_come(error, again) else error
            begun = time.monotonic()
            try:
                await again()
            except Exception as failed:
                if transient(failed) and not await self.was_too_much(failed, begun, patience):
                    raise
                error = failed
            else:
                return None
        return error

    async def _key_has_come(self, error: Exception, again: Again) -> bool:
        """Whether it was only the key that was late, as after this process was stopped: then keys are read at once."""
        if not isinstance(error, KeyMissing) or str(error) in self._in_vain:
            return False
        self._in_vain.add(str(error))
        arrived = self.store.keys.arrived
        for _ in range(HEARING):
            await arrived.wait(arrived.count, 1.0)
            with suppress(KeyMissing):
                await again()
                self._in_vain.discard(str(error))
                return True
        return False

    async def was_too_much(self, error: Exception, begun: float, patience: float) -> bool:
        """Whether this failed because it took too long although the database answers: else it is the weather.

        Time that passed while this process was stopped looks the same, so one time proves nothing.
        """
        if time.monotonic() - begun <= patience or not isinstance(error, OUT_OF_TIME):
            return False
        return await answers(self.store.pool)
