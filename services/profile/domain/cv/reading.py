"""What was read from a file: values as the profile's sections hold them, and what could not be understood."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from services.profile.domain.cv.source import Left, told
from services.profile.domain.cv.terms import Day
from services.profile.domain.sections import ALL_SECTIONS
from services.profile.domain.typed import normalise, writable
from shared.model.errors import N_, Invalid
from shared.vocabulary.fields import AnyField, Bounds, Entries, Field, Values, is_in, misshapen

BOUNDS: Final = Bounds(entries=50, characters=20_000)
MOST_LEFT: Final = 100
"""Pieces that were not understood and are told."""

LATER: Final = N_("This file is of version %(version)s of our format, and only version %(known)s can be read here")
TOO_MANY: Final = N_("This file holds more than %(most)s entries of one kind (%(label)s). Save a copy with fewer")


@dataclass(frozen=True)
class Reading:
    """sections: values by section key, then by field. rough: days of which the file gave the month or year alone.

    left: what was not understood, or has no place here. The rough are named as `education.jobs.0.started_on`.
    """

    sections: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    rough: frozenset[str] = frozenset()
    left: tuple[Left, ...] = ()
    more: int = 0

    @property
    def is_empty(self) -> bool:
        return not any(self.sections.values())


class Drawer:
    """Where a reader puts what it understands."""

    def __init__(self) -> None:
        self.sections: dict[str, dict[str, Any]] = {section.key: {} for section in ALL_SECTIONS}
        self._rough: set[str] = set()
        self._dropped: list[Left] = []

    def put(self, section: str, **values: str | Day) -> None:
        """Fields of a section; the first that says something stays, and what others say otherwise is told."""
        there = self.sections[section]
        for name, value in values.items():
            iso, rough = _of(value)
            if iso and name not in there:
                there[name] = iso
                self._rough |= {f"{section}.{name}"} if rough else set()
            elif iso and iso != there[name]:
                self._dropped.append(told(f"{section} › {name}", iso))

    def phone(self, number: str) -> None:
        """One more number."""
        first = self.sections["contact"].get("phone", number)
        self.put("contact", **{"phone" if number == first else "other_phone": number})

    def add(self, section: str, group: str, **values: str | Day) -> None:
        """An entry, unless nothing is said in it."""
        plain = {name: _of(value) for name, value in values.items()}
        entry = {name: iso for name, (iso, _) in plain.items() if iso}
        if not entry:
            return
        entries = self.sections[section].setdefault(group, [])
        entries.append(entry)
        start = f"{section}.{group}.{len(entries) - 1}."
        self._rough |= {start + name for name, (iso, rough) in plain.items() if iso and rough}

    def reading(self, left: Iterable[Left]) -> Reading:
        """All of it. left: what the reader did not ask for."""
        return made(self.sections, [*self._dropped, *left], self._rough)


def _of(value: str | Day) -> tuple[str, bool]:
    return (value.iso, value.rough) if isinstance(value, Day) else (value, False)


def made(sections: Mapping[str, Values], left: Iterable[Left] = (), rough: Iterable[str] = ()) -> Reading:
    """A reading with values in the form in which they are kept. Raises Invalid where there is too much of something.

    What no list knows, by its code, is not understood, and no field's value.
    """
    kept, odd = {}, list(left)
    for section in ALL_SECTIONS:
        values = sections.get(section.key) or {}
        _refuse_many(section.fields, values)
        kept[section.key] = _cleaned(section.fields, values, section.key, odd)
    return Reading(kept, frozenset(rough), tuple(odd[:MOST_LEFT]), max(0, len(odd) - MOST_LEFT))


def refuse_other_version(version: Any, known: str | int) -> None:
    """Raises Invalid for a version of a format of ours that is not the known one."""
    if version != known:
        raise Invalid.because(LATER, "file", version=writable(str(version)[:20]), known=known)


def _refuse_many(fields: Iterable[AnyField], values: Values) -> None:
    for group in fields:
        entries = values.get(group.name) if isinstance(group, Entries) else None
        if isinstance(entries, list) and len(entries) > BOUNDS.entries:
            raise Invalid.because(TOO_MANY, "file", most=BOUNDS.entries, label=group.label)


def _cleaned(fields: tuple[AnyField, ...], values: Values, where: str, odd: list[Left]) -> dict[str, Any]:
    """The declared fields that hold what they can; the others are told."""
    known = {each.name: each for each in fields}
    kept: dict[str, Any] = {}
    for name in (*(each for each in values if each not in known), *known):
        declared, value, path = known.get(name), values.get(name), f"{where} › {name}"
        if isinstance(declared, Entries):
            kept[name] = [
                _cleaned(declared.fields, each, f"{path} {number}", odd)
                for number, each in enumerate(value if isinstance(value, list) else [], 1)
                if isinstance(each, Mapping)
            ]
        elif value and declared is not None and _is_understood(declared, value):
            kept[name] = value
        elif value:
            odd.append(told(path, value))
    return normalise(fields, kept)


def _is_understood(field: Field, value: Any) -> bool:
    """Whether it has the shape of the field's values; of a list's field, whether it is in the list."""
    if any(misshapen([field], {field.name: value}, BOUNDS)):
        return False
    return not field.options or is_in(field.options, value.strip())
