"""The living languages of ISO 639-3, called as CLDR and ISO call them in our languages, and another one.

A code is the shortest that ISO 639 has ("fr", "kab"). languages.json says what people call some of them otherwise.
"""

from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from babel import Locale
from pycountry import languages

from shared.vocabulary.fields.lists import (
    LANGUAGES_SHOWN,
    WIDELY_KNOWN,
    Labels,
    PromptList,
    Strings,
    first,
    in_order,
    listed_key,
)
from shared.vocabulary.fields.sources import known_names, translated
from shared.vocabulary.naming import joined

ANOTHER: Final = "mis"
"""The code of ISO 639-2 for a language that has none."""
_ANOTHER: Final = {
    "ar": "لغة أخرى", "zh": "其他语文", "en": "Another language", "fr": "Autre langue", "ru": "Другой язык",
    "es": "Otro idioma",
}  # fmt: skip
LIVING: Final = "L"


@cache
def _living() -> Mapping[str, Any]:
    """By their codes."""
    return {getattr(each, "alpha_2", each.alpha_3): each for each in languages if each.type == LIVING}


@cache
def _labels(language: str) -> Labels:
    """Two languages of one name, in whichever language of ours, are told apart by their codes."""
    plain, called = _plain(language), _called()
    labels = {
        code: label if called[joined(listed_key(label))] == 1 else f"{label} ({code})" for code, label in plain.items()
    }
    return first({ANOTHER: _ANOTHER[language]}, in_order(labels, language).items())


@cache
def _called() -> Mapping[str, int]:
    """How many languages have a name."""
    plain = [_plain(language) for language in LANGUAGES_SHOWN]
    return Counter(name for code in plain[0] for name in {joined(listed_key(names[code])) for names in plain})


@cache
def _plain(language: str) -> Labels:
    cldr, ours, iso = Locale.parse(language).languages, known_names("languages"), translated("iso639-3", language)
    names = {}
    for code, each in _living().items():
        name = ours.get(code, {}).get(language) or cldr.get(code) or iso(each.name)
        names[code] = name[0].upper() + name[1:].replace("'", "’")
    return names


@cache
def _former(language: str) -> Labels:
    """Those that nobody grows up with: they were offered once."""
    cldr = Locale.parse(language).languages
    gone = (each.alpha_2 for each in languages if each.type != LIVING and hasattr(each, "alpha_2"))
    return {code: cldr[code][0].upper() + cldr[code][1:] for code in gone if code in cldr}


@cache
def _others() -> Strings:
    cldr = [Locale.parse(language).languages for language in WIDELY_KNOWN]
    french, ours = translated("iso639-3", "fr"), known_names("languages")
    another = [*_ANOTHER.values(), "Other language", "Une autre langue", "Other", "Autre"]
    found: dict[str, list[str]] = {ANOTHER: another}
    for code, each in _living().items():
        iso = [each.name, getattr(each, "inverted_name", "")]
        usual = ours.get(code, {}).get("others", ())
        called = [*(names.get(code, "") for names in cldr), *iso, french(each.name), *usual]
        found[code] = list(dict.fromkeys(filter(None, called)))
    return found


LANGUAGES: Final = PromptList("languages", _labels, former=_former, others=_others)
