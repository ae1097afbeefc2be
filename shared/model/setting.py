"""What an operator may set for one service, beside what all of them have in common."""

from typing import NamedTuple


class Setting(NamedTuple):
    """Its value where nothing is set, and what it means, in a sentence for the operator."""

    default: str
    meaning: str
