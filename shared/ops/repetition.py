"""What libraries say again and again: its first line is logged, then one a minute with how often it was said."""

import logging
import re
import time
from collections.abc import Callable
from typing import Final, NamedTuple

EVERY: Final = 60.0
"""Seconds between two lines that say the same."""
MOST: Final = 1000
"""So many sentences are remembered."""

_VARYING: Final = re.compile(r"0x[0-9a-fA-F]+|\d+")
Said = tuple[str, int, str, str]
"""A logger, a level, a sentence without its numbers, and the kind of what was raised."""


class Counted(NamedTuple):
    """When it was logged last, and how often it was said since."""

    at: float
    times: int


class Repetitions(logging.Filter):
    """Lets everything of ours pass, and of other loggers each sentence once a minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock, self._said = clock, dict[Said, Counted]()

    def filter(self, record: logging.LogRecord) -> bool:
        return is_ours(record) or self._is_worth_a_line(record)

    def _is_worth_a_line(self, record: logging.LogRecord) -> bool:
        said, now = sentence(record), self._clock()
        before = self._said.get(said)
        if before is not None and now - before.at < EVERY:
            self._said[said] = Counted(before.at, before.times + 1)
            return False
        if len(self._said) >= MOST:
            self._said.clear()
        self._said[said] = Counted(now, 0)
        if before is not None and before.times:
            record.msg, record.args = f"{record.getMessage()} (said {before.times} times more since)", None
        return True


def is_ours(record: logging.LogRecord) -> bool:
    """Whether it comes through structlog, which hands over what was said as a dictionary."""
    return isinstance(record.msg, dict)


def sentence(record: logging.LogRecord) -> Said:
    """What makes two records the same: numbers, such as ports and offsets, do not tell them apart."""
    said = str(record.msg) if record.args else record.getMessage()
    raised = record.exc_info[0] if record.exc_info else None
    return record.name, record.levelno, _VARYING.sub("#", said), raised.__name__ if raised else ""
