"""Finds the saved searches that a vacancy fits, without asking each in turn: an index over what the searches require.

Says exactly what `shared.search.matches` says. Searches are numbered; sets of them are roaring bitmaps. A facet
leaves those that ask nothing of it and those that ask for one of the notice's values. Keywords leave those that ask
for none, those whose only word occurs, and, of those that ask for more, each that stands under its rarest word and
passes the full test. Facets and days cost a few operations on whole bitmaps, however many searches there are.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from sys import intern

from pyroaring import BitMap

from shared.search import FACETS, LANGUAGES, Criteria, Notice, Phrase, phrases


@dataclass
class _Facet:
    """The searches by the value they ask for, and those that ask nothing."""

    open: BitMap = field(default_factory=BitMap)
    asking: dict[str, BitMap] = field(default_factory=dict)

    def add(self, number: int, values: tuple[str, ...]) -> None:
        for value in values:
            self.asking.setdefault(value, BitMap()).add(number)
        if not values:
            self.open.add(number)

    def remove(self, number: int) -> None:
        self.open.discard(number)
        for value in [value for value, bitmap in self.asking.items() if number in bitmap]:
            self.asking[value].discard(number)
            if not self.asking[value]:
                del self.asking[value]

    def accepting(self, values: frozenset[str]) -> BitMap:
        return _union(self.open, *(self.asking[value] for value in values if value in self.asking))


@dataclass
class _Keywords:
    """The searches by what their keywords ask of a notice in one language.

    single: those with one word, under it. several: those with more or with a phrase, under their rarest word.
    needed, phrases: the words of each of `several`, and its phrases if it has any, as those of `phrased` have.
    known: how many searches ask for a word, by which rarity is judged.
    """

    language: str
    none: BitMap = field(default_factory=BitMap)
    single: dict[str, BitMap] = field(default_factory=dict)
    several: dict[str, BitMap] = field(default_factory=dict)
    needed: dict[int, tuple[str, ...]] = field(default_factory=dict)
    phrases: dict[int, tuple[str, ...]] = field(default_factory=dict)
    phrased: BitMap = field(default_factory=BitMap)
    posted: dict[int, str] = field(default_factory=dict)
    known: dict[str, int] = field(default_factory=dict)

    def add(self, number: int, keywords: str) -> None:
        asked = phrases(keywords, self.language)
        words = tuple({intern(word) for phrase in asked for word in phrase})
        if not words:
            self.none.add(number)
            return
        for word in words:
            self.known[word] = self.known.get(word, 0) + 1
        rarest = min(words, key=lambda word: (self.known[word], word))
        self.posted[number] = rarest
        if len(asked) == len(asked[0]) == 1:
            self.single.setdefault(rarest, BitMap()).add(number)
            return
        self.several.setdefault(rarest, BitMap()).add(number)
        self.needed[number] = words
        if longer := tuple(_spaced(phrase) for phrase in asked if len(phrase) > 1):
            self.phrases[number] = longer
            self.phrased.add(number)

    def remove(self, number: int) -> None:
        self.none.discard(number)
        rarest = self.posted.pop(number, None)
        if rarest is None:
            return
        words = self.needed.pop(number, None)
        self.phrases.pop(number, None)
        self.phrased.discard(number)
        postings = self.several if words else self.single
        postings[rarest].discard(number)
        if not postings[rarest]:
            del postings[rarest]
        for word in words or (rarest,):
            self._forget(word)

    def _forget(self, word: str) -> None:
        self.known[word] -= 1
        if not self.known[word]:
            del self.known[word]

    def satisfied(self, notice: Notice, among: BitMap) -> BitMap:
        """Those of `among` whose keywords the notice holds."""
        sure = _union(self.none, *(self.single[word] for word in notice.words if word in self.single)) & among
        maybe = _union(*(self.several[word] for word in notice.words if word in self.several)) & among
        needed, holds = self.needed, notice.words.issuperset
        held = BitMap([number for number in maybe if holds(needed[number])])
        text = "\n".join(_spaced(passage) for passage in notice.stems)
        held -= BitMap([number for number in held & self.phrased if any(p not in text for p in self.phrases[number])])
        return sure | held


def _spaced(words: Phrase) -> str:
    """Words between single spaces, so that a phrase stands in a passage as text exactly where it stands in words."""
    return f" {' '.join(words)} "


def _union(*bitmaps: BitMap) -> BitMap:
    return BitMap.union(*bitmaps) if bitmaps else BitMap()


class SearchIndex:
    """The live saved searches by what they require. Not safe for use by several threads at once."""

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._numbers: dict[str, int] = {}
        self._free: list[int] = []
        self._live = BitMap()
        self._facets: Mapping[str, _Facet] = {name: _Facet() for name in FACETS}
        self._since: dict[date, BitMap] = {}
        self._keywords: Mapping[str, _Keywords] = {language: _Keywords(language) for language in LANGUAGES}

    def __len__(self) -> int:
        return len(self._live)

    def add(self, search_id: str, criteria: Criteria) -> None:
        """From now on a notice that fits the criteria finds this search. Replaces what it asked before."""
        self.remove(search_id)
        number = self._number(search_id)
        for name, facet in self._facets.items():
            facet.add(number, criteria.facet(name))
        for keywords in self._keywords.values():
            keywords.add(number, criteria.keywords)
        if criteria.posted_since:
            self._since.setdefault(criteria.posted_since, BitMap()).add(number)
        self._live.add(number)

    def _number(self, search_id: str) -> int:
        if self._free:
            number = self._free.pop()
            self._ids[number] = search_id
        else:
            number = len(self._ids)
            self._ids.append(search_id)
        self._numbers[search_id] = number
        return number

    def remove(self, search_id: str) -> None:
        """Forgets the search; nothing happens if it is not there."""
        number = self._numbers.pop(search_id, None)
        if number is None:
            return
        self._live.discard(number)
        for facet in self._facets.values():
            facet.remove(number)
        for keywords in self._keywords.values():
            keywords.remove(number)
        for day in [day for day, bitmap in self._since.items() if number in bitmap]:
            self._since[day].discard(number)
            if not self._since[day]:
                del self._since[day]
        self._ids[number] = ""
        self._free.append(number)

    def suspend(self, search_id: str) -> None:
        """Keeps what the search asks, but no notice finds it until it is resumed."""
        if search_id in self._numbers:
            self._live.discard(self._numbers[search_id])

    def resume(self, search_id: str) -> None:
        if search_id in self._numbers:
            self._live.add(self._numbers[search_id])

    def match(self, notice: Notice) -> list[str]:
        """The ids of the searches that find this notice, each once."""
        found = self._live.copy()
        for name, facet in self._facets.items():
            found &= facet.accepting(notice.facets.get(name, frozenset()))
        for day, bitmap in self._since.items():
            if day > notice.posted:
                found -= bitmap
        return [*map(self._ids.__getitem__, self._keywords[notice.language].satisfied(notice, found))]
