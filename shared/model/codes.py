"""Closed lists of codes that say more than their letters: one member a code, with what belongs to it."""

from enum import StrEnum
from typing import Self


class Code(StrEnum):
    """The base of such a list, whose members are equal to their codes, as documents and requests hold them."""

    @classmethod
    def of(cls, code: str) -> Self:
        """The member with this code. Raises ValueError for any other text."""
        return cls(code)

    def __repr__(self) -> str:
        return repr(self.value)  # As refusals list what could have been sent.
