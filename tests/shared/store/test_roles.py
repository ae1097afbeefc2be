"""One role a service: it owns its database, enters no other, and gets there from every older shape."""

import asyncio
import itertools
import os
from collections.abc import AsyncIterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from deploy.local.servers import Servers
from shared.store import database
from shared.store.appending import Write
from shared.store.database import all_migrations, create_database, is_migrated, migrate, open_pool
from shared.store.roles import NotOneRole, check_roles, provide, verifier
from tests.conftest import WORKER
from tests.shared.things import Raised, open_store, raised
from tests.shared.waiting import eventually

FIRST, SECOND = "first", "second"
NUMBERS = itertools.count(1)


class Place(NamedTuple):
    """A server, whoever administers it there, and a prefix that nobody else uses."""

    superuser: str
    administrator: str
    prefix: str

    def of(self, service: str, password: str = FIRST) -> str:
        return login(self.superuser, f"{self.prefix}_{service}", password, f"{self.prefix}_{service}")


def login(dsn: str, user: str, password: str, database: str = "postgres") -> str:
    parts = urlsplit(dsn)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}:{password}@{host}", path=f"/{database}"))


async def ask(dsn: str, sql: str, *values: object) -> Any:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(sql, *values)
    finally:
        await connection.close()


async def do(dsn: str, *statements: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(params=["superuser", "administrator"])
async def place(request: pytest.FixtureRequest, servers: Servers) -> AsyncIterator[Place]:
    """Administered by the superuser, as the embedded platform is, or by a role that is none, as containers are."""
    prefix = f"roles-{WORKER}-{os.getpid()}-{next(NUMBERS)}"
    administrator = servers.database_url
    if request.param == "administrator":
        administrator = login(servers.database_url, f"{prefix}_admin", "admin")
        await do(servers.database_url, f"create role \"{prefix}_admin\" login createrole createdb password 'admin'")
    yield Place(servers.database_url, administrator, prefix)
    for kind, listed in (
        ("database", "select array_agg(datname) from pg_database where datname like $1"),
        ("role", "select array_agg(rolname) from pg_roles where rolname like $1"),
    ):
        names = await ask(servers.database_url, listed, f"{prefix}%")
        await do(servers.database_url, *(f'drop {kind} "{name}"' for name in sorted(names or [])))


async def test_a_service_works_with_a_role_that_owns_its_database_and_can_nothing_else(place: Place) -> None:
    for service in ("support", "careers"):
        await provide(place.administrator, place.of(service))
        await migrate(place.of(service), all_migrations(service))
    async with open_store(place.of("support")) as store:
        await raised(store, "counter-1", 1, 2)
        assert len(await store.read()) == 2
        assert await is_migrated(store.pool, "support")
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied for database"):
        await ask(login(place.of("support"), f"{place.prefix}_support", "first", f"{place.prefix}_careers"), "select 1")
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied to create database"):
        await do(place.of("support"), f'create database "{place.prefix}_more"')
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied to create role"):
        await do(place.of("support"), f'create role "{place.prefix}_more"')
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await do(place.of("support"), f'set role "{place.prefix}_careers"')
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await ask(place.of("support"), "select passwd from pg_shadow")


async def test_a_schema_of_somebody_else_in_its_database_cannot_be_read(place: Place) -> None:
    await provide(place.administrator, place.of("support"))
    there = login(place.superuser, *userinfo(place.superuser), f"{place.prefix}_support")
    await do(there, "create schema people", "create table people.seen (n int)")
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="schema people"):
        await ask(place.of("support"), "select count(*) from people.seen")


async def test_providing_again_also_at_once_changes_nothing_but_the_password(place: Place) -> None:
    await asyncio.gather(*(provide(place.administrator, place.of("support")) for _ in range(3)))
    await migrate(place.of("support"), all_migrations("support"))
    async with open_store(place.of("support")) as store:
        await raised(store, "counter-1", 1)
        await provide(place.administrator, place.of("support", SECOND))
        await raised(store, "counter-2", 1)  # Who is connected stays so.
    with pytest.raises(asyncpg.InvalidPasswordError):
        await ask(place.of("support"), "select 1")
    assert await ask(place.of("support", SECOND), "select count(*) from events") == 2


async def test_nobody_comes_in_without_a_password(place: Place) -> None:
    await provide(place.administrator, place.of("support"))
    for dsn in (place.superuser, place.of("support")):
        user, _ = userinfo(dsn)
        with pytest.raises(asyncpg.InvalidPasswordError):
            await ask(login(dsn, user, ""), "select 1")


@pytest.mark.parametrize("before", ["one role for all", "the superuser"])
async def test_what_another_role_owned_is_handed_over_and_the_service_goes_on(place: Place, before: str) -> None:
    if before == "the superuser" and place.administrator != place.superuser:
        await do(place.superuser, f'grant "{userinfo(place.superuser)[0]}" to "{place.prefix}_admin"')
    old = place.superuser
    if before == "one role for all":
        await do(place.superuser, f"create role \"{place.prefix}\" login createdb password 'old'")
        await do(place.superuser, f'grant "{place.prefix}" to "{userinfo(place.administrator)[0]}"')
        old = login(place.superuser, place.prefix, "old")
    for service in ("support", "careers"):
        of_old = login(old, *userinfo(old), f"{place.prefix}_{service}")
        await create_database(of_old)
        await migrate(of_old, all_migrations(service))
        async with open_store(of_old) as store:
            await raised(store, "counter-1", 1)
        await do(
            of_old, "create view seen as select * from events", "create type mood as enum ('good')",
            "create domain code as text", "create schema more", "create table more.things (id serial, m mood)",
            "create materialized view kept as select 1 as n",
        )  # fmt: skip
    for _ in range(2):
        for service in ("support", "careers"):
            await provide(place.administrator, place.of(service))
            assert await migrate(place.of(service), all_migrations(service)) == []
    for service in ("support", "careers"):
        assert await ask(place.of(service), OTHERS) == 0
        async with open_store(place.of(service)) as store:
            await raised(store, "counter-2", 1, 2)
            assert len(await store.read()) == 3
        await do(place.of(service), "insert into more.things (m) values ('good')", "drop view seen")
    if before == "one role for all":
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await ask(login(old, place.prefix, "old", f"{place.prefix}_support"), "select 1")


OTHERS = """select count(*) from (
    select relowner as owner from pg_class where relnamespace in ('public'::regnamespace, 'more'::regnamespace)
    union all select proowner from pg_proc where pronamespace = 'public'::regnamespace
    union all select typowner from pg_type where typnamespace = 'public'::regnamespace
    union all select nspowner from pg_namespace where nspname = 'more'
    union all select datdba from pg_database where datname = current_database()
) as held where owner <> current_user::regrole"""


async def test_the_administrator_is_not_taken_for_a_service_s_role(place: Place) -> None:
    for dsn in {place.superuser, place.administrator}:
        with pytest.raises(NotOneRole, match="administers the server"):
            await provide(place.administrator, login(dsn, *userinfo(dsn), f"{place.prefix}_support"))
    assert await ask(place.superuser, "select rolsuper from pg_roles where rolname = current_user")
    with pytest.raises(NotOneRole, match="ASCII"):
        await provide(place.administrator, place.of("support", "h%C3%A9ron"))


def test_two_services_do_not_share_a_role() -> None:
    check_roles(["postgresql://a:x@db/one", "postgresql://b:x@db/two"])
    with pytest.raises(NotOneRole, match=r"its user has to hold \{service\}"):
        check_roles(["postgresql://a:x@db/one", "postgresql://a:x@db/two"])


async def test_a_role_that_could_create_databases_cannot_any_more(place: Place) -> None:
    await do(place.administrator, f'create role "{place.prefix}_support" login createdb')
    await provide(place.administrator, place.of("support"))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await do(place.of("support"), f'create database "{place.prefix}_more"')


async def test_without_an_administrator_a_database_that_is_there_is_taken_as_it_is(place: Place) -> None:
    await provide(place.administrator, place.of("support"))
    assert not await create_database(place.of("support"))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await create_database(login(place.of("support"), f"{place.prefix}_support", "first", f"{place.prefix}_more"))


async def test_while_a_password_is_changed_whoever_needs_a_connection_waits_and_is_not_refused(place: Place) -> None:
    await provide(place.administrator, place.of("support"))
    holds, asked, often = ["first"], itertools.count(), asyncio.Event()

    def password() -> str:
        if next(asked) == 2:
            often.set()
        return holds[0]

    pool = await open_pool(place.of("support", "of long ago"), 2, "test", password)
    await provide(place.administrator, place.of("support", SECOND))
    async with pool.acquire():
        waiting = asyncio.create_task(pool.fetchval("select 1"))
        await often.wait()
        assert not waiting.done()
        holds[0] = "second"
        assert await waiting == 1
    await pool.close()


async def test_a_password_that_the_file_holds_first_fails_nobody_until_the_role_has_it(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long that takes: nobody waits for it here."""
    monkeypatch.setattr(database, "CHANGING_SECONDS", 0)
    await provide(place.administrator, place.of("support"))
    holds = [FIRST]
    pool = await open_pool(place.of("support"), 3, "test", lambda: holds[0])
    async with pool.acquire():
        for password in (SECOND, "third"):
            holds[0] = password
            async with pool.acquire() as made:
                assert await made.fetchval("select 1") == 1
            await pool.expire_connections()
            await provide(place.administrator, place.of("support", password))
            async with pool.acquire() as made:
                assert await made.fetchval("select 1") == 1
            await pool.expire_connections()
    await pool.close()


async def test_a_password_that_stays_wrong_is_said(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "CHANGING_SECONDS", 0)
    await provide(place.administrator, place.of("support"))
    pool = await open_pool(place.of("support"), 2, "test", lambda: "first")
    await provide(place.administrator, place.of("support", SECOND))
    async with pool.acquire():
        with pytest.raises(asyncpg.InvalidPasswordError):
            await pool.fetchval("select 1")
    await pool.close()
    with pytest.raises(asyncpg.InvalidPasswordError):
        await open_pool(place.of("support"), 2, "test", lambda: "first")


async def test_a_transaction_of_another_role_shows_in_the_horizon_s_age(place: Place) -> None:
    for service in ("support", "careers"):
        await provide(place.administrator, place.of(service))
        await migrate(place.of(service), all_migrations(service))
    async with open_store(place.of("support")) as store:
        other = await asyncpg.connect(place.of("careers"))
        async with other.transaction():
            await other.execute("select pg_current_xact_id()")
            await store.append([Write("counter-1", 0, [Raised(by_much=1)])])
            assert await store.read() == []
            assert await store.horizon_age() == 0
            await eventually(store.horizon_age, "the age grows")
        await other.close()


def test_what_is_kept_of_a_password_does_not_show_it_and_differs_each_time() -> None:
    first, second = verifier("quiet heron", 4096), verifier("quiet heron", 4096)
    assert first.startswith("SCRAM-SHA-256$4096:")
    assert first != second
    assert "heron" not in first


def userinfo(dsn: str) -> tuple[str, str]:
    parts = urlsplit(dsn)
    return parts.username or "", parts.password or ""
