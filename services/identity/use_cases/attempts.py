"""Counting what strangers try: pauses that grow with failed logins, and few mails to one address.

A network waits for its turn, so that trying in parallel gains nothing. An account only makes every try slower, up to a
bound: its holder, with the right password, always gets in.
"""

import asyncio
import ipaddress
from typing import Final, NamedTuple
from uuid import UUID, uuid5

import structlog
from fastapi import Request
from starlette.exceptions import HTTPException

from services.identity.domain.secrets import FORGOTTEN_AFTER, MAILS_AN_HOUR, PATIENCE, pause
from shared.model.errors import N_
from shared.store.database import Connection, Pool

log = structlog.get_logger("services.identity")

TOO_MANY: Final = N_("Too many failed attempts came from your network. Wait a moment, then try again")

_KEYS: Final = UUID("5f0f5a2e-6f0c-5c52-9a55-3f6f5a1a7c03")

_FAILED: Final = """insert into attempts as a (key, failures) select unnest($1::uuid[]), 1
    on conflict (key) do update set last_at = clock_timestamp(),
        failures = case when a.last_at < clock_timestamp() - $2::interval then 1 else a.failures + 1 end"""

_TURN: Final = """update attempts set turn = greatest(turn, clock_timestamp()) + make_interval(secs => $2)
    where key = $1 and greatest(turn, clock_timestamp()) + make_interval(secs => $2)
        <= clock_timestamp() + make_interval(secs => $3)
    returning extract(epoch from turn - clock_timestamp())::float8"""

_MAILED: Final = """insert into attempts as a (key, failures) values ($1, 1) on conflict (key) do update set
        failures = case when a.since < clock_timestamp() - interval '1 hour' then 1 else a.failures + 1 end,
        since = case when a.since < clock_timestamp() - interval '1 hour' then clock_timestamp() else a.since end,
        last_at = clock_timestamp()
    returning failures"""

_OVER: Final = """with
    old_attempts as (delete from attempts where key in (
        select key from attempts where last_at < clock_timestamp() - interval '2 hours' for update skip locked)),
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


def tried(login: str, request: Request, trusted_hops: int) -> Tried:
    network = network_of(request, trusted_hops)
    return Tried(uuid5(_KEYS, f"account/{login.strip().casefold()}"), uuid5(_KEYS, f"network/{network}"))


def network_of(request: Request, trusted_hops: int) -> str:
    """Where a request comes from: an IPv4 address, or the 64 bits of IPv6 that one household gets.

    trusted_hops: how many gateways of ours are in front. Each appends the address it saw to X-Forwarded-For, so the
    entry that many places from the right is true, and whatever a client wrote itself stands left of it.
    """
    seen = request.client.host if request.client else ""
    forwarded = [part.strip() for part in ",".join(request.headers.getlist("x-forwarded-for")).split(",")]
    if trusted_hops and len(forwarded) >= trusted_hops:
        seen = forwarded[-trusted_hops]
    try:
        address = ipaddress.ip_address(seen)
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network((address, 64), strict=False) if address.version == 6 else address)


async def wait_for_turn(pool: Pool, who: Tried) -> None:
    """Waits as long as earlier failures cost."""
    await asyncio.sleep(await seconds_to_wait(pool, who))


async def seconds_to_wait(pool: Pool, who: Tried) -> float:
    """What earlier failures cost; takes a turn of the network. Raises 429 when too many are waiting for theirs."""
    rows = await pool.fetch(
        "select key, failures from attempts where key = any($1::uuid[]) and last_at > clock_timestamp() - $2::interval",
        list(who),
        FORGOTTEN_AFTER,
    )
    failures = {row["key"]: row["failures"] for row in rows}
    for_account = pause(failures.get(who.account, 0))
    between = pause(failures.get(who.network, 0))
    if not between:
        return for_account
    turn: float | None = await pool.fetchval(_TURN, who.network, between, PATIENCE)
    if turn is None:
        raise HTTPException(429, TOO_MANY, {"Retry-After": str(int(PATIENCE))})
    return max(for_account, turn)


async def failed(pool: Pool, who: Tried) -> None:
    log.warning("login failed", account=str(who.account), network=str(who.network))
    await pool.execute(_FAILED, sorted(who), FORGOTTEN_AFTER)


async def succeeded(connection: Connection, who: Tried) -> None:
    """The account's failures are forgotten; the network's are not, or one account of one's own would buy any number."""
    await connection.execute("delete from attempts where key = $1", who.account)


async def may_mail(connection: Connection, address: UUID) -> bool:
    """Counts a mail that a stranger causes to this address; False when it has had enough of them."""
    sent: int = await connection.fetchval(_MAILED, uuid5(_KEYS, f"mail/{address}"))
    return sent <= MAILS_AN_HOUR


async def forget_old(pool: Pool) -> None:
    """Deletes rows whose time is over; those that somebody holds just now go next time."""
    await pool.execute(_OVER)
