"""The facts of tickets and of feedback. Those that lead to a mail carry the address and language to write in."""

from typing import Final, Literal, Self, assert_never
from uuid import UUID

from services.identity.events import PERSON, CandidateId, PersonalDataErased
from shared.model.codes import Code
from shared.model.errors import N_
from shared.model.message import Event, Personal, Published
from shared.model.setting import Setting


class Status(Code):
    """How a ticket stands: the one list of states.

    label, listed: catalogue keys; `listed` heads the list of all tickets in this state.
    over: nothing more is expected of anybody.
    """

    label: str
    listed: str
    over: bool

    def __new__(cls, code: str, label: str, listed: str, over: bool) -> Self:
        self = str.__new__(cls, code)
        self._value_, self.label, self.listed, self.over = code, label, listed, over
        return self

    WAITING = "waiting", N_("Waiting for an answer"), N_("Waiting for an answer"), False
    ANSWERED = "answered", N_("Answered"), N_("Answered tickets"), False
    CLOSED = "closed", N_("Closed"), N_("Closed tickets"), True
    DECLINED = "declined", N_("Declined: not technical"), N_("Declined tickets"), True


DESK: Final = "/support/api/desk/{id}"
"""Where support reads a request."""


class TicketOpened(Event):
    """A request for help. `candidate_id` is None for a visitor; without an account `user_code` is empty (R65)."""

    receipt = "Nothing for recruiting: a request for technical help waits for an agent."
    whose = PERSON
    dataref = DESK

    candidate_id: UUID | None
    """The candidate's account; null for a visitor."""
    number: str
    """The number of the request, which mails quote."""
    nature: str
    """What kind of problem it is: a code of the form's list."""
    subject: Personal[str]
    """The subject, in the asker's words."""
    full_name: Personal[str]
    """Who asks."""
    user_code: Personal[str]
    """The asker's user ID; empty without an account."""
    email: Personal[str]
    """Where answers are mailed."""
    language: str
    """The language to answer in: `ar`, `zh`, `en`, `fr`, `ru` or `es`."""
    job_opening_number: str
    """The job opening that it is about; empty if about none."""
    description: Personal[str]
    """What happened, in the asker's words."""
    steps: Personal[str]
    """How to make it happen again, in the asker's words."""
    mailed: bool = True
    """Whether the number is mailed: not to an unproven address that has had enough mails."""


class ScreenshotAdded(Event):
    """A picture of the problem (R67), known by parsing it; `sha256` is that of its content."""

    receipt = "Nothing: the picture is seen at the desk."
    whose = PERSON
    dataref = DESK

    candidate_id: UUID | None
    """The candidate's account; null for a visitor."""
    screenshot_id: UUID
    """The id under which the desk serves the picture."""
    name: Personal[str]
    """The file's name."""
    kind: str
    """The media type, such as `image/png`."""
    size: int
    """Bytes."""
    sha256: str
    """The SHA-256 of the content, in hexadecimal digits."""


class TicketAnswered(Event):
    """An agent wrote. `closing`: the answer ended the ticket. `agent_email` is empty when a machine wrote."""

    receipt = "Nothing: the asker is mailed."
    whose = PERSON
    dataref = DESK

    candidate_id: UUID | None
    """The candidate's account; null for a visitor."""
    message_id: UUID
    """The id of the answer in the request."""
    number: str
    """The number of the request."""
    text: Personal[str]
    """The answer."""
    email: Personal[str]
    """Where it is mailed."""
    language: str
    """The language of the mail: `ar`, `zh`, `en`, `fr`, `ru` or `es`."""
    agent_email: Personal[str] = ""
    """Who answered; empty for a machine."""
    closing: bool = False
    """Whether the answer closed the request."""


class TicketReplied(Event):
    """The candidate added something. `agent_email`: who answered last, empty if nobody did or it was a machine."""

    receipt = "Nothing: the request waits for an agent again."
    whose = PERSON
    dataref = DESK

    candidate_id: CandidateId
    message_id: UUID
    """The id of the reply in the request."""
    number: str
    """The number of the request."""
    text: Personal[str]
    """The reply."""
    agent_email: Personal[str]
    """Who answered last; empty for nobody and for a machine."""


class TicketRead(Event):
    """The candidate has seen the answers up to this one; `unread`: how many came after it."""

    receipt = "Nothing."

    candidate_id: CandidateId
    message_id: UUID
    """The last answer that was seen."""
    unread: int = 0
    """How many answers came after it."""


class TicketDeclinedNonTechnical(Event):
    """Closed with the standard answer, because support answers technical questions only (R68). `mailed`: by mail."""

    receipt = "Nothing: the asker is sent the standard answer."
    whose = PERSON
    dataref = DESK

    candidate_id: UUID | None
    """The candidate's account; null for a visitor."""
    number: str
    """The number of the request."""
    email: Personal[str]
    """Where the standard answer is mailed."""
    language: str
    """The language of the mail: `ar`, `zh`, `en`, `fr`, `ru` or `es`."""
    mailed: bool = True
    """Whether it was mailed."""


class TicketClosed(Event):
    """Done with. `answered`: an agent's last answer, sent at the same moment, says so already."""

    receipt = "Nothing."
    whose = PERSON
    dataref = DESK

    candidate_id: UUID | None
    """The candidate's account; null for a visitor."""
    number: str
    """The number of the request."""
    closed_by: Literal["agent", "candidate"]
    """Who closed it."""
    email: Personal[str]
    """Where that is mailed."""
    language: str
    """The language of the mail: `ar`, `zh`, `en`, `fr`, `ru` or `es`."""
    answered: bool = False
    """Whether an answer closed it, which says so already."""


class TicketReopened(Event):
    """It was not done with after all."""

    receipt = "Nothing: the request waits for an agent again."

    candidate_id: UUID | None
    """The candidate's account; null for a visitor."""
    number: str
    """The number of the request."""


TicketFact = (
    TicketOpened
    | ScreenshotAdded
    | TicketAnswered
    | TicketReplied
    | TicketRead
    | TicketDeclinedNonTechnical
    | TicketClosed
    | TicketReopened
    | PersonalDataErased
)


def status_after(fact: TicketFact) -> Status | None:
    """How the ticket stands once this has happened; None for what leaves it as it is."""
    match fact:
        case TicketOpened() | TicketReplied() | TicketReopened():
            return Status.WAITING
        case TicketAnswered():
            return Status.ANSWERED
        case TicketClosed():
            return Status.CLOSED
        case TicketDeclinedNonTechnical():
            return Status.DECLINED
        case ScreenshotAdded() | TicketRead() | PersonalDataErased():
            return None
    assert_never(fact)


TICKET = (
    TicketOpened,
    ScreenshotAdded,
    TicketAnswered,
    TicketReplied,
    TicketRead,
    TicketDeclinedNonTechnical,
    TicketClosed,
    TicketReopened,
    PersonalDataErased,
)


class FeedbackGiven(Event):
    """What a candidate thinks of the site; it leaves the service nowhere, so that no recruiter learns of it."""

    whose = PERSON

    candidate_id: CandidateId
    rating: Personal[int]
    """From 1, very dissatisfied, to 5, very satisfied."""
    text: Personal[str] = ""
    """What could be better, in the candidate's words; empty if nothing."""


class FeedbackErased(Event):
    """The candidate's account is closed: nothing of it counts any more."""

    candidate_id: CandidateId


FeedbackFact = FeedbackGiven | FeedbackErased
FEEDBACK: Final = (FeedbackGiven, FeedbackErased)

RETENTION: Final = "ticket_retention_days"
"""The setting that says how long a visitor's ticket is kept after its end."""
SETTINGS: Final = {
    RETENTION: Setting("365", "How many days after its end what a visitor wrote to support is erased."),
}

PUBLISHED = Published("support", {"ticket": TICKET}, subjects=("ticket",), redacted=(PersonalDataErased,))
