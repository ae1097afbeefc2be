"""What a section's values look like: text, a list of texts, a list of entries. Content is never judged here."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from shared.model.errors import N_, Problem
from shared.vocabulary.fields import TOO_MANY, AnyField, Entries

MOST_ENTRIES: Final = 60
"""What is more than a group's own most is a problem to correct; what is more than this is not kept at all."""


def misshapen(fields: Sequence[AnyField], values: Mapping[str, Any], path: str = "") -> Iterator[Problem]:
    """Fields that there are not, and values that no form could have sent."""
    known = {field.name: field for field in fields}
    for name, value in values.items():
        field, where = known.get(name), path + name[:100]
        if field is None:
            yield Problem(where, N_("There is no field “%(name)s” in this section"), {"name": name[:100]})
        elif isinstance(field, Entries):
            yield from _entries(field, value, where)
        elif field.kind == "choices" and not (isinstance(value, list) and all(isinstance(one, str) for one in value)):
            yield Problem(where, N_("%(label)s must be a list of texts"), {"label": field.label})
        elif field.kind != "choices" and not isinstance(value, str):
            yield Problem(where, N_("%(label)s must be text"), {"label": field.label})


def _entries(group: Entries, value: Any, where: str) -> Iterator[Problem]:
    if not isinstance(value, list) or not all(isinstance(entry, Mapping) for entry in value):
        yield Problem(where, N_("%(label)s must be a list of entries"), {"label": group.label})
        return
    if len(value) > MOST_ENTRIES:
        yield Problem(where, TOO_MANY, {"label": group.label, "maximum": group.maximum})
        return
    for index, entry in enumerate(value):
        yield from misshapen(group.fields, entry, f"{where}.{index}.")
