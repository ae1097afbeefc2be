"""What happens to an application; `quota` does not leave the service."""

from typing import Any, Final, Literal
from uuid import UUID

from services.vacancies.events import Question
from shared.message import Event, Personal, Published

FileType = Literal["application/pdf", "image/png", "image/jpeg"]
Outcome = Literal["selected", "rostered", "recruitment_completed", "filled_from_roster", "cancelled"]


class DraftCreated(Event):
    """A draft exists; `source_application_id` is the earlier application it was copied from, if any (R34, R35)."""

    candidate_id: UUID
    source_application_id: UUID | None = None


class VacancyTargeted(Event):
    """The draft is meant for this job opening, as it reads in this version."""

    candidate_id: UUID
    vacancy_id: UUID
    job_opening_number: str
    title: str
    vacancy_version: int


class ScreeningQuestionsLoaded(Event):
    """The questions of the job opening (R18). If answers to earlier ones fall away, a DraftSaved follows."""

    candidate_id: UUID
    vacancy_id: UUID
    vacancy_version: int
    questions: tuple[Question, ...]


class VacancyUntargeted(Event):
    """The job opening was cancelled: the draft keeps its text and is meant for none."""

    candidate_id: UUID
    vacancy_id: UUID


class DraftSaved(Event):
    """One section as it was typed. `carried_over`: copied from an earlier application and not looked at since."""

    candidate_id: UUID
    section: str
    values: Personal[dict[str, Any]]
    carried_over: bool = False


class AttachmentAdded(Event):
    """A file belongs to the draft; its content is stored under its SHA-256."""

    candidate_id: UUID
    attachment_id: UUID
    name: Personal[str]
    content_type: FileType
    size: int
    sha256: str


class AttachmentRemoved(Event):
    """The file no longer belongs to the draft."""

    candidate_id: UUID
    attachment_id: UUID


class TermsAccepted(Event):
    """The candidate accepted the terms shown after "Soumettre" (R39)."""

    candidate_id: UUID
    terms: str


class ApplicationSubmitted(Event):
    """The application counts (R31) and never changes again (R40). `snapshot` is the whole file, profile included."""

    candidate_id: UUID
    vacancy_id: UUID
    job_opening_number: str
    title: str
    reference: str
    snapshot: Personal[dict[str, Any]]


class ApplicationMovedUnderConsideration(Event):
    """HR examines the application."""

    candidate_id: UUID
    reason: str = ""


class ApplicationOutcomeRecorded(Event):
    """How the recruitment ended for this application."""

    candidate_id: UUID
    outcome: Outcome
    reason: str = ""


class ApplicationWithdrawn(Event):
    """The candidate is no longer interested (R43)."""

    candidate_id: UUID


class DraftDiscarded(Event):
    """The candidate threw the draft away."""

    candidate_id: UUID


class SlotReserved(Event):
    """The candidate's one submission for this vacancy is taken, for ever (R42, R44)."""

    candidate_id: UUID
    vacancy_id: UUID
    application_id: UUID


class DraftCounted(Event):
    """One more open draft of this candidate."""

    application_id: UUID


class DraftUncounted(Event):
    """The draft was submitted or discarded."""

    application_id: UUID


DraftEdited = (
    VacancyTargeted | ScreeningQuestionsLoaded | VacancyUntargeted | DraftSaved | AttachmentAdded | AttachmentRemoved
)
StatusReached = (
    DraftCreated
    | TermsAccepted
    | ApplicationSubmitted
    | ApplicationMovedUnderConsideration
    | ApplicationOutcomeRecorded
    | ApplicationWithdrawn
    | DraftDiscarded
)
ApplicationEvent = DraftEdited | StatusReached
QuotaEvent = DraftCounted | DraftUncounted

APPLICATION: Final = (
    DraftCreated,
    VacancyTargeted,
    ScreeningQuestionsLoaded,
    VacancyUntargeted,
    DraftSaved,
    AttachmentAdded,
    AttachmentRemoved,
    TermsAccepted,
    ApplicationSubmitted,
    ApplicationMovedUnderConsideration,
    ApplicationOutcomeRecorded,
    ApplicationWithdrawn,
    DraftDiscarded,
)

PUBLISHED = Published("applications", {"application": APPLICATION, "slot": (SlotReserved,)})
