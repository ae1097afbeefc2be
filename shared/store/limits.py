"""Limits on what strangers may cause: so much at once, then one at a time (GCRA), counted in the database.

Two replicas count together, and a row whose time is over deletes itself with somebody else's next use.
"""

from datetime import timedelta
from typing import Final, NamedTuple
from uuid import UUID, uuid5

from shared.model.errors import N_, TooMany
from shared.store.database import Connection, Pool

_KEYS: Final = UUID("5f0f5a2e-6f0c-5c52-9a55-3f6f5a1a7c05")

_TAKE: Final = """with over as (delete from limits where key in (
        select key from limits where until < statement_timestamp() order by until limit 4 for update skip locked))
    insert into limits as l (key, until) values ($1, clock_timestamp() + $2::interval)
    on conflict (key) do update set until = greatest(l.until, clock_timestamp()) + $2
        where greatest(l.until, clock_timestamp()) + $2 <= clock_timestamp() + $3::interval
    returning until - clock_timestamp() <= $2"""


IN_SECONDS: Final = N_("Too many requests at once. Try again in %(seconds)s s")
IN_MINUTES: Final = N_("Too many requests at once. Try again in %(minutes)s min")


class Limit(NamedTuple):
    """`burst` uses at once, and one more after each `every`."""

    name: str
    burst: int
    every: timedelta


MAILS_OF_ONE: Final = Limit("mails of one", 3, timedelta(minutes=20))
MAILS_OF_ALL: Final = Limit("mails of all", 10, timedelta(minutes=6))
"""Mails of one kind to one address: those that one network causes, and all beyond the first of each network."""


class Use(NamedTuple):
    """Whether a use was within the limit, and whether it was the first since the whole burst was free again."""

    granted: bool
    first: bool = False


async def use(connection: Connection | Pool, limit: Limit, *of: object) -> Use:
    """Counts one use by whoever `of` names, unless the limit is used up."""
    key = uuid5(_KEYS, "/".join((limit.name, *map(str, of))))
    first: bool | None = await connection.fetchval(_TAKE, key, limit.every, limit.burst * limit.every)
    return Use(first is not None, bool(first))


async def keep_within(pool: Connection | Pool, limit: Limit, *of: object) -> None:
    """Counts one use. Raises TooMany, with the time after which there is another one, when the limit is used up."""
    if not (await use(pool, limit, *of)).granted:
        seconds = max(1, int(limit.every.total_seconds()))
        raise TooMany.after(seconds, IN_SECONDS if seconds < 60 else IN_MINUTES)


async def may_mail(connection: Connection | Pool, kind: str, address: object, network: str) -> bool:
    """Counts a mail of this kind to an address that nobody has proven; False when it has had enough of them.

    Whoever asks has a few of their own, and the first of them goes whatever others have asked for: nobody can use up
    the holder's way back in.
    """
    own = await use(connection, MAILS_OF_ONE, kind, address, network)
    return own.granted and (own.first or (await use(connection, MAILS_OF_ALL, kind, address)).granted)
