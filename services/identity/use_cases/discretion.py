"""Discretion: answers that take the same time whatever is behind them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from shared.ops.context import current

SAME_TIME: Final = 0.25
"""Seconds that every answer takes that could otherwise tell by its haste whether an account exists."""


@asynccontextmanager
async def same_time() -> AsyncIterator[None]:
    """The block takes SAME_TIME, however it ends, and its answer does not say whether anything was written."""
    current().discreet = True
    clock = asyncio.get_running_loop().time
    end = clock() + SAME_TIME
    try:
        yield
    finally:
        await asyncio.sleep(max(0.0, end - clock()))


def minutes(lasts: timedelta) -> int:
    return int(lasts.total_seconds() // 60)
