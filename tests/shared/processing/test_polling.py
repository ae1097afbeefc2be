"""Polling: one question for all loops of a process, which wakes those that have something to do and nobody else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from shared.model.reaction import Reaction, TimerRule
from shared.ops.settings import Settings
from shared.processing.polling import Polling
from shared.processing.timers import Timers
from shared.runtime import process as process_module
from shared.runtime.declaration import Service
from shared.runtime.kernel import Kernel
from shared.runtime.process import ServiceProcess
from shared.store.appending import ANY, Write
from shared.store.database import Pool, open_pool
from shared.store.erasing import erase, want_erased
from shared.store.event_store import Store
from tests.shared.processing.test_timers import HOLD, RING, alarm, schedule
from tests.shared.things import COUNTER, PUBLISHED, TOTALS, Raised, open_store, own_views, raised, render
from tests.shared.waiting import eventually, settled

FUTURE = datetime(2996, 1, 1, tzinfo=UTC)
NOBODY = {"appended": 0, "due": 0}
APPENDED, DUE = {"appended": 1, "due": 0}, {"appended": 0, "due": 1}


def polling(store: Store, *rules: TimerRule, tells: bool = True) -> Polling:
    return Polling(store, Timers(store, render, rules or (RING,), own_views(store)), tells=tells)


async def woken(polling: Polling, looks: int = 1) -> dict[str, int]:
    """How often these looks fire each of the two."""
    before = polling.store.appended.count, polling.due.count
    for _ in range(looks):
        await polling.look()
    return {"appended": polling.store.appended.count - before[0], "due": polling.due.count - before[1]}


@asynccontextmanager
async def looking(store: Store, *rules: TimerRule, tells: bool = True) -> AsyncIterator[Polling]:
    """One that has seen what there was."""
    found = polling(store, *rules, tells=tells)
    await settled(store.pool)
    await found.look()
    yield found


async def test_where_nothing_happens_nobody_is_woken(store: Store) -> None:
    await raised(store, "counter-1", 1)
    await store.pool.execute("update subject_keys set sent = true")
    await schedule(store, alarm("later", FUTURE))
    async with looking(store) as found:
        assert await woken(found, looks=3) == NOBODY


async def test_what_another_process_appended_wakes_once_when_it_is_settled(store: Store, database: str) -> None:
    async with looking(store, tells=False) as found, open_store(database) as other:
        async with store.pool.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            await connection.execute("select pg_current_xact_id()")
            await other.append([Write("counter-1", ANY, [Raised(by_much=1)])])
            assert await woken(found) == NOBODY, "an older transaction hides it"
            await transaction.rollback()
        await settled(store.pool)
        assert [await woken(found), await woken(found)] == [APPENDED, NOBODY]


async def test_a_database_that_was_put_back_wakes_too(store: Store) -> None:
    await raised(store, "counter-1", 1, 1)
    async with looking(store, tells=False) as found:
        await store.pool.execute("delete from events where version = 2")
        await settled(store.pool)
        assert [await woken(found), await woken(found)] == [APPENDED, NOBODY]


async def test_a_timer_wakes_while_it_is_due_and_neither_claimed_nor_held(store: Store) -> None:
    erasing = TimerRule("ring", RING.fire, erases=True)
    async with looking(store, erasing, tells=False) as found:
        await schedule(store, alarm(subject="person-1"))
        assert await woken(found, looks=2) == {"appended": 2, "due": 0}
        await store.pool.execute(HOLD)
        assert await woken(found) == NOBODY
        await store.pool.execute("delete from holds")
        await store.pool.execute("update timers set claimed = now() + interval '1 minute'")
        assert await woken(found) == NOBODY
        await store.pool.execute("update timers set claimed = now() - interval '1 second'")
        assert await woken(found) == APPENDED
        assert await woken(polling(store, TimerRule("other", RING.fire), tells=False), looks=2) == APPENDED, (
            "once, for the first look; whose rule it is not has nothing to do"
        )


async def test_a_mail_wakes_while_it_is_due(store: Store) -> None:
    async with looking(store, tells=False) as found:
        await store.pool.execute(
            "insert into mails (id, recipient, template, subject, body_text, body_html, headers)"
            " values (gen_random_uuid(), 'anna@example.org', '', '', '', '', '{}')"
        )
        assert await woken(found) == APPENDED
        await store.pool.execute("update mails set due = now() + interval '2 minutes'")
        assert await woken(found) == NOBODY


async def test_keys_that_were_not_told_wake_whoever_tells_them(store: Store) -> None:
    async with looking(store) as found, looking(store, tells=False) as silent:
        await store.pool.execute("insert into subject_keys values ('counter-1', '', false)")
        assert (await woken(found), await woken(silent)) == (APPENDED, NOBODY)
        await store.pool.execute("update subject_keys set sent = true")
        assert await woken(found) == NOBODY
        await store.pool.execute("insert into erased_subjects (subject, sent) values ('counter-1', false)")
        await store.pool.execute("update erased_subjects set noted_at = null")
        assert (await woken(found), await woken(silent)) == (APPENDED, NOBODY)


async def test_what_is_parked_wakes_when_it_is_to_be_tried_again(store: Store) -> None:
    async with looking(store, tells=False) as found:
        await store.pool.execute(
            "insert into parked (handler, stream, version, id, source, type, schema_version, data, correlation, actor,"
            " trace, at, transaction, position, error, due) values ('view:totals', 'counter-1', 1, gen_random_uuid(),"
            " '', '', 1, '{}', gen_random_uuid(), '', '', now(), '1', 1, '', now())"
        )
        assert await woken(found) == DUE
        await store.pool.execute("update parked set due = now() + interval '20 seconds'")
        assert await woken(found) == NOBODY
        await store.pool.execute("update parked set due = null")
        assert await woken(found) == NOBODY


async def test_whoever_is_to_be_erased_or_was_by_another_process_wakes(store: Store, database: str) -> None:
    async with looking(store, tells=False) as found:
        async with store.pool.acquire() as connection:
            await want_erased(connection, ["counter-1"], UUID(int=1))
        assert await woken(found) == DUE
        async with open_store(database) as other, other.pool.acquire() as connection:
            await erase(connection, "counter-1")
        await store.pool.execute("delete from erasures")
        await store.keys.forget_erased()
        assert await woken(found) == DUE, "one that was open when it looked may have ended since"
        await store.pool.execute("update erased_subjects set noted_at = now() - interval '1 hour'")
        assert await woken(found) == NOBODY


class Counted:
    """How often a pool lends a connection, and how often a process looks."""

    def __init__(self, pool: Pool, process: ServiceProcess, monkeypatch: pytest.MonkeyPatch) -> None:
        self.loans = self.looks = 0
        acquire, look = asyncpg.Pool._acquire, process.polling.look  # type: ignore[attr-defined]

        async def lent(of: Pool, *patience: Any) -> Any:
            self.loans += of is pool
            return await acquire(of, *patience)

        async def looked() -> None:
            self.looks += 1
            await look()

        monkeypatch.setattr(asyncpg.Pool, "_acquire", lent)
        monkeypatch.setattr(process.polling, "look", looked)

    async def quiet(self) -> bool:
        """Whether during thirty looks nothing else was asked."""
        loans, looks = self.loans, self.looks
        await eventually(lambda: self._looked(looks + 30), "thirty looks")
        return self.loans - loans == self.looks - looks

    async def _looked(self, times: int) -> bool:
        return self.looks >= times


async def test_a_process_with_nothing_to_do_asks_one_question_each_time_for_all_its_loops(
    database: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_module, "SELDOM", 3600.0)
    rare = settings.model_copy(update={"lease_seconds": 3600.0, "poll_seconds": 0.05})
    service = Service(
        "things", PUBLISHED, deciders=(COUNTER,), projections=(TOTALS,), timers=(RING,),
        reactions=(Reaction("mirror", (Raised,), lambda _event, _known: []),),
    )  # fmt: skip
    pool = await open_pool(database, 6, "test")
    process = ServiceProcess(Kernel(service, rare, pool), "test")
    counted = Counted(pool, process, monkeypatch)
    await process.start()
    try:
        await process.kernel.store.append([Write("counter-1", ANY, [Raised(by_much=1)])])
        await eventually(lambda: pool.fetchval("select true from relay where position > 0"), "it is published")
        await eventually(counted.quiet, "only polling asks")
    finally:
        await process.stop()
