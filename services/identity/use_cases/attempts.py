"""What trying costs: pauses that grow with failures, and limits on what strangers may cause.

A try is counted before it is judged, so that trying in parallel gains nothing. A network waits for its turn. An account
only makes every try slower, up to a bound: its holder, with the right password, always gets in.
"""

from asyncio import shield, sleep
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid5

import structlog

from services.identity.domain.secrets import AT_ONCE, FORGOTTEN_AFTER, PATIENCE, pause
from shared.model.errors import N_, TooMany
from shared.store.database import Connection, Pool
from shared.store.limits import Limit

log = structlog.get_logger("services.identity")

TOO_MANY: Final = N_("Too many failed attempts came from your network. Wait %(seconds)s seconds, then try again")

REGISTRATIONS: Final = Limit("registrations", 20, timedelta(seconds=30))
REMINDERS: Final = Limit("reminders", 20, timedelta(seconds=30))
CODES: Final = Limit("codes", 20, timedelta(seconds=30))
ADDRESSES: Final = Limit("addresses", 5, timedelta(minutes=10))
TOKENS: Final = Limit("tokens", 120, timedelta(seconds=1))
"""What a network, and for addresses an account, may ask for."""

SIX_DIGITS: Final = Limit("six digits", 10, timedelta(minutes=3))
"""Codes of an authenticator app, of which there are only a million: an account's, wherever they come from."""

_KEYS: Final = UUID("5f0f5a2e-6f0c-5c52-9a55-3f6f5a1a7c03")

_TRY: Final = """insert into attempts as a (key, failures, trying, tried_at, last_at)
    select key, 0, 1, clock_timestamp(), clock_timestamp() from unnest($1::uuid[]) as key
    on conflict (key) do update set tried_at = clock_timestamp(),
        trying = case when a.tried_at < clock_timestamp() - interval '1 minute' then 1 else a.trying + 1 end,
        failures = case when a.last_at < clock_timestamp() - $2::interval then 0 else a.failures end
    returning key, failures, trying"""

_TURN: Final = """update attempts set turn = greatest(turn, clock_timestamp()) + make_interval(secs => $2)
    where key = $1 and greatest(turn, clock_timestamp()) + make_interval(secs => $2)
        <= clock_timestamp() + make_interval(secs => $3)
    returning extract(epoch from turn - clock_timestamp())::float8"""

_JUDGED: Final = """update attempts set trying = greatest(trying - 1, 0), failures = failures + $2,
        last_at = case when $2 > 0 then clock_timestamp() else last_at end
    where key = any(select key from attempts where key = any($1::uuid[]) order by key for update)"""

_OVER: Final = """with
    old_attempts as (delete from attempts where key in (select key from attempts
        where greatest(last_at, tried_at) < clock_timestamp() - interval '2 hours' for update skip locked)),
    old_sessions as (delete from sessions where session_id in (
        select session_id from sessions where ends_at < clock_timestamp() - interval '1 day' for update skip locked)),
    old_passwords as (delete from passwords where account_id in (
        select account_id from passwords where lapses_at < clock_timestamp() for update skip locked)),
    old_changes as (delete from address_changes where account_id in (
        select account_id from address_changes where expires_at < clock_timestamp() for update skip locked)),
    old_codes as (delete from codes where account_id in (
        select account_id from codes where expires_at < clock_timestamp() - interval '1 day' for update skip locked))
    delete from reset_links where hash in (
        select hash from reset_links where expires_at < clock_timestamp() for update skip locked)"""


class Tried(NamedTuple):
    """Whom somebody wants to be, and where from; neither can be read from the keys."""

    account: UUID
    network: UUID


def tried(account: object, network: str) -> Tried:
    """account: its id, however its holder was named; for nobody's, the one spelling of what was typed."""
    return Tried(uuid5(_KEYS, f"account/{account}"), uuid5(_KEYS, f"network/{network}"))


@dataclass
class Try:
    """A try whose turn has come; it has failed unless somebody says that it was right."""

    right: bool


@asynccontextmanager
async def turn(pool: Pool, who: Tried) -> AsyncIterator[Try]:
    """Waits as long as earlier failures cost; the block judges the try. Raises TooMany when too many are waiting."""
    rows = await pool.fetch(_TRY, sorted(who), FORGOTTEN_AFTER)
    judged = Try(right=True)
    try:
        await sleep(await _seconds_to_wait(pool, who, {row["key"]: row for row in rows}))
        judged.right = False  # Until here nothing has been tried.
        yield judged
    finally:
        await shield(_judge(pool, who, failed=not judged.right))


async def _seconds_to_wait(pool: Pool, who: Tried, rows: Mapping[UUID, Any]) -> float:
    account, network = rows[who.account], rows[who.network]
    for_account = pause(account["failures"] + account["trying"] - 1)
    between = pause(network["failures"] + max(0, network["trying"] - AT_ONCE))
    if not between:
        return for_account
    seconds: float | None = await pool.fetchval(_TURN, who.network, between, PATIENCE)
    if seconds is None:
        raise TooMany.after(int(PATIENCE), TOO_MANY)
    return max(for_account, seconds)


async def _judge(pool: Pool, who: Tried, *, failed: bool) -> None:
    if failed:
        log.warning("login failed", account=str(who.account), network=str(who.network))
    await pool.execute(_JUDGED, list(who), int(failed))


async def forgive(connection: Connection | Pool, who: Tried) -> None:
    """The account's failures are forgotten; the network's are not, or one account of one's own would buy any number."""
    await connection.execute("update attempts set failures = 0 where key = $1", who.account)


async def forget_old(pool: Pool) -> None:
    """Deletes rows whose time is over; those that somebody holds just now go next time."""
    await pool.execute(_OVER)
