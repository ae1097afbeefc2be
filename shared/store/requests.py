"""What requests with an Idempotency-Key were, so that a key stands for one request, and for one at a time."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from shared.model.errors import N_, Conflict, Invalid
from shared.model.reasons import Reason
from shared.store.database import Pool

REMEMBERED: Final = timedelta(days=30)
RUNS: Final = timedelta(seconds=10)
"""After this long a request whose process went away may be made again. One that does run so long is safe to repeat."""

KEY: Final = "idempotency-key"
REUSED: Final = N_("This idempotency key was used for another request")
IN_USE: Final = N_("The request with this idempotency key is still being carried out. Ask again in a moment")

_BEGIN: Final = """with old as (delete from requests where id in (
        select id from requests where at < clock_timestamp() - $4::interval order by at limit 4 for update skip locked))
    insert into requests as r (id, fingerprint, running_until) values ($1, $2, clock_timestamp() + $3::interval)
    on conflict (id) do update set running_until = excluded.running_until
        where r.fingerprint = excluded.fingerprint and coalesce(r.running_until < clock_timestamp(), true)
    returning xmax = 0"""
_IS_SAME: Final = "select fingerprint = $2 from requests where id = $1"
_DONE: Final = "update requests set running_until = null where id = $1"
_UNDONE: Final = "delete from requests where id = $1"


class Requests:
    """The requests that one service's doors were asked to carry out once only."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def begin(self, request: UUID, fingerprint: bytes) -> bool:
        """Whether it is the first of its key. Raises Invalid for another one's key, Conflict while that one runs."""
        first: bool | None = await self._pool.fetchval(_BEGIN, request, fingerprint, RUNS, REMEMBERED)
        if first is not None:
            return first
        if await self._pool.fetchval(_IS_SAME, request, fingerprint) is False:
            raise Invalid.because(REUSED, KEY, reason=Reason.KEY_REUSED)
        raise Conflict.because(IN_USE, KEY, reason=Reason.KEY_IN_USE)

    async def end(self, request: UUID) -> None:
        await self._pool.execute(_DONE, request)

    async def forget(self, request: UUID) -> None:
        """It was refused, so nothing was done under its key, which may carry the corrected request."""
        await self._pool.execute(_UNDONE, request)
