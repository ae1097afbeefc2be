"""Reasonable accommodation: the candidate's door, and that of those who arrange it (scope accommodations.read)."""

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.applications.api.models import Body
from services.applications.domain.accommodation import ACCOMMODATION, NONE
from services.applications.events.accommodation import MOST_NEED, STEPS, Step
from services.applications.projections import Standing
from services.applications.use_cases import accommodations
from services.applications.use_cases.applications import own
from services.applications.use_cases.submissions import LONGEST
from shared.auth import AccommodationReader, Candidate
from shared.http import api_router
from shared.http.paging import NEXT, next_link
from shared.model.errors import NotFound
from shared.runtime.kernel import KernelDep

router = api_router("applications", {"application_id": ACCOMMODATION})

ASKED: Final[dict[str, Any]] = {
    "need": "A sign language interpreter (LSF), and the questions in writing.",
    "steps": ["interview"],
    "contact": "anna@example.org",
}
LINE: Final[dict[str, Any]] = {
    "application_id": "0190d6a0-5c1e-7c3b-9a55-0f6f1a0c7b11",
    "candidate_id": "0190d6a0-5c1e-7c3b-9a55-0f6f1a0c7b01",
    "vacancy_id": "6f1d2a0e-53b6-5d0c-9a3e-0f7c4be2a911",
    "job_opening_number": "ECO-DESA-241877-R-NEWYORK (X)",
    "reference": "2027-7K4M-Q2XD-09TB",
    "status": "requested",
    "changed_at": "2027-02-11T09:30:00.123456Z",
}


class NeedBody(Body):
    """What is needed in tests and interviews. Nobody who decides reads it, and it is in no application file."""

    model_config = ConfigDict(json_schema_extra={"examples": [ASKED]})

    need: str = Field(max_length=MOST_NEED)
    steps: list[Step] = Field(description="The steps that it concerns.", max_length=len(STEPS))
    contact: str = Field("", max_length=200, description="Empty if as in the profile.")


class NeedRead(BaseModel):
    """A request as its candidate sees it."""

    need: str
    steps: list[Step]
    contact: str
    changed_at: datetime
    read_at: datetime | None = Field(description="Since when somebody has read it as it is now; null if nobody has.")


class AccommodationRead(NeedRead):
    """A request as those see it who arrange accommodation; of one that is withdrawn nothing is told."""

    application_id: UUID
    candidate_id: UUID
    status: Standing


class AccommodationLine(BaseModel):
    """A request in a list, and nothing of what is needed."""

    model_config = ConfigDict(json_schema_extra={"examples": [LINE]})

    application_id: UUID
    candidate_id: UUID
    vacancy_id: UUID
    job_opening_number: str
    reference: str
    status: Standing
    changed_at: datetime = Field(description="When it came to this, or its application was submitted, if later.")


class AccommodationsPage(BaseModel):
    """A page of requests."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"requests": [LINE], "next": ""}]})

    requests: list[AccommodationLine]
    next: str = Field(description="Ask with this as `after` for the following page; empty on the last one.")


@router.get("/applications/{application_id}/accommodation")
async def read_own_accommodation(kernel: KernelDep, who: Candidate, application_id: UUID) -> NeedRead:
    """What the candidate has asked for. 404: nothing, or it is withdrawn."""
    await own(kernel, who, application_id)
    found = await accommodations.mine(kernel, application_id)
    if found is None:
        raise NotFound.because(NONE)
    return NeedRead.model_validate(found)


@router.put("/applications/{application_id}/accommodation", status_code=204)
async def ask_accommodation(kernel: KernelDep, who: Candidate, application_id: UUID, body: NeedBody) -> None:
    """Asks for reasonable accommodation in the selection, or changes what was asked; until the application is decided.

    It is no part of the application file, and those who decide do not read it.
    """
    await accommodations.ask(kernel, who, application_id, body.model_dump())


@router.delete("/applications/{application_id}/accommodation", status_code=204)
async def withdraw_accommodation(kernel: KernelDep, who: Candidate, application_id: UUID) -> None:
    """Withdraws the request: nobody reads any more what was needed."""
    await accommodations.withdraw(kernel, who, application_id)


@router.get("/accommodations", responses={200: {"headers": NEXT}})
async def list_accommodations(  # noqa: PLR0917 - one argument a part of the address
    request: Request,
    response: Response,
    kernel: KernelDep,
    who: AccommodationReader,
    vacancy_id: Annotated[UUID | None, Query(description="Only for this job opening.")] = None,
    after: Annotated[
        str, Query(max_length=LONGEST, description="`next` of the page before, to go on from there.")
    ] = "",
    limit: Annotated[int, Query(ge=1, le=500, description="Requests a page.")] = 100,
) -> AccommodationsPage:
    """The requests for submitted applications for vacancies within reach, what changed longest ago first."""
    page = await accommodations.page_of(kernel, who.owners, vacancy_id, after, limit)
    response.headers.update(next_link(request, page.next))
    return AccommodationsPage.model_validate({"requests": page.lines, "next": page.next})


@router.get("/submitted/{application_id}/accommodation")
async def read_accommodation(kernel: KernelDep, who: AccommodationReader, application_id: UUID) -> AccommodationRead:
    """What the candidate of a submitted application needs in tests and interviews. That it was read is recorded.

    404: nothing was asked, or its vacancy is another organisation's. 410: it was erased.
    """
    found = await accommodations.read(kernel, who.owners, application_id)
    return AccommodationRead.model_validate({**found, "application_id": application_id})
