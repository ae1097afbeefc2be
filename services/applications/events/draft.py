"""What happens to a draft before it is submitted, and how many a candidate has open."""

from typing import Any, Literal
from uuid import UUID

from services.applications.events.diplomas import DegreeLevel, Diploma
from services.identity.events import PERSON, CandidateId
from services.vacancies.events import Question
from shared.model.message import Event, Personal

FileType = Literal["application/pdf", "image/png", "image/jpeg"]


class DraftCreated(Event):
    """A draft exists; `source_application_id` is the earlier application it was copied from, if any (R34, R35)."""

    receipt = "Nothing: a draft concerns nobody but its candidate. It can be counted."

    candidate_id: CandidateId
    source_application_id: UUID | None = None
    """The earlier application that it was copied from; null if it began empty."""


class VacancyTargeted(Event):
    """The draft is meant for this job opening, as it reads in this version; its title is in `language`."""

    receipt = "Nothing: a draft concerns nobody but its candidate. It can be counted."

    candidate_id: CandidateId
    vacancy_id: UUID
    """The job opening: its id in vacancies."""
    job_opening_number: str
    """The number that HR knows it by."""
    title: str
    """Its title, in `language`."""
    vacancy_version: int
    """Which version of the job opening was meant."""
    language: str = ""
    """The language of `title`; empty in older events."""


class DraftProgress(Event):
    """What can change how far a draft is."""

    receipt = "Nothing: a draft concerns nobody but its candidate. It can be counted."

    complete: tuple[str, ...] | None = None
    """The sections in which nothing is left to do; null if that is as before."""


class ScreeningQuestionsLoaded(DraftProgress):
    """The questions of the job opening (R18). If answers to earlier ones fall away, a DraftSaved follows."""

    receipt = "Nothing: a draft concerns nobody but its candidate. It can be counted."

    candidate_id: CandidateId
    vacancy_id: UUID
    """The job opening that asks."""
    vacancy_version: int
    """The version of the job opening that asks."""
    questions: tuple[Question, ...]
    """What is asked."""


class VacancyUntargeted(DraftProgress):
    """The job opening was cancelled: the draft keeps its text and is meant for none."""

    receipt = "Nothing: a draft concerns nobody but its candidate. It can be counted."

    candidate_id: CandidateId
    vacancy_id: UUID
    """The job opening that was cancelled."""


class DraftSaved(DraftProgress):
    """One section as it was typed, which does not leave the store (`redacted`)."""

    receipt = "Nothing: a draft concerns nobody but its candidate. It can be counted."
    whose = PERSON

    candidate_id: CandidateId
    section: str
    """The section's name, as `education`."""
    values: Personal[dict[str, Any]]
    """The section, as it was typed."""
    carried_over: bool = False
    """Whether it is a copy from an earlier application that was not looked at since (R36)."""


class AttachmentAdded(Event):
    """A file belongs to the draft; its content is stored under its SHA-256."""

    receipt = "Nothing: a draft concerns nobody but its candidate. It can be counted."
    whose = PERSON

    candidate_id: CandidateId
    attachment_id: UUID
    """The id under which the file is served once the application is submitted."""
    name: Personal[str]
    """The file's name."""
    content_type: FileType
    """The media type."""
    size: int
    """Bytes."""
    sha256: str
    """The SHA-256 of the content, in hexadecimal digits."""


class AttachmentRemoved(Event):
    """The file no longer belongs to the draft."""

    receipt = "Nothing: a draft concerns nobody but its candidate. It can be counted."

    candidate_id: CandidateId
    attachment_id: UUID
    """The file."""


class DegreeLevelProposed(DraftProgress):
    """The catalogue of equivalences knows this diploma (R69): its level, and as what it was found there and where."""

    receipt = "Nothing: a draft concerns nobody but its candidate. It can be counted."
    whose = PERSON

    candidate_id: CandidateId
    diploma: Personal[Diploma]
    """The diploma."""
    level: DegreeLevel
    """The level that the catalogue gives."""
    entry_id: Personal[str]
    """The entry of the catalogue."""
    found_as: Personal[str]
    """The title in the catalogue."""
    institution: Personal[str]
    """The school in the catalogue; empty for all of the country."""
    country: Personal[str]
    """The country in the catalogue: ISO 3166-1 alpha-2; empty for many."""


class DegreeLevelOverridden(Event):
    """The candidate chose another level than the one proposed (R73)."""

    receipt = "Nothing: a draft concerns nobody but its candidate. It can be counted."
    whose = PERSON

    candidate_id: CandidateId
    diploma: Personal[Diploma]
    """The diploma."""
    proposed: DegreeLevel
    """The level that the catalogue gives."""
    chosen: DegreeLevel
    """The level that the candidate chose."""
    reason: Personal[str]
    """Why, in the candidate's words."""


class DraftNamed(Event):
    """The candidate calls the draft by this name until it is submitted; nobody else is shown it."""

    receipt = "Nothing: a draft concerns nobody but its candidate. It can be counted."
    whose = PERSON

    candidate_id: CandidateId
    name: Personal[str]
    """The name; empty if it has none any more."""


class DraftDiscarded(Event):
    """The candidate threw the draft away."""

    receipt = "Nothing: a draft concerns nobody but its candidate. It can be counted."

    candidate_id: CandidateId
    vacancy_id: UUID | None = None
    """The job opening that it was meant for: its id in vacancies. Null if for none; older events do not say."""


class DraftCounted(Event):
    """One more open draft of this candidate."""

    application_id: UUID


class DraftUncounted(Event):
    """The draft was submitted or discarded."""

    application_id: UUID
