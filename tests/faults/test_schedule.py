"""Random schedules: the same from the same seed, and made as small as they can be while they still fail."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random
from typing import Final

from tests.faults.campaign import Planned
from tests.faults.faults import ALL, Fault
from tests.faults.schedule import FEWEST, LONGEST, MOST, TRIES, Schedule, drawn, shrunk
from tests.faults.site import Site


@asynccontextmanager
async def nothing(_site: Site, _random: Random) -> AsyncIterator[None]:
    yield


SCHEDULE: Final = [Planned(Fault(name, "", 1, nothing)) for name in "abcdef"]


def names(schedule: Schedule) -> str:
    return "".join(each.fault.name for each in schedule)


def test_a_seed_is_one_schedule_and_another_one_is_another() -> None:
    assert drawn(7, ALL) == drawn(7, ALL)
    assert len({tuple(drawn(seed, ALL)) for seed in range(20)}) > 15


def test_a_schedule_holds_a_few_faults_that_may_meet_in_the_order_in_which_they_begin() -> None:
    for schedule in (drawn(seed, ALL) for seed in range(50)):
        assert FEWEST <= len(schedule) <= MOST
        assert all(each.fault.mixes and each.fault.seconds <= LONGEST for each in schedule)
        assert [each.after for each in schedule] == sorted(each.after for each in schedule)


async def test_what_fails_is_made_as_small_as_it_can_be() -> None:
    async def fails(schedule: Schedule) -> bool:
        return {"b", "e"} <= set(names(schedule))

    assert names(await shrunk(SCHEDULE, fails)) == "be"


async def test_what_fails_whatever_is_left_is_one_fault() -> None:
    async def fails(_: Schedule) -> bool:
        return True

    assert len(await shrunk(SCHEDULE, fails)) == 1


async def test_what_fails_only_as_a_whole_stays_whole_after_a_few_tries() -> None:
    tried: list[str] = []

    async def fails(schedule: Schedule) -> bool:
        tried.append(names(schedule))
        return False

    assert names(await shrunk(SCHEDULE, fails)) == "abcdef"
    assert len(tried) == min(TRIES, len(SCHEDULE))


def test_every_fault_has_a_name_of_its_own_and_rows_of_the_table() -> None:
    assert len({fault.name for fault in ALL}) == len(ALL)
    assert all(row.strip().isdigit() for fault in ALL for row in fault.rows.split(","))
