"""What a search means: one model of criteria for vacancy search and for saved searches, and the reference `matches`.

Both engines, the index of vacancies and the index of saved searches, must agree with `matches` exactly.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import islice
from typing import Any, Final
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, field_validator
from pydantic import Field as Bounded

from shared.model.errors import N_, Problem
from shared.vocabulary.fields import OFFICIAL_LANGUAGES, Field, check
from shared.vocabulary.official import OFFICIAL
from shared.vocabulary.reference import CATEGORIES, DEPARTMENTS, DUTY_STATIONS, FAMILIES, LEVELS, NETWORKS
from shared.vocabulary.words import stems

FACETS: Final = ("networks", "families", "categories", "levels", "duty_stations", "departments", "languages")
"""A vacancy passes a facet when the criteria ask nothing of it, or when one of its values is asked for."""

LANGUAGES: Final = OFFICIAL
"""The languages in which a notice can be written."""

MOST_KEYWORDS, MOST_VALUES = 200, 200

KEYWORDS_HINT: Final = N_("All the words must occur. Put a phrase in quotes, for example “climate change”.")

CRITERIA: Final = (
    Field("keywords", N_("Keywords"), length=MOST_KEYWORDS, hint=KEYWORDS_HINT),
    Field("networks", N_("Job network"), "choices", options=NETWORKS),
    Field("families", N_("Job family"), "choices", options=FAMILIES),
    Field("categories", N_("Category"), "choices", options=CATEGORIES),
    Field("levels", N_("Level"), "choices", options=LEVELS),
    Field("duty_stations", N_("Duty station"), "choices", options=DUTY_STATIONS),
    Field("departments", N_("Department or office"), "choices", options=DEPARTMENTS),
    Field("languages", N_("Language of the notice"), "choices", options=OFFICIAL_LANGUAGES),
    Field("posted_since", N_("Posted since"), "date"),
)
"""The form of the advanced search and of a saved search."""

Phrase = tuple[str, ...]
_LEVEL = re.compile(r"(?<![^\W_])[A-Za-z]{1,3}[-\u2010-\u2014]?[0-9]{1,2}(?![^\W_])")
_QUOTED = re.compile(r'["“”«»]([^"“”«»]*)["“”«»]')


class Criteria(BaseModel):
    """What is looked for. Every part that holds something must be met; nothing at all finds everything.

    Values of a facet are kept sorted and once each, so that equal searches are equal.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True)

    keywords: str = Bounded("", max_length=MOST_KEYWORDS)
    """Every word must occur, and every "quoted phrase" as consecutive words."""
    networks: tuple[str, ...] = Bounded((), max_length=MOST_VALUES)
    """Codes of job networks, any of which fits; empty: any."""
    families: tuple[str, ...] = Bounded((), max_length=MOST_VALUES)
    """Codes of job families, any of which fits; empty: any."""
    categories: tuple[str, ...] = Bounded((), max_length=MOST_VALUES)
    """Codes of categories, any of which fits; empty: any."""
    levels: tuple[str, ...] = Bounded((), max_length=MOST_VALUES)
    """Codes of levels, any of which fits; empty: any."""
    duty_stations: tuple[str, ...] = Bounded((), max_length=MOST_VALUES)
    """Codes of duty stations, any of which fits; empty: any."""
    departments: tuple[str, ...] = Bounded((), max_length=MOST_VALUES)
    """Codes of departments, any of which fits; empty: any."""
    languages: tuple[str, ...] = Bounded((), max_length=MOST_VALUES)
    """Languages in which there is a notice (`ar`, `zh`, `en`, `fr`, `ru`, `es`), any of which fits; empty: any."""
    posted_since: date | None = None
    """The first day of posting, in New York; null: any."""

    @field_validator("keywords")
    @classmethod
    def _tidy(cls, keywords: str) -> str:
        return " ".join("".join(c if c.isprintable() else " " for c in keywords).split())

    @field_validator(*FACETS, mode="before")
    @classmethod
    def _once_each(cls, values: Any) -> Any:
        """Before they are counted: an address that repeats a value asks for no more than one that does not.

        What is not even text is refused for its beginning.
        """
        if not isinstance(values, Collection) or isinstance(values, str):
            return values
        if all(isinstance(value, str) for value in values):
            return tuple(sorted({value for value in values if value}))
        return tuple(islice(values, MOST_VALUES))

    def facet(self, name: str) -> tuple[str, ...]:
        """The values asked for in this facet; empty if it is left open."""
        values: tuple[str, ...] = getattr(self, name)
        return values

    def without(self, facet: str) -> "Criteria":
        """The same criteria with this facet left open."""
        return self.model_copy(update={facet: ()})

    def items(self) -> Iterator[tuple[str, str]]:
        """Name and value pairs, as they stand in a URL."""
        if self.keywords:
            yield "keywords", self.keywords
        for name in FACETS:
            yield from ((name, value) for value in self.facet(name))
        if self.posted_since:
            yield "posted_since", self.posted_since.isoformat()

    def values(self) -> dict[str, Any]:
        """What the form of `CRITERIA` shows."""
        return self.model_dump(mode="json")

    def problems(self) -> list[Problem]:
        """The values that are in none of the lists (R23)."""
        return check(CRITERIA, self.values())

    def query(self) -> str:
        """The query string that says the same, for links that can be kept and shared."""
        return urlencode(list(self.items()))

    @classmethod
    def from_items(cls, items: Iterable[tuple[str, str]]) -> "Criteria":
        """Reads what `items` gives; other names and empty values are ignored. Raises pydantic's ValidationError."""
        values: dict[str, Any] = {}
        for name, value in items:
            if name in FACETS and value:
                values.setdefault(name, []).append(value)
            elif name in ("keywords", "posted_since") and value.strip():
                values[name] = value.strip()
        return cls.model_validate(values)


@dataclass(frozen=True)
class Notice:
    """What can be searched in a vacancy.

    posted: the day of posting in New York. facets: its values by facet name.
    passages: its texts by language, in which their words are stemmed; no phrase reaches from one into the next, and
    keywords must all occur in one language.
    """

    posted: date
    facets: Mapping[str, frozenset[str]]
    passages: Mapping[str, tuple[str, ...]]

    @cached_property
    def stems(self) -> Mapping[str, tuple[Phrase, ...]]:
        """By language, the stems of each passage in order."""
        return {
            language: tuple(tuple(stems(passage, language)) for passage in passages)
            for language, passages in self.passages.items()
        }

    @cached_property
    def words(self) -> Mapping[str, frozenset[str]]:
        """By language, all stems that occur."""
        return {
            language: frozenset(word for passage in passages for word in passage)
            for language, passages in self.stems.items()
        }


def phrases(keywords: str, language: str) -> tuple[Phrase, ...]:
    """What the keywords ask of a notice in this language: a single stem for each word, several for a quoted phrase."""
    loose = _QUOTED.sub(" ", keywords)
    quoted = (tuple(stems(graded(phrase), language)) for phrase in _QUOTED.findall(keywords))
    levels = (tuple(stems(code, language)) for word in _LEVEL.findall(loose) if (code := _level(word)))
    words = ((word,) for word in stems(_LEVEL.sub(lambda found: "" if _level(found[0]) else found[0], loose), language))
    return tuple(dict.fromkeys([*words, *levels, *(phrase for phrase in quoted if phrase)]))


def graded(text: str) -> str:
    """The text with its levels as notices write them: "P3" is P-3, "GS 5" is not meant by anybody."""
    return _LEVEL.sub(lambda found: _level(found[0]) or found[0], text)


def _level(word: str) -> str:
    return LEVELS.names.named(word)


def occurs(phrase: Phrase, words: Phrase) -> bool:
    """Whether the phrase stands in the words, consecutively."""
    length = len(phrase)
    return any(words[start : start + length] == phrase for start in range(len(words) - length + 1))


def matches(criteria: Criteria, notice: Notice) -> bool:
    """The meaning of a search: whether this notice is found."""
    return (
        all(_passes(criteria.facet(name), notice.facets.get(name, frozenset())) for name in FACETS)
        and (criteria.posted_since is None or criteria.posted_since <= notice.posted)
        and any(
            all(_holds(notice, language, phrase) for phrase in phrases(criteria.keywords, language))
            for language in notice.passages
        )
    )


def _passes(asked: tuple[str, ...], values: frozenset[str]) -> bool:
    return not asked or not values.isdisjoint(asked)


def _holds(notice: Notice, language: str, phrase: Phrase) -> bool:
    words = notice.words[language]
    if len(phrase) == 1:
        return phrase[0] in words
    return words.issuperset(phrase) and any(occurs(phrase, passage) for passage in notice.stems[language])
