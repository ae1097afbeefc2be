"""Migrations: applied once, in order, also by two at the same time; a failing one leaves nothing."""

import asyncio

import asyncpg
import pytest

from deploy.local.servers import Servers
from shared.store.database import create_database, is_migrated, migrate, migrations_of, open_pool

FIRST = ("things/0001_first.sql", "create table first (n int); insert into first values (1)")
SECOND = ("things/0002_second.sql", "update first set n = n + 1")
BROKEN = ("things/0003_broken.sql", "update first set n = 99; select nothing_there()")


async def test_two_that_migrate_at_the_same_time_apply_everything_once_and_in_order(database: str) -> None:
    applied = await asyncio.gather(*(migrate(database, [FIRST, SECOND]) for _ in range(4)))
    assert sorted(name for names in applied for name in names) == [FIRST[0], SECOND[0]]
    connection = await asyncpg.connect(database)
    assert await connection.fetchval("select n from first") == 2
    await connection.close()


async def test_a_migration_that_fails_leaves_nothing_and_can_be_mended(database: str) -> None:
    with pytest.raises(asyncpg.UndefinedFunctionError):
        await migrate(database, [FIRST, SECOND, BROKEN])
    assert await migrate(database, [FIRST, SECOND, (BROKEN[0], "update first set n = n + 1")]) == [BROKEN[0]]
    connection = await asyncpg.connect(database)
    assert await connection.fetchval("select n from first") == 3
    await connection.close()


async def test_creating_a_database_twice_at_once_creates_it_once(database: str, servers: Servers) -> None:
    dsn = f"{database}_new"
    assert sorted(await asyncio.gather(*(create_database(dsn) for _ in range(3)))) == [False, False, True]
    assert await migrate(dsn, migrations_of("shared")) == [name for name, _ in migrations_of("shared")]
    assert await migrate(dsn, migrations_of("shared")) == []
    connection = await asyncpg.connect(servers.database_url)
    await connection.execute(f'drop database "{dsn.rpartition("/")[2]}"')
    await connection.close()


async def test_a_database_without_its_latest_migration_is_not_ready(database: str) -> None:
    pool = await open_pool(database, 1, "test")
    assert await is_migrated(pool, "careers")
    await pool.execute("delete from migrations where name = $1", migrations_of("shared")[-1][0])
    assert not await is_migrated(pool, "careers")
    await pool.close()
