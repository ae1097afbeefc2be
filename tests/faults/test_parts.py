"""Parts of the table of faults: together they are the whole, and each begins with the version that it tries."""

import argparse
from collections.abc import Sequence

import pytest

from tests.faults.__main__ import at_first, part
from tests.faults.faults import ALL, Fault


def names(faults: Sequence[Fault]) -> list[str]:
    return [fault.name for fault in faults]


def test_a_part_has_every_so_many_th_fault_in_the_order_of_the_table() -> None:
    assert names(part("2/3").chosen(ALL)) == names(ALL)[1::3]
    assert names(part("1/1").chosen(ALL)) == names(ALL)


@pytest.mark.parametrize("of", [2, 3, 7])
def test_each_fault_is_in_one_part(of: int) -> None:
    parts = [part(f"{number}/{of}").chosen(ALL) for number in range(1, of + 1)]
    assert sorted(name for faults in parts for name in names(faults)) == sorted(names(ALL))


def test_the_upgrade_comes_first_and_no_other_part_runs_the_version_before() -> None:
    first, *others = (part(f"{number}/3").chosen(ALL) for number in (1, 2, 3))
    assert first[0].needs == "before"
    assert at_first(first, "abc") == "abc"
    assert [at_first(faults, "abc") for faults in others] == ["", ""]


@pytest.mark.parametrize("text", ["0/3", "4/3", "1", "a/b", "1/0", "-1/3", "1/3/5"])
def test_a_part_that_there_is_not_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=text):
        part(text)
