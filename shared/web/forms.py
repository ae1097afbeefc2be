"""Reading what was typed into a declared form: nothing is lost, whatever it is; checks are elsewhere."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from typing import Any, Final

from babel.dates import get_month_names
from starlette.datastructures import FormData
from starlette.requests import Request

from shared.vocabulary.fields import Field
from shared.vocabulary.words import fold
from shared.web.language import LANGUAGES

ACTION: Final = "_action"
LONGEST_MONTH: Final = 40
"""Characters that are looked at where a month was typed."""

MOST_FIELDS, LARGEST_FIELD = 3_000, 1_000_000

_SURROGATE = re.compile("[\ud800-\udfff]")


async def posted(request: Request) -> FormData:
    """The form as it came, multipart too; whoever reads it closes the request, and with it the uploads."""
    return await request.form(max_fields=MOST_FIELDS, max_part_size=LARGEST_FIELD)


def read(fields: Iterable[Field], form: FormData) -> dict[str, Any]:
    """The values of these fields as typed: text, a list of texts for "choices".

    Dates come in three boxes (name-day, -month, -year) and leave as ISO, or as typed when they are not a date.
    """
    return {field.name: _value(field, form) for field in fields}


def action(form: FormData) -> str | None:
    """The value of the button that was pressed, if it has one."""
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


def _value(field: Field, form: FormData) -> Any:
    name = field.name
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
    except (ValueError, OverflowError):
        return " ".join(parts)


def month_number(month: str) -> int:
    """1 to 12, from a number or a month's name in one of our languages. Raises ValueError for anything else."""
    return _months().get(fold(month[:LONGEST_MONTH]).rstrip(".")) or int(month[:LONGEST_MONTH])


@cache
def _months() -> Mapping[str, int]:
    widths = [get_month_names(width, locale=code) for width in ("wide", "abbreviated") for code in LANGUAGES]
    return {fold(name).rstrip("."): number for names in widths for number, name in names.items()}
