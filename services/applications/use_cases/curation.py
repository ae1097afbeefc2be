"""What keeping the catalogue of degrees needs: its entries as they are now, and what was reported of them."""

import asyncio
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from pydantic import BaseModel, Field

from services.applications.domain.equivalence.catalogue import (
    CATALOGUE,
    KEY,
    NO_ENTRY,
    AddEquivalence,
    Catalogue,
    CorrectEquivalence,
    restored,
)
from services.applications.domain.equivalence.entries import Entry, delivered
from services.applications.domain.equivalence.matching import Text, find, matched
from services.applications.events import DegreeLevel, Diploma, Status
from services.applications.projections import APPLICATION, REPORT, CatalogueDocument, ReportDocument
from services.applications.use_cases import equivalence as degrees
from shared.model.errors import NotFound
from shared.runtime.kernel import Kernel

_OFFERS: Final = """select count(*) from documents_of_view where document->>'status' = $4
    and jsonb_path_exists(document, '$.proposals.* ? (@.entry_id == $entry && @.level != $level)',
        jsonb_build_object('entry', $2::text, 'level', $3::text))"""

COUNTING: Final = 2.0
"""Seconds that a page may take for it."""


class EntryRead(BaseModel):
    """An entry as it is now. `delivered` is the level with which it came, None for one that a curator added."""

    id: str
    country: str = Field(description="Empty for a degree that is known in many countries.")
    institution: str = Field(description="Empty for an entry that holds for all of the country.")
    title: str
    also: list[str]
    institution_also: list[str]
    level: DegreeLevel
    delivered: DegreeLevel | None
    reason: str
    changed_at: datetime | None


class ReportRead(BaseModel):
    """What a candidate reported. `proposed` is what they saw, `proposed_now` what the catalogue says by now."""

    id: UUID
    reported_at: datetime
    candidate_id: UUID
    application_id: UUID
    user_code: str
    title: str
    institution: str
    country: str
    entry_id: str
    proposed: DegreeLevel | None
    claimed: DegreeLevel
    proposed_now: DegreeLevel | None
    entry_now: str = Field(description="The entry that proposes it by now, empty if there is none.")
    explanation: str


async def _known(kernel: Kernel) -> tuple[Catalogue, CatalogueDocument]:
    document = await degrees.changes(kernel)
    empty = CatalogueDocument(edition="", effective_on="", corrections={}, added={})
    return (restored(document), document) if document else (Catalogue(), empty)


def _entry(entry: Entry, document: CatalogueDocument) -> EntryRead:
    came = delivered().get(entry.id)
    change: dict[str, Any] = {**(document["corrections"].get(entry.id) or document["added"].get(entry.id) or {})}
    return EntryRead.model_validate(
        {
            **entry.model_dump(),
            "delivered": came.level if came else None,
            "reason": change.get("reason", ""),
            "changed_at": change.get("at"),
        }
    )


async def entries(kernel: Kernel, country: str | None, words: str) -> list[EntryRead]:
    """The entries of this country, or of all, in which these words stand."""
    known, document = await _known(kernel)
    found = (entry for entry in known.all() if country in (None, entry.country) and _about(entry, words))
    return [_entry(entry, document) for entry in sorted(found, key=lambda entry: entry.id)]


def _about(entry: Entry, words: str) -> bool:
    text = Text(" ".join((*entry.titles, *entry.institutions)))
    return not words.strip() or matched((words,), text) is not None


async def one_entry(kernel: Kernel, entry_id: str) -> EntryRead:
    """The entry as it is now; raises NotFound."""
    known, document = await _known(kernel)
    entry = known.entry(entry_id)
    if entry is None:
        raise NotFound.because(NO_ENTRY)
    return _entry(entry, document)


async def correct(kernel: Kernel, command: CorrectEquivalence) -> EntryRead:
    """The entry once its level is another one."""
    await kernel.execute(CATALOGUE, KEY, command)
    return await one_entry(kernel, command.entry_id)


async def add(kernel: Kernel, command: AddEquivalence) -> EntryRead:
    """The new entry."""
    await kernel.execute(CATALOGUE, KEY, command)
    return await one_entry(kernel, command.entry_id)


async def reports(kernel: Kernel, limit: int, offset: int) -> list[ReportRead]:
    """Reports with what the catalogue says by now, the latest first."""
    sql = "select document::text from documents_of_view order by document->>'reported_at' desc, key limit $2 offset $3"
    rows = await kernel.views.fetch(REPORT, sql, limit, offset)
    known, now = await degrees.catalogue(kernel), await kernel.now()
    return [_report(row[0], known, now) for row in rows]


def _report(text: str, known: Catalogue, now: datetime) -> ReportRead:
    document: ReportDocument = orjson.loads(text)
    report = document["report"]
    entry = find(Diploma.model_validate(report["diploma"]), known, now)
    now_said = (
        {"proposed_now": entry.level, "entry_now": entry.id} if entry else {"proposed_now": None, "entry_now": ""}
    )
    return ReportRead.model_validate({**document, **report, **report["diploma"], **now_said})


async def how_many_reports(kernel: Kernel) -> int:
    """All of them."""
    return int((await kernel.views.fetch(REPORT, "select count(*) from documents_of_view"))[0][0])


async def how_many_offers(kernel: Kernel, entry: EntryRead) -> int | None:
    """In how many open drafts this entry proposed another level; None if they are too many to be counted in time."""
    try:
        async with asyncio.timeout(COUNTING):
            return int(
                (await kernel.views.fetch(APPLICATION, _OFFERS, entry.id, entry.level, Status.DRAFT.value))[0][0]
            )
    except TimeoutError:
        return None
