"""What else could answer a search with all its counts over the same notices: tantivy's own calls, and PostgreSQL."""
# ruff: noqa: S608 - only names of ours are put into the text; every value is a parameter.

from collections.abc import Iterable
from typing import Any, Final

from asyncpg import Record
from tantivy import Index, Order, Query

from services.vacancies.projections.query import Search
from services.vacancies.use_cases.index.asking import Asking
from services.vacancies.use_cases.index.fields import schema
from services.vacancies.use_cases.index.ranks import NEWEST
from shared.store.database import Pool
from shared.vocabulary.search import FACETS, Criteria, phrases
from tests.benchmarks.notices import FIRST

_TABLE: Final = f"""create table full_text as select key, to_tsvector('simple', document->>'text') as words,
    document->>'opens_at' as opens_at, document->>'closes_at' as closes_at,
    {", ".join(f"document->'facets'->'{name}'->>0 as {name}" for name in FACETS)} from documents"""
_NAMES: Final = ", ".join(FACETS)
_SETS: Final = ", ".join(f"({name})" for name in FACETS)


class Tantivy:
    """The library over the same index: the number of results, the 20 newest, and how many each facet's value
    would show, without a look at deadlines and ties.
    """

    def __init__(self, folder: str) -> None:
        self._index, self._asking = Index(schema(), path=folder), Asking(schema())

    def answer(self, criteria: Criteria) -> Any:
        query, searcher = self._query(criteria), self._index.searcher()
        newest = searcher.search(query, 20, count=True, order_by_field=NEWEST.field, order=Order.Asc)
        asked = [name for name in FACETS if criteria.facet(name)]
        counts = [searcher.aggregate(query, _terms(name for name in FACETS if name not in asked))]
        counts += [searcher.aggregate(self._query(criteria, name), _terms([name])) for name in asked]
        return newest, counts, [searcher.doc(address) for _, address in newest.hits]

    def _query(self, criteria: Criteria, but: str = "") -> Query:
        return self._asking.found(Search(criteria, FIRST, everything=True), but)


def _terms(names: Iterable[str]) -> dict[str, Any]:
    return {name: {"terms": {"field": name, "size": 1000}} for name in names}


class PostgresText:
    """PostgreSQL's full text search with a GIN index over the same stems, and grouping sets for the facets."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    async def prepare(self) -> None:
        await self.pool.execute(f"begin; set local transaction_timeout = 0; {_TABLE}; commit", timeout=3600)
        await self.pool.execute(
            "begin; set local transaction_timeout = 0; set local maintenance_work_mem = '512MB';"
            " create index on full_text using gin (words); create index on full_text (opens_at desc, key);"
            " analyze full_text; commit",
            timeout=3600,
        )

    async def answer(self, criteria: Criteria) -> tuple[list[Record], list[Record]]:
        wanted, args = _condition(criteria)
        newest = f"select key from full_text where {wanted} order by opens_at desc, key limit 20"
        counts = f"select {_NAMES}, count(*) from full_text where {wanted} group by grouping sets ((), {_SETS})"
        return await self.pool.fetch(newest, *args), await self.pool.fetch(counts, *args)


def _condition(criteria: Criteria) -> tuple[str, list[Any]]:
    parts, args = ["true"], list[Any]()
    for name in FACETS:
        if asked := criteria.facet(name):
            args.append([*asked])
            parts.append(f"{name} = any(${len(args)})")
    for phrase in phrases(criteria.keywords, "en"):
        args.append(" <-> ".join(f"'{word}'" for word in phrase))
        parts.append(f"words @@ ${len(args)}::tsquery")
    return " and ".join(parts), args
