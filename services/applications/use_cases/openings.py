"""Open job openings by words of their titles or numbers, for a draft that is to be meant for one of them."""

from datetime import datetime
from typing import Final, NamedTuple

import orjson

from services.applications.projections import VACANCY
from services.vacancies.events import in_language
from shared.runtime.kernel import Kernel
from shared.vocabulary.naming import key

_OPEN: Final = """select document::text, count(*) over () as total
    from documents_of_view
    where document->>'source' = 'inspira' and document->>'state' = 'open'
        and (document->>'opens_at')::timestamptz <= $2 and (document->>'closes_at')::timestamptz >= $2
        and not exists (
            select from unnest($3::text[]) as word, lateral (select coalesce(
                document->>'named', lower(concat_ws(' ', document->>'job_opening_number', document->>'title'))
            )) as said (words)
            where strpos(' ' || words, ' ' || word) = 0
                and (length(word) < $4 or strpos(replace(words, ' ', ''), word) = 0))
    order by (document->>'closes_at')::timestamptz, key
    limit $5 offset $6"""


LEAST: Final = 4
"""Letters without which a part of a word means nothing."""


class Opening(NamedTuple):
    """A job opening that can be applied for."""

    id: str
    job_opening_number: str
    title: str
    language: str
    closes_at: str


class Found(NamedTuple):
    """So many job openings were found; a page of them."""

    total: int
    openings: list[Opening]


async def open_at(kernel: Kernel, words: str, at: datetime, language: str, *, size: int, page: int) -> Found:
    """Those in whose titles or number all of these words begin a word, what closes first before the others.

    Whatever joins the words: "N’Djamena" is found as ndjamena. language: in which they are shown. page: from 1.
    """
    asked = key(words).split()
    rows = await kernel.views.fetch(VACANCY, _OPEN, at, asked, LEAST, size, (page - 1) * size)
    shown = (in_language(orjson.loads(row["document"]), language) for row in rows)
    found = [Opening(*(document[name] for name in Opening._fields)) for document in shown]
    return Found(rows[0]["total"] if rows else 0, found)
