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

_BEGIN: Final = """insert into requests as r (id, fingerprint, running_until, at)
        values ($1, $2, clock_timestamp() + $3::interval, clock_timestamp())
    on conflict (id) do update set fingerprint = excluded.fingerprint, running_until = excluded.running_until,
            done = r.done and r.at > clock_timestamp() - $4::interval, at = excluded.at
        where r.at < clock_timestamp() - $4::interval
            or (r.fingerprint = excluded.fingerprint and coalesce(r.running_until < clock_timestamp(), true))
    returning true"""
_IS_SAME: Final = "select fingerprint = $2 from requests where id = $1"
_END: Final = """with old as (delete from requests where id in (
        select id from requests where at < clock_timestamp() - $2::interval order by at limit 4 for update skip locked))
    update requests set done = true, running_until = null where id = $1"""
_REFUSED: Final = """with free as (delete from requests where id = $1 and not done)
    update requests set running_until = null where id = $1 and done"""


class Requests:
    """The requests that one service's doors were asked to carry out once only."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def begin(self, request: UUID, fingerprint: bytes) -> None:
        """Raises Invalid for the key of another request, Conflict while this one runs already."""
        if await self._pool.fetchval(_BEGIN, request, fingerprint, RUNS, REMEMBERED):
            return
        if await self._pool.fetchval(_IS_SAME, request, fingerprint) is False:
            raise Invalid.because(REUSED, KEY, reason=Reason.KEY_REUSED)
        raise Conflict.because(IN_USE, KEY, reason=Reason.KEY_IN_USE)

    async def end(self, request: UUID) -> None:
        await self._pool.execute(_END, request, REMEMBERED)

    async def refused(self, request: UUID) -> None:
        """Nothing was done under its key, which may carry the corrected request; but not if it was carried out once."""
        await self._pool.execute(_REFUSED, request)
