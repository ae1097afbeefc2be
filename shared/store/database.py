"""A service's database: its pool, and its migrations, applied once under an advisory lock by `migrate`."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from importlib.resources import files
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from asyncpg.connect_utils import SessionAttribute

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]
    Pool = asyncpg.Pool[asyncpg.Record]
else:
    Connection, Pool = asyncpg.Connection, asyncpg.Pool

Password = Callable[[], str]
Replaced = Callable[[str], object]
"""Is told once, with what is different: what this process remembers of the database is no longer true."""
Also = Callable[[Connection], Awaitable[None]]
"""Rows that are not events, written in the transaction of an append."""

TRANSACTION_SECONDS = 30
CHANGING_SECONDS = 10.0
"""So long the server may know a password that the file does not hold yet without a request that fails; one that the
file holds before the server knows it may wait."""
ASKING_SECONDS = 0.2
MIGRATION_LOCK = 0x504F5354
_IDENTITY = """select format('cluster %s, timeline %s, database %s',
    (select system_identifier from pg_control_system()),
    left(pg_walfile_name(pg_current_wal_lsn()), 8),
    (select oid from pg_database where datname = current_database()))"""


class DatabaseReplaced(ConnectionError):
    """Behind the address is another database than this process began with: a restored one, or after a failover a
    replica. It may be older, so nothing goes on from what the process remembers.
    """


async def _keep(connection: object) -> None:
    """Nothing to reset between uses: the kernel leaves no session state, and a reset would cost a round trip."""


async def open_pool(
    dsn: str, connections: int, application: str, password: Password | None = None, *, days_ahead: int = 0,
    replaced: Replaced = lambda _: None,
) -> Pool:  # fmt: skip
    """A pool whose write transactions end within 30 s: a long one would hold every reader back.

    It connects to a primary only. Where the database behind the address is replaced, `replaced` is told, and whoever
    asks for a new connection gets DatabaseReplaced; the old ones end with the old database.

    password: asked at each new connection for the one that holds now, instead of the one in the address. While it is
    changed, the last one that was let in still counts; where neither does, who asks for a connection waits for a few
    seconds.
    days_ahead: how far the clock of its statements is moved.
    """
    moved = {"search_path": "public, pg_catalog", "postulo.ahead": f"{days_ahead} days"} if days_ahead else {}
    pool = asyncpg.create_pool(
        dsn,
        connect=_Connecting(replaced),
        password=password,
        min_size=1,
        max_size=connections,
        target_session_attrs=SessionAttribute.primary,
        reset=_keep,
        command_timeout=TRANSACTION_SECONDS,
        server_settings={
            "application_name": application,
            "transaction_timeout": f"{TRANSACTION_SECONDS}s",
            "jit": "off",
            **moved,
        },
    )
    return await pool


class _Connecting:
    """Makes a pool's connections. One that was let in once is refused only while its password is being changed."""

    def __init__(self, replaced: Replaced) -> None:
        self._replaced, self._known = replaced, False
        self._identity, self._let_in = "", ""

    async def __call__(self, *args: Any, **options: Any) -> "asyncpg.Connection[asyncpg.Record]":
        made = await self._connected(*args, **options)
        try:
            await self._identify(made)
        except BaseException:
            made.terminate()
            raise
        return made

    async def _identify(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        """Raises DatabaseReplaced."""
        identity = await connection.fetchval(_IDENTITY)
        self._identity = self._identity or identity
        if identity != self._identity:
            difference = f"it was {self._identity} and is {identity}"
            replaced, self._replaced = self._replaced, lambda _: None
            replaced(difference)
            raise DatabaseReplaced(f"the database was replaced: {difference}")

    async def _connected(self, *args: Any, **options: Any) -> "asyncpg.Connection[asyncpg.Record]":
        ends = time.monotonic() + CHANGING_SECONDS
        while True:
            try:
                made = await self._made(*args, **options)
            except asyncpg.InvalidAuthorizationSpecificationError:
                if not self._known or time.monotonic() > ends:
                    raise
                await asyncio.sleep(ASKING_SECONDS)
            else:
                self._known = True
                return made

    async def _made(
        self, *args: Any, password: Password | None, **options: Any
    ) -> "asyncpg.Connection[asyncpg.Record]":
        """By the password that holds now, or by that which was let in last: the server may not know the new one yet."""
        if password is None:
            return await asyncpg.connect(*args, **options)
        asked = password()
        try:
            made: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(*args, password=asked, **options)
        except asyncpg.InvalidAuthorizationSpecificationError:
            if self._let_in in ("", asked):
                raise
            return await asyncpg.connect(*args, password=self._let_in, **options)
        self._let_in = asked
        return made


async def create_database(dsn: str, template: str = "template0") -> bool:
    """Creates the database that the address names, as the role that it names; False if it was there."""
    parts = urlsplit(dsn)
    name = parts.path.lstrip("/")
    connection = await asyncpg.connect(urlunsplit(parts._replace(path="/postgres")))
    try:
        if await connection.fetchval("select true from pg_database where datname = $1", name):
            return False  # A role that may not create databases may have one.
        await connection.execute(f'create database "{name}" template "{template}"')
    except (asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
        return False
    finally:
        await connection.close()
    return True


def migrations_of(package: str) -> list[tuple[str, str]]:
    """(name, SQL) of a package's migrations/ folder in order; none if there is no such folder."""
    folder = files(package) / "migrations" if find_spec(package) else None
    if folder is None or not folder.is_dir():
        return []
    return sorted(
        (f"{package}/{item.name}", item.read_text()) for item in folder.iterdir() if item.name.endswith(".sql")
    )


def all_migrations(service: str) -> list[tuple[str, str]]:
    """The kernel's migrations, then the service's own."""
    return [*migrations_of("shared"), *migrations_of(f"services.{service}")]


async def migrate(dsn: str, migrations: Iterable[tuple[str, str]]) -> list[str]:
    """Applies what has not been applied yet, each in its own transaction; returns the names applied."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("select pg_advisory_lock($1)", MIGRATION_LOCK)
        await connection.execute(
            "create table if not exists migrations (name text primary key, at timestamptz default now())"
        )
        done = {row["name"] for row in await connection.fetch("select name from migrations")}
        return [name for name, sql in migrations if name not in done and await _apply(connection, name, sql)]
    finally:
        await connection.close()


async def _apply(connection: Any, name: str, sql: str) -> bool:
    async with connection.transaction():
        await connection.execute(sql)
        await connection.execute("insert into migrations (name) values ($1)", name)
    return True


async def is_migrated(pool: Pool, service: str) -> bool:
    """Whether every migration of the service has been applied to the database behind the pool."""
    done = {row["name"] for row in await pool.fetch("select name from migrations")}
    return {name for name, _ in all_migrations(service)} <= done
