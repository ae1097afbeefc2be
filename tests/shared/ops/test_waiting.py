"""Loops that wait: longer each time and by chance, told once a minute, and no longer than what they wait for."""

import asyncio
from collections.abc import Callable

import pytest

from shared.ops.waiting import FIRST, LONGEST, TOLD_EVERY, Backoff, Waiting, first_of
from tests.shared.clock import Clock
from tests.shared.logged import logged


def waiting(clock: Clock, what: str = "relay", chance: Callable[[], float] = lambda: 1.0) -> Waiting:
    return Waiting(what, backoff=Backoff(chance=chance), clock=clock, sleep=clock.sleep)


def test_the_longest_pause_doubles_up_to_half_a_minute() -> None:
    backoff = Backoff(chance=lambda: 1.0)
    assert [backoff.pause() for _ in range(8)] == [1.0, 2.0, 4.0, 8.0, 16.0, LONGEST, LONGEST, LONGEST]


@pytest.mark.parametrize("chance", [0.0, 0.25, 0.5, 1.0])
def test_any_pause_between_the_first_and_the_longest_may_come(chance: float) -> None:
    backoff = Backoff(chance=lambda: chance)
    pauses = [backoff.pause() for _ in range(10)]
    assert pauses[-1] == FIRST + chance * (LONGEST - FIRST)
    assert all(FIRST <= pause <= LONGEST for pause in pauses)


async def test_pauses_are_short_again_after_it_worked() -> None:
    clock = Clock()
    waits = waiting(clock)
    for _ in range(9):
        await waits.after(TimeoutError())
    waits.over()
    before = clock.now
    await waits.after(TimeoutError())
    assert clock.now - before == 2 * FIRST


async def test_what_is_waited_for_ends_the_wait_and_pauses_are_short_again() -> None:
    there = asyncio.Event()

    async def never(_: float) -> None:
        await asyncio.Event().wait()

    waits = Waiting("relay", sleep=never)
    for _ in range(9):
        waits.backoff.pause()
    pausing = asyncio.create_task(waits.after(TimeoutError(), there.wait))
    await asyncio.sleep(0)
    assert not pausing.done()
    there.set()
    await pausing
    assert waits.backoff.pause() <= 2 * FIRST


async def test_a_wait_ends_when_its_loop_is_stopped_and_leaves_nothing_running() -> None:
    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    pausing = asyncio.create_task(Waiting("relay", sleep=never).after(TimeoutError(), never))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    pausing.cancel()
    await asyncio.gather(pausing, return_exceptions=True)
    assert [task for task in asyncio.all_tasks() if "never" in repr(task.get_coro())] == []


async def test_of_several_waits_the_first_counts() -> None:
    assert await first_of(asyncio.Event().wait(), asyncio.sleep(0)) == 1


async def test_ten_loops_that_fail_as_fast_as_they_may_write_less_than_sixty_lines_a_minute() -> None:
    with logged("INFO") as lines:
        for number in range(10):
            clock = Clock()
            waits, end = waiting(clock, f"loop {number}", chance=lambda: 0.0), clock.now + TOLD_EVERY
            while clock.now < end:
                await waits.after(ConnectionRefusedError(), of="Kafka")
                await waits.after(TimeoutError(), of="Kafka")
    written = lines.getvalue().splitlines()
    assert 10 <= len(written) < 60


async def test_it_is_told_that_it_goes_on_only_if_it_was_told_that_it_does_not() -> None:
    clock = Clock()
    waits = waiting(clock)
    with logged("INFO") as lines:
        waits.over()
        for _ in range(20):
            await waits.after(ConnectionRefusedError(), of="Kafka")
            waits.over()
    events = [line.partition('"event": "')[2].partition('"')[0] for line in lines.getvalue().splitlines()]
    assert events == ["relay waits for Kafka", "relay goes on"]


async def test_another_kind_of_failure_is_told_at_once_and_the_same_a_minute_later() -> None:
    clock = Clock()
    waits = waiting(clock)
    with logged("INFO") as lines:
        waits.tell(TimeoutError())
        waits.tell(ConnectionResetError())
        waits.tell(TimeoutError())
        assert len(lines.getvalue().splitlines()) == 2
        clock.now += TOLD_EVERY
        waits.tell(TimeoutError())
    assert '"tries": 4' in lines.getvalue().splitlines()[-1]
