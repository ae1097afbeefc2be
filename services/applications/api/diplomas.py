"""The candidate's JSON door for diploma equivalence (R71, R72, R73)."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.applications.api.candidate import TextsDep
from services.applications.api.models import RESOURCES, Body, Created
from services.applications.domain.equivalence.levels import Proposed
from services.applications.domain.equivalence.reading import because
from services.applications.events import DegreeLevel, diplomas_in
from services.applications.projections import ApplicationDocument
from services.applications.use_cases import applications
from services.applications.use_cases import equivalence as degrees
from shared.auth import Candidate
from shared.http import api_router
from shared.runtime.kernel import Kernel, KernelDep
from shared.web.language import Texts

router = api_router("applications", RESOURCES)
reporting = api_router("applications")  # A report changes nothing of the application.


class ProposalRead(BaseModel):
    """A level of the catalogue; `because` says as what and where the diploma was found there."""

    level: DegreeLevel
    entry_id: str
    because: str


class DiplomaRead(BaseModel):
    """A diploma's level: `proposed` when it was entered, `chosen` as it counts, `offered` where the catalogue changed.

    `number` is its place among the diplomas of the education section, from 0. `chosen` is what the candidate typed.
    """

    id: UUID
    number: int
    title: str
    institution: str
    country: str
    proposed: ProposalRead | None
    chosen: str
    reason: str
    offered: ProposalRead | None
    reported: bool


class ErrorReport(Body):
    """Which level the diploma has, and why the catalogue is wrong about it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"level": "master", "explanation": "Five years of study; the State awards the grade of master with it."}
            ]
        }
    )

    level: DegreeLevel
    explanation: str = Field(max_length=2_000)


async def _answer(kernel: Kernel, document: ApplicationDocument, texts: Texts) -> list[DiplomaRead]:
    document = applications.ordered(document)
    offers = degrees.offered(document, await degrees.catalogue(kernel), await kernel.now())
    assessments, reported = degrees.assessments(document), await degrees.reported(kernel, document)
    return [
        DiplomaRead(
            **diploma.model_dump(),
            id=diploma.id,
            number=number,
            proposed=_proposal(assessments[number]["proposed"], texts),
            chosen=assessments[number]["chosen"],
            reason=assessments[number]["reason"],
            offered=_proposal(offers[str(diploma.id)].proposed if str(diploma.id) in offers else None, texts),
            reported=str(diploma.id) in reported,
        )
        for number, diploma, _ in diplomas_in(degrees.education_of(document))
    ]


def _proposal(proposed: Proposed | None, texts: Texts) -> ProposalRead | None:
    if proposed is None:
        return None
    reason = because(proposed, texts.language, texts)
    return ProposalRead.model_validate({**proposed, "because": reason})


@router.get("/applications/{application_id}/diplomas")
async def read_diplomas(kernel: KernelDep, who: Candidate, application_id: UUID, texts: TextsDep) -> list[DiplomaRead]:
    """The level of each diploma that names its title and country, with the reason why it is proposed (R71)."""
    return await _answer(kernel, await applications.own(kernel, who, application_id), texts)


@router.post("/applications/{application_id}/diplomas/{diploma_id}/proposal")
async def take_proposal(
    kernel: KernelDep, who: Candidate, application_id: UUID, diploma_id: UUID, texts: TextsDep
) -> list[DiplomaRead]:
    """The draft's diploma has from now on the level that the catalogue proposes now."""
    await degrees.take(kernel, who, application_id, diploma_id)
    return await _answer(kernel, await applications.own(kernel, who, application_id), texts)


@reporting.post("/applications/{application_id}/diplomas/{diploma_id}/report", status_code=201)
async def report_error(
    kernel: KernelDep, who: Candidate, application_id: UUID, diploma_id: UUID, body: ErrorReport
) -> Created:
    """Reports a wrong equivalence to the office that keeps the catalogue (R72). The same again changes nothing."""
    document = await applications.own(kernel, who, application_id)
    return Created(
        id=await degrees.report(kernel, who, document, diploma_id, level=body.level, explanation=body.explanation)
    )
