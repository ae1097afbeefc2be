"""The form that is filled in without a connection: what stands in it, in order, and how it is read back by its names.

A control is named by the way to its field, `contact/title` or `education/jobs/0/title`, counted from 0.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from services.profile.domain.cv.reading import Reading, made, refuse_other_version
from services.profile.domain.cv.source import Left, told
from services.profile.domain.cv.terms import LONGEST, typed_day
from services.profile.domain.sections import ALL_SECTIONS, SECTION, Section
from shared.vocabulary.fields import AnyField, Entries, Field, Values, meant

MARK: Final = "postulo/form"
VERSION: Final = "1"
"""What stands in the control of that name."""

_ROOM: Final[Mapping[str, int]] = {
    "dependants": 3, "relatives": 2, "diplomas": 3, "certificates": 2, "jobs": 4, "languages": 4, "licences": 2,
    "publications": 2, "referees": 3,
}  # fmt: skip
"""Entries for which there is room, and one more than there are."""
_ROOM_OTHERWISE: Final = 2

MOST: Final = 12
"""Entries of one kind in a form."""
_NUMBERS: Final = frozenset(map(str, range(MOST)))


class Title(NamedTuple):
    """A heading: of a section, of a list (level 2), or of one entry (level 3) with its number from 1.

    Without a label, it ends a list, so that what follows does not look like the last entry's.
    """

    label: str
    level: int
    number: int = 0


class Box(NamedTuple):
    """A control with the field that it is about and what is in it."""

    name: str
    field: Field
    value: str


def contents(sections: Mapping[str, Values]) -> Iterator[Title | Box]:
    """Headings and controls, filled in with what is kept."""
    for section in ALL_SECTIONS:
        yield Title(section.title, 1)
        values = sections.get(section.key) or {}
        yield from _boxes(section.key, section.fields, values)


def _boxes(path: str, fields: tuple[AnyField, ...], values: Values) -> Iterator[Title | Box]:
    for field in fields:
        if isinstance(field, Entries):
            yield Title(field.label, 2)
            entries = values.get(field.name) or []
            room = max(_ROOM.get(field.name, _ROOM_OTHERWISE), len(entries) + 1)
            for number in range(min(MOST, room, field.maximum)):
                yield Title(field.one, 3, number + 1)
                entry = entries[number] if number < len(entries) else {}
                yield from _boxes(f"{path}/{field.name}/{number}", field.fields, entry)
            yield Title("", 3)
        else:
            yield Box(f"{path}/{field.name}", field, str(values.get(field.name) or ""))


def is_one(content: Any) -> bool:
    """Whether the fields of a PDF are our form's."""
    return isinstance(content, dict) and MARK in content


def read(content: Mapping[str, Any]) -> Reading:
    """What was filled in. Raises Invalid for a form of another version."""
    refuse_other_version(str(content[MARK]).strip(), VERSION)
    sections: dict[str, dict[str, Any]] = {}
    left: list[Left] = []
    for name, value in content.items():
        text = str(value).replace("\r\n", "\n").replace("\r", "\n").strip()
        if text and name != MARK and not _put(sections, name.split("/"), text):
            left.append(told(name, text))
    return made({key: _without_gaps(SECTION[key], values) for key, values in sections.items()}, left)


def _put(sections: dict[str, dict[str, Any]], path: list[str], text: str) -> bool:
    """Puts a text where its name leads to; whether it leads anywhere."""
    section = SECTION.get(path[0])
    known = {field.name: field for field in section.fields} if section else {}
    field = known.get(path[1]) if len(path) > 1 else None
    values = sections.setdefault(path[0], {}) if field else {}
    if isinstance(field, Field) and len(path) == 2:
        values[field.name] = _typed(field, text)
        return True
    if isinstance(field, Entries) and len(path) == 4 and path[2] in _NUMBERS:
        inner = next((each for each in field.fields if each.name == path[3]), None)
        if inner is not None:
            values.setdefault(field.name, {}).setdefault(int(path[2]), {})[inner.name] = _typed(inner, text)
            return True
    return False


def _typed(field: Field, text: str) -> str:
    """As it is kept: of a list that is too long to choose from, a name was typed."""
    if field.kind == "lookup":
        return meant(field.options, text[:LONGEST])
    return typed_day(text) if field.kind == "date" else text


def _without_gaps(section: Section, values: Mapping[str, Any]) -> dict[str, Any]:
    """Entries as a list, in their order, although some were left empty."""
    groups = {field.name for field in section.fields if isinstance(field, Entries)}
    return {
        name: [value[number] for number in sorted(value)] if name in groups else value for name, value in values.items()
    }
