"""How long the oracle waits for a system to come to rest."""

import pytest

from tests.faults.rest import LONGEST, PATIENCE, Deadline
from tests.shared.clock import Clock


@pytest.mark.parametrize("counts", [(), (5,), (5, 5, 7, 5)])
def test_what_stands_still_is_over_after_its_patience(counts: tuple[int, ...]) -> None:
    clock = Clock()
    deadline = Deadline(clock)
    for count in counts:
        deadline.seen(count)
        clock.now += PATIENCE / 10
    clock.now = 1000.0 + PATIENCE
    assert not deadline.over
    clock.now += 0.1
    assert deadline.over


def test_what_becomes_less_has_time_again() -> None:
    clock = Clock()
    deadline = Deadline(clock)
    for count in (2000, 1500, 1499):
        deadline.seen(count)
        clock.now += PATIENCE
        assert not deadline.over, count
    deadline.seen(1499)
    clock.now += 0.1
    assert deadline.over


def test_but_not_for_ever() -> None:
    clock = Clock()
    deadline = Deadline(clock)
    while clock.now < 1000.0 + LONGEST:
        assert not deadline.over
        deadline.seen(int(1e6 - clock.now))
        clock.now += 10.0
    clock.now += 0.1
    assert deadline.over
