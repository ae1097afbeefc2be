"""What was read from a file beside what is there: each field and each entry is a proposal, taken or not."""

from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

from services.profile.domain.cv.reading import Reading
from services.profile.domain.sections import ALL_SECTIONS, Section
from shared.vocabulary.fields import AnyField, Entries, Values
from shared.vocabulary.words import fold

State = Literal["new", "differs", "completes", "same"]

MARKS: Final[Mapping[str, tuple[str, ...]]] = {
    "dependants": ("name",),
    "relatives": ("name",),
    "diplomas": ("title", "institution", "field_of_study"),
    "certificates": ("title", "institution"),
    "jobs": ("title", "employer", "started_on"),
    "languages": ("language", "other_language"),
    "licences": ("title", "number"),
    "publications": ("title",),
    "referees": ("name",),
}
"""By what an entry is recognised, whatever else is said in it; one of another list by what it is known by there."""


class Proposal(NamedTuple):
    """One thing that can be taken. id: `contact.phone`, or `education.jobs.2` after its place in the file.

    before: what is there, a text or an entry. value: what will be there once it is taken. place: of the entry that is
    there already, in its list; what the file says and it does not completes it, and nothing in it is replaced. If the
    file says nothing but what it says otherwise, it differs.
    """

    id: str
    section: Section
    field: AnyField
    state: State
    before: Any
    value: Any
    place: int | None = None


def proposals(reading: Reading, saved: Mapping[str, Values]) -> list[Proposal]:
    """Everything that the file says, in the order of the forms. saved: the profile's values by section key."""
    return [
        each
        for section in ALL_SECTIONS
        for each in _of(section, reading.sections.get(section.key) or {}, saved.get(section.key) or {})
    ]


def _of(section: Section, read: Values, saved: Values) -> Iterator[Proposal]:
    for field in section.fields:
        value, before = read.get(field.name), saved.get(field.name)
        if isinstance(field, Entries):
            yield from _entries(section, field, value or [], before or [])
        elif value:
            state: State = "same" if _alike(value, before) else "differs" if before else "new"
            yield Proposal(f"{section.key}.{field.name}", section, field, state, before or "", value)


def _entries(section: Section, group: Entries, read: Sequence[Values], saved: Sequence[Values]) -> Iterator[Proposal]:
    places: dict[tuple[str, ...], deque[int]] = {}
    for place, there in enumerate(saved):
        places.setdefault(_mark(group, there), deque()).append(place)
    for number, entry in enumerate(read):
        name, free = f"{section.key}.{group.name}.{number}", places.get(_mark(group, entry))
        if free:
            place = free.popleft()
            state, value = _beside(entry, saved[place])
            yield Proposal(name, section, group, state, saved[place], value, place)
        else:
            yield Proposal(name, section, group, "new", {}, entry)


def _beside(entry: Values, before: Values) -> tuple[State, Values]:
    """What the file makes of an entry that is there already."""
    completed = {**entry, **{key: value for key, value in before.items() if value}}
    if completed != before:
        return "completes", completed
    if all(_alike(value, before.get(key)) for key, value in entry.items()):
        return "same", before
    return "differs", {**before, **entry}


def _mark(group: Entries, entry: Values) -> tuple[str, ...]:
    names = MARKS.get(group.name) or group.gist or tuple(field.name for field in group.fields)
    return tuple(" ".join(fold(str(entry.get(name) or "")).split()) for name in names)


def _alike(one: Any, other: Any) -> bool:
    return bool(one == other or (isinstance(other, str) and isinstance(one, str) and one.split() == other.split()))


def taken(found: Sequence[Proposal], ids: Collection[str], saved: Mapping[str, Values]) -> dict[str, dict[str, Any]]:
    """The values of each section of which something is taken, with it."""
    changed: dict[str, dict[str, Any]] = {}
    for each in found:
        if each.id not in ids or each.state == "same":
            continue
        values = changed.setdefault(each.section.key, dict(saved.get(each.section.key) or {}))
        if isinstance(each.field, Entries):
            values[each.field.name] = _put(each, values.get(each.field.name) or [])
        else:
            values[each.field.name] = each.value
    return changed


def _put(proposal: Proposal, entries: Sequence[Values]) -> list[Values]:
    if proposal.place is None:
        return [*entries, proposal.value]
    return [proposal.value if place == proposal.place else entry for place, entry in enumerate(entries)]


def harmless(found: Sequence[Proposal]) -> frozenset[str]:
    """What can be taken without replacing anything."""
    return frozenset(each.id for each in found if each.state in ("new", "completes"))
