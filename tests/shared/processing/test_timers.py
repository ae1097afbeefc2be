"""Timers: when due, once, whatever crashes between claim and effect, and whoever fires beside."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest

from shared.model.reaction import Do, Effect, Known, Need, Schedule, Send, Timer, TimerRule, Unschedule
from shared.ops.context import Context
from shared.processing.execution import Caused, carry_out
from shared.processing.handlers import ViewHandler
from shared.processing.timers import CLAIM, Timers
from shared.store.appending import ANY, Write
from shared.store.event_store import Store
from tests.shared.things import (
    COUNTER,
    TOTALS,
    Raise,
    Raised,
    documents,
    mails,
    open_store,
    own_views,
    render,
    subscription_on,
)
from tests.shared.waiting import settled

NAMES = UUID(int=7)
PAST, FUTURE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2996, 1, 1, tzinfo=UTC)


def ring(timer: Timer, known: Known) -> list[Effect]:
    mail = Send(uuid5(NAMES, timer.key), "anna@example.org", "things/mail/rung", "en", whose="")
    return [Do(COUNTER, timer.data["counter"], Raise(by_much=timer.data.get("by", 1))), mail]


RING = TimerRule("ring", ring)


def timers_of(store: Store, *rules: TimerRule) -> Timers:
    return Timers(store, render, rules or (RING,), own_views(store))


async def schedule(store: Store, *effects: Effect) -> None:
    async with store.pool.acquire() as connection, connection.transaction():
        await carry_out(connection, store, render, [Caused(Context(), effects)], "test")


def alarm(key: str = "one", due: datetime = PAST, **data: Any) -> Schedule:
    return Schedule(key, due, "ring", {"counter": key, **data})


async def rung(store: Store, key: str = "one") -> list[int]:
    stream = COUNTER.stream(key)
    return [event.data.by_much for event in (await store.load(stream)).streams[stream]]


async def left(store: Store) -> int:
    return int(await store.pool.fetchval("select count(*) from timers"))


async def test_a_timer_fires_once_when_due_and_never_before(store: Store) -> None:
    await schedule(store, alarm(), alarm("later", FUTURE))
    assert [await timers_of(store).fire_due() for _ in range(2)] == [1, 0]
    assert (await rung(store), await rung(store, "later"), await left(store)) == ([1], [], 1)
    assert await mails(store.pool) == [uuid5(NAMES, "one")]


async def test_a_timer_scheduled_again_replaces_the_earlier_one_and_one_unscheduled_never_fires(store: Store) -> None:
    await schedule(store, alarm(by=1), alarm("gone"))
    await schedule(store, alarm(by=5), Unschedule("gone"), Unschedule("never there"))
    assert await timers_of(store).fire_due() == 1
    assert (await rung(store), await rung(store, "gone")) == ([5], [])


async def test_of_what_is_said_of_a_timer_at_once_the_last_holds(store: Store) -> None:
    await schedule(store, alarm(by=1), Unschedule("one"), alarm(by=5), alarm("gone"), Unschedule("gone"))
    assert await timers_of(store).fire_due() == 1
    assert (await rung(store), await rung(store, "gone"), await left(store)) == ([5], [], 0)


async def test_a_timer_moved_into_the_future_does_not_fire_although_it_was_claimed(store: Store) -> None:
    await schedule(store, alarm())
    timers = timers_of(store)
    fire = timers._try

    async def moved_meanwhile(claim: Any) -> None:
        await schedule(store, alarm(due=FUTURE))
        await fire(claim)

    timers._try = moved_meanwhile  # type: ignore[method-assign]
    await timers.fire_due()
    assert (await rung(store), await left(store)) == ([], 1)


async def test_a_timer_whose_process_died_after_claiming_it_fires_once_when_the_claim_has_ended(store: Store) -> None:
    await schedule(store, alarm())
    await store.pool.fetch(CLAIM, ["ring"], [], 10)
    assert await timers_of(store).fire_due() == 0
    await store.pool.execute("update timers set claimed = now() - interval '1 second'")
    assert await timers_of(store).fire_due() == 1
    assert (await rung(store), await left(store)) == ([1], 0)


async def test_two_processes_fire_every_timer_once(store: Store, database: str) -> None:
    await schedule(store, *(alarm(f"t{number}") for number in range(120)))
    async with open_store(database) as second:
        await asyncio.gather(_fire_all(timers_of(store)), _fire_all(timers_of(second)), _fire_all(timers_of(second)))
    assert await left(store) == 0
    assert await store.pool.fetchval("select count(*) from events") == 120
    assert len(await mails(store.pool)) == 120


async def test_a_timer_claimed_twice_because_the_first_was_slow_has_its_effect_once(store: Store) -> None:
    await schedule(store, alarm())
    claimed, go = asyncio.Event(), asyncio.Event()
    slow = timers_of(store)
    fire = slow._try

    async def slowly(claim: Any) -> None:
        claimed.set()
        await go.wait()
        await fire(claim)

    slow._try = slowly  # type: ignore[method-assign]
    firing = asyncio.create_task(slow.fire_due())
    await claimed.wait()
    await store.pool.execute("update timers set claimed = now() - interval '1 second'")
    assert await timers_of(store).fire_due() == 1
    go.set()
    await firing
    assert (await rung(store), await left(store)) == ([1], 0)


async def test_a_timer_that_fails_keeps_no_other_from_firing_and_is_tried_again_later(store: Store) -> None:
    broken = [True]

    def moody(timer: Timer, known: Known) -> list[Effect]:
        if broken[0] and timer.key == "bad":
            raise ValueError("not today")
        return ring(timer, known)

    rule = TimerRule("ring", moody)
    await schedule(store, alarm("bad", PAST - timedelta(days=1)), alarm("good"))
    assert await timers_of(store, rule).fire_due() == 2
    assert (await rung(store, "good"), await rung(store, "bad"), await left(store)) == ([1], [], 1)
    broken.clear()
    broken.append(False)
    await store.pool.execute("update timers set claimed = now() - interval '1 second'")
    await timers_of(store, rule).fire_due()
    assert (await rung(store, "bad"), await left(store)) == ([1], 0)


async def test_a_timer_that_schedules_itself_again_goes_on(store: Store) -> None:
    def again(timer: Timer, known: Known) -> list[Effect]:
        return [*ring(timer, known), alarm(timer.key, FUTURE)]

    await schedule(store, alarm())
    assert [await timers_of(store, TimerRule("ring", again)).fire_due() for _ in range(2)] == [1, 0]
    assert (await rung(store), await left(store)) == ([1], 1)


async def test_a_timer_sees_the_documents_that_it_needs_and_the_databases_clock(store: Store) -> None:
    await store.append([Write("counter-one", ANY, [Raised(by_much=40)])])
    await settled(store.pool)
    await subscription_on(store).advance(ViewHandler(TOTALS))
    seen: list[Timer] = []

    def double(timer: Timer, known: Known) -> Iterable[Effect]:
        seen.append(timer)
        document = known.get(TOTALS, timer.key)
        yield Do(COUNTER, timer.key, Raise(by_much=document["total"] if document else 0))

    await schedule(store, alarm())
    await timers_of(store, TimerRule("ring", double, lambda timer: [Need(TOTALS, timer.key)])).fire_due()
    assert await rung(store) == [40, 40]
    assert PAST < seen[0].now <= await store.pool.fetchval("select now()")
    assert (await documents(store.pool))["one"]["total"] == 40


async def test_timers_of_rules_that_this_version_does_not_know_are_left_alone(store: Store) -> None:
    await schedule(store, Schedule("strange", PAST, "unheard of"), alarm())
    assert await timers_of(store).fire_due() == 1
    assert await left(store) == 1
    assert await Timers(store, render, (), own_views(store)).fire_due() == 0


ERASING = TimerRule("ring", ring, erases=True)
HOLD = "insert into holds (subject, reason) values ('person-1', 'a lawsuit')"


async def test_who_is_held_is_erased_by_no_timer_until_the_hold_ends_and_nobody_waits_behind(store: Store) -> None:
    await store.pool.execute(HOLD)
    held, free = alarm("held", PAST - timedelta(days=1), subject="person-1"), alarm("free", subject="person-2")
    await schedule(store, held, free)
    assert [await timers_of(store, ERASING).fire_due() for _ in range(2)] == [1, 0]
    assert (await rung(store, "held"), await rung(store, "free"), await left(store)) == ([], [1], 1)
    await store.pool.execute("delete from holds")
    assert await timers_of(store, ERASING).fire_due() == 1
    assert (await rung(store, "held"), await left(store)) == ([1], 0)


async def test_a_hold_that_comes_after_the_claim_counts(store: Store) -> None:
    await schedule(store, alarm(subject="person-1"))
    timers = timers_of(store, ERASING)
    fire = timers._try

    async def held_meanwhile(claim: Any) -> None:
        await store.pool.execute(HOLD)
        await fire(claim)

    timers._try = held_meanwhile  # type: ignore[method-assign]
    await timers.fire_due()
    assert (await rung(store), await left(store)) == ([], 1)


async def test_a_timer_is_late_since_it_was_due_and_who_is_held_waits_for_nothing(store: Store) -> None:
    timers = timers_of(store, ERASING)
    await schedule(store, alarm("later", FUTURE), alarm("held", PAST - timedelta(days=1), subject="person-1"))
    since = (datetime.now(UTC) - PAST).total_seconds()
    assert await timers.late() == pytest.approx(since + 86400, abs=60)
    await store.pool.execute(HOLD)
    assert await timers.late() == 0
    await schedule(store, alarm("free", subject="person-2"))
    assert await timers.late() == pytest.approx(since, abs=60)
    assert await Timers(store, render, (), own_views(store)).late() == 0, "no rule of this version"


async def test_a_hold_keeps_no_timer_back_that_erases_nobody(store: Store) -> None:
    await store.pool.execute(HOLD)
    await schedule(store, alarm(subject="person-1"))
    assert (await timers_of(store).fire_due(), await rung(store)) == (1, [1])


@pytest.mark.parametrize("writers", [3])
async def test_a_timer_that_loses_a_race_for_its_stream_tries_again_at_once(store: Store, writers: int) -> None:
    await schedule(store, *(Schedule(f"t{n}", PAST, "ring", {"counter": "same"}) for n in range(10)))
    await asyncio.gather(*(_fire_all(timers_of(store)) for _ in range(writers)))
    await store.pool.execute("update timers set claimed = now() - interval '1 second'")
    await _fire_all(timers_of(store))
    assert (len(await rung(store, "same")), await left(store)) == (10, 0)


async def _fire_all(timers: Timers) -> None:
    while await timers.fire_due():
        pass
