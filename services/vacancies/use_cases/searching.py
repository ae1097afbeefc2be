"""Searching: the index finds, and the documents of what it found come from the view."""

from collections.abc import Sequence
from typing import Final

import orjson

from services.vacancies.projections import SEARCH
from services.vacancies.projections.query import Counts, Page, Row, Search, page_of
from services.vacancies.projections.vacancies import ResultDocument
from services.vacancies.use_cases.index import SEARCHED
from shared.runtime.kernel import Kernel

_SHOWN: Final = """select key, (document - '{facets,words,text,heading,translated}'::text[])::text
    from documents_of_view where key = any($2)"""


async def search(kernel: Kernel, asked: Search) -> tuple[Page, Counts]:
    """One page, and how many there are."""
    rows, counts = await kernel.ask(SEARCHED, lambda index: index.found(asked))
    return await _shown(kernel, asked, rows), counts


async def page(kernel: Kernel, asked: Search) -> Page:
    """One page alone."""
    return await _shown(kernel, asked, await kernel.ask(SEARCHED, lambda index: index.rows(asked)))


async def _shown(kernel: Kernel, asked: Search, rows: Sequence[Row]) -> Page:
    found = await kernel.views.fetch(SEARCH, _SHOWN, [row.key for row in rows])
    documents: dict[str, ResultDocument] = {key: orjson.loads(document) for key, document in found}
    return page_of(asked, rows, documents)
