"""The door for those who keep the catalogue of degrees (scope equivalences.write): entries, corrections, reports."""

from typing import Annotated, Any, Final

from fastapi import Path, Query, Request, Response
from pydantic import ConfigDict, Field

from services.applications.api.models import Body
from services.applications.domain.equivalence.catalogue import (
    CATALOGUE,
    AddEquivalence,
    CorrectEquivalence,
)
from services.applications.events import DegreeLevel
from services.applications.use_cases import curation
from services.applications.use_cases.curation import EntryRead, ReportRead
from shared.auth import Curator
from shared.http import CREATED, RequestId, api_router
from shared.http.paging import NEXT, next_link
from shared.runtime.kernel import KernelDep

router = api_router("applications", {"entry_id": CATALOGUE})

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


@router.get("/equivalences", responses={200: {"headers": NEXT}})
async def list_equivalences(  # noqa: PLR0917 - one argument a part of the address
    request: Request,
    response: Response,
    kernel: KernelDep,
    _: Curator,
    country: Annotated[str | None, Query(max_length=2, description="ISO 3166-1 alpha-2; all if left out.")] = None,
    words: Annotated[str, Query(max_length=200, description="Words of the title or of the school.")] = "",
    limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> list[EntryRead]:
    """The catalogue of degree equivalences as it is now, ordered by id."""
    found = await curation.entries(kernel, country, words)
    response.headers.update(next_link(request, offset + limit if len(found) > offset + limit else 0, "offset"))
    return found[offset : offset + limit]


@router.get("/equivalences/{entry_id}")
async def read_equivalence(kernel: KernelDep, _: Curator, entry_id: EntryId) -> EntryRead:
    """One entry of the catalogue."""
    return await curation.one_entry(kernel, entry_id)


@router.put("/equivalences/{entry_id}")
async def correct_equivalence(kernel: KernelDep, _: Curator, entry_id: EntryId, body: Correction) -> EntryRead:
    """Corrects the level of an entry. Later proposals use it, open drafts are offered it, submitted files stay (R74).

    The level that it has already changes nothing.
    """
    return await curation.correct(kernel, CorrectEquivalence(entry_id=entry_id, **body.model_dump()))


@router.post("/equivalences", status_code=201, responses=CREATED)
async def add_equivalence(
    kernel: KernelDep, _: Curator, entry_id: RequestId, body: Addition, response: Response
) -> EntryRead:
    """Adds a degree that the catalogue does not know. Retry with the same Idempotency-Key."""
    response.headers["location"] = f"/applications/api/equivalences/{entry_id}"
    return await curation.add(kernel, AddEquivalence(entry_id=str(entry_id), **body.model_dump()))


@router.get("/equivalence-reports", responses={200: {"headers": NEXT}})
async def list_reports(
    request: Request,
    response: Response,
    kernel: KernelDep,
    _: Curator,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> list[ReportRead]:
    """What candidates have reported of the catalogue (R72), the latest first."""
    found = await curation.reports(kernel, limit + 1, offset)
    response.headers.update(next_link(request, offset + limit if len(found) > limit else 0, "offset"))
    return found[:limit]
