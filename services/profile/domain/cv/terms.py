"""What other formats call what we call otherwise: countries, languages, levels, days, as tables."""

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from typing import Final, NamedTuple

import phonenumbers
from pycountry import languages

from services.profile.domain.cv.source import Node
from shared.vocabulary.fields import ANOTHER, COUNTRIES, LANGUAGES, NATIONALITIES, PromptList, meant
from shared.vocabulary.words import fold

LONGEST: Final = 200
"""Characters of a name that are looked up."""

COUNTRIES_OTHERWISE: Final[Mapping[str, str]] = {"UK": "GB", "EL": "GR"}
"""Codes of the European Union that are not those of ISO 3166-1."""

LEVELS: Final[Mapping[str, str]] = {
    "A1": "basic",
    "A2": "basic",
    "B1": "confident",
    "B2": "confident",
    "C1": "fluent",
    "C2": "fluent",
}
"""The Common European Framework of Reference for Languages in our three levels."""

LEVELS_BACK: Final[Mapping[str, str]] = {ours: theirs for theirs, ours in LEVELS.items()}
"""The highest that each of ours reaches, as others are told it."""

ORDER: Final = tuple(LEVELS_BACK)

_NATIVE: Final = re.compile(r"(?<![\w-])(?:native|mother tongue|bilingual|langue maternelle|bilingue)\b")
"""Folded; who is near-native or a non-native speaker has another mother tongue."""

FLUENCY: Final[tuple[tuple[str, str], ...]] = (
    ("full professional", "fluent"),
    ("fluent", "fluent"),
    ("proficient", "fluent"),
    ("advanced", "fluent"),
    ("courant", "fluent"),
    ("avance", "fluent"),
    ("limited working", "confident"),
    ("professional working", "confident"),
    ("professional", "confident"),
    ("upper intermediate", "confident"),
    ("intermediate", "confident"),
    ("intermediaire", "confident"),
    ("conversational", "confident"),
    ("confident", "confident"),
    ("good", "confident"),
    ("elementary", "basic"),
    ("beginner", "basic"),
    ("basic", "basic"),
    ("limited", "basic"),
    ("debutant", "basic"),
    ("notions", "basic"),
)
"""How people say how well they know a language, folded; the first that is in what they say counts."""

GENDERS: Final[Mapping[str, str]] = {
    "m": "male",
    "male": "male",
    "f": "female",
    "female": "female",
    "other": "other",
    "do_not_indicate": "undisclosed",
}
GENDERS_BACK: Final[Mapping[str, str]] = {ours: theirs for theirs, ours in GENDERS.items()}
TITLES: Final[Mapping[str, str]] = {"mr": "mr", "mrs": "ms", "ms": "ms", "dr": "dr", "prof": "prof"}

NATIONALITY_FIELDS: Final = ("nationality", "second_nationality", "third_nationality")
"""Of ours, in the order in which others list them."""

_CEFR: Final = re.compile(r"\b([ABC][12])\b", re.IGNORECASE)
_DAY: Final = re.compile(r"(\d{4})(?:-(\d\d?)(?:-(\d\d?)(?:[T ].*)?)?)?", re.ASCII | re.DOTALL)
_YEAR_FIRST: Final = re.compile(r"(?P<year>\d{4})[./ -]+(?P<month>\d\d?)[./ -]+(?P<day>\d\d?)", re.ASCII)
_DAY_FIRST: Final = re.compile(r"(?P<day>\d\d?)[./ -]+(?P<month>\d\d?)[./ -]+(?P<year>\d{4})", re.ASCII)
_DIGITS: Final = re.compile(r"[^0-9]")
_LONGEST_CODE: Final = 4
"""Digits of a country's code, and one more."""


class Day(NamedTuple):
    """A day as ISO. rough: the file gave no more than its month or year."""

    iso: str
    rough: bool = False


def country(node: Node) -> str:
    """The code of a country, from its code or name."""
    return _listed(node, COUNTRIES)


def nationality(node: Node) -> str:
    """The code of a nationality, from a country's code or name."""
    return _listed(node, NATIONALITIES)


def _listed(node: Node, options: PromptList) -> str:
    text = node.peeked[:LONGEST]
    code = COUNTRIES_OTHERWISE.get(text.upper(), text.upper())
    found = code if code in options else meant(options, text) if text and node.may_look_up() else ""
    if found not in options:
        return ""
    node.use()
    return found


def language(node: Node) -> str:
    """The code of a language, from a code of ISO 639 or its name; "" if it is none that we know."""
    text = node.peeked[:LONGEST]
    found = _coded(text.lower().partition("-")[0])
    if not found and text and node.may_look_up():
        found = _language(meant(LANGUAGES, text))
    if found:
        node.use()
    return found


def _coded(code: str) -> str:
    iso = None
    if len(code) == len("fra") and code.isascii():
        iso = languages.get(alpha_3=code) or languages.get(bibliographic=code)
    return _language(code) or _language(str(getattr(iso, "alpha_2", iso.alpha_3)) if iso is not None else "")


def _language(code: str) -> str:
    """The code if it is that of a language which has one."""
    return code if code in LANGUAGES and code != ANOTHER else ""


def three_letters(code: str) -> str:
    """A language's code of ISO 639-3, from ours; "" for one that has none."""
    if code == ANOTHER or code not in LANGUAGES:
        return ""
    known = languages.get(alpha_2=code) if len(code) == len("fr") else None
    return str(known.alpha_3) if known is not None else code


def level(text: str) -> str:
    """One of our three levels, from one of the framework's or a word; "" for none."""
    if found := _CEFR.search(text[:LONGEST]):
        return LEVELS[found[1].upper()]
    if is_native(text):
        return ORDER[-1]
    said = fold(text[:LONGEST])
    return next((ours for words, ours in FLUENCY if words in said), "")


def lower(one: str, other: str) -> str:
    """The lower of two levels; the one that is given where only one is."""
    given = [each for each in (one, other) if each in ORDER]
    return min(given, key=ORDER.index, default="")


def is_native(text: str) -> bool:
    """Whether it says that a language is somebody's own."""
    return _NATIVE.search(fold(text[:LONGEST])) is not None


def day(node: Node, *, end: bool = False) -> Day:
    """A day from a day, a month or a year: of those two the first, or the last if something ended then."""
    found = day_of(node.peeked, end=end)
    if found.iso:
        node.use()
    return found


def day_of(text: str, *, end: bool = False) -> Day:
    """The same of a text."""
    match = _DAY.fullmatch(text[:LONGEST])
    if match is None:
        return Day("")
    year, month = int(match[1]), int(match[2] or (12 if end else 1))
    try:
        last = monthrange(year, month)[1] if end else 1
        return Day(date(year, month, int(match[3] or last)).isoformat(), rough=match[3] is None)
    except ValueError:
        return Day("")


def typed_day(text: str) -> str:
    """A day that somebody typed, year first or day first; as it was typed, if it is none."""
    typed = text[:LONGEST].strip()
    if match := _YEAR_FIRST.fullmatch(typed) or _DAY_FIRST.fullmatch(typed):
        return day_of(f"{match['year']}-{match['month']}-{match['day']}").iso or text
    return text


def phone(dialling: str, number: str) -> str:
    """A number with its country's code before it, if that is known, as it is dialled from abroad."""
    code = _DIGITS.sub("", dialling)[:_LONGEST_CODE]
    called = f"+{number[2:]}" if number.startswith("00") else number
    if not code or not called or called.startswith("+"):
        return called
    region = phonenumbers.region_code_for_country_code(int(code))
    try:
        parsed = phonenumbers.parse(called, region)
    except phonenumbers.NumberParseException:
        return f"+{code} {called}"
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
