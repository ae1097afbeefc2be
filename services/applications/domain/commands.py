"""Everything that can be asked of an application."""

from typing import Any
from uuid import UUID

from pydantic import InstanceOf

from services.applications.domain.equivalence.catalogue import Catalogue
from services.applications.domain.inputs import CandidateFacts, FileFacts, VacancyFacts
from services.applications.events import SetByHr, WithdrawalReason
from shared.model.message import Command, Message


class Copied(Message):
    """What a new draft takes from an earlier application: everything but the answers to its questions (R34).

    application_id: None if it takes it from the CV that is kept with the profile.
    """

    application_id: UUID | None
    sections: dict[str, dict[str, Any]]
    files: tuple[FileFacts, ...] = ()


class CreateDraft(Command):
    """R16: `confirmed` says that the recommendations were read. Blank without `source`."""

    candidate_id: UUID
    confirmed: bool
    source: Copied | None = None
    catalogue: InstanceOf[Catalogue] | None = None


class OfCandidate(Command):
    """Every wish of the candidate about an application of theirs."""

    candidate_id: UUID


class TargetVacancy(OfCandidate):
    """Apply for this job opening. `slot_taken`: the candidate has submitted for it before. language: of its title."""

    vacancy: VacancyFacts
    slot_taken: bool = False
    language: str = ""


class FollowVacancy(Command):
    """The job opening was amended or cancelled, or has taken up the one that the draft was meant for.

    language: in which the title of that one was shown, if its own event is too old to say.
    """

    vacancy: VacancyFacts
    reason: str = ""
    language: str = ""


class SaveDraft(OfCandidate):
    """One section as it was typed. `seen` is how often it had been saved when the form was shown.

    in_place: entries stay where they are, since a page that goes on saving one of them knows it by its place.
    """

    section: str
    values: dict[str, Any]
    seen: int | None = None
    in_place: bool = False
    catalogue: InstanceOf[Catalogue] | None = None


class NameDraft(OfCandidate):
    """Call the draft by this name; by none if it is empty."""

    name: str


class TakeProposedLevel(OfCandidate):
    """The diploma has the level that the catalogue proposes now."""

    diploma_id: UUID
    catalogue: InstanceOf[Catalogue]


class AddAttachment(OfCandidate):
    """Attach a file."""

    file: FileFacts


class RemoveAttachment(OfCandidate):
    """Remove a file."""

    attachment_id: UUID


class SubmitApplication(OfCandidate):
    """R38: `seen` is the revision that was reviewed. `vacancy`, `candidate`, `catalogue`: as they are known now."""

    application_id: UUID
    seen: int
    terms_accepted: bool
    vacancy: VacancyFacts | None
    candidate: CandidateFacts | None
    catalogue: InstanceOf[Catalogue] | None = None


class WithdrawApplication(OfCandidate):
    """R43. The candidate may say why."""

    reason: WithdrawalReason | None = None
    explanation: str = ""


class ArchiveApplication(OfCandidate):
    """Put what is over out of the way."""


class RestoreApplication(OfCandidate):
    """Take it back from the archive."""


class DiscardDraft(OfCandidate):
    """Throw the draft away."""


class EraseFile(Command):
    """What was submitted is to be read by nobody any more: its time is over, or HR grants the holder's request."""


class ChangeStatus(Command):
    """HR's decision."""

    status: SetByHr
    reason: str = ""


DraftCommand = (
    TargetVacancy | SaveDraft | NameDraft | TakeProposedLevel | AddAttachment | RemoveAttachment | DiscardDraft
)
ArchiveCommand = ArchiveApplication | RestoreApplication
ApplicationCommand = (
    ArchiveCommand
    | CreateDraft
    | FollowVacancy
    | DraftCommand
    | SubmitApplication
    | WithdrawApplication
    | ChangeStatus
    | EraseFile
)
