"""Discretion: answers that take the same time whatever is behind them, and mails with a secret in them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from shared.model.reaction import Send
from shared.ops.context import current
from shared.processing.execution import Caused, carry_out
from shared.runtime.kernel import Kernel
from shared.store.database import Connection

SAME_TIME: Final = 0.25
"""Seconds that every answer takes that could otherwise tell by its haste whether an account exists."""


@asynccontextmanager
async def same_time(seconds: float = SAME_TIME) -> AsyncIterator[None]:
    """The block takes this long, however it ends, and its answer does not say whether anything was written."""
    current().discreet = True
    clock = asyncio.get_running_loop().time
    end = clock() + seconds
    try:
        yield
    finally:
        await asyncio.sleep(max(0.0, end - clock()))


async def mail(kernel: Kernel, connection: Connection, message: Send) -> None:
    """Queues a mail with a secret in it: such a mail cannot come from an event."""
    await carry_out(connection, kernel.store, kernel.render, [Caused(current(), [message])], current().actor)


def minutes(lasts: timedelta) -> int:
    return int(lasts.total_seconds() // 60)
