"""Repeating entries on pages: a section's page lists them, and each has a page of its own."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

from starlette.datastructures import FormData

from shared.model.errors import NotFound, Problem
from shared.vocabulary.fields import AnyField, Entries, Field, Values
from shared.web.forms import read, text

Verb = Literal["add", "change", "remove"]

BUTTONS: Final[Mapping[str, Verb]] = {"_add": "add", "_change": "change", "_remove": "remove"}
"""On a section's page, by name; the value is the group, and for an entry that is there its number: `jobs`, `jobs.1`."""

_PATH: Final = re.compile(r"(?P<group>[^.]+)\.(?P<number>\d{1,4})(?:\.(?P<field>.+))?")


class EntryRef(NamedTuple):
    """One entry of a group among a section's values, by its number from 0; a new one's is the number of entries."""

    group: Entries
    number: int

    @property
    def path(self) -> str:
        """As in the addresses of pages: `jobs/1`."""
        return f"{self.group.name}/{self.number}"

    def is_in(self, values: Values) -> bool:
        """Whether the entry is there already."""
        return self.number < len(entries_of(values, self.group))

    def entry(self, values: Values) -> Values:
        """What the entry holds; nothing if it is new."""
        return entries_of(values, self.group)[self.number] if self.is_in(values) else {}

    def after(self, values: Values) -> "EntryRef":
        """A new entry of the same group."""
        return self._replace(number=len(entries_of(values, self.group)))

    def put(self, values: Values, entry: Values) -> dict[str, Any]:
        """The section's values with this entry, at the end if it is new; one that was emptied is left out."""
        entries = entries_of(values, self.group)
        before, rest = entries[: self.number], entries[self.number + 1 :]
        return {**values, self.group.name: [*before, *([] if blank(entry) else [entry]), *rest]}

    def without(self, values: Values) -> dict[str, Any]:
        """The section's values without this entry."""
        entries = entries_of(values, self.group)
        return {**values, self.group.name: [*entries[: self.number], *entries[self.number + 1 :]]}

    def moved(self, before: Values, after: Values) -> "EntryRef":
        """The same entry once its section was saved, which may have given it another place."""
        entry, entries = self.entry(before), entries_of(after, self.group)
        if self.entry(after) == entry or entry not in entries:
            return self
        return self._replace(number=entries.index(entry))

    def problems(self, problems: Iterable[Problem]) -> list[Problem]:
        """Those of this entry among the section's, by the fields' names on the entry's page."""
        start = f"{self.group.name}.{self.number}."
        return [p._replace(field=p.field.removeprefix(start)) for p in problems if p.field.startswith(start)]


class Button(NamedTuple):
    """A button of an entry on its section's page."""

    verb: Verb
    entry: EntryRef

    @property
    def leads_to(self) -> str:
        """Behind the section's address: the entry's page, or the list that it is gone from."""
        return f"#{self.entry.group.name}" if self.verb == "remove" else f"/{self.entry.path}"


def entry_ref(fields: Sequence[AnyField], name: str, number: int, values: Values) -> EntryRef:
    """The entry with this number in the section with these fields and values; raises NotFound for one that cannot be.

    A number behind the last entry is a new one's.
    """
    group = next((field for field in fields if isinstance(field, Entries) and field.name == name), None)
    if group is None or number >= group.maximum:
        raise NotFound
    return EntryRef(group, min(number, len(entries_of(values, group))))


def pressed(fields: Sequence[AnyField], form: FormData, values: Values) -> Button | None:
    """Which entry's button was pressed on the page of the section with these fields and values, if one was."""
    found = next((name for name in BUTTONS if name in form), None)
    if found is None:
        return None
    verb, value = BUTTONS[found], text(form, found)
    if verb == "add":
        return Button(verb, entry_ref(fields, value, 0, values).after(values))
    if (path := _PATH.fullmatch(value)) is None or path["field"]:
        raise NotFound
    return Button(verb, entry_ref(fields, path["group"], int(path["number"]), values))


def section_values(fields: Sequence[AnyField], form: FormData, saved: Values) -> dict[str, Any]:
    """What a section's page says: its fields as typed, its entries as they are saved on pages of their own."""
    groups = {field.name: saved[field.name] for field in fields if isinstance(field, Entries) and field.name in saved}
    return read([field for field in fields if isinstance(field, Field)], form) | groups


def entries_of(values: Values, group: Entries) -> list[Values]:
    """A group's entries, whatever stands in their place."""
    value = values.get(group.name)
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []


def blank(entry: Values) -> bool:
    """Whether nothing was entered: an unticked box says nothing."""
    return all(value in ("", [], "no", None) for value in entry.values())


def named(fields: Iterable[AnyField], path: str) -> tuple[str, int] | None:
    """What the entry that a problem's path leads into is called: a catalogue key and a number from 1."""
    if (found := _PATH.fullmatch(path)) is None:
        return None
    ones = (field.one for field in fields if isinstance(field, Entries) and field.name == found["group"])
    return next(((one, int(found["number"]) + 1) for one in ones), None)


def mending(section: str, path: str) -> str:
    """Where the field with this path is to be mended, given the address of its section's page."""
    if (found := _PATH.fullmatch(path)) is None:
        return f"{section}?check=1#{element_id(path)}"
    address = f"{section}/{found['group']}/{found['number']}?check=1"
    return f"{address}#{element_id(found['field'])}" if found["field"] else address


def element_id(path: str) -> str:
    """The id of a field's control, to which a problem links: `duty_stations.0.code` is #duty_stations-0-code."""
    return path.replace(".", "-")
