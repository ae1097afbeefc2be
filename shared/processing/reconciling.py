"""What a service has handled and no store holds any more: who had said it was put back to before, by a restored backup
or a replica that was late.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from shared.store.database import Connection, Pool
from shared.store.epoch import HOURS

_HANDLED: Final = "select distinct event from handled"
_UNSAID: Final = "select event from marks where not exists (select from events where id = marks.event)"
_FORGET: Final = "delete from handled using marks where handled.event = marks.event"


async def forget_unsaid(listener: Pool, speakers: Iterable[Pool]) -> int:
    """How many events a service has handled that none of these stores holds; its handlers forget that they did.

    All may run meanwhile: what is handled was stored before, and is looked for afterwards. What views show of it goes
    with their rebuild, which else would wait for it; what was done about it stays.
    """
    with TemporaryDirectory() as folder:
        ids = Path(folder, "ids")
        async with _patient(listener) as connection:
            await connection.copy_from_query(_HANDLED, output=ids, format="binary", timeout=HOURS)
        for speaker in speakers:
            async with _given(speaker, ids) as connection:
                await connection.copy_from_query(_UNSAID, output=ids, format="binary", timeout=HOURS)
        async with _given(listener, ids) as connection:
            await connection.execute(_FORGET, timeout=HOURS)
            return int(await connection.fetchval("select count(*) from marks"))


@asynccontextmanager
async def _given(pool: Pool, ids: Path) -> AsyncIterator[Connection]:
    """A connection with a table `marks` of what is in the file. Not in one transaction, which would hold readers back
    while a whole store is looked through.
    """
    async with _patient(pool) as connection:
        await connection.execute("create temporary table marks (event uuid)")
        await connection.copy_to_table("marks", source=ids, format="binary", timeout=HOURS)
        await connection.execute("analyze marks")
        yield connection
        await connection.execute("drop table marks")


@asynccontextmanager
async def _patient(pool: Pool) -> AsyncIterator[Connection]:
    """A connection whose statements take as long as they take."""
    async with pool.acquire() as connection:
        await connection.execute("set transaction_timeout = 0")
        yield connection
        await connection.execute("reset transaction_timeout")
