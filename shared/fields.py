"""Declared form fields: one list of fields serves the form, the JSON door, the checks, the completeness and the PDF.

Values are what was typed: text for most kinds, a list of texts for "choices", a list of objects for `Entries`.
Dates are ISO ("2026-11-23"); what cannot be read as a date stays as it was typed, so that saving loses nothing.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Literal, NamedTuple

import phonenumbers
from babel import Locale
from babel.dates import format_date
from email_validator import EmailNotValidError, validate_email
from pycountry import countries, languages

from shared.errors import N_, Problem
from shared.words import fold

DateStyle = Literal["full", "long", "medium", "short"]
Kind = Literal["text", "textarea", "email", "tel", "date", "number", "yesno", "choice", "choices", "lookup", "checkbox"]
Values = Mapping[str, Any]

LINE, TEXT = 200, 20_000
ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
OVERRIDES = "\u202d\u202e"
"""They make a text read otherwise than it is stored."""


class Option(NamedTuple):
    """One of the values of a field, with its English label (a catalogue key)."""

    value: str
    label: str


@dataclass(frozen=True)
class PromptList:
    """A list of values to pick from (R23), with a label in each language."""

    name: str
    labels: Callable[[str], Mapping[str, str]]

    def __contains__(self, value: object) -> bool:
        return value in self.labels("en")

    def label(self, value: str, language: str) -> str:
        """The value's name in this language; the value itself if it is not in the list."""
        return self.labels(language).get(value, value)


@cache
def _countries(language: str) -> Mapping[str, str]:
    names = Locale.parse(language).territories
    return _sorted({country.alpha_2: names.get(country.alpha_2, country.name) for country in countries})


@cache
def _languages(language: str) -> Mapping[str, str]:
    names = Locale.parse(language).languages
    return _sorted({item.alpha_2: names[item.alpha_2] for item in languages if getattr(item, "alpha_2", "") in names})


def _sorted(labels: Mapping[str, str]) -> Mapping[str, str]:
    return dict(sorted(labels.items(), key=lambda item: fold(item[1])))


STATELESS = "XXA"
"""The code of ICAO's document 9303 for somebody who has no nationality."""


@cache
def _nationalities(language: str) -> Mapping[str, str]:
    return {STATELESS: "Apatride" if language == "fr" else "Stateless", **_countries(language)}


COUNTRIES = PromptList("countries", _countries)
NATIONALITIES = PromptList("nationalities", _nationalities)
LANGUAGES = PromptList("languages", _languages)

Condition = tuple[str, tuple[str, ...]]


@dataclass(frozen=True)
class Field:
    """One field. `label`, `hint` and option labels are English catalogue keys.

    when: (other field, values): the field counts only while the other has one of these values.
    minimum, maximum: bounds of a number. length: the most characters. past: a date that cannot lie ahead.
    """

    name: str
    label: str
    kind: Kind = "text"
    required: bool = False
    options: PromptList | tuple[Option, ...] = ()
    hint: str = ""
    when: Condition | None = None
    length: int = 0
    minimum: float | None = None
    maximum: float | None = None
    past: bool = False
    autocomplete: str = ""

    @property
    def most(self) -> int:
        return self.length or (TEXT if self.kind == "textarea" else LINE)


@dataclass(frozen=True)
class Entries:
    """A repeating group, such as diplomas or jobs. `label` names them all, `one` a single entry, before its number.

    minimum: how many are needed; maximum: how many fit.
    when: as for a field: the whole group counts only while another field has one of these values.
    """

    name: str
    label: str
    one: str
    fields: tuple[Field, ...]
    minimum: int = 0
    maximum: int = 50
    hint: str = ""
    when: Condition | None = None


AnyField = Field | Entries


def applies(field: AnyField, values: Values) -> bool:
    """Whether the field or group counts, given the others."""
    return field.when is None or values.get(field.when[0]) in field.when[1]


def missing(fields: Sequence[AnyField], values: Values) -> list[Problem]:
    """The mandatory fields that hold nothing yet."""
    return [problem for problem in check(fields, values) if problem.message in (REQUIRED, TOO_FEW)]


def check(fields: Sequence[AnyField], values: Values, today: date | None = None) -> list[Problem]:
    """Everything to correct before these values may be submitted: what is missing and what is wrong."""
    return list(_problems(fields, values, today or date.max, ""))


def wrong(fields: Sequence[AnyField], values: Values, today: date | None = None) -> list[Problem]:
    """What was typed and cannot be right; what is merely missing is left out."""
    return [problem for problem in check(fields, values, today) if problem.message not in (REQUIRED, TOO_FEW)]


REQUIRED = N_("Enter: %(label)s")
TOO_FEW = N_("Add at least %(minimum)s: %(label)s")
TOO_MANY = N_("%(label)s: at most %(maximum)s")


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
        isinstance(value, str) and not value.strip()
    ):
        if field.required:
            yield Problem(path, REQUIRED, {"label": field.label})
        return
    for text in value if isinstance(value, list) and field.kind == "choices" else [value]:
        if isinstance(text, str):
            problem = _too_long(field, text) or CHECKS.get(field.kind, _fine)(field, text.strip(), today)
        else:
            problem = N_("%(label)s must be text, not %(value)s")
        if problem:
            yield Problem(
                path, problem, {"label": field.label, "value": _short(text), "maximum": field.most, **_bounds(field)}
            )


def _bounds(field: Field) -> dict[str, Any]:
    return {"least": field.minimum, "largest": field.maximum}


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else text[:39] + "…"


def _too_long(field: Field, text: str) -> str:
    return N_("%(label)s can have at most %(maximum)s characters") if len(text) > field.most else ""


def _fine(field: Field, text: str, today: date) -> str:
    return ""


def _line(field: Field, text: str, today: date) -> str:
    unseen = any(unicodedata.category(sign) in ("Cc", "Zl", "Zp") or sign in OVERRIDES for sign in text)
    return (
        N_("%(label)s holds signs that cannot be seen, such as a line break. Type it again on one line")
        if unseen
        else ""
    )


def _date(field: Field, text: str, today: date) -> str:
    try:
        day = date.fromisoformat(text if ISO_DATE.fullmatch(text) else "")
    except ValueError:
        return N_("“%(value)s” is not a date. Give day, month and year, for example 23 11 1990")
    if day.year < 1900:
        return N_("“%(value)s” is too long ago. Give the year with four digits")
    return N_("“%(value)s” lies in the future. Give a date that has passed") if field.past and day > today else ""


def _email(field: Field, text: str, today: date) -> str:
    try:
        validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return N_("“%(value)s” is not an e-mail address. Write it like name@example.org")
    return ""


def _tel(field: Field, text: str, today: date) -> str:
    try:
        valid = phonenumbers.is_possible_number(phonenumbers.parse(text, None))
    except phonenumbers.NumberParseException:
        valid = False
    return (
        ""
        if valid
        else N_("“%(value)s” is not a phone number. Start with + and the country code, like +33 1 23 45 67 89")
    )


def _number(field: Field, text: str, today: date) -> str:
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        return N_("“%(value)s” is not a number")
    if not float("-inf") < number < float("inf"):
        return N_("“%(value)s” is not a number")
    if field.minimum is not None and number < field.minimum:
        return N_("%(label)s must be %(least)s or more, not %(value)s")
    return (
        N_("%(label)s must be %(largest)s or less, not %(value)s")
        if field.maximum is not None and number > field.maximum
        else ""
    )


def _option(field: Field, text: str, today: date) -> str:
    known = field.options if isinstance(field.options, PromptList) else {option.value for option in field.options}
    return (
        ""
        if text in known
        else N_("“%(value)s” is not in the list for %(label)s. Clear it, then pick a value from the list")
    )


def _yesno(field: Field, text: str, today: date) -> str:
    return "" if text in ("yes", "no") else N_("Answer yes or no to %(label)s, not “%(value)s”")


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


def shown(field: Field, value: Any, language: str, translate: Callable[[str], str]) -> str:
    """A value as a person reads it in this language: option labels instead of codes, dates written out."""
    if value in (None, "", []):
        return ""
    if isinstance(value, list):
        return ", ".join(shown(field, item, language, translate) for item in value)
    if field.kind in ("yesno", "checkbox"):
        return {"yes": translate(N_("Yes")), "no": translate(N_("No"))}.get(value, str(value))
    if isinstance(field.options, PromptList):
        return field.options.label(value, language)
    if field.options:
        return next((translate(option.label) for option in field.options if option.value == value), str(value))
    return _date_in_words(str(value), language) if field.kind == "date" else str(value)


def _date_in_words(text: str, language: str) -> str:
    try:
        return day_in_words(date.fromisoformat(text), language)
    except ValueError:
        return text


def day_in_words(day: date, language: str, style: DateStyle = "long") -> str:
    """As the United Nations write it; a French month begins with its "1er", which CLDR does not say."""
    words = format_date(day, style, locale="en_GB" if language == "en" else language)
    return words.replace("1 ", "1er ", 1) if language == "fr" and words.startswith("1 ") else words


def names(fields: Iterable[AnyField]) -> frozenset[str]:
    """The names of the top-level fields and groups."""
    return frozenset(field.name for field in fields)
