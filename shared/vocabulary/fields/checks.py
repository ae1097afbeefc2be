"""What is missing in a form's values, and what is wrong with them."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from shared.model.errors import N_, Problem
from shared.vocabulary.fields.declared import AnyField, Entries, Field, Kind, Values, applies
from shared.vocabulary.fields.lists import is_in, nearest
from shared.vocabulary.fields.typed import number_in

ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
OVERRIDES = "\u202d\u202e"
"""They make a text read otherwise than it is stored."""


REQUIRED = N_("Enter: %(label)s")
REQUIRED_OF: Mapping[Kind, str] = {
    **dict.fromkeys(("choice", "choices", "lookup"), N_("Make a choice: %(label)s")),
    "yesno": N_("Answer the question “%(label)s”"),
    "checkbox": N_("Tick the box “%(label)s”"),
}
"""What is said of a mandatory field of some kinds instead."""
TOO_FEW = N_("%(label)s – add at least %(minimum)s")
MISSING = frozenset({REQUIRED, *REQUIRED_OF.values(), TOO_FEW})
"""What is said where nothing was entered."""
TOO_MANY = N_("%(label)s: at most %(maximum)s")
OUTSIDE = N_("%(label)s – “%(value)s” is not in the list. Clear it, then pick a value from the list")
CLOSE = N_(
    "%(label)s – “%(value)s” is not in the list. Clear it, then pick a value from the list, such as: %(nearest)s"
)
TOO_LONG = N_("%(label)s can have at most %(maximum)s characters: you typed %(length)s")


def missing(fields: Sequence[AnyField], values: Values) -> list[Problem]:
    """The mandatory fields that hold nothing yet."""
    return [problem for problem in check(fields, values) if problem.message in MISSING]


def check(fields: Sequence[AnyField], values: Values, today: date | None = None) -> list[Problem]:
    """Everything to correct before these values may be submitted: what is missing and what is wrong."""
    return list(_problems(fields, values, today or date.max, ""))


def wrong(fields: Sequence[AnyField], values: Values, today: date | None = None) -> list[Problem]:
    """What was typed and cannot be right; what is merely missing is left out."""
    return [problem for problem in check(fields, values, today) if problem.message not in MISSING]


def excess(fields: Sequence[AnyField], values: Values, kept: int = 0) -> list[Problem]:
    """The texts that are longer than their fields allow, and than `kept`: to be refused before anything looks at them.

    What follows from other fields is not asked: a text too long is one wherever it stands.
    """
    plain = ((field, values.get(field.name)) for field in fields if isinstance(field, Field))
    texts = ((field, text) for field, value in plain for text in (value if isinstance(value, list) else [value]))
    long = ((field, text) for field, text in texts if isinstance(text, str) and len(text) > max(field.most, kept))
    return [Problem(field.name, TOO_LONG, _params(field, text)) for field, text in long]


def _problems(fields: Sequence[AnyField], values: Values, today: date, path: str) -> Iterator[Problem]:
    for field in fields:
        if not applies(field, values):
            continue
        if isinstance(field, Entries):
            yield from _entries(field, values.get(field.name), today, path)
        else:
            yield from _field(field, values.get(field.name), today, path + field.name)


def _entries(group: Entries, value: Any, today: date, path: str) -> Iterator[Problem]:
    entries = value if isinstance(value, list) else []
    if value and (not isinstance(value, list) or not all(isinstance(entry, Mapping) for entry in entries)):
        yield Problem(path + group.name, N_("%(label)s must be a list of entries"), {"label": group.label})
        return
    if len(entries) < group.minimum:
        yield Problem(path + group.name, TOO_FEW, {"label": group.label, "minimum": group.minimum})
    if len(entries) > group.maximum:
        yield Problem(path + group.name, TOO_MANY, {"label": group.label, "maximum": group.maximum})
    for index, entry in enumerate(entries):
        yield from _problems(group.fields, entry, today, f"{path}{group.name}.{index}.")


def _field(field: Field, value: Any, today: date, path: str) -> Iterator[Problem]:
    if value in (None, "", [], "no" if field.kind == "checkbox" else None) or (
        isinstance(value, str) and len(value) <= field.most and not value.strip()
    ):
        if field.required:
            yield Problem(path, REQUIRED_OF.get(field.kind, REQUIRED), {"label": field.label})
        return
    texts = value if isinstance(value, list) and field.kind == "choices" else [value]
    if len(texts) > 1 and len(texts) > field.most_values:
        yield Problem(path, TOO_MANY, {"label": field.label, "maximum": field.most_values})
        return
    for text in texts:
        if isinstance(text, str):
            problem = _too_long(field, text) or CHECKS.get(field.kind, _fine)(field, text.strip(), today)
        else:
            problem = N_("%(label)s must be text, not %(value)s")
        if problem:
            yield Problem(path, problem, _params(field, text) | _close(field, problem, text))


def _close(field: Field, problem: str, text: Any) -> dict[str, Any]:
    return {"nearest": nearest(field.options, text.strip())} if problem == CLOSE else {}


def _params(field: Field, value: Any) -> dict[str, Any]:
    text = str(value)
    bounds = {"maximum": field.most, "least": field.minimum, "largest": field.maximum}
    return {"label": field.label, "value": _short(text), "length": len(text), **bounds}


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


def _too_long(field: Field, text: str) -> str:
    return TOO_LONG if len(text) > field.most else ""


def _fine(field: Field, text: str, today: date) -> str:
    return ""


def _line(field: Field, text: str, today: date) -> str:
    unseen = any(unicodedata.category(sign) in ("Cc", "Zl", "Zp") or sign in OVERRIDES for sign in text)
    return N_("%(label)s contains hidden characters, such as a line break. Type it again on one line") if unseen else ""


def _date(field: Field, text: str, today: date) -> str:
    try:
        day = date.fromisoformat(text if ISO_DATE.fullmatch(text) else "")
    except ValueError:
        return N_("%(label)s – “%(value)s” is not a date. Give day, month and year, for example 23 11 1990")
    if day.year < 1900:
        return N_("%(label)s – “%(value)s” is too long ago. Check the year")
    if field.past and day > today:
        return N_("%(label)s – “%(value)s” must be in the past. Check the date")
    return ""


def _email(field: Field, text: str, today: date) -> str:
    try:
        address = validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return N_("%(label)s – “%(value)s” is not an e-mail address. Write it like name@example.org")
    if address.ascii_email is None:
        return N_(
            "%(label)s – our e-mails do not reach “%(value)s”. Give an address with plain letters, a to z, before the @"
        )
    return ""


def _tel(field: Field, text: str, today: date) -> str:
    try:
        valid = phonenumbers.is_possible_number(phonenumbers.parse(text, None))
    except phonenumbers.NumberParseException:
        valid = False
    if valid:
        return ""
    return N_("%(label)s – “%(value)s” is not a phone number. Start with + and a country code, like +33 1 23 45 67 89")


def _number(field: Field, text: str, today: date) -> str:
    number = number_in(text)
    if isinstance(number, str):
        return N_("%(label)s – “%(value)s” is not a number")
    if field.minimum is not None and number < field.minimum:
        return N_("%(label)s must be %(least)s or more, not %(value)s")
    return (
        N_("%(label)s must be %(largest)s or less, not %(value)s")
        if field.maximum is not None and number > field.maximum
        else ""
    )


def _option(field: Field, text: str, today: date) -> str:
    if is_in(field.options, text):
        return ""
    return CLOSE if field.kind == "lookup" and nearest(field.options, text).values else OUTSIDE


def _yesno(field: Field, text: str, today: date) -> str:
    return "" if text in ("yes", "no") else N_("%(label)s – answer yes or no, not “%(value)s”")


CHECKS: Mapping[str, Callable[[Field, str, date], str]] = {
    "text": _line,
    "date": _date,
    "email": _email,
    "tel": _tel,
    "number": _number,
    "choice": _option,
    "choices": _option,
    "lookup": _option,
    "yesno": _yesno,
    "checkbox": _yesno,
}
