"""The facts of a ticket. Those that lead to a mail carry the address and language to write in."""

from typing import Literal, Self, assert_never
from uuid import UUID

from shared.model.codes import Code
from shared.model.errors import N_
from shared.model.message import Event, Personal, Published


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


class TicketOpened(Event):
    """A request for help. `candidate_id` is None for a visitor; without an account `user_code` is empty (R65).

    mailed: the number goes out; not to an unproven address that has had enough mails.
    """

    candidate_id: UUID | None
    number: str
    nature: str
    subject: Personal[str]
    full_name: Personal[str]
    user_code: Personal[str]
    email: Personal[str]
    language: str
    job_opening_number: str
    description: Personal[str]
    steps: Personal[str]
    mailed: bool = True


class ScreenshotAdded(Event):
    """A picture of the problem (R67), known by parsing it; `sha256` is that of its content."""

    candidate_id: UUID | None
    screenshot_id: UUID
    name: Personal[str]
    kind: str
    size: int
    sha256: str


class TicketAnswered(Event):
    """An agent wrote. `closing`: the answer ended the ticket. `agent_email` is empty when a machine wrote."""

    candidate_id: UUID | None
    message_id: UUID
    number: str
    text: Personal[str]
    email: Personal[str]
    language: str
    agent_email: Personal[str] = ""
    closing: bool = False


class TicketReplied(Event):
    """The candidate added something. `agent_email`: who answered last, empty if nobody did or it was a machine."""

    candidate_id: UUID
    message_id: UUID
    number: str
    text: Personal[str]
    agent_email: Personal[str]


class TicketRead(Event):
    """The candidate has seen the answers up to this one; `unread`: how many came after it."""

    candidate_id: UUID
    message_id: UUID
    unread: int = 0


class TicketDeclinedNonTechnical(Event):
    """Closed with the standard answer, because support answers technical questions only (R68). `mailed`: by mail."""

    candidate_id: UUID | None
    number: str
    email: Personal[str]
    language: str
    mailed: bool = True


class TicketClosed(Event):
    """Done with. `answered`: an agent's last answer, sent at the same moment, says so already."""

    candidate_id: UUID | None
    number: str
    closed_by: Literal["agent", "candidate"]
    email: Personal[str]
    language: str
    answered: bool = False


class TicketReopened(Event):
    """It was not done with after all."""

    candidate_id: UUID | None
    number: str


TicketFact = (
    TicketOpened
    | ScreenshotAdded
    | TicketAnswered
    | TicketReplied
    | TicketRead
    | TicketDeclinedNonTechnical
    | TicketClosed
    | TicketReopened
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
        case ScreenshotAdded() | TicketRead():
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
)

PUBLISHED = Published("support", {"ticket": TICKET})
