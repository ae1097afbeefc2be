"""A database that is another one than a process began with: nobody goes on from what the process remembers of it."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import asyncpg
from asyncpg.exceptions import TargetServerAttributeNotMatched

from deploy.local import postgres
from deploy.local.processes import Program
from shared.processing.transient import transient
from shared.store.database import DatabaseReplaced, Pool, create_database, open_pool
from tests.shared.waiting import eventually


@asynccontextmanager
async def opened(dsn: str) -> AsyncIterator[tuple[Pool, list[str]]]:
    """A pool, and what is said of its database's being replaced."""
    told: list[str] = []
    pool = await open_pool(dsn, 2, "test", replaced=told.append)
    try:
        yield pool, told
    finally:
        pool.terminate()


async def answer(pool: Pool) -> object:
    """What a question ends with once the connections of before are known to be broken."""
    found: list[object] = []

    async def asked() -> bool:
        try:
            found.append(await pool.fetchval("select 1"))
        except (OSError, asyncpg.PostgresError, asyncpg.InternalClientError) as error:
            if isinstance(error, ConnectionRefusedError | asyncpg.PostgresError):
                return False
            found.append(error)
        return True

    await eventually(asked, "an answer that lasts")
    return found[0]


async def test_a_database_that_was_made_anew_is_not_gone_on_with(database: str) -> None:
    async with opened(database) as (pool, told):
        assert await pool.fetchval("select 1") == 1
        other = await asyncpg.connect(database.rpartition("/")[0] + "/postgres")
        name = database.rpartition("/")[2]
        await other.execute(f'drop database "{name}" with (force)')
        await other.close()
        await create_database(database)

        answers = [await answer(pool) for _ in range(3)]

    assert [type(each) for each in answers] == [DatabaseReplaced] * 3
    assert all(isinstance(each, Exception) and transient(each) for each in answers)
    (difference,) = told
    before, _, now = difference.partition(" and is ")
    assert before.removeprefix("it was ").rpartition(" ")[0] == now.rpartition(" ")[0]
    assert before.rpartition(" ")[2] != now.rpartition(" ")[2]
    assert str(answers[0]) == f"the database was replaced: {difference}"


@contextmanager
def running(words: Sequence[str], folder: Path) -> Iterator[None]:
    Program(postgres.NAME, words, folder / "again.log")
    try:
        yield
    finally:
        postgres.stop(folder)


async def test_a_server_that_starts_again_is_the_same_and_a_replica_that_takes_its_place_is_not(
    tmp_path: Path,
) -> None:
    first, late = tmp_path / "first", tmp_path / "late"
    program, dsn = postgres.start(first, durable=False)
    words = [str(word) for word in program.process.args]  # type: ignore[union-attr]
    try:
        async with opened(dsn) as (pool, told):
            postgres.stop(first)
            late.mkdir()
            copied = await asyncio.create_subprocess_exec("cp", "-a", first / "data", late)
            assert await copied.wait() == 0
            (late / "data" / "standby.signal").touch()
            with running(words, first):
                assert await answer(pool) == 1
            assert told == []

            with running([word.replace(str(first), str(late)) for word in words], late):
                assert isinstance(await answer(pool), TargetServerAttributeNotMatched)
                assert told == []
                replica = await asyncpg.connect(dsn)
                assert await replica.fetchval("select pg_promote()")
                await replica.close()
                assert isinstance(await answer(pool), DatabaseReplaced)
            (difference,) = told
            assert "timeline 00000001" in difference.partition(" and is ")[0]
            assert "timeline 00000002" in difference.partition(" and is ")[2]
    finally:
        postgres.stop(first)
