"""What concerns many is kept in 256 parts, so that no document grows with all of them."""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Final

from shared.model.reaction import Effect, Schedule

AT_ONCE: Final = 200
"""So many are reached in one transaction: one with 12,000 would not end within its 30 seconds, and none be reached."""


def part_of(whole: object, member: object) -> str:
    """The key of the part of `whole` in which this member stands."""
    return f"{whole}/{str(member)[-2:]}"


def parts_of(whole: object) -> Sequence[str]:
    """The keys of all its parts."""
    return [f"{whole}/{part:02x}" for part in range(256)]


def spread(parts: Mapping[str, Sequence[Effect]], by_part: Callable[[str], Schedule]) -> Sequence[Effect]:
    """The effects of all parts if they are few; else a timer for each part that has any."""
    if sum(map(len, parts.values())) <= AT_ONCE:
        return [*chain.from_iterable(parts.values())]
    return [by_part(part) for part, effects in parts.items() if effects]
