"""Closed lists of codes: a member is its code, is found by it, and is named by it in refusals."""

from typing import Self

import orjson
import pytest

from shared.model.codes import Code


class Size(Code):
    label: str

    def __new__(cls, code: str, label: str) -> Self:
        self = str.__new__(cls, code)
        self._value_, self.label = code, label
        return self

    SMALL = "s", "Small"
    LARGE = "l", "Large"


def test_a_member_is_equal_to_its_code_and_written_as_it() -> None:
    assert {"s": 1}[Size.SMALL] == 1
    assert Size.of("s") != Size.LARGE
    assert (str(Size.SMALL), repr(Size.SMALL), f"{Size.SMALL}") == ("s", "'s'", "s")
    assert orjson.dumps({"size": Size.LARGE}) == b'{"size":"l"}'


def test_a_member_is_found_by_its_code_and_by_nothing_else() -> None:
    assert [Size.of(code) for code in ("s", "l")] == [Size.SMALL, Size.LARGE]
    assert [member.label for member in Size] == ["Small", "Large"]
    for other in ("Small", "S", ""):
        with pytest.raises(ValueError, match="is not a valid Size"):
            Size.of(other)
