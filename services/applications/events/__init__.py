"""What happens to an application; `quota` does not leave the service."""

from typing import Final, assert_never
from uuid import UUID

from services.applications.events.accommodation import ACCOMMODATION as ACCOMMODATION
from services.applications.events.accommodation import AccommodationChanged as AccommodationChanged
from services.applications.events.accommodation import AccommodationErased as AccommodationErased
from services.applications.events.accommodation import AccommodationRequested as AccommodationRequested
from services.applications.events.accommodation import AccommodationWithdrawn as AccommodationWithdrawn
from services.applications.events.catalogue import DegreeCatalogueActivated as DegreeCatalogueActivated
from services.applications.events.catalogue import EquivalenceAdded as EquivalenceAdded
from services.applications.events.catalogue import EquivalenceCorrected as EquivalenceCorrected
from services.applications.events.catalogue import EquivalenceErrorReported as EquivalenceErrorReported
from services.applications.events.diplomas import DegreeLevel as DegreeLevel
from services.applications.events.diplomas import Diploma as Diploma
from services.applications.events.diplomas import diplomas_in as diplomas_in
from services.applications.events.diplomas import levels_in as levels_in
from services.applications.events.draft import AttachmentAdded as AttachmentAdded
from services.applications.events.draft import AttachmentRemoved as AttachmentRemoved
from services.applications.events.draft import DegreeLevelOverridden as DegreeLevelOverridden
from services.applications.events.draft import DegreeLevelProposed as DegreeLevelProposed
from services.applications.events.draft import DraftCounted as DraftCounted
from services.applications.events.draft import DraftCreated as DraftCreated
from services.applications.events.draft import DraftDiscarded as DraftDiscarded
from services.applications.events.draft import DraftNamed as DraftNamed
from services.applications.events.draft import DraftProgress as DraftProgress
from services.applications.events.draft import DraftSaved as DraftSaved
from services.applications.events.draft import DraftUncounted as DraftUncounted
from services.applications.events.draft import FileType as FileType
from services.applications.events.draft import ScreeningQuestionsLoaded as ScreeningQuestionsLoaded
from services.applications.events.draft import VacancyTargeted as VacancyTargeted
from services.applications.events.draft import VacancyUntargeted as VacancyUntargeted
from services.applications.events.file import ApplicationFile as ApplicationFile
from services.applications.events.file import with_file
from services.applications.events.status import Outcome as Outcome
from services.applications.events.status import SetByHr as SetByHr
from services.applications.events.status import Status as Status
from services.applications.events.withdrawal import WithdrawalReason as WithdrawalReason
from services.identity.events import CandidateId, PersonalDataErased
from shared.model.message import OWN, Event, Personal, Published
from shared.model.setting import Setting


class TermsAccepted(Event):
    """The candidate accepted the terms shown after "Soumettre" (R39)."""

    receipt = "Nothing: ApplicationSubmitted follows in the same stream."

    candidate_id: CandidateId
    terms: str
    """Which version of the terms."""


SUBMITTED: Final = "/applications/api/submitted/{id}"
"""Where HR reads a submitted application."""


class ApplicationSubmitted(Event):
    """The application counts (R31) and never changes again (R40). `snapshot` is the whole file, profile included."""

    schema_version = 2
    receipt = (
        "Take the application in under `reference`, once: the stream's id is the application's. The file is fetched "
        "from `ce_dataref`, its attachments and its PDF from below that address."
    )
    whose = OWN
    dataref = SUBMITTED

    candidate_id: CandidateId
    vacancy_id: UUID
    """The job opening: its id in vacancies."""
    job_opening_number: str
    """The number that HR knows it by."""
    title: str
    """The job opening's title as the candidate read it."""
    reference: str
    """The number that the candidate was given to quote."""
    snapshot: Personal[ApplicationFile]
    """The whole file, as it was submitted; it never changes."""
    organisation: str | None = None
    """Whose the job opening is, "" if it is nobody's; null in older events, which do not tell."""


class ApplicationMovedUnderConsideration(Event):
    """HR examines the application."""

    receipt = "Show the status `under_consideration`, if another of your systems set it."
    whose = OWN
    dataref = SUBMITTED

    candidate_id: CandidateId
    reason: Personal[str] = ""
    """What HR told the candidate; empty if nothing."""


class ApplicationOutcomeRecorded(Event):
    """How the recruitment ended for this application."""

    receipt = "Show the status in `outcome`, if another of your systems set it; it is final."
    whose = OWN
    dataref = SUBMITTED

    candidate_id: CandidateId
    outcome: Outcome
    """The status now."""
    reason: Personal[str] = ""
    """What HR told the candidate; empty if nothing."""


class ApplicationWithdrawn(Event):
    """The candidate is no longer interested (R43), and may have said why."""

    receipt = "Take the application out of the recruitment: the candidate does not come back."
    whose = OWN
    dataref = SUBMITTED

    candidate_id: CandidateId
    reason: Personal[WithdrawalReason | None] = None
    """Why, of a few reasons; null if the candidate did not say."""
    explanation: Personal[str] = ""
    """What the candidate added; empty if nothing."""


class ApplicationArchived(Event):
    """The candidate has put an application that is over out of the way, in their own list alone."""

    receipt = "Nothing: only the candidate's own list changes."

    candidate_id: CandidateId


class ApplicationRestored(Event):
    """The candidate has taken it back from the archive."""

    receipt = "Nothing: only the candidate's own list changes."

    candidate_id: CandidateId


class SlotReserved(Event):
    """The candidate's one submission for this vacancy is taken, for ever (R42, R44)."""

    receipt = "Nothing: ApplicationSubmitted tells of the application."

    candidate_id: CandidateId
    vacancy_id: UUID
    """The job opening: its id in vacancies."""
    application_id: UUID
    """The application that was submitted."""


DraftEdited = (
    VacancyTargeted
    | ScreeningQuestionsLoaded
    | VacancyUntargeted
    | DraftSaved
    | DraftNamed
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
    | PersonalDataErased
)
Archiving = ApplicationArchived | ApplicationRestored
"""What the candidate does with an application that is over, and nobody else sees."""

ApplicationEvent = DraftEdited | StatusReached | Archiving


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
        case TermsAccepted() | DraftDiscarded() | PersonalDataErased():
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
    DraftNamed,
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
    ApplicationArchived,
    ApplicationRestored,
    PersonalDataErased,
)

CATALOGUE: Final = (DegreeCatalogueActivated, EquivalenceCorrected, EquivalenceAdded)

OFFICE: Final = "academics_consult"
"""The setting that names the mailbox of the office for equivalences (R72)."""

CATALOGUE_FROM: Final = "catalogue_from"
"""The setting that names the day from which levels are proposed (R69, R74)."""

RETENTION: Final = "file_retention_days"
"""The setting that says how long a submitted file is kept after the end of its job opening."""

SETTINGS: Final = {
    RETENTION: Setting("730", "How many days after the end of the job opening what was submitted for it is erased."),
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
        "accommodation": ACCOMMODATION,
    },
    upcasters={("ApplicationSubmitted", 1): with_file},
    subjects=("application", "accommodation"),
    redacted=(
        DraftSaved, AttachmentAdded, DegreeLevelProposed, DegreeLevelOverridden, PersonalDataErased,
        AccommodationRequested, AccommodationChanged,
    ),
)  # fmt: skip
