"""What happens to an application; `quota` does not leave the service."""

from datetime import date
from typing import Any, Final, Literal, assert_never
from uuid import UUID

from pydantic import Field

from services.applications.events.diplomas import DegreeLevel as DegreeLevel
from services.applications.events.diplomas import Diploma as Diploma
from services.applications.events.diplomas import diplomas_in as diplomas_in
from services.applications.events.diplomas import levels_in as levels_in
from services.applications.events.status import Outcome as Outcome
from services.applications.events.status import SetByHr as SetByHr
from services.applications.events.status import Status as Status
from services.vacancies.events import Question
from shared.model.message import Event, Personal, Published
from shared.model.setting import Setting

FileType = Literal["application/pdf", "image/png", "image/jpeg"]


class DraftCreated(Event):
    """A draft exists; `source_application_id` is the earlier application it was copied from, if any (R34, R35)."""

    candidate_id: UUID
    source_application_id: UUID | None = None


class VacancyTargeted(Event):
    """The draft is meant for this job opening, as it reads in this version; its title is in `language`."""

    candidate_id: UUID
    vacancy_id: UUID
    job_opening_number: str
    title: str
    vacancy_version: int
    language: str = ""


class DraftProgress(Event):
    """What can change how far a draft is.

    complete: its sections in which nothing is left to do from now on; None if that is as before, and in older events.
    """

    complete: tuple[str, ...] | None = None


class ScreeningQuestionsLoaded(DraftProgress):
    """The questions of the job opening (R18). If answers to earlier ones fall away, a DraftSaved follows."""

    candidate_id: UUID
    vacancy_id: UUID
    vacancy_version: int
    questions: tuple[Question, ...]


class VacancyUntargeted(DraftProgress):
    """The job opening was cancelled: the draft keeps its text and is meant for none."""

    candidate_id: UUID
    vacancy_id: UUID


class DraftSaved(DraftProgress):
    """One section as it was typed, which does not leave the store (`redacted`).

    carried_over: begun with a copy of an earlier application and not looked at since (R36).
    """

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


class DegreeLevelProposed(DraftProgress):
    """The catalogue of equivalences knows this diploma (R69): its level, and as what it was found there and where."""

    candidate_id: UUID
    diploma: Personal[Diploma]
    level: DegreeLevel
    entry_id: str
    found_as: str
    institution: str
    country: str


class DegreeLevelOverridden(Event):
    """The candidate chose another level than the one proposed (R73)."""

    candidate_id: UUID
    diploma: Personal[Diploma]
    proposed: DegreeLevel
    chosen: DegreeLevel
    reason: Personal[str]


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
    organisation: str | None = Field(
        None, description='Whose the job opening is, "" if it is nobody\'s; null in older events, which do not tell.'
    )


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


class DegreeCatalogueActivated(Event):
    """From this day (in New York) on, levels are proposed from this edition of the catalogue (R69, R74)."""

    edition: str
    effective_on: date


class EquivalenceCorrected(Event):
    """An entry of the catalogue gives another level from now on."""

    entry_id: str
    before: DegreeLevel
    level: DegreeLevel
    reason: str


class EquivalenceAdded(Event):
    """The catalogue has one entry more. `institution` is empty if it holds for all of the country."""

    entry_id: str
    country: str
    institution: str
    title: str
    level: DegreeLevel
    reason: str


class EquivalenceErrorReported(Event):
    """A candidate says that a diploma's level is proposed wrongly, or not at all (R72); `office` is told by mail."""

    candidate_id: UUID
    application_id: UUID
    diploma: Personal[Diploma]
    proposed: DegreeLevel | None
    entry_id: str
    claimed: DegreeLevel
    explanation: Personal[str]
    name: Personal[str]
    email: Personal[str]
    user_code: str
    office: str


class DraftCounted(Event):
    """One more open draft of this candidate."""

    application_id: UUID


class DraftUncounted(Event):
    """The draft was submitted or discarded."""

    application_id: UUID


DraftEdited = (
    VacancyTargeted
    | ScreeningQuestionsLoaded
    | VacancyUntargeted
    | DraftSaved
    | AttachmentAdded
    | AttachmentRemoved
    | DegreeLevelProposed
    | DegreeLevelOverridden
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


def status_after(fact: StatusReached) -> Status | None:
    """The status that this fact leads to; None if it leaves the status as it is, or leaves no application at all."""
    match fact:
        case DraftCreated():
            return Status.DRAFT
        case ApplicationSubmitted():
            return Status.APPLIED
        case ApplicationMovedUnderConsideration():
            return Status.UNDER_CONSIDERATION
        case ApplicationOutcomeRecorded(outcome=outcome):
            return outcome
        case ApplicationWithdrawn():
            return Status.WITHDRAWN
        case TermsAccepted() | DraftDiscarded():
            return None
    assert_never(fact)


def reason_of(fact: StatusReached) -> str:
    """What HR gave as the reason of a change, which the candidate sees; empty for every other fact."""
    return fact.reason if isinstance(fact, ApplicationMovedUnderConsideration | ApplicationOutcomeRecorded) else ""


CatalogueEvent = DegreeCatalogueActivated | EquivalenceCorrected | EquivalenceAdded
QuotaEvent = DraftCounted | DraftUncounted

APPLICATION: Final = (
    DraftCreated,
    VacancyTargeted,
    ScreeningQuestionsLoaded,
    VacancyUntargeted,
    DraftSaved,
    AttachmentAdded,
    AttachmentRemoved,
    DegreeLevelProposed,
    DegreeLevelOverridden,
    TermsAccepted,
    ApplicationSubmitted,
    ApplicationMovedUnderConsideration,
    ApplicationOutcomeRecorded,
    ApplicationWithdrawn,
    DraftDiscarded,
)

CATALOGUE: Final = (DegreeCatalogueActivated, EquivalenceCorrected, EquivalenceAdded)

OFFICE: Final = "academics_consult"
"""The setting that names the mailbox of the office for equivalences (R72)."""

CATALOGUE_FROM: Final = "catalogue_from"
"""The setting that names the day from which levels are proposed (R69, R74)."""

SETTINGS: Final = {
    OFFICE: Setting("academicsconsult@un.org", "Who is asked about diplomas without an equivalence."),
    CATALOGUE_FROM: Setting(
        "2012-03-11",
        "From which day on the catalogue of equivalences proposes levels; it begins in New York. What was submitted"
        " before stays as it is and says so.",
    ),
}

PUBLISHED = Published(
    "applications",
    {
        "application": APPLICATION,
        "slot": (SlotReserved,),
        "catalogue": CATALOGUE,
        "report": (EquivalenceErrorReported,),
    },
    redacted=(DraftSaved, AttachmentAdded, DegreeLevelProposed, DegreeLevelOverridden),
)
