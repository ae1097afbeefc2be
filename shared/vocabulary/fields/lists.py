"""What a field may hold when it is picked: options of its own, or one of the lists that all services share (R23)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from babel import Locale
from pycountry import countries, languages

from shared.vocabulary.words import fold


class Option(NamedTuple):
    """One of the values of a field, with its English label (a catalogue key)."""

    value: str
    label: str


@dataclass(frozen=True)
class PromptList:
    """A list of values to pick from (R23), with a label in each language."""

    name: str
    labels: Callable[[str], Mapping[str, str]]

    def __len__(self) -> int:
        return len(self.labels("en"))

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
