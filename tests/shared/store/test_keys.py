"""Subjects' keys: made with the first event that needs one, waited for, and gone for ever once they are erased."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

from shared.model.message import START, Recorded
from shared.model.projection import Projection, by_key
from shared.ops.sealing import Resealed, Sealer
from shared.processing.handlers import ViewHandler
from shared.store import keys as keys_module
from shared.store.appending import ANY, Write, WrongVersion
from shared.store.database import Pool
from shared.store.erasing import Erasures, erase, want_erased
from shared.store.event_store import Store
from shared.store.folding import Naming
from shared.store.keys import PURPOSE, KeyAwaited, KeyMissing, Keys
from tests.shared.keys import SEALER
from tests.shared.things import TOTALS, Raised, documents, open_store, subscription_on
from tests.shared.waiting import settled

NOTE = "Kanarienvogel"
OLD, NEW = "the master key of the tests", "another master key, long enough"
WRAPPED = "select wrapped from subject_keys where subject = $1"


async def noted(store: Store, stream: str = "counter-1", note: str = NOTE) -> Recorded[Any]:
    (event,) = await store.append([Write(stream, ANY, [Raised(by_much=1, note=note)])])
    return event


async def notes(store: Store, stream: str = "counter-1") -> list[tuple[str, bool]]:
    return [(event.data.note, event.erased) for event in (await store.load(stream)).streams[stream]]


async def everything(pool: Pool) -> str:
    return str(await pool.fetchval("select string_agg(e::text, ' ') from events as e"))


async def told(one: Store, other: Store, subject: str = "counter-1") -> None:
    async with other.pool.acquire() as connection, connection.transaction():
        await other.keys.learn(connection, [(subject, await one.pool.fetchval(WRAPPED, subject))])
    other.keys.arrived.fire()


async def test_a_key_is_made_with_the_first_event_that_needs_one_and_used_from_then_on(store: Store) -> None:
    await store.append([Write("counter-1", ANY, [Raised(by_much=1)])])
    assert await store.pool.fetchval("select count(*) from subject_keys") == 0
    for _ in range(3):
        await noted(store)
    assert await store.pool.fetchval("select count(*) from subject_keys") == 1
    assert await notes(store) == [("", False), *[(NOTE, False)] * 3]
    assert NOTE not in await everything(store.pool)


async def test_a_store_under_another_master_key_is_refused_and_one_being_changed_is_not(store: Store) -> None:
    other, changing = Sealer("another master key, long enough"), Sealer("a new one", "another master key, long enough")
    await Keys(store.pool, other).check()
    await store.pool.execute("insert into subject_keys values ('a-1', $1)", other.sealed(PURPOSE, b"1" * 32, "a-1"))
    for sealer in (other, changing):
        await Keys(store.pool, sealer).check()
    with pytest.raises(KeyMissing, match="wrapped under another master key"):
        await store.keys.check()
    await noted(store)
    await store.keys.check()


async def test_a_key_is_lost_with_the_event_that_it_was_made_for(store: Store, database: str) -> None:
    async with store.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        write = Write("counter-1", ANY, [Raised(by_much=1, note="first")])
        await store.append([write], connection=connection)
        loaded = await store.load("counter-1", connection=connection)
        assert [event.data.note for event in loaded.streams["counter-1"]] == ["first"]
        await transaction.rollback()
    await noted(store)
    async with open_store(database) as fresh:
        assert await notes(fresh) == [(NOTE, False)]


async def test_many_at_once_make_one_key(store: Store, database: str) -> None:
    async def write(number: int) -> None:
        async with open_store(database, 1) as own:
            for _ in range(50):
                try:
                    await own.append([Write("counter-1", ANY, [Raised(by_much=number, note=NOTE)])])
                except WrongVersion:
                    continue
                return

    await asyncio.gather(*map(write, range(8)))
    assert await notes(store) == [(NOTE, False)] * 8


async def test_a_key_that_another_service_makes_is_waited_for(store: Store, foreign: Store) -> None:
    await noted(store)
    with pytest.raises(KeyAwaited, match="the key of counter-1 has not come yet"):
        await noted(foreign)
    assert await foreign.pool.fetchval("select count(*) from events") == 0
    waiting = asyncio.create_task(foreign.keys.wait_for(["counter-1"]))
    await told(store, foreign)
    await waiting
    await noted(foreign)
    assert await notes(foreign) == [(NOTE, False)]


async def test_nobody_waits_for_ever(foreign: Store) -> None:
    foreign.keys.patience = 0.0
    with pytest.raises(KeyAwaited):
        await foreign.keys.wait_for(["counter-1"])


async def test_an_event_whose_key_does_not_come_is_parked_and_goes_on_when_it_does(
    store: Store, foreign: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    late, fine = await noted(store), await noted(store, "counter-2")
    await told(store, foreign, "counter-2")
    await settled(store.pool)
    raws = [raw._replace(source="others") for raw in await store.read(START)]
    subscription, handler = subscription_on(foreign), ViewHandler(TOTALS)
    with pytest.raises(KeyAwaited):
        await subscription.deliver(handler, raws)
    assert await foreign.pool.fetchval("select count(*) from parked") == 0
    monkeypatch.setattr(keys_module, "MISSING", -1.0)
    await subscription.deliver(handler, raws)
    assert [row[0] for row in await foreign.pool.fetch("select id from parked")] == [late.id]
    assert list(await documents(foreign.pool)) == [fine.key]
    await foreign.pool.execute("update parked set due = null")
    await told(store, foreign)
    assert await subscription.resume_due([handler]) == 1
    assert await documents(foreign.pool) == {key: {"total": 1, "versions": [1]} for key in (late.key, fine.key)}


async def test_who_is_erased_is_read_emptied_and_nothing_personal_is_written_any_more(
    store: Store, foreign: Store
) -> None:
    await noted(store)
    await told(store, foreign)
    await noted(foreign)
    for each in (store, foreign):
        async with each.pool.acquire() as connection, connection.transaction():
            await erase(connection, "counter-1")
        each.keys.forget(["counter-1"])
        await noted(each)
        assert await notes(each) == [("", True), ("", False)]
        assert await each.pool.fetchval("select data::text from events where version = 2") == '{"by_much": 1}'


async def test_a_key_that_is_told_again_brings_nobody_back(store: Store, foreign: Store) -> None:
    await noted(store)
    wrapped = await store.pool.fetchval(WRAPPED, "counter-1")
    async with foreign.pool.acquire() as connection, connection.transaction():
        await erase(connection, "counter-1")
        await foreign.keys.learn(connection, [("counter-1", wrapped)])
    assert await foreign.pool.fetchval(WRAPPED, "counter-1") is None
    assert await foreign.keys.find(["counter-1"]) == {"counter-1": None}


async def test_a_key_that_nobody_of_ours_has_wrapped_is_not_learnt(foreign: Store) -> None:
    stranger = Sealer("another master key").sealed(PURPOSE, b"k" * 32, "counter-1")
    other_subject = SEALER.sealed(PURPOSE, b"k" * 32, "counter-2")
    async with foreign.pool.acquire() as connection, connection.transaction():
        told = [("counter-1", stranger), ("counter-2", other_subject), ("counter-2", b"rubbish"), ("counter-3", b"")]
        await foreign.keys.learn(connection, told)
    assert [row[0] for row in await foreign.pool.fetch("select subject from subject_keys")] == ["counter-2"]


async def test_a_key_wrapped_under_the_master_key_before_is_read_and_wrapped_anew(store: Store) -> None:
    await noted(store)
    store.keys = Keys(store.pool, Sealer("another master key"), ["counter"])
    with pytest.raises(KeyMissing, match="wrapped under another master key"):
        await notes(store)
    store.keys = Keys(store.pool, Sealer("another master key", "the master key of the tests"), ["counter"])
    assert await notes(store) == [(NOTE, False)]
    assert await store.keys.wrap_anew() == Resealed(anew=1)
    assert await store.keys.wrap_anew() == Resealed()
    store.keys = Keys(store.pool, Sealer("another master key"), ["counter"])
    assert await notes(store) == [(NOTE, False)]
    assert await store.pool.fetchval("select count(*) from subject_keys where not sent") == 1


def opens(store: Store, sealer: Sealer) -> Keys:
    """The keys as a process knows them that has just been started with these master keys."""
    return Keys(store.pool, sealer, ["counter"])


STEPS = (Sealer(OLD), Sealer(OLD, upcoming=NEW), Sealer(NEW, OLD), Sealer(NEW))
"""Of a change of the master key, as docs/operations.md has it."""


@pytest.mark.parametrize(("before", "after"), [*pairwise(STEPS)])
async def test_while_the_master_key_is_changed_two_steps_read_each_other(
    store: Store, foreign: Store, before: Sealer, after: Sealer
) -> None:
    for mine, other in ((before, after), (after, before)):
        store.keys = opens(store, mine)
        made = (await store.keys.ciphers([f"counter-{number}" for number in range(3)])).made
        async with store.pool.acquire() as connection, connection.transaction():
            await store.keys.keep(connection, made)
        foreign.keys = opens(foreign, other)
        async with foreign.pool.acquire() as connection, connection.transaction():
            await foreign.keys.learn(connection, made.items())
        for there in (opens(store, other), opens(store, mine), foreign.keys):
            assert len(await there.find(list(made))) == len(made)
        await store.pool.execute("delete from subject_keys")


async def test_what_the_last_old_process_sealed_is_found_and_nothing_goes_back_under_the_old_key(store: Store) -> None:
    last, new = opens(store, STEPS[1]), opens(store, STEPS[2])
    await new.wrap_anew()
    made = (await last.ciphers(["counter-1"])).made
    async with store.pool.acquire() as connection, connection.transaction():
        await last.keep(connection, made)
    left = await opens(store, STEPS[3]).wrap_anew()
    assert left == Resealed(closed=1), "to forget the old one now would lose it"
    assert await new.wrap_anew() == Resealed(anew=1)
    assert await opens(store, STEPS[1]).wrap_anew() == Resealed(), "one that is started again takes nothing back"
    assert await opens(store, STEPS[3]).wrap_anew() == Resealed()
    assert (await opens(store, STEPS[3]).find(["counter-1"]))["counter-1"] is not None


async def test_a_key_told_under_the_master_key_of_before_is_kept_under_that_of_today(foreign: Store) -> None:
    told = Sealer(OLD).sealed(PURPOSE, b"k" * 32, "counter-1")
    foreign.keys = opens(foreign, STEPS[2])
    async with foreign.pool.acquire() as connection, connection.transaction():
        await foreign.keys.learn(connection, [("counter-1", told)])
    assert await opens(foreign, STEPS[3]).wrap_anew() == Resealed()


async def test_what_another_process_has_erased_is_forgotten_here(store: Store, database: str) -> None:
    await noted(store)
    assert await notes(store) == [(NOTE, False)]
    async with open_store(database) as process, process.pool.acquire() as connection:
        await erase(connection, "counter-1")
    await store.keys.forget_erased()
    assert await notes(store) == [("", True)]


async def test_what_another_process_heard_of_an_hour_late_is_forgotten_here(store: Store, database: str) -> None:
    await noted(store)
    assert await notes(store) == [(NOTE, False)]
    async with open_store(database) as process, process.pool.acquire() as connection:
        await erase(connection, "counter-1", datetime.now(UTC) - timedelta(hours=1))
    await store.keys.forget_erased()
    assert await notes(store) == [("", True)]


async def test_however_long_it_could_not_look_all_that_was_erased_since_the_last_look_is_forgotten(
    store: Store, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys_module, "LOOK_BACK", timedelta())
    await noted(store)
    assert await notes(store) == [(NOTE, False)]
    await store.keys.forget_erased()
    async with open_store(database) as process, process.pool.acquire() as connection:
        await erase(connection, "counter-1")
    await store.keys.forget_erased()
    assert await notes(store) == [("", True)]


async def test_who_was_being_erased_while_it_looked_is_forgotten_the_next_time(store: Store, database: str) -> None:
    await noted(store)
    assert await notes(store) == [(NOTE, False)]
    async with open_store(database) as process, process.pool.acquire() as connection:
        async with connection.transaction():
            await erase(connection, "counter-1")
            await store.keys.forget_erased()
            assert await notes(store) == [(NOTE, False)]
        await store.keys.forget_erased()
    assert await notes(store) == [("", True)]


async def _erased(store: Store, *views: Naming) -> list[str]:
    return await Erasures(store.pool).erase_due(views)


async def test_nobody_is_erased_before_the_views_have_seen_why(store: Store) -> None:
    event = await noted(store)
    view = ViewHandler(TOTALS).naming
    async with store.pool.acquire() as connection, connection.transaction():
        await want_erased(connection, ["counter-1"], event.id)
    assert await _erased(store, view) == []
    await settled(store.pool)
    await subscription_on(store).advance(ViewHandler(TOTALS))
    assert await _erased(store, view) == ["counter-1"]
    assert await _erased(store, view) == []
    assert await store.pool.fetchval("select erased_at <= clock_timestamp() and not sent from erased_subjects")


async def test_whoever_is_erased_before_keeps_nobody_else(store: Store) -> None:
    for stream in ("counter-1", "counter-2"):
        await noted(store, stream)
        async with store.pool.acquire() as connection, connection.transaction():
            await want_erased(connection, [stream], None)
        assert await _erased(store) == [stream]
    async with store.pool.acquire() as connection, connection.transaction():
        await want_erased(connection, ["counter-1"], None)
    assert await _erased(store) == []


async def test_who_is_held_is_erased_when_the_hold_ends(store: Store) -> None:
    await noted(store)
    async with store.pool.acquire() as connection, connection.transaction():
        await want_erased(connection, ["counter-1"], None)
    await store.pool.execute("insert into holds (subject, reason) values ('counter-1', 'a case')")
    assert await _erased(store) == []
    assert await notes(store) == [(NOTE, False)]
    await store.pool.execute("delete from holds")
    assert await _erased(store) == ["counter-1"]


async def test_mails_and_kept_forms_of_whoever_is_erased_go(store: Store) -> None:
    owner = UUID(int=7)
    mail = """insert into mails (id, recipient, template, subject, body_text, body_html, headers, whose, sent_at)
        values (gen_random_uuid(), $1, 't', $1, $1, $1, '{}', $2, null)"""
    for name in ("Anna", "Ben"):
        await store.pool.execute(mail, name, f"counter-{owner}" if name == "Anna" else "counter-2")
    form = "insert into kept_forms (browser, action, owner, page, fields) values ($1, '', $2, '', '{\"a\": \"Anna\"}')"
    await store.pool.execute(form, b"1", owner)
    await store.pool.execute(form, b"2", UUID(int=8))
    async with store.pool.acquire() as connection, connection.transaction():
        await erase(connection, f"counter-{owner}")
    assert [row[0] for row in await store.pool.fetch("select recipient from mails where due is not null")] == ["Ben"]
    assert "Anna" not in str(await store.pool.fetchval("select string_agg(m::text, ' ') from mails as m"))
    assert [row[0] for row in await store.pool.fetch("select owner from kept_forms")] == [UUID(int=8)]


async def test_a_rebuild_after_an_erasure_ends_with_the_rest(store: Store, database: str) -> None:
    for stream in ("counter-1", "counter-2"):
        await noted(store, stream)
    async with store.pool.acquire() as connection, connection.transaction():
        await erase(connection, "counter-1")
    await settled(store.pool)
    remarks: Projection[Any] = Projection(
        TOTALS.name, (Raised,), by_key, lambda _, event: {"note": event.data.note, "erased": event.erased}
    )
    async with open_store(database) as fresh:
        await subscription_on(fresh).advance(ViewHandler(remarks))
    assert await documents(store.pool) == {
        "1": {"note": "", "erased": True}, "2": {"note": NOTE, "erased": False}
    }  # fmt: skip
