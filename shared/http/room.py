"""Room for bodies: how much of what is sent may be in a process at once, so that many large ones do not end it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from shared.model.errors import N_, Unavailable

BODIES: Final = 24_000_000
"""Bytes; a body is held some four times over on its way: as it came, as a file, as a value, and for whoever checks."""

SMALL: Final = 64_000
"""Bytes of a body that takes no room: whoever sends one does not wait behind files."""

PATIENCE: Final = 20.0
"""Seconds that a body waits unread, wherever it comes from: the gateway waits for longer."""

BUSY: Final = N_("Many files are being sent at the moment. Send yours again in a minute")


class Room:
    """Is taken in the order in which bodies come; a body waits unread until there is some."""

    def __init__(self, size: int = BODIES, patience: float = PATIENCE) -> None:
        self._free, self._patience = size, patience
        self._first, self._left = asyncio.Lock(), asyncio.Event()

    @asynccontextmanager
    async def taken(self, size: int) -> AsyncIterator[None]:
        """Within it, a body of so many bytes may be read. Raises Unavailable if there is no room for too long."""
        if size <= SMALL:
            yield
            return
        try:
            async with asyncio.timeout(self._patience), self._first:
                while self._free < size:
                    self._left.clear()
                    await self._left.wait()
                self._free -= size
        except TimeoutError:
            raise Unavailable.because(BUSY) from None
        try:
            yield
        finally:
            self._free += size
            self._left.set()
