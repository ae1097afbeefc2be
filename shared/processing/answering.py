"""Whether the database answers, asked quietly, so that whoever waits for it goes on as soon as it does."""

import asyncio
from functools import partial
from typing import Final

from shared.ops.waiting import once_there
from shared.processing.transient import transient
from shared.store.database import Pool

ANSWERING: Final = 2.0
"""Seconds within which a database answers that is well."""
LOOKING: Final = (1.0, 2.0)
"""Between so many seconds lie two questions."""


async def answering(pool: Pool) -> None:
    """Returns once the database answers that did not; never, if it answers all the time and something else fails."""
    await once_there(partial(answers, pool), LOOKING)


async def answers(pool: Pool) -> bool:
    try:
        async with asyncio.timeout(ANSWERING):
            await pool.fetchval("select 1")
    except Exception as silence:
        if not transient(silence):
            raise
        return False
    return True
