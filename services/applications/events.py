"""What happens to an application; `quota` does not leave the service."""

from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Any, Final, Literal, Self, assert_never, cast
from uuid import NAMESPACE_URL, UUID, uuid5

from services.vacancies.events import Question
from shared.model.errors import N_
from shared.model.message import Event, Message, Personal, Published
from shared.vocabulary.fields import COUNTRIES, LINE
from shared.vocabulary.words import fold

DegreeLevel = Literal["below", "licence", "master", "doctorat"]
FileType = Literal["application/pdf", "image/png", "image/jpeg"]


class Status(StrEnum):
    """How far an application has come, as candidates see it (rules §1.10): the one list of statuses.

    label, meaning: catalogue keys; the meaning is one plain sentence, which is read long after, too.
    after: the statuses that this one can follow.
    """

    label: str
    meaning: str
    after: tuple[str, ...]

    def __new__(cls, code: str, label: str, meaning: str, *after: str) -> Self:
        self = str.__new__(cls, code)
        self._value_, self.label, self.meaning, self.after = code, label, meaning, after
        return self

    DRAFT = "draft", N_("Draft"), N_("The application was begun. It counts only once submitted for a job opening.")
    APPLIED = "applied", N_("Applied"), N_("The application was received. It can no longer be changed."), "draft"
    UNDER_CONSIDERATION = (
        "under_consideration",
        N_("Under consideration"),
        N_("Recruiters have begun to examine the application."),
        "applied",
    )
    SELECTED = (
        "selected",
        N_("Selected"),
        N_("You were selected for this job opening. You will be contacted."),
        "under_consideration",
    )
    ROSTERED = (
        "rostered",
        N_("Rostered"),
        N_("You were put on the reserve list and can be chosen for similar job openings later."),
        "under_consideration",
    )
    RECRUITMENT_COMPLETED = (
        "recruitment_completed",
        N_("Recruitment completed"),
        N_("The recruitment has ended, and you were not chosen for this job opening."),
        "under_consideration",
    )
    FILLED_FROM_ROSTER = (
        "filled_from_roster",
        N_("Filled from roster"),
        N_("The post was filled with somebody from the reserve list."),
        "under_consideration",
    )
    CANCELLED = (
        "cancelled",
        N_("Job opening cancelled"),
        N_("The job opening was cancelled. Nobody will be recruited for it."),
        "applied",
        "under_consideration",
    )
    WITHDRAWN = (
        "withdrawn",
        N_("Withdrawn"),
        N_("You withdrew your application. You cannot apply again for the same job opening."),
        "applied",
        "under_consideration",
    )

    def __repr__(self) -> str:
        return repr(self.value)  # As refusals list what could have been sent.

    @classmethod
    def of(cls, code: str) -> "Status":
        """The status with this code, as documents and requests hold it. Raises KeyError for any other text."""
        return cast("Status", cls._value2member_map_[code])

    @property
    def predecessors(self) -> frozenset["Status"]:
        return frozenset(map(Status.of, self.after))

    @property
    def withdrawable(self) -> bool:
        """Whether the candidate may still withdraw (R43): it is submitted and not decided."""
        return self in Status.WITHDRAWN.predecessors

    @property
    def final(self) -> bool:
        """Whether no other status can follow."""
        return not any(self in other.predecessors for other in Status)


Outcome = Literal[
    Status.SELECTED, Status.ROSTERED, Status.RECRUITMENT_COMPLETED, Status.FILLED_FROM_ROSTER, Status.CANCELLED
]
SetByHr = Literal[Status.UNDER_CONSIDERATION, Outcome]


class Diploma(Message):
    """What a diploma is recognised by: its title, who gave it, and the country's code."""

    title: str
    institution: str
    country: str

    @property
    def id(self) -> UUID:
        """The same for every way of writing it in other cases or accents."""
        parts = (" ".join(fold(text).split()) for text in (self.title, self.institution, self.country))
        return uuid5(NAMESPACE_URL, "\n".join(("urn:postulo:diploma", *parts)))


def diplomas_in(values: Mapping[str, Any]) -> Iterator[tuple[int, Diploma, Mapping[str, Any]]]:
    """The diplomas that an education section names, each with its number and everything that was typed of it."""
    entries = values.get("diplomas")
    for number, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, Mapping):
            title, institution, country = (str(entry.get(name) or "") for name in ("title", "institution", "country"))
            if title.strip() and country in COUNTRIES and max(len(title), len(institution)) <= LINE:
                yield number, Diploma(title=title, institution=institution, country=country), entry


def levels_in(values: Mapping[str, Any]) -> dict[str, str]:
    """The level that was chosen for each diploma, by its id; empty where none was."""
    return {str(diploma.id): str(entry.get("level") or "") for _, diploma, entry in diplomas_in(values)}


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
    """One section as it was typed, which does not leave the store (`redacted`).

    carried_over: copied from an earlier application and not looked at since.
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


class DegreeLevelProposed(Event):
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

SETTINGS: Final = {OFFICE: "academicsconsult@un.org"}

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
