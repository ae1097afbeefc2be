"""Which diploma, certificate or job is the most recent: those that go on, then what ended last."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from shared.vocabulary.fields import Values


def latest_first(entries: Sequence[Values]) -> Sequence[int]:
    """The entries' numbers, the most recent first; what has no date yet stands last, as it was entered."""
    return sorted(range(len(entries)), key=lambda number: _recency(entries[number]), reverse=True)


def _recency(entry: Values) -> tuple[bool, str, str]:
    start, end = _day(entry.get("started_on")), _end(entry)
    attended = entry.get("obtained") == "no" and bool(start) and not end
    if entry.get("current") == "yes" or attended:
        return True, "", start
    return False, end or start, start


def _end(entry: Values) -> str:
    """Of a diploma that was not obtained, when its studies ended."""
    obtained = _day(entry.get("obtained_on")) if entry.get("obtained", "yes") == "yes" else ""
    return obtained or _day(entry.get("ended_on"))


def _day(text: Any) -> str:
    """A day as it is compared; nothing of what is none."""
    try:
        return date.fromisoformat(str(text)).isoformat()
    except ValueError:
        return ""
