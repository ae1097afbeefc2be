"""What the JSON door takes and gives."""

from datetime import date, datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.applications.domain.application import APPLICATION
from services.applications.domain.draft import MOST_NAME
from services.applications.domain.equivalence.levels import Assessment
from services.applications.domain.languages import Mastery, languages_in, mastery_of
from services.applications.domain.progress import Progress, progress_of
from services.applications.domain.state import restored
from services.applications.domain.submission import problems_in, unprintable_problems
from services.applications.events import DegreeLevel, Diploma, SetByHr, Status, WithdrawalReason
from services.applications.events.file import ApplicationFile, Contact, as_contact, as_file
from services.applications.events.sections import SECTIONS
from services.applications.events.withdrawal import MOST
from services.applications.projections import ApplicationDocument, CandidateDocument
from services.applications.use_cases.equivalence import frozen_levels
from services.vacancies.events import Question
from shared.http.conditional import Resources
from shared.model.errors import Problem
from shared.web.language import Texts

Name = Annotated[str, Field(max_length=100)]
Text = Annotated[str, Field(max_length=100_000)]
Lines = Annotated[list[Text], Field(max_length=500)]
Entry = Annotated[dict[Name, Text | Lines], Field(max_length=100)]
Entries = Annotated[list[Entry], Field(max_length=500)]
Values = Annotated[dict[Name, Text | Entries | Lines], Field(max_length=100)]
"""What is more is not even looked at; how much of it is kept, `domain` says."""


LINE_EXAMPLE: Final[dict[str, Any]] = {
    "id": "0190d6a0-5c1e-7c3b-9a55-0f6f1a0c7b11",
    "candidate_id": "0190d6a0-5c1e-7c3b-9a55-0f6f1a0c7b01",
    "vacancy_id": "6f1d2a0e-53b6-5d0c-9a3e-0f7c4be2a911",
    "job_opening_number": "ECO-DESA-241877-R-NEWYORK (X)",
    "title": "Economic Affairs Officer (Trade Policy)",
    "reference": "2027-7K4M-Q2XD-09TB",
    "status": "applied",
    "submitted_at": "2027-02-11T09:30:00.123456Z",
    "changed_at": "2027-02-11T09:30:00.123456Z",
}


RESOURCES: Final[Resources] = {"application_id": APPLICATION, "attachment_id": None}
"""What stands behind the parameters of paths: an attached file is never another one."""


class Body(BaseModel):
    """A request's body: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class NewDraft(Body):
    """R16, R34, R35. Without `start`: a copy of the last created application if there is one, else blank.

    `start_from_cv` begins with the sections of the CV that is kept with the profile.
    """

    confirmed: bool = Field(description="The recommendations were read; there is no draft without it.")
    start: Literal["copy_previous", "start_blank", "start_from_cv"] | None = None
    source_application_id: UUID | None = None
    vacancy_id: UUID | None = None


class Target(Body):
    """The job opening that the draft is meant for."""

    vacancy_id: UUID


class DraftName(Body):
    """What the candidate calls a draft; empty for no name."""

    name: str = Field(max_length=MOST_NAME)


class SectionContent(Body):
    """A section as it was typed. `seen` is its version when it was read; an older one than now is refused (409).

    Without it, whatever arrives last counts, be it a request that was held up and had been sent again long since.
    """

    values: Values
    seen: int | None = Field(None, ge=0, lt=2**31)


class Submission(Body):
    """R38, R39. `revision` is that of the application which was reviewed."""

    revision: int = Field(ge=0, lt=2**31)
    accept_terms: bool


class Withdrawal(Body):
    """Why the candidate withdraws: as much of it as they wish to say. Recruiters of the job opening read it."""

    reason: WithdrawalReason | None = None
    explanation: str = Field("", max_length=MOST)


class StatusChange(Body):
    """HR's decision, with an optional reason that the candidate sees."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"status": "under_consideration", "reason": "You are on the long list."}]}
    )

    status: SetByHr
    reason: str = Field("", max_length=1_000)


class Created(BaseModel):
    """The id of what was created."""

    id: UUID


class ProblemText(BaseModel):
    """One thing to correct."""

    field: str
    message: str


class SectionRead(BaseModel):
    """A section: what it holds, how often it was saved, how far it is, what to correct, what the PDF cannot show."""

    values: dict[str, Any]
    version: int
    progress: Progress
    carried_over: bool
    problems: list[ProblemText]
    unprintable: list[ProblemText]


class FileRead(BaseModel):
    """An attached file."""

    id: UUID
    name: str
    size: int
    content_type: str
    sha256: str


class MilestoneRead(BaseModel):
    """A status and since when."""

    status: str
    at: datetime
    reason: str


class WithdrawalRead(BaseModel):
    """What the candidate said on withdrawing."""

    reason: str | None = Field(
        description="One of a list that may grow; null if none was chosen.", examples=["the_place"]
    )
    explanation: str


class TargetRead(BaseModel):
    """The job opening that the application is meant for."""

    vacancy_id: UUID
    job_opening_number: str
    title: str
    vacancy_version: int


class ListedRead(BaseModel):
    """An application in the candidate's list."""

    id: UUID
    status: str
    created_at: datetime
    submitted_at: datetime | None
    job_opening_number: str
    title: str
    name: str = Field("", description="Of a draft, by its candidate; empty without one.")
    archived: bool = False


class ApplicationRead(BaseModel):
    """An application as its candidate sees it."""

    id: UUID
    status: str
    name: str = Field("", description="Of a draft, by its candidate; empty without one.")
    archived: bool = False
    revision: int
    created_at: datetime
    saved_at: datetime
    source_application_id: UUID | None
    vacancy: TargetRead | None
    questions: list[Question]
    sections: dict[str, SectionRead]
    attachments: list[FileRead]
    reference: str
    submitted_at: datetime | None
    timeline: list[MilestoneRead]
    withdrawal: WithdrawalRead | None = Field(None, description="Null unless the candidate said something of it.")


class LanguageRead(BaseModel):
    """A language, and what its four skills make of it: `fluent` in it, `knowledge` of it, or neither (None)."""

    language: str = Field(description="ISO 639-1, else 639-3; `mis` for one that is in neither.")
    other_language: str = Field("", description="Its name, if the code is `mis`.")
    mastery: Mastery | None


class DegreeRead(BaseModel):
    """A diploma's level as it counts, the one that the catalogue proposed, and why another was chosen (R73)."""

    title: str
    institution: str
    country: str = Field(description="ISO 3166-1 alpha-2.")
    level: DegreeLevel | Literal[""]
    proposed: DegreeLevel | None = Field(description="Null if the catalogue knew no level, or was not in force yet.")
    reason: str


class SubmittedRead(BaseModel):
    """A submitted application as recruiters see it: the frozen file, and the candidate's contact block as it is now."""

    id: UUID
    candidate_id: UUID
    status: str
    reference: str
    vacancy_id: UUID
    job_opening_number: str
    title: str
    submitted_at: datetime
    timeline: list[MilestoneRead]
    snapshot: ApplicationFile
    languages: list[LanguageRead]
    degrees: list[DegreeRead]
    current_contact: Contact
    contact_erased_at: datetime | None = Field(
        None, description="Since when the candidate's account is erased: `current_contact` is empty then."
    )
    attachments: list[FileRead]
    withdrawal: WithdrawalRead | None = Field(None, description="Null unless the candidate said something of it.")


class SubmittedLine(BaseModel):
    """A submitted application in a list. `changed_at`: when it came to its status."""

    model_config = ConfigDict(json_schema_extra={"examples": [LINE_EXAMPLE]})

    id: UUID
    candidate_id: UUID
    vacancy_id: UUID
    job_opening_number: str
    title: str
    reference: str
    status: Status
    submitted_at: datetime
    changed_at: datetime


class SubmittedPage(BaseModel):
    """A page of submitted applications."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"applications": [LINE_EXAMPLE], "next": ""}]})

    applications: list[SubmittedLine]
    next: str = Field(description="Ask with this as `after` for the following page; empty on the last one.")


class StatusRead(BaseModel):
    """How a submitted application stands, and nothing of what is in it."""

    id: UUID
    vacancy_id: UUID
    status: str
    timeline: list[MilestoneRead]


class Blockers(BaseModel):
    """What stands in the way of submitting."""

    problems: list[ProblemText]


def problem_texts(problems: list[Problem], texts: Texts) -> list[ProblemText]:
    """Problems as sentences in the reader's language."""
    return [ProblemText(field=problem.field, message=texts.problem(problem)) for problem in problems]


def application_read(document: ApplicationDocument, today: date, texts: Texts) -> ApplicationRead:
    """The answer about an application."""
    state = restored(document)
    submitted = document["submitted"]
    sections = {
        name: SectionRead(
            values=document["sections"].get(name, {}),
            version=document["saves"].get(name, 0),
            progress=progress_of(state, name, today),
            carried_over=name in state.carried_over,
            problems=problem_texts(problems_in(state, name, today, texts.language), texts),
            unprintable=problem_texts(unprintable_problems(state, name, texts.language), texts),
        )
        for name in SECTIONS
    }
    return ApplicationRead.model_validate(
        {
            **document,
            "source_application_id": document["source"],
            "vacancy": document["target"],
            "questions": document["questions"] if document["target"] else [],
            "sections": sections,
            "attachments": [_file(file) for file in document["attachments"]],
            "reference": submitted["reference"] if submitted else "",
            "submitted_at": submitted["snapshot"]["submitted_at"] if submitted else None,
        }
    )


def submitted_read(
    document: ApplicationDocument, candidate: CandidateDocument | None, erased_at: datetime | None = None
) -> SubmittedRead:
    """The answer to HR."""
    submitted = document["submitted"] or {}
    return SubmittedRead.model_validate(
        {
            **document,
            **submitted,
            "snapshot": as_file(submitted["snapshot"]),
            "submitted_at": submitted["snapshot"]["submitted_at"],
            "languages": [
                {
                    "language": entry.get("language"),
                    "other_language": entry.get("other_language") or "",
                    "mastery": mastery_of(entry),
                }
                for entry in languages_in(submitted["snapshot"]["sections"].get("skills", {}))
            ],
            "degrees": [_degree(diploma, of) for diploma, of in frozen_levels(document)],
            "current_contact": as_contact(candidate["profile"].get("contact", {})) if candidate else {},
            "contact_erased_at": erased_at,
            "attachments": [_file(file) for file in document["attachments"]],
        }
    )


def _degree(diploma: Diploma, of: Assessment) -> dict[str, Any]:
    proposed = of["proposed"]["level"] if of["proposed"] else None
    return {**diploma.model_dump(), "level": of["chosen"], "proposed": proposed, "reason": of["reason"]}


def status_read(document: ApplicationDocument) -> StatusRead:
    """The answer to who may set statuses but not read applications."""
    return StatusRead.model_validate({**document, **(document["submitted"] or {})})


def _file(file: dict[str, Any]) -> dict[str, Any]:
    return {**file, "id": file["attachment_id"]}
