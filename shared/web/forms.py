"""Reading what was typed into a declared form: nothing is lost, whatever it is; checking is shared.fields' business."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, Final

from babel.dates import get_month_names
from starlette.datastructures import FormData
from starlette.requests import Request

from shared.errors import Invalid
from shared.fields import TOO_MANY, AnyField, Entries, Field
from shared.web.language import LANGUAGES
from shared.words import fold

ADD: Final = "_add"
REMOVE: Final = "_remove"
ACTION: Final = "_action"

MOST_FIELDS, LARGEST_FIELD = 3_000, 1_000_000
MOST_ENTRIES: Final = 60
"""More than any group takes; a page with thousands of them would keep everybody waiting."""

_SURROGATE = re.compile("[\ud800-\udfff]")


async def posted(request: Request) -> FormData:
    """The form as it came, multipart too; whoever reads it closes the request, and with it the uploads."""
    return await request.form(max_fields=MOST_FIELDS, max_part_size=LARGEST_FIELD)


def read(fields: Sequence[AnyField], form: FormData) -> dict[str, Any]:
    """The values of these fields as typed: text, a list of texts for "choices", a list of objects for `Entries`.

    Dates come in three boxes (name-day, -month, -year) and leave as ISO, or as typed when they are no date. Pressing
    "Add another" (`_add`) gives its group one empty entry more, "Remove" (`_remove`) one entry less. Raises Invalid for
    more entries than a page can show.
    """
    return {
        field.name: _entries(field, form) if isinstance(field, Entries) else _value(field, form) for field in fields
    }


def action(form: FormData) -> str | None:
    """The button that was pressed: "add" or "remove" for entries, else the value of `_action`, else None."""
    if ADD in form or REMOVE in form:
        return "add" if ADD in form else "remove"
    return text(form, ACTION) or None


def text(form: FormData, name: str) -> str:
    """What was typed under this name, without surrounding blanks; nothing for a file."""
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def cleaned(form: FormData) -> FormData:
    """Without what cannot be stored as text: NUL and halves of surrogate pairs; line ends as on Unix."""
    return FormData([(name, _clean(value) if isinstance(value, str) else value) for name, value in form.multi_items()])


def _clean(value: str) -> str:
    return _SURROGATE.sub("", value.replace("\0", "").replace("\r\n", "\n"))


def _value(field: Field, form: FormData, prefix: str = "") -> Any:
    name = prefix + field.name
    if field.kind == "date":
        return _date(form, name)
    if field.kind == "choices":
        return [value for value in form.getlist(name) if isinstance(value, str) and value]
    if field.kind == "checkbox":
        return "yes" if text(form, name) == "yes" else "no"
    if field.kind == "textarea":
        value = form.get(name, "")
        return value if isinstance(value, str) and value.strip() else ""
    return text(form, name)


def _date(form: FormData, name: str) -> str:
    parts = [text(form, f"{name}-{part}").replace(" ", "") for part in ("day", "month", "year")]
    if not any(parts):
        return text(form, name)
    day, month, year = parts
    try:
        return date(int(year), month_number(month), int(day)).isoformat()
    except ValueError:
        return " ".join(parts)


def month_number(month: str) -> int:
    """1 to 12, from a number or a month's name in one of our languages. Raises ValueError for anything else."""
    return _months().get(fold(month).rstrip(".")) or int(month)


@cache
def _months() -> Mapping[str, int]:
    widths = [get_month_names(width, locale=code) for width in ("wide", "abbreviated") for code in LANGUAGES]
    return {fold(name).rstrip("."): number for names in widths for number, name in names.items()}


def _entries(group: Entries, form: FormData) -> list[dict[str, Any]]:
    removed, indexes = text(form, REMOVE), _indexes(group, form)
    if len(indexes) > MOST_ENTRIES:
        raise Invalid.because(TOO_MANY, group.name, label=group.label, maximum=group.maximum)
    kept = [_entry(group, form, index) for index in indexes if f"{group.name}.{index}" != removed]
    found = [entry for entry in kept if not blank(entry)]
    return [*found, _empty(group)] if text(form, ADD) == group.name else found


def _indexes(group: Entries, form: FormData) -> list[int]:
    pattern = re.compile(rf"{re.escape(group.name)}\.(\d{{1,4}})(?:\..*)?", re.DOTALL)
    return sorted({int(match[1]) for name in form if (match := pattern.fullmatch(name))})


def _entry(group: Entries, form: FormData, index: int) -> dict[str, Any]:
    return {field.name: _value(field, form, f"{group.name}.{index}.") for field in group.fields}


def _empty(group: Entries) -> dict[str, Any]:
    return {field.name: _value(field, FormData()) for field in group.fields}


def blank(entry: Mapping[str, Any]) -> bool:
    """Whether nothing was entered: an unticked box says nothing."""
    return all(value in ("", [], "no", None) for value in entry.values())
