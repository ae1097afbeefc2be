"""A search as tantivy's queries."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from tantivy import FieldType, Occur, Query, Schema

from services.vacancies.projections.query import Search, moment
from services.vacancies.use_cases.index.fields import KEY, MARK, POSTED, STATUS, heading_in, text_in
from services.vacancies.use_cases.index.ranks import DEADLINE
from shared.vocabulary.search import FACETS, LANGUAGES, Criteria, Phrase, phrases
from shared.vocabulary.words import stems

MOST: Final = (1 << 64) - 1
LONG: Final[Mapping[str, int]] = {"ar": 3, "zh": 2}
USUALLY_LONG: Final = 4
"""Letters of a word by which titles are compared, by language; shorter ones are in all of them."""


class Asking:
    """Queries over one schema."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema

    def found(self, search: Search, but: str = "") -> Query:
        """Everything that the search finds; but: a facet that is left open."""
        criteria = search.criteria.without(but) if but else search.criteria
        return every([*self._facets(criteria), *self._others(search)])

    def in_title(self, criteria: Criteria, least: int) -> Query:
        """Those that have so many of the words and phrases in their title, in one language; least: 1 or more."""
        return some(
            Query.boolean_query([(Occur.Should, each) for each in held], minimum_number_should_match=least)
            for language in LANGUAGES
            if len(held := self._titles(criteria, language)) >= least
        )

    def titled_alike(self, titles: Mapping[str, str]) -> Query | None:
        """Those with half of the longer words of a title in one in the same language; None where there are no such."""
        held = {language: frozenset(_longer(title, language)) for language, title in titles.items()}
        alike = [self._some_of(heading_in(language), words) for language, words in held.items() if words]
        return some(alike) if alike else None

    def but(self, query: Query, keys: Iterable[str]) -> Query:
        """The same without these."""
        return but_not(query, Query.term_set_query(self.schema, KEY, [*keys]))

    def _some_of(self, field: str, words: Collection[str]) -> Query:
        each = [(Occur.Should, self._term(field, word)) for word in sorted(words)]
        return Query.boolean_query(each, minimum_number_should_match=-(-len(words) // 2))

    def between(self, field: str, least: int, most: int) -> Query:
        return Query.range_query(self.schema, field, FieldType.Unsigned, least, most)

    def _facets(self, criteria: Criteria) -> Iterator[Query]:
        for name in FACETS:
            if asked := criteria.facet(name):
                yield Query.term_set_query(self.schema, name, asked)

    def _others(self, search: Search) -> Iterator[Query]:
        if search.keys:
            yield Query.term_set_query(self.schema, KEY, search.keys)
        if not search.everything:
            yield self._term(STATUS, "open")
            yield self.between(DEADLINE.field, DEADLINE.begin(moment(search.now)), MOST)
        else:
            yield but_not(Query.all_query(), self._term(KEY, MARK))
        yield from self._criteria(search.criteria)

    def _criteria(self, criteria: Criteria) -> Iterator[Query]:
        if since := criteria.posted_since:
            yield self.between(POSTED, since.toordinal(), MOST)
        if criteria.keywords:
            yield some(every(self._keywords(criteria, language)) for language in LANGUAGES)

    def _keywords(self, criteria: Criteria, language: str) -> Iterator[Query]:
        """What makes a notice in this language hold all of them; any notice in it does if nothing is asked."""
        yield from self._phrases(criteria, text_in(language), language) or [self._term("languages", language)]

    def _titles(self, criteria: Criteria, language: str) -> list[Query]:
        return self._phrases(criteria, heading_in(language), language)

    def _phrases(self, criteria: Criteria, field: str, language: str) -> list[Query]:
        return [self._phrase(field, phrase) for phrase in phrases(criteria.keywords, language)]

    def _phrase(self, field: str, words: Phrase) -> Query:
        if len(words) == 1:
            return self._term(field, words[0])
        return Query.phrase_query(self.schema, field, [*words])

    def _term(self, field: str, value: str) -> Query:
        return Query.term_query(self.schema, field, value, "basic")


def _longer(title: str, language: str) -> Iterator[str]:
    least = LONG.get(language, USUALLY_LONG)
    return (word for word in stems(title, language) if len(word) >= least)


def every(queries: Iterable[Query]) -> Query:
    return Query.boolean_query([(Occur.Must, query) for query in queries])


def some(queries: Iterable[Query]) -> Query:
    return Query.boolean_query([(Occur.Should, query) for query in queries])


def but_not(query: Query, excluded: Query) -> Query:
    return Query.boolean_query([(Occur.Must, query), (Occur.MustNot, excluded)])
