"""The documents of a service's views: read by the doors, folded by subscriptions, waited for after one's own write."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final, TypeVar, cast
from uuid import UUID

import asyncpg
import orjson

from shared.model.message import Event, Position, Published
from shared.model.projection import AnyProjection, Projection
from shared.ops.context import current
from shared.ops.wakeup import Wakeup
from shared.store.database import Connection, Pool

D = TypeVar("D", bound=Mapping[str, Any])

PATIENCE: Final = 1.0  # seconds a page waits for what its reader wrote


def live(view: str) -> str:
    """SQL for the generation of a view that is read. view: SQL for its name."""
    return f"coalesce((select views.live from views where views.view = {view}), 1)"


LIVE = live("$1")
_OF_VIEW = f"documents where view = $1 and generation = {LIVE}"
HANDLER = f"'view:' || $1 || ':' || {LIVE}"


class Views:
    """Reads documents. A view is fed either by the service's own events or, through Kafka, by those of others.

    topics: those that the service listens to; an event on any other never arrives, so nobody waits for it.
    own: the types of its own events, of which others may publish some too.
    """

    def __init__(
        self, pool: Pool, service: str, consumes: Sequence[Published] = (), topics: Collection[str] = (),
        own: Collection[type[Event]] = (),
    ) -> None:  # fmt: skip
        self.pool, self.service, self.folded = pool, service, Wakeup()
        self._source = {event: published for published in consumes for event in published.events if event not in own}
        self._topics = topics

    async def get(self, view: Projection[D], key: object) -> D | None:
        """The document under this key."""
        await self.caught_up(view)
        text = await self.pool.fetchval(f"select document::text from {_OF_VIEW} and key = $2", view.name, str(key))
        return cast(D, orjson.loads(text)) if text is not None else None

    async def many(self, view: Projection[D], keys: Iterable[object]) -> dict[str, D]:
        """The documents that there are under these keys."""
        await self.caught_up(view)
        return await read_documents(self.pool, view, [str(key) for key in keys])

    async def prefixed(self, view: Projection[D], prefix: str, limit: int = 1000) -> list[D]:
        """The documents whose keys start with this, in key order."""
        await self.caught_up(view)
        sql = f"select document::text from {_OF_VIEW} and key >= $2 and key < $3 order by key limit $4"
        rows = await self.pool.fetch(sql, view.name, prefix, prefix + "\U0010ffff", limit)
        return [cast(D, orjson.loads(row[0])) for row in rows]

    async def fetch(self, view: AnyProjection, sql: str, *args: Any) -> list[asyncpg.Record]:
        """Rows of a query over `documents_of_view` (key, document); the query's own parameters count from $2."""
        await self.caught_up(view)
        return await self.pool.fetch(f"with documents_of_view as not materialized (select * from {_OF_VIEW}) {sql}",
                                     view.name, *args)  # fmt: skip

    async def caught_up(self, view: AnyProjection) -> bool:
        """Waits until the view holds what this context wrote; after a second, `stale` is set and False returned."""
        return not current().wrote or await holding(partial(self._holds_own_writes, view), self.folded)

    async def _holds_own_writes(self, view: AnyProjection) -> bool:
        wrote = current().wrote
        sources = {published.service: published for event in view.on if (published := self._source.get(event))}
        if not sources:
            return self.service not in wrote or await self._reached(view, wrote[self.service].position)
        awaited = [
            event.id
            for name, published in sources.items()
            if name in wrote
            for event in wrote[name].events
            if published.topic(event.category) in self._topics
        ]
        return not awaited or await self._handled(view, awaited)

    async def _reached(self, view: AnyProjection, position: Position) -> bool:
        sql = f"select (transaction, position) >= ($2, $3) from checkpoints where handler = {HANDLER}"
        return bool(await self.pool.fetchval(sql, view.name, *position))

    async def _handled(self, view: AnyProjection, events: Sequence[UUID]) -> bool:
        sql = f"select count(*) from handled where handler = {HANDLER} and event = any($2)"
        return bool(await self.pool.fetchval(sql, view.name, events) == len(set(events)))


async def holding(own_writes: Callable[[], Awaitable[bool]], moved: Wakeup) -> bool:
    """Waits until what this context wrote is there; after a second, `stale` is set and False returned."""
    deadline = time.monotonic() + PATIENCE
    while True:
        seen = moved.count
        if await own_writes():
            return True
        if (left := deadline - time.monotonic()) <= 0:
            current().stale = True
            return False
        await moved.wait(seen, min(left, 0.02))
        await asyncio.sleep(0)


async def read_documents(connection: Pool | Connection, view: Projection[D], keys: Sequence[str]) -> dict[str, D]:
    """The live documents under these keys, in one round trip."""
    rows = await connection.fetch(f"select key, document::text from {_OF_VIEW} and key = any($2)", view.name, keys)
    return {row[0]: cast(D, orjson.loads(row[1])) for row in rows}
