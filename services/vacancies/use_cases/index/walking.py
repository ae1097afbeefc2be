"""Results in their exact order, from any place in it, forwards and backwards."""

from collections.abc import Iterator
from typing import Any, Final

from tantivy import Order as Way
from tantivy import Query, Searcher

from services.vacancies.projections.query import Bookmark, Row, Search
from services.vacancies.use_cases.index.asking import MOST, Asking, but_not, every
from services.vacancies.use_cases.index.fields import KEY
from services.vacancies.use_cases.index.ranks import DEADLINE, NEWEST, Standing
from shared.vocabulary.search import LANGUAGES, phrases

SLACK: Final = 4
"""More than are wanted, since those that share the last rank may go on behind them."""


class Walk:
    """Goes through what the search finds at this moment."""

    def __init__(self, searcher: Searcher, asking: Asking, search: Search) -> None:
        self.searcher, self.asking, self.search = searcher, asking, search
        self._order = DEADLINE if search.sort == "deadline" else NEWEST

    def rows(self) -> list[Row]:
        """One more than a page, to know whether there is another; from its end on if the search goes backwards."""
        wanted, query = self.search.size + 1, self.asking.found(self.search)
        if self.search.sort == "relevance":
            return self._most_relevant(query, wanted)
        found = self._stretch(query, self._standing(self.search.place), self._offset(), wanted)
        return [Row(each.key, (self._order.moment(each.rank), each.key)) for each in found]

    def first(self, query: Query, wanted: int) -> list[Standing]:
        """The first of another query in this order."""
        return self._first(query, None, wanted)

    def _offset(self) -> int:
        return 0 if self.search.place else (self.search.page - 1) * self.search.size

    def _standing(self, place: Bookmark | None) -> Standing | None:
        return self._order.standing(str(place[-2]), str(place[-1])) if place else None

    def _most_relevant(self, query: Query, wanted: int) -> list[Row]:
        """Level by level: those with so many hits in their title, the newest first."""
        rows: list[Row] = []
        place, offset = self.search.place, self._offset()
        for hits in self._levels(place):
            level = self._level(query, hits)
            if offset and (there := self.count(level)) <= offset:
                offset -= there
                continue
            begin = self._standing(place) if place and place[0] == hits else None
            found = self._stretch(level, begin, offset, wanted - len(rows))
            rows += [Row(each.key, (hits, self._order.moment(each.rank), each.key)) for each in found]
            offset = 0
            if len(rows) == wanted:
                break
        return rows

    def _levels(self, place: Bookmark | None) -> Iterator[int]:
        """The numbers of hits that follow the place, itself among them."""
        keywords = self.search.criteria.keywords
        most = max(len(phrases(keywords, language)) for language in LANGUAGES)
        begin = int(place[0]) if place else most
        return iter(range(begin, most + 1) if self.search.backwards else range(min(begin, most), -1, -1))

    def _level(self, query: Query, hits: int) -> Query:
        criteria = self.search.criteria
        at_least = every([query, self.asking.in_title(criteria, hits)]) if hits else query
        return but_not(at_least, self.asking.in_title(criteria, hits + 1)) if criteria.keywords else query

    def _stretch(self, query: Query, place: Standing | None, offset: int, wanted: int) -> list[Standing]:
        """So many of the query behind the place, or behind so many others."""
        if offset:
            hits = self._hits(query, 1, offset)
            if not hits:
                return []
            rank = hits[0].rank
            passed = self.count(every([query, self.asking.between(self._order.field, 0, rank - 1)])) if rank else 0
            begin = every([query, self.asking.between(self._order.field, rank, MOST)])
            return self._first(begin, None, wanted + offset - passed)[offset - passed :]
        if place is None:
            return self._first(query, None, wanted)
        least, most = (0, place.rank) if self.search.backwards else (place.rank, MOST)
        return self._first(every([query, self.asking.between(self._order.field, least, most)]), place, wanted)

    def _first(self, query: Query, place: Standing | None, wanted: int) -> list[Standing]:
        """The first of a query behind the place; as many of it are fetched as make sure of them."""
        limit = wanted + SLACK
        while True:
            found = self._hits(query, limit)
            certain = [each for each in found if place is None or self._is_behind(each, place)]
            if len(found) < limit:
                return certain[:wanted]
            certain = [each for each in certain if each.rank != found[-1].rank]
            if len(certain) >= wanted:
                return certain[:wanted]
            limit *= 2

    def _is_behind(self, standing: Standing, place: Standing) -> bool:
        return standing < place if self.search.backwards else standing > place

    def _hits(self, query: Query, limit: int, offset: int = 0) -> list[Standing]:
        """So many of the first in the order of ranks; those of one rank that are there, in that of their keys."""
        way = Way.Desc if self.search.backwards else Way.Asc
        result = self.searcher.search(
            query, limit, count=False, order_by_field=self._order.field, offset=offset, order=way
        )
        found = [Standing(rank, str(self.searcher.doc(address).get_first(KEY))) for rank, address in result.hits]
        return sorted(found, reverse=self.search.backwards)

    def count(self, query: Query) -> int:
        found: Any = self.searcher.search(query, 1)  # Its stub lacks what it counts.
        return int(found.count)
