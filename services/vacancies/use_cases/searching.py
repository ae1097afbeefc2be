"""Searching: the index finds, and the documents of what it found come from the view."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

import orjson

from services.vacancies.projections import SEARCH
from services.vacancies.projections.query import Counts, Likeness, Page, Row, Search, moment, page_of
from services.vacancies.projections.vacancies import ResultDocument, VacancyDocument
from services.vacancies.use_cases.index import SEARCHED
from shared.runtime.kernel import Kernel
from shared.vocabulary.search import Criteria

_SHOWN: Final = """select key, (document - '{facets,words,text,heading,translated}'::text[])::text
    from documents_of_view where key = any($2)"""
_OPEN: Final = """select key, coalesce(document->>'updated_at', document->>'opens_at') from documents_of_view
    where document->>'status' = 'open' and (document->>'closes_at') collate "C" >= $2
    order by key limit $3 offset $4"""


async def search(kernel: Kernel, asked: Search) -> tuple[Page, Counts]:
    """One page, and how many there are."""
    rows, counts = await kernel.ask(SEARCHED, lambda index: index.found(asked))
    return await _shown(kernel, asked, rows), counts


async def page(kernel: Kernel, asked: Search) -> Page:
    """One page alone."""
    return await _shown(kernel, asked, await kernel.ask(SEARCHED, lambda index: index.rows(asked)))


class Similar(NamedTuple):
    """Open vacancies that are like another one; elsewhere: how many of its family and level, by duty station."""

    vacancies: list[ResultDocument]
    elsewhere: dict[str, int]


async def similar(kernel: Kernel, document: VacancyDocument, now: datetime) -> Similar:
    """What is like this vacancy at this moment, without itself. Nothing is kept of who asks for it."""
    found = await kernel.ask(SEARCHED, lambda index: index.alike(Likeness.of(document), now))
    documents = await _documents(kernel, found.keys)
    return Similar([documents[key] for key in found.keys if key in documents], found.elsewhere)


async def how_many_open(kernel: Kernel, now: datetime) -> int:
    """All vacancies that are open now."""
    _, counts = await kernel.ask(SEARCHED, lambda index: index.found(Search(Criteria(), now, size=1)))
    return counts.total


async def open_ones(kernel: Kernel, now: datetime, number: int, size: int) -> list[tuple[str, str]]:
    """The keys of a page of them, and when each changed (ISO 8601), in an order that does not change."""
    return [tuple(row) for row in await kernel.views.fetch(SEARCH, _OPEN, moment(now), size, (number - 1) * size)]


async def _shown(kernel: Kernel, asked: Search, rows: Sequence[Row]) -> Page:
    return page_of(asked, rows, await _documents(kernel, [row.key for row in rows]))


async def _documents(kernel: Kernel, keys: Sequence[str]) -> dict[str, ResultDocument]:
    found = await kernel.views.fetch(SEARCH, _SHOWN, keys)
    return {key: orjson.loads(document) for key, document in found}
