"""Vacancies that are like another one: of its family, its level, and with its title's words."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from tantivy import Query, Searcher

from services.vacancies.projections.query import Likeness, Search
from services.vacancies.use_cases.index.asking import Asking, every
from services.vacancies.use_cases.index.walking import Walk
from shared.vocabulary.search import Criteria

MOST_ALIKE: Final = 5
MOST_PLACES: Final = 10


def alike(searcher: Searcher, asking: Asking, to: Likeness, now: datetime) -> list[str]:
    """The keys of at most five that are open, the most alike first, and of those alike the newest; never its own."""
    keys: list[str] = []
    for search, query in _degrees(asking, to, now):
        more = Walk(searcher, asking, search).first(asking.but(query, [to.key, *keys]), MOST_ALIKE - len(keys))
        keys += [each.key for each in more]
        if len(keys) >= MOST_ALIKE:
            break
    return keys


def of_its_kind(to: Likeness, now: datetime) -> Search | None:
    """The search for all that are open of its family and level; None if it has not both."""
    kind = Criteria(families=(to.family,), levels=(to.level,))
    return Search(kind, now) if to.family and to.level else None


def _degrees(asking: Asking, to: Likeness, now: datetime) -> Iterator[tuple[Search, Query]]:
    """From the most alike on: its family, level and title; family and title; family and level; level and title."""
    family, level = tuple(filter(None, [to.family])), tuple(filter(None, [to.level]))
    titled = asking.titled_alike(to.titles)
    degrees = ((family, level, titled), (family, (), titled), (family, level, None), ((), level, titled))
    for families, levels, title in degrees:
        if sum(map(bool, (families, levels, title))) > 1:
            search = Search(Criteria(families=families, levels=levels), now)
            found = asking.found(search)
            yield search, every([found, title]) if title else found
