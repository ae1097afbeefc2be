"""Random schedules: several faults at random times, from a seed; one that fails is made smaller while it still does."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from random import Random
from typing import Final

from tests.faults.campaign import Planned
from tests.faults.faults import Fault

FEWEST: Final = 2
MOST: Final = 5
WITHIN: Final = 30.0
"""Seconds in which all faults of a schedule have begun."""
LONGEST: Final = 15.0
"""Seconds that one of them lasts at most."""
TRIES: Final = 12
"""So often a schedule that fails is tried with less."""

Schedule = Sequence[Planned]


def drawn(seed: int, faults: Sequence[Fault]) -> Schedule:
    """The schedule of this seed, of those faults that may happen together with others."""
    random = Random(seed)  # noqa: S311 - repeatable, not secret
    mixing = [fault for fault in faults if fault.mixes]
    chosen = random.sample(mixing, min(len(mixing), random.randint(FEWEST, MOST)))
    shorter = (fault._replace(seconds=min(fault.seconds, LONGEST)) for fault in chosen)
    planned = (Planned(fault, round(random.uniform(0, WITHIN), 1)) for fault in shorter)
    return sorted(planned, key=lambda each: each.after)


def smaller(schedule: Schedule) -> Iterator[Schedule]:
    """What is left without one of the faults."""
    if len(schedule) > 1:
        for n in range(len(schedule)):
            yield [*schedule[:n], *schedule[n + 1 :]]


async def shrunk(schedule: Schedule, fails: Callable[[Schedule], Awaitable[bool]]) -> Schedule:
    """The smallest that was found still to fail, in at most TRIES tries."""
    tries = 0
    candidates = smaller(schedule)
    while tries < TRIES and (candidate := next(candidates, None)) is not None:
        tries += 1
        if await fails(candidate):
            schedule, candidates = candidate, smaller(candidate)
    return schedule


def named(schedule: Schedule) -> str:
    return ", ".join(f"{each.fault.name} at {each.after:g} s" for each in schedule)
