"""One role a service: made by an administrator, owner of its own database, and let into no other."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from typing import Final
from urllib.parse import unquote, urlsplit, urlunsplit

import asyncpg

from shared.store.database import MIGRATION_LOCK, Connection

_HELD_BY_OTHERS: Final = """
select format('alter %s %s owner to ', kind, name) from (
    select case relkind when 'S' then 'sequence' when 'v' then 'view' when 'm' then 'materialized view'
            when 'f' then 'foreign table' else 'table' end as kind,
        oid::regclass::text as name, 'pg_class'::regclass as catalog, oid, relnamespace as schema, relowner as owner
    from pg_class where relkind in ('r', 'p', 'v', 'm', 'f', 'S')
    union all select 'routine', oid::regprocedure::text, 'pg_proc'::regclass, oid, pronamespace, proowner from pg_proc
    union all select 'type', oid::regtype::text, 'pg_type'::regclass, oid, typnamespace, typowner from pg_type
    where typtype in ('d', 'e', 'r')
    union all select 'schema', quote_ident(nspname), 'pg_namespace'::regclass, oid, oid, nspowner from pg_namespace
    where nspowner <> 'pg_database_owner'::regrole
) as held
where owner <> $1::regrole
    and (select nspname !~ '^pg_' and nspname <> 'information_schema' from pg_namespace where oid = held.schema)
    and not exists (select from pg_depend where classid = catalog and objid = held.oid and deptype in ('a', 'i', 'e'))
order by kind <> 'schema'
"""
"""Schemas first: who owns what is in one has to be let in. Not what goes with its table (the sequence of a column), nor
what an extension brought."""


class NotOneRole(Exception):
    """The address names a role that a service cannot have for its own."""


def check_roles(dsns: Sequence[str]) -> None:
    """Raises NotOneRole where two services would share one."""
    if len({urlsplit(dsn).username for dsn in dsns}) < len(dsns):
        raise NotOneRole("POSTULO_DATABASE_URL gives several services one role: its user has to hold {service}")


async def provide(administrator: str, dsn: str) -> None:
    """Makes the role and the database that a service's address names, or brings them into shape; can be repeated.

    administrator: the address of a role that may create both, and that has the rights of whoever owned them before.
    A role that is there gets the password of the address; a database that is there is handed over with all in it.
    Raises NotOneRole for a role that has more rights than one database.
    """
    parts = urlsplit(dsn)
    role, name = unquote(parts.username or ""), parts.path.lstrip("/")
    connection = await asyncpg.connect(administrator)
    try:
        await connection.execute("select pg_advisory_lock($1)", MIGRATION_LOCK)
        await _provide_role(connection, role, unquote(parts.password or ""))
        is_there = await connection.fetchval("select true from pg_database where datname = $1", name)
        if not is_there:
            await connection.execute(f"create database {quoted(name)} owner {quoted(role)} template template0")
        await _hand_over(urlunsplit(urlsplit(administrator)._replace(path=parts.path)), name, role)
    finally:
        await connection.close()


async def _provide_role(connection: Connection, role: str, password: str) -> None:
    found = await connection.fetchrow(
        "select rolsuper or rolcreaterole or rolname = current_user as mighty, rolcreatedb from pg_roles"
        " where rolname = $1", role
    )  # fmt: skip
    if not role or (found and found["mighty"]):
        raise NotOneRole(
            f"the role “{role}” of POSTULO_DATABASE_URL administers the server: name one of the service's own"
        )
    if not found:
        await connection.execute(f"create role {quoted(role)} login")
    if found and found["rolcreatedb"]:
        await connection.execute(f"alter role {quoted(role)} nocreatedb")
    if password:
        iterations = int(await connection.fetchval("show scram_iterations"))
        await connection.execute(f"alter role {quoted(role)} login password '{verifier(password, iterations)}'")
    if not await connection.fetchval("select rolsuper from pg_roles where rolname = current_user"):
        await connection.execute(f"grant {quoted(role)} to current_user with inherit true, set true")


async def _hand_over(dsn: str, name: str, role: str) -> None:
    """Not REASSIGN OWNED: that takes the other databases of the old owner too, and cannot take a superuser's."""
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            owner = await connection.fetchval(
                "select pg_get_userbyid(datdba) from pg_database where datname = current_database()"
            )
            if owner != role:
                await connection.execute(f"alter database {quoted(name)} owner to {quoted(role)}")
            for (statement,) in await connection.fetch(_HELD_BY_OTHERS, quoted(role)):
                await connection.execute(statement + quoted(role))
            await connection.execute(f"revoke all on database {quoted(name)} from public")
    finally:
        await connection.close()


def quoted(name: str) -> str:
    """A name as an identifier in SQL."""
    return '"' + name.replace('"', '""') + '"'


def verifier(password: str, iterations: int) -> str:
    """What PostgreSQL keeps of a password (RFC 5803), made here, so that no log of the server holds the password."""
    if not password.isascii():
        raise NotOneRole("the password of POSTULO_DATABASE_URL holds letters beyond ASCII: choose another one")
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations)
    stored = hashlib.sha256(_keyed(salted, b"Client Key")).digest()
    server = _keyed(salted, b"Server Key")
    return f"SCRAM-SHA-256${iterations}:{_text(salt)}${_text(stored)}:{_text(server)}"


def _keyed(key: bytes, word: bytes) -> bytes:
    return hmac.digest(key, word, "sha256")


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()
