"""Countries and nationalities: codes of ISO 3166-1, the names of the United Nations (M49), and those people use.

countries.json says where the United Nations call a country otherwise than CLDR does, and its usual or former names.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from babel import Locale
from pycountry import countries

from shared.vocabulary.fields.lists import WIDELY_KNOWN, Labels, PromptList, Strings, first, in_order
from shared.vocabulary.fields.sources import known_names, translated

STATELESS: Final = "XXA"
"""The code of ICAO's document 9303 for somebody who has no nationality."""

_STATELESS: Final = {
    "ar": "عديم الجنسية", "zh": "无国籍", "en": "Stateless", "fr": "Apatride", "ru": "Без гражданства",
    "es": "Apátrida",
}  # fmt: skip

_NO_NATIONALITY: Final = frozenset({
    "AI", "AQ", "AS", "AW", "AX", "BL", "BM", "BQ", "BV", "CC", "CW", "CX", "EH", "FK", "FO", "GF", "GG", "GI", "GL",
    "GP", "GS", "GU", "HK", "HM", "IM", "IO", "JE", "KY", "MF", "MO", "MP", "MQ", "MS", "NC", "NF", "PF", "PM", "PN",
    "PR", "RE", "SH", "SJ", "SX", "TC", "TF", "TK", "UM", "VG", "VI", "WF", "YT",
})  # fmt: skip
"""Areas of other countries, or of nobody: who comes from there has the nationality of a country, or none."""


@cache
def _countries(language: str) -> Labels:
    cldr, ours = Locale.parse(language).territories, known_names("countries")
    named = {code: ours.get(code, {}).get(language) or cldr.get(code) or name for code, name in _iso()}
    return in_order(named, language)


def _iso() -> list[tuple[str, str]]:
    return [(country.alpha_2, country.name) for country in countries]


@cache
def _others() -> Strings:
    """What CLDR and ISO 3166 call them in English and French, and our own."""
    cldr = [Locale.parse(language).territories for language in WIDELY_KNOWN]
    french, ours = translated("iso3166-1", "fr"), known_names("countries")
    found: dict[str, list[str]] = {STATELESS: [*_STATELESS.values(), "No nationality", "Sans nationalité"]}
    for country in countries:
        iso = [getattr(country, name, "") for name in ("name", "common_name", "official_name")]
        plain = [each.get(country.alpha_2, "") for each in cldr]
        names = [*plain, *iso, *map(french, filter(None, iso)), *ours.get(country.alpha_2, {}).get("others", ())]
        found[country.alpha_2] = [*dict.fromkeys(filter(None, names)), country.alpha_3]
    return found


def _only(labels: Mapping[str, Any], offered: bool) -> dict[str, str]:
    return {code: label for code, label in labels.items() if (code not in _NO_NATIONALITY) == offered}


@cache
def _nationalities(language: str) -> Labels:
    return first({STATELESS: _STATELESS[language]}, _only(_countries(language), offered=True).items())


@cache
def _areas(language: str) -> Labels:
    return _only(_countries(language), offered=False)


COUNTRIES: Final = PromptList("countries", _countries, others=_others)
NATIONALITIES: Final = PromptList("nationalities", _nationalities, former=_areas, others=_others)
