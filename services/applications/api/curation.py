"""The door for those who keep the catalogue of degree equivalences (scope hr): entries, corrections, reports."""

import asyncio
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

import orjson
from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field

from services.applications.api import equivalence as degrees
from services.applications.api.models import Body
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
from services.applications.events import DegreeLevel, Diploma
from services.applications.projections import APPLICATION, REPORT, CatalogueDocument, ReportDocument
from shared.auth import Hr
from shared.http import RequestId, api_router
from shared.model.errors import NotFound
from shared.runtime.kernel import Kernel, KernelDep

router = api_router("applications")

CORRECTION: Final[dict[str, Any]] = {
    "level": "master",
    "reason": "The school's engineers hold the grade of master (decree 2013-756).",
}
ADDITION: Final[dict[str, Any]] = {
    "country": "FR",
    "institution": "École nationale supérieure d’architecture de Nancy",
    "title": "Diplôme d’architecte",
    "level": "master",
    "reason": "Five years of study, recognised by the State.",
}
MOST: Final = 500
_OFFERS: Final = """select count(*) from documents_of_view where document->>'status' = 'draft'
    and jsonb_path_exists(document, '$.proposals.* ? (@.entry_id == $entry && @.level != $level)',
        jsonb_build_object('entry', $2::text, 'level', $3::text))"""
EntryId = Annotated[str, Path(max_length=100)]


class Correction(Body):
    """The right level of an entry, and why."""

    model_config = ConfigDict(json_schema_extra={"examples": [CORRECTION]})

    level: DegreeLevel
    reason: str = Field(max_length=1_000)


class Addition(Body):
    """A degree that the catalogue does not know. Without `institution` it holds for all of the country."""

    model_config = ConfigDict(json_schema_extra={"examples": [ADDITION]})

    country: str = Field(description="ISO 3166-1 alpha-2.", max_length=40)
    institution: str = Field("", max_length=200)
    title: str = Field(max_length=200)
    level: DegreeLevel
    reason: str = Field(max_length=1_000)


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


@router.get("/equivalences")
async def list_equivalences(
    kernel: KernelDep,
    _: Hr,
    country: Annotated[str | None, Query(max_length=2, description="ISO 3166-1 alpha-2; all if left out.")] = None,
    words: Annotated[str, Query(max_length=200, description="Words of the title or of the school.")] = "",
    limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> list[EntryRead]:
    """The catalogue of degree equivalences as it is now, ordered by id."""
    return (await entries(kernel, country, words))[offset : offset + limit]


async def entries(kernel: Kernel, country: str | None, words: str) -> list[EntryRead]:
    """The entries of this country, or of all, in which these words stand."""
    known, document = await _known(kernel)
    found = (entry for entry in known.all() if country in (None, entry.country) and _about(entry, words))
    return [_entry(entry, document) for entry in sorted(found, key=lambda entry: entry.id)]


def _about(entry: Entry, words: str) -> bool:
    text = Text(" ".join((*entry.titles, *entry.institutions)))
    return not words.strip() or matched((words,), text) is not None


@router.get("/equivalences/{entry_id}")
async def read_equivalence(kernel: KernelDep, _: Hr, entry_id: EntryId) -> EntryRead:
    """One entry of the catalogue."""
    return await one_entry(kernel, entry_id)


async def one_entry(kernel: Kernel, entry_id: str) -> EntryRead:
    """The entry as it is now; raises NotFound."""
    known, document = await _known(kernel)
    entry = known.entry(entry_id)
    if entry is None:
        raise NotFound.because(NO_ENTRY)
    return _entry(entry, document)


@router.put("/equivalences/{entry_id}")
async def correct_equivalence(kernel: KernelDep, _: Hr, entry_id: EntryId, body: Correction) -> EntryRead:
    """Corrects the level of an entry. Later proposals use it, open drafts are offered it, submitted files stay (R74).

    The level that it has already changes nothing.
    """
    return await correct(kernel, entry_id, body)


async def correct(kernel: Kernel, entry_id: str, body: Correction) -> EntryRead:
    """The entry once its level is another one."""
    await kernel.execute(CATALOGUE, KEY, CorrectEquivalence(entry_id=entry_id, **body.model_dump()))
    return await one_entry(kernel, entry_id)


@router.post("/equivalences", status_code=201)
async def add_equivalence(kernel: KernelDep, _: Hr, entry_id: RequestId, body: Addition) -> EntryRead:
    """Adds a degree that the catalogue does not know. Retry with the same Idempotency-Key."""
    return await add(kernel, str(entry_id), body)


async def add(kernel: Kernel, entry_id: str, body: Addition) -> EntryRead:
    """The new entry."""
    await kernel.execute(CATALOGUE, KEY, AddEquivalence(entry_id=entry_id, **body.model_dump()))
    return await one_entry(kernel, entry_id)


@router.get("/equivalence-reports")
async def list_reports(
    kernel: KernelDep,
    _: Hr,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> list[ReportRead]:
    """What candidates have reported of the catalogue (R72), the latest first."""
    return await reports(kernel, limit, offset)


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


async def how_many_offers(kernel: Kernel, entry: EntryRead, patience: float = 2.0) -> int | None:
    """In how many open drafts this entry proposed another level; None if they are too many to be counted in time."""
    try:
        async with asyncio.timeout(patience):
            return int((await kernel.views.fetch(APPLICATION, _OFFERS, entry.id, entry.level))[0][0])
    except TimeoutError:
        return None
