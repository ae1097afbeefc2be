"""How a diploma is found in the catalogue: by the words of its title and school, the same way every time."""

import re
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple

from services.applications.domain.equivalence.catalogue import Catalogue
from services.applications.domain.equivalence.entries import Entry
from services.applications.events import Diploma
from shared.vocabulary.words import fold, stems

_LANGUAGES: Final = ("fr", "en")
_SMALL: Final = frozenset(
    stems(
        "a al an and au aux d da das de degli dei del della der des di die do dos du e el en et for i in l la las le "
        "les los of the u und van y",
        "",
    )
)
_DOTS = re.compile(r"(?<=\w)\.(?=\w)")
MOST_LETTERS: Final = 500


class Matched(NamedTuple):
    """How well a name fits a text: how many of its words stand there, and where the first."""

    words: int
    place: int


class Text:
    """A text as it is compared: folded, its words stemmed in French and in English, little words left out."""

    def __init__(self, text: str) -> None:
        self.folded = fold(text[:MOST_LETTERS])
        plain = _DOTS.sub("", text[:MOST_LETTERS])
        self.words = tuple([w for w in stems(plain, language) if w not in _SMALL] for language in _LANGUAGES)


@lru_cache(maxsize=20_000)
def _name(text: str) -> Text:
    return Text(text)


def matched(names: Iterable[str], text: Text) -> Matched | None:
    """The best fit of any of these names; None if not all words of any of them stand in the text."""
    fits = [fit for name in names for fit in _fits(_name(name), text)]
    return max(fits, key=lambda fit: (fit.words, -fit.place), default=None)


def _fits(name: Text, text: Text) -> Iterable[Matched]:
    for wanted, given in zip(name.words, text.words, strict=True):
        if wanted and set(wanted) <= set(given):
            yield Matched(len(set(wanted)), min(given.index(word) for word in wanted))
    if name.folded >= "\u2e80" and name.folded in text.folded:  # Chinese and Japanese do not separate words.
        yield Matched(len(name.folded), text.folded.index(name.folded))


def find(diploma: Diploma, catalogue: Catalogue, at: datetime) -> Entry | None:
    """What the catalogue says of the diploma at this time, if it is in force (R69, R74) and knows it.

    A school's own entry goes before its country's, the country's before one that holds everywhere, and more words
    before fewer; between equals, the word that stands first in the title decides.
    """
    if not catalogue.in_force(at):
        return None
    title, institution = Text(diploma.title), Text(diploma.institution)
    ranked = [
        (rank, entry)
        for entry in catalogue.entries(diploma.country)
        if (rank := _rank(entry, title, institution)) is not None
    ]
    return min(ranked, key=lambda pair: pair[0])[1] if ranked else None


def _rank(entry: Entry, title: Text, institution: Text) -> tuple[int, int, int, int, str] | None:
    as_title = matched(entry.titles, title)
    as_school = matched(entry.institutions, institution) if as_title and entry.institution else None
    if as_title is None or (entry.institution and as_school is None):
        return None
    school = as_school.words if as_school else 0
    return -school, -bool(entry.country), -as_title.words, as_title.place, entry.id
