"""What a form's values look like: text, a list of texts, a list of entries. Content is never judged here."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from shared.model.errors import N_, Problem
from shared.vocabulary.fields.checks import TOO_MANY
from shared.vocabulary.fields.declared import AnyField, Entries

NO_FIELD: Final = N_("There is no field “%(name)s” in this section")
NO_TEXT: Final = N_("%(label)s must be text")
TOO_LONG: Final = N_("%(label)s can have at most %(most)s characters")
NO_TEXTS: Final = N_("%(label)s must be a list of texts")
NO_ENTRIES: Final = N_("%(label)s must be a list of entries")


class Bounds(NamedTuple):
    """entries: what is more than a group's own most is a problem to correct; what is more than this is not kept at all.

    characters: the longest text that is kept; any, if None.
    """

    entries: int
    characters: int | None = None


def misshapen(
    fields: Sequence[AnyField], values: Mapping[str, Any], bounds: Bounds, path: str = ""
) -> Iterator[Problem]:
    """Fields that there are not, and values that no form could have sent."""
    known = {field.name: field for field in fields}
    for name, value in values.items():
        field, where = known.get(name), path + name[:100]
        if field is None:
            yield Problem(where, NO_FIELD, {"name": name[:100]})
        elif isinstance(field, Entries):
            yield from _entries(field, value, bounds, where)
        elif field.kind == "choices" and not (isinstance(value, list) and all(isinstance(one, str) for one in value)):
            yield Problem(where, NO_TEXTS, {"label": field.label})
        elif field.kind != "choices" and not isinstance(value, str):
            yield Problem(where, NO_TEXT, {"label": field.label})
        elif bounds.characters is not None and _longest(value) > bounds.characters:
            yield Problem(where, TOO_LONG, {"label": field.label, "most": bounds.characters})


def _longest(value: str | list[str]) -> int:
    return max(map(len, [value] if isinstance(value, str) else value), default=0)


def _entries(group: Entries, value: Any, bounds: Bounds, where: str) -> Iterator[Problem]:
    if not isinstance(value, list) or not all(isinstance(entry, Mapping) for entry in value):
        yield Problem(where, NO_ENTRIES, {"label": group.label})
        return
    if len(value) > bounds.entries:
        yield Problem(where, TOO_MANY, {"label": group.label, "maximum": group.maximum})
        return
    for index, entry in enumerate(value):
        yield from misshapen(group.fields, entry, bounds, f"{where}.{index}.")
