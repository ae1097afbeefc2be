"""A view's generations beside the live one: one command at a time makes the next, and those of before go in slices."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from shared.model.projection import AnyProjection
from shared.ops.misconfigured import Misconfigured
from shared.processing.handlers import ViewHandler
from shared.processing.subscription import Subscription
from shared.store.database import Connection, Pool
from shared.store.folding import HandlerName

SLICE: Final = 10_000
"""So many rows are deleted in one transaction, which holds the readers of events back while it runs."""


class NextGeneration(ViewHandler):
    """Folds into the generation after the live one, while a lock keeps others from it. lost: set when that is gone."""

    def __init__(self, view: AnyProjection, live: int, lost: asyncio.Event) -> None:
        super().__init__(view, live + 1)
        self.former, self._lost = live, lost

    def alone(self) -> None:
        """Raises Misconfigured where somebody else may have begun anew."""
        if self._lost.is_set():
            raise Misconfigured(f"PostgreSQL ended the connection of the rebuild of {self.view.name}: run it again")


@asynccontextmanager
async def next_generation(subscription: Subscription, view: AnyProjection) -> AsyncIterator[NextGeneration]:
    """An empty generation to fold into until it is live. Then the former one goes, and before what a run has left that
    broke off. Raises Misconfigured while another command rebuilds the view.
    """
    async with subscription.store.pool.acquire() as kept, _lock(kept, view.name) as lost:
        yield NextGeneration(view, await _only_live(subscription, view), lost)
        await _only_live(subscription, view)


@asynccontextmanager
async def _lock(kept: Connection, view: str) -> AsyncIterator[asyncio.Event]:
    """Yields what is set when the lock has gone with its connection."""
    if not await kept.fetchval("select pg_try_advisory_lock(hashtextextended('rebuild:' || $1, 0))", view):
        raise Misconfigured(f"{view} is being rebuilt by another command: wait until that has ended, or end it")
    lost = asyncio.Event()

    def lose(_: object) -> None:
        lost.set()

    kept.add_termination_listener(lose)
    try:
        yield lost
    finally:
        if not lost.is_set():
            kept.remove_termination_listener(lose)
            await kept.execute("select pg_advisory_unlock(hashtextextended('rebuild:' || $1, 0))", view)


async def _only_live(subscription: Subscription, view: AnyProjection) -> int:
    """The live generation, after those beside it have gone. Whoever folds at this moment is waited for."""
    async with subscription.exclusively(ViewHandler(view)) as (_, name):
        live = name.generation
    for generation in (live - 1, live + 1):
        await _forget(subscription.store.pool, view.name, generation)
    return live


async def _forget(pool: Pool, view: str, generation: int) -> None:
    name = HandlerName.of_view(view, generation)
    for table in ("parked", "checkpoints", "handled"):
        await _delete(pool, table, "handler = $1", name)
    await _delete(pool, "documents", "view = $1 and generation = $2", view, generation)


async def _delete(pool: Pool, table: str, which: str, *args: object) -> None:
    """In transactions of a slice each."""
    rows = f"array(select ctid from {table} where {which} limit {SLICE})"  # noqa: S608 - of our own constants
    while await pool.execute(f"delete from {table} where ctid = any({rows})", *args) != "DELETE 0":  # noqa: S608
        pass
