"""Open job openings by words of their titles or numbers, for a draft that is to be meant for one of them."""

from datetime import datetime
from typing import Final, NamedTuple

from services.applications.projections import VACANCY
from shared.runtime.kernel import Kernel
from shared.vocabulary.naming import joined, key

_OPEN: Final = """select document->>'id', document->>'job_opening_number', document->>'title', document->>'closes_at'
    from documents_of_view
    where document->>'source' = 'inspira' and document->>'state' = 'open'
        and (document->>'opens_at')::timestamptz <= $2 and (document->>'closes_at')::timestamptz >= $2
    order by (document->>'closes_at')::timestamptz, key"""


LEAST: Final = 4
"""Letters without which a part of a word means nothing."""


class Opening(NamedTuple):
    """A job opening that can be applied for."""

    id: str
    job_opening_number: str
    title: str
    closes_at: str


async def open_at(kernel: Kernel, words: str, at: datetime) -> list[Opening]:
    """Those in whose title or number all of these words begin a word, what closes first before the others."""
    asked = key(words).split()
    openings = [Opening(*row) for row in await kernel.views.fetch(VACANCY, _OPEN, at)]
    return [opening for opening in openings if _answers(asked, opening)]


def _answers(asked: list[str], opening: Opening) -> bool:
    """Whatever joins the words: "N’Djamena" is found as ndjamena."""
    said = f"{opening.job_opening_number} {opening.title}"
    known, letters = f" {key(said)}", joined(said)
    return all(f" {word}" in known or (len(word) >= LEAST and word in letters) for word in asked)
