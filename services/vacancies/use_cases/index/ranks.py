"""Where a vacancy stands in an order, as one number that tantivy can sort by.

A rank is the second of a time, counted from the year 1 or down from the last there can be, and then the first bits of
the key, so that few share one; those that do are in the order of their keys.
"""

from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from services.vacancies.projections.vacancies import MOMENT

KEY_BITS: Final = 25
SECOND_BITS: Final = 64 - KEY_BITS
LAST_SECOND: Final = (1 << SECOND_BITS) - 1
_DAY: Final = 86_400


class Standing(NamedTuple):
    """Where a vacancy stands: its rank, then its key."""

    rank: int
    key: str


class Order(NamedTuple):
    """field: holds the ranks in the index. falls: whether late times come first; keys always rise."""

    field: str
    falls: bool

    def standing(self, moment: str, key: str) -> Standing:
        return Standing(self.begin(moment) | UUID(key).int >> (128 - KEY_BITS), key)

    def begin(self, moment: str) -> int:
        """The least rank at this second."""
        second = _second(moment)
        return (LAST_SECOND - second if self.falls else second) << KEY_BITS

    def moment(self, rank: int) -> str:
        second = rank >> KEY_BITS
        return _moment(LAST_SECOND - second if self.falls else second)


NEWEST: Final = Order("newest", falls=True)
DEADLINE: Final = Order("deadline", falls=False)


def _second(moment: str) -> int:
    at = datetime.fromisoformat(moment)
    return at.toordinal() * _DAY + at.hour * 3600 + at.minute * 60 + at.second


def _moment(second: int) -> str:
    day, rest = divmod(second, _DAY)
    at = datetime.fromordinal(day).replace(hour=rest // 3600, minute=rest // 60 % 60, second=rest % 60)
    return at.strftime(MOMENT)
