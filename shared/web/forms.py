"""Reading what was typed into a form: nothing is lost, and nothing looks at more of it than its field may hold."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from typing import Any, Final

from babel.dates import get_month_names
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request

from shared.model.errors import N_
from shared.vocabulary.fields import Field, meant
from shared.vocabulary.words import fold
from shared.web.language import LANGUAGES

ACTION: Final = "_action"
LONGEST: Final = 1_000
"""Characters that are read of a text which no field declares, such as a button's value, a token or an id."""

KINDS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")

LONGEST_MONTH: Final = 40
"""Characters that are looked at where a month was typed."""

MOST_FIELDS: Final = 3_000
LARGEST, LARGEST_FIELD = 1_000_000, 2_000_000
"""Characters of all that was typed into a form, more than any form's fields hold; bytes of one field as it is sent."""

TOO_LARGE: Final = N_("What was sent is larger than is accepted here. Send less, or a smaller file")

_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def kind_of(request: Request) -> str:
    """The media type that the body says it has, without parameters; "" if it says none."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def is_form(request: Request) -> bool:
    """Whether the body says that it is one."""
    return kind_of(request) in KINDS


async def posted(request: Request) -> FormData:
    """The form as it came, multipart too; whoever reads it closes the request, and with it the uploads.

    Raises 413 for more text than can be shown again.
    """
    form = await request.form(max_fields=MOST_FIELDS, max_part_size=LARGEST_FIELD)
    if sum(len(name) + len(value) for name, value in form.multi_items() if isinstance(value, str)) > LARGEST:
        raise HTTPException(413, TOO_LARGE)
    return form


def read(fields: Iterable[Field], form: FormData) -> dict[str, Any]:
    """The values of these fields as typed: text, a list of texts for "choices".

    Dates come in three boxes (name-day, -month, -year) and leave as ISO, or as typed when they are not a date. Words
    that mean one value of a list leave as that value; without a script they are all that there is (R23). What is
    longer than its field allows leaves as it came: `fields.check` and `fields.excess` refuse it by its length alone.
    """
    return {field.name: _value(field, form) for field in fields}


def action(form: FormData) -> str | None:
    """The value of the button that was pressed, if it has one."""
    return text(form, ACTION) or None


def text(form: FormData, name: str, most: int = LONGEST) -> str:
    """What stands under this name, without surrounding blanks; nothing for a file. What is beyond `most` is cut off."""
    return as_typed(form, name)[:most].strip()


def as_typed(form: FormData, name: str) -> str:
    """What stands under this name, as it came; nothing for a file."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def cleaned(form: FormData) -> FormData:
    """Without what cannot be stored as text: NUL and halves of surrogate pairs; line ends as on Unix."""
    return FormData([(name, _clean(value) if isinstance(value, str) else value) for name, value in form.multi_items()])


def _clean(value: str) -> str:
    plain = value.replace("\0", "").replace("\r\n", "\n")
    try:
        plain.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub("", plain)
    return plain


def _value(field: Field, form: FormData) -> Any:
    name = field.name
    if field.kind == "date":
        return _date(field, form)
    if field.kind == "choices":
        return [*dict.fromkeys(value for value in form.getlist(name) if isinstance(value, str) and value)]
    if field.kind == "checkbox":
        return "yes" if text(form, name) == "yes" else "no"
    value = as_typed(form, name)
    if len(value) > field.most:
        return value
    stripped = value.strip()
    if field.kind == "lookup" and stripped:
        return meant(field.options, stripped)
    return value if field.kind == "textarea" and stripped else stripped


def _date(field: Field, form: FormData) -> str:
    whole, *boxes = (as_typed(form, f"{field.name}{part}") for part in ("", "-day", "-month", "-year"))
    if max(len(whole), sum(map(len, boxes))) > field.most:
        return " ".join(boxes) if any(boxes) else whole
    day, month, year = (box.strip().replace(" ", "") for box in boxes)
    if not (day or month or year):
        return whole.strip()
    try:
        return date(_full_year(year), month_number(month), int(day)).isoformat()
    except (ValueError, OverflowError):
        return f"{day} {month} {year}"


def _full_year(year: str) -> int:
    """Raises ValueError for one without its century: which is meant is not for us to guess."""
    if len(year) != len("1990"):
        raise ValueError(year)
    return int(year)


def month_number(month: str) -> int:
    """1 to 12, from a number or a month's name in one of our languages. Raises ValueError for anything else."""
    return _months().get(fold(month[:LONGEST_MONTH]).rstrip(".")) or int(month[:LONGEST_MONTH])


@cache
def _months() -> Mapping[str, int]:
    widths = [get_month_names(width, locale=code) for width in ("wide", "abbreviated") for code in LANGUAGES]
    return {fold(name).rstrip("."): number for names in widths for number, name in names.items()}
