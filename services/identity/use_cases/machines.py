"""Machine clients as the operator keeps them: what they may do, whose they are, and their secrets."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from services.identity.domain.secrets import hashed
from shared.model.errors import N_, Conflict, Invalid, NotFound
from shared.model.reasons import Reason
from shared.store.database import Connection, Pool
from shared.vocabulary.permissions import SCOPES

LONGEST: Final = 100
AT_ONCE: Final = 2
"""Secrets of one client: the one that is used and, while it is changed, the one that takes its place."""

TOKENS_LAST: Final = timedelta(minutes=10)
REMEMBERED: Final = TOKENS_LAST + timedelta(minutes=5)
"""How long it is said that something is revoked: until no token of it is alive by anybody's clock."""


class Client(NamedTuple):
    name: str
    scopes: list[str]
    organisation: str
    created_at: datetime


class Secret(NamedTuple):
    """What is known of a secret, which is not the secret. used_at: when a token was last given for it."""

    id: UUID
    created_at: datetime
    used_at: datetime | None


async def add_client(pool: Pool, name: str, scopes: Sequence[str], organisation: str = "") -> str:
    """Registers a client and returns its secret, which is kept nowhere. Raises Invalid or Conflict.

    organisation: whose vacancies it may change, and whose applications it may see; without one, those of its own name.
    """
    if unknown := set(scopes) - set(SCOPES):
        raise Invalid.because(N_("There is no scope “%(scope)s”"), "scope", scope=", ".join(sorted(unknown)))
    if not _is_name(name):
        raise Invalid.because(N_("The name of a client has 1 to %(most)s printable characters"), "name", most=LONGEST)
    owner = organisation.strip() or name
    if not _is_name(owner):
        message = N_("The name of an organisation has 1 to %(most)s printable characters")
        raise Invalid.because(message, "organisation", most=LONGEST)
    sql = """insert into clients (name, scopes, organisation) values ($1, $2, $3)
        on conflict do nothing returning 1"""
    async with pool.acquire() as connection, connection.transaction():
        if not await connection.fetchval(sql, name, sorted(set(scopes)), owner):
            raise Conflict.because(
                N_("There is a client “%(name)s” already"), "name", reason=Reason.ALREADY_THERE, name=name
            )
        return await _keep_secret(connection, name)


UNKNOWN: Final = N_("There is no client “%(name)s”")


def _is_name(text: str) -> bool:
    return bool(text.strip()) and len(text) <= LONGEST and text.isprintable()


async def _keep_secret(connection: Connection, client: str) -> str:
    secret = secrets.token_urlsafe(32)
    await connection.execute("insert into client_secrets (client, hash) values ($1, $2)", client, hashed(secret))
    return secret


async def remove_client(pool: Pool, name: str) -> bool:
    """The client gets no further token; those that it has stop within a minute."""
    async with pool.acquire() as connection, connection.transaction():
        there = await connection.fetchval("select 1 from clients where name = $1 for update", name)
        await revoke(connection, [secret.id for secret in await _secrets(connection, name)])
        await connection.execute("delete from clients where name = $1", name)
        return bool(there)


async def add_secret(pool: Pool, name: str) -> str:
    """One more secret for a client, beside the one that it has. Raises NotFound, or Conflict if it has two."""
    async with pool.acquire() as connection, connection.transaction():
        await _lock(connection, name)
        if len(await _secrets(connection, name)) >= AT_ONCE:
            message = N_("“%(name)s” has %(most)s secrets already. Remove one first")
            raise Conflict.because(message, reason=Reason.TOO_MANY_KEPT, name=name, most=AT_ONCE)
        return await _keep_secret(connection, name)


async def secrets_of(pool: Pool, name: str) -> list[Secret]:
    """The secrets of a client, the oldest first. Raises NotFound."""
    async with pool.acquire() as connection:
        if not await connection.fetchval("select exists (select from clients where name = $1)", name):
            raise NotFound.because(UNKNOWN, name=name)
        return await _secrets(connection, name)


async def remove_secret(pool: Pool, name: str, secret: UUID) -> None:
    """There are no further tokens for this secret, and those that were given for it stop within a minute.

    Raises NotFound.
    """
    async with pool.acquire() as connection, connection.transaction():
        await _lock(connection, name)
        sql = "delete from client_secrets where client = $1 and id = $2 returning id"
        if not await connection.fetchval(sql, name, secret):
            raise NotFound.because(N_("“%(name)s” has no such secret"), name=name)
        await revoke(connection, [secret])


async def _lock(connection: Connection, name: str) -> None:
    if not await connection.fetchval("select 1 from clients where name = $1 for update", name):
        raise NotFound.because(UNKNOWN, name=name)


async def _secrets(connection: Connection, name: str) -> list[Secret]:
    sql = "select id, created_at, used_at from client_secrets where client = $1 order by created_at, id"
    return [Secret(*row) for row in await connection.fetch(sql, name)]


async def revoke(connection: Connection, ids: Sequence[UUID]) -> None:
    """Tokens, and all that were given for secrets, with these ids are refused within a minute."""
    sql = """with over as (delete from revoked where until < clock_timestamp())
        insert into revoked (id, until) select id, clock_timestamp() + $2::interval from unnest($1::uuid[]) as id
        on conflict do nothing"""
    await connection.execute(sql, list(ids), REMEMBERED)


async def clients(pool: Pool) -> list[Client]:
    """The machine clients in the order of their names."""
    rows = await pool.fetch("select name, scopes, organisation, created_at from clients order by name")
    return [Client(*row) for row in rows]
