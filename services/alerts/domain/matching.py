"""Finds the saved searches that a vacancy fits, without asking each in turn: an index over what the searches require.

Says exactly what `shared.search.matches` says. Searches are numbered; sets of them are roaring bitmaps. A facet leaves
those that ask nothing of it and those that ask for one of the notice's values. Keywords ask for terms, words and
phrases, in an order: place by place, those remain whose term at that place occurs in the notice, and those that have
no further term are found. It is all operations on whole bitmaps, a few hundred however many searches there are.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, TypeVar

import orjson
from pyroaring import BitMap

from shared.vocabulary.search import FACETS, LANGUAGES, Criteria, Notice, Phrase, phrases
from shared.vocabulary.words import LATIN, UNSTEMMED

Key = TypeVar("Key")
Asked = tuple[Phrase, ...]

CHUNK: Final = 20_000
"""Searches, or bitmaps, in one part of what is dumped."""
_HEAD: Final = 8


def _put(postings: dict[Key, BitMap], key: Key, number: int) -> None:
    postings.setdefault(key, BitMap()).add(number)


def _take(postings: dict[Key, BitMap], key: Key, number: int) -> None:
    postings[key].discard(number)
    if not postings[key]:
        del postings[key]


def _union(bitmaps: Iterable[BitMap]) -> BitMap:
    return BitMap.union(BitMap(), *bitmaps)


@dataclass
class _Facet:
    """The searches by the values they ask for, and those that ask nothing."""

    open: BitMap = field(default_factory=BitMap)
    asking: dict[str, BitMap] = field(default_factory=dict)

    def add(self, number: int, values: tuple[str, ...]) -> None:
        for value in values:
            _put(self.asking, value, number)
        if not values:
            self.open.add(number)

    def remove(self, number: int) -> None:
        self.open.discard(number)
        for value in [value for value, bitmap in self.asking.items() if number in bitmap]:
            _take(self.asking, value, number)

    def accepting(self, values: frozenset[str]) -> BitMap:
        return self.open | _union(self.asking[value] for value in values if value in self.asking)


@dataclass
class _Keywords:
    """The searches by what their keywords ask of a notice in any of these languages, in which they ask the same.

    asking: by the number of their terms. places: for each term, those whose first it is, whose second, and so on.
    lengths: how many terms there are of one word, of two, and so on.
    """

    languages: tuple[str, ...]
    asking: list[BitMap] = field(default_factory=lambda: [BitMap()])
    places: dict[str, list[BitMap]] = field(default_factory=dict)
    lengths: Counter[int] = field(default_factory=Counter)

    def add(self, number: int, asked: Asked) -> None:
        _reach(self.asking, len(asked)).add(number)
        self.lengths.update(map(len, asked))
        for place, phrase in enumerate(asked):
            _reach(self.places.setdefault(_term(phrase), []), place).add(number)

    def remove(self, number: int, asked: Asked) -> None:
        """`asked` is what it was added with."""
        self.asking[len(asked)].discard(number)
        self.lengths -= Counter(map(len, asked))
        for place, phrase in enumerate(asked):
            self.places[_term(phrase)][place].discard(number)
            if not any(self.places[_term(phrase)]):
                del self.places[_term(phrase)]

    def satisfied(self, notice: Notice, language: str, among: BitMap) -> BitMap:
        """Those of `among` whose keywords the notice in this language holds."""
        runs = (_runs(notice.stems[language], length) for length in self.lengths if length > 1)
        terms = notice.words[language].union(*runs)
        held = [places for term in terms if (places := self.places.get(term)) is not None]
        found = among & self.asking[0]
        for place, no_more in enumerate(self.asking[1:]):
            among = among & _union(places[place] for places in held if len(places) > place)
            if not among:
                break
            found |= among & no_more
        return found


def _asked(keywords: str) -> Iterator[tuple[tuple[str, ...], Asked]]:
    """What the keywords ask, each time with all languages in which they ask that: most words have few stems."""
    languages: dict[Asked, list[str]] = {}
    plain = phrases(keywords, UNSTEMMED) if keywords.isascii() else None
    for language in LANGUAGES:
        asked = phrases(keywords, language) if plain is None or language in LATIN else plain
        languages.setdefault(asked, []).append(language)
    yield from ((tuple(same), asked) for asked, same in languages.items())


def _reach(bitmaps: list[BitMap], place: int) -> BitMap:
    """The bitmap at this place, with empty ones before it if need be."""
    while len(bitmaps) <= place:
        bitmaps.append(BitMap())
    return bitmaps[place]


def _term(words: Phrase) -> str:
    return " ".join(words)


def _runs(passages: Iterable[Phrase], length: int) -> Iterator[str]:
    """All that stands in the passages as so many consecutive words."""
    for passage in passages:
        for start in range(len(passage) - length + 1):
            yield _term(passage[start : start + length])


class SearchIndex:
    """The live saved searches by what they require. Not safe for use by several threads at once."""

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._numbers: dict[str, int] = {}
        self._free: list[int] = []
        self._live = BitMap()
        self._facets: Mapping[str, _Facet] = {name: _Facet() for name in FACETS}
        self._since: dict[date, BitMap] = {}
        self._keywords: dict[tuple[str, ...], _Keywords] = {}
        self._asked: list[str] = []

    def __len__(self) -> int:
        return len(self._live)

    def add(self, search_id: str, criteria: Criteria) -> None:
        """From now on a notice that fits the criteria finds this search. Replaces what it asked before."""
        self.remove(search_id)
        number = self._number(search_id)
        for name, facet in self._facets.items():
            facet.add(number, criteria.facet(name))
        for languages, asked in _asked(criteria.keywords):
            self._in(languages).add(number, asked)
        self._asked[number] = criteria.keywords
        if criteria.posted_since:
            _put(self._since, criteria.posted_since, number)
        self._live.add(number)

    def _in(self, languages: tuple[str, ...]) -> _Keywords:
        return self._keywords.setdefault(languages, _Keywords(languages))

    def _number(self, search_id: str) -> int:
        if self._free:
            number = self._free.pop()
            self._ids[number] = search_id
        else:
            number = len(self._ids)
            self._ids.append(search_id)
            self._asked.append("")
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
        for languages, asked in _asked(self._asked[number]):
            self._keywords[languages].remove(number, asked)
        for day in [day for day, bitmap in self._since.items() if number in bitmap]:
            _take(self._since, day, number)
        self._ids[number] = self._asked[number] = ""
        self._free.append(number)

    def suspend(self, search_id: str) -> None:
        """Keeps what the search asks, but no notice finds it until it is resumed."""
        if search_id in self._numbers:
            self._live.discard(self._numbers[search_id])

    def resume(self, search_id: str) -> None:
        if search_id in self._numbers:
            self._live.add(self._numbers[search_id])

    def find(self, notice: Notice) -> BitMap:
        """The numbers of the searches that find this notice, which say little to others; see `match`."""
        found = self._live
        for name, facet in self._facets.items():
            found = found & facet.accepting(notice.facets.get(name, frozenset()))
        found -= _union(searches for day, searches in self._since.items() if day > notice.posted)
        return _union(
            keywords.satisfied(notice, language, found)
            for keywords in self._keywords.values()
            for language in keywords.languages
            if language in notice.passages
        )

    def match(self, notice: Notice) -> list[str]:
        """The ids of the searches that find this notice, each once."""
        return [*map(self._ids.__getitem__, self.find(notice))]

    def dump(self) -> Iterator[bytes]:
        """All of it, in parts that `load` takes in the same order."""
        yield orjson.dumps([[names, [*each.lengths.elements()]] for names, each in self._keywords.items()])
        for start in range(0, len(self._ids), CHUNK):
            yield orjson.dumps([self._ids[start : start + CHUNK], self._asked[start : start + CHUNK]])
        yield orjson.dumps(None)
        yield from _packed(self._bitmaps())

    @classmethod
    def load(cls, parts: Iterable[bytes]) -> "SearchIndex":
        """What was dumped. Raises ValueError, KeyError, TypeError or IndexError for anything else."""
        loaded, rest = cls(), iter(parts)
        for names, lengths in orjson.loads(next(rest, b"")):
            loaded._in(tuple(names)).lengths.update(lengths)
        while (chunk := orjson.loads(next(rest, b""))) is not None:
            loaded._ids += chunk[0]
            loaded._asked += chunk[1]
        loaded._numbers = {each: number for number, each in enumerate(loaded._ids) if each}
        loaded._free = [number for number, each in enumerate(loaded._ids) if not each]
        for keywords in loaded._keywords.values():
            keywords.asking.clear()
        for path, bitmap in _unpacked(rest):
            loaded._put_back(path, bitmap)
        return loaded

    def _bitmaps(self) -> Iterator[tuple[list[Any], BitMap]]:
        """Each with where it stands."""
        yield ["live"], self._live
        for name, facet in self._facets.items():
            yield ["open", name], facet.open
            yield from ((["facet", name, value], bitmap) for value, bitmap in facet.asking.items())
        yield from ((["since", day.isoformat()], bitmap) for day, bitmap in self._since.items())
        for languages, keywords in self._keywords.items():
            yield from ((["asking", languages], bitmap) for bitmap in keywords.asking)
            for term, places in keywords.places.items():
                yield from ((["places", languages, term], bitmap) for bitmap in places)

    def _put_back(self, path: list[Any], bitmap: BitMap) -> None:
        match path:
            case ["live"]:
                self._live = bitmap
            case ["open", name]:
                self._facets[name].open = bitmap
            case ["facet", name, value]:
                self._facets[name].asking[value] = bitmap
            case ["since", day]:
                self._since[date.fromisoformat(day)] = bitmap
            case ["asking", languages]:
                self._keywords[tuple(languages)].asking.append(bitmap)
            case ["places", languages, term]:
                self._keywords[tuple(languages)].places.setdefault(term, []).append(bitmap)
            case _:
                raise ValueError("what stands nowhere")


def _packed(bitmaps: Iterable[tuple[list[Any], BitMap]]) -> Iterator[bytes]:
    """Parts of a table, how long it is before it, and behind it the bitmaps whose places and lengths it gives."""
    table: list[list[Any]] = []
    blobs: list[bytes] = []

    def part() -> bytes:
        head = orjson.dumps(table)
        return b"".join([len(head).to_bytes(_HEAD, "big"), head, *blobs])

    for path, bitmap in bitmaps:
        blob = bitmap.serialize()
        table.append([path, len(blob)])
        blobs.append(blob)
        if len(blobs) == CHUNK:
            yield part()
            table.clear()
            blobs.clear()
    yield part()


def _unpacked(parts: Iterable[bytes]) -> Iterator[tuple[list[Any], BitMap]]:
    for part in parts:
        place = _HEAD + int.from_bytes(part[:_HEAD], "big")
        for path, length in orjson.loads(part[_HEAD:place]):
            yield path, BitMap.deserialize(part[place : place + length])
            place += length
