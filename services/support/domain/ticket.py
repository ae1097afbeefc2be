"""A ticket's rules: what is taken and what is declined, who may write in it, and how it ends and comes back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, assert_never
from uuid import UUID

from services.identity.events import PersonalDataErased
from services.support import events as facts
from services.support.domain.request import TECHNICAL, counted, password_problems, problems_of
from services.support.domain.screenshots import Screenshot, screenshot_problems
from services.support.events import Status, status_after
from shared.model.decider import Decider
from shared.model.errors import N_, Conflict, Gone, NotFound, refuse_if
from shared.model.message import Command
from shared.model.reasons import Reason
from shared.vocabulary.fields import Field, check

MESSAGE = (Field("text", N_("Your message"), "textarea", required=True, length=5000),)

ALL_OF_A_CANDIDATE: Final = "erase_all"
"""The rule of the timers that look for what is left of a candidate's tickets."""


class OpenTicket(Command):
    """Ask for help. `number` is one that no other ticket has; `values` are those of the request's fields.

    mail: the address may be told the number; nobody has proven it, and it may have had enough mails.
    """

    candidate_id: UUID | None
    number: str
    language: str
    values: dict[str, Any]
    screenshots: tuple[Screenshot, ...] = ()
    mail: bool = True


class AnswerTicket(Command):
    """An agent writes to whoever asked, and closes the ticket with it if there is nothing more to do."""

    message_id: UUID
    text: str
    agent_email: str = ""
    close: bool = False


class ReplyToTicket(Command):
    """The candidate writes again; a closed ticket comes back with it."""

    candidate_id: UUID
    message_id: UUID
    text: str
    screenshots: tuple[Screenshot, ...] = ()


class ReadTicket(Command):
    """The candidate has this answer before their eyes, and those before it."""

    candidate_id: UUID
    message_id: UUID


class DeclineOutOfScope(Command):
    """An agent finds that the request is not technical after all (R68)."""


class CloseTicket(Command):
    """Done with. `candidate_id` is the candidate who says so, None if an agent does."""

    candidate_id: UUID | None = None


class ReopenTicket(Command):
    """An agent takes it up again."""


class EraseTicket(Command):
    """Nothing of what was written is to be read any more: its time is over, or its candidate's account is closed."""


Later = AnswerTicket | ReplyToTicket | ReadTicket | DeclineOutOfScope | CloseTicket | ReopenTicket
TicketCommand = OpenTicket | EraseTicket | Later


@dataclass(frozen=True)
class Ticket:
    """`messages` are the ids of what was written, so that writing it again changes nothing.

    unread: the answers that the candidate has neither seen nor replied to, in order.
    mailed: whether whoever asked was told the number.
    """

    status: Status | None = None
    candidate_id: UUID | None = None
    number: str = ""
    email: str = ""
    language: str = "en"
    agent_email: str = ""
    messages: frozenset[UUID] = frozenset()
    unread: tuple[UUID, ...] = ()
    mailed: bool = True
    erased: bool = False

    @property
    def over(self) -> bool:
        return self.status is not None and self.status.over


def decide(command: TicketCommand, ticket: Ticket) -> Sequence[facts.TicketFact]:
    if isinstance(command, OpenTicket):
        return [] if ticket.status else _open(command)
    if not ticket.status:
        raise NotFound.because(N_("This ticket does not exist"))
    if isinstance(command, EraseTicket):
        return [] if ticket.erased else [PersonalDataErased(goes=("ticket",), candidate_id=ticket.candidate_id)]
    if ticket.erased:
        raise Gone.because(N_("What was written in this request has been erased"))
    return _go_on(command, ticket)


def _go_on(command: Later, ticket: Ticket) -> Sequence[facts.TicketFact]:
    match command:
        case AnswerTicket():
            return _answer(command, ticket)
        case ReplyToTicket():
            return _reply(command, ticket)
        case ReadTicket():
            return _read(command, ticket)
        case DeclineOutOfScope():
            return _decline(ticket)
        case CloseTicket():
            return _close(command, ticket)
        case ReopenTicket():
            return [_reopened(ticket)] if ticket.over else []
    assert_never(command)


def _open(command: OpenTicket) -> Sequence[facts.TicketFact]:
    known = command.candidate_id is not None
    refuse_if(problems_of(known, command.values, command.screenshots))
    said = counted(known, command.values)
    opened = facts.TicketOpened(
        candidate_id=command.candidate_id,
        number=command.number,
        nature=said["nature"],
        subject=said["subject"],
        full_name=said["full_name"],
        user_code=said.get("user_code", ""),
        email=said["email"],
        language=command.language,
        job_opening_number=said.get("job_opening_number", ""),
        description=said["description"],
        steps=said.get("steps", ""),
        mailed=command.mail,
    )
    pictures = _added(command.screenshots, command.candidate_id)
    declined = [] if opened.nature in TECHNICAL else [_declined(evolve(Ticket(), opened), command.mail)]
    return [opened, *pictures, *declined]


def _added(screenshots: Sequence[Screenshot], candidate_id: UUID | None) -> Sequence[facts.TicketFact]:
    return [
        facts.ScreenshotAdded(
            candidate_id=candidate_id,
            screenshot_id=picture.id,
            name=picture.name,
            kind=picture.kind or "",
            size=picture.size,
            sha256=picture.sha256,
        )
        for picture in screenshots
    ]


def _answer(command: AnswerTicket, ticket: Ticket) -> Sequence[facts.TicketFact]:
    if command.message_id in ticket.messages:
        return []
    refuse_if(check(MESSAGE, {"text": command.text}))
    if ticket.over:
        raise Conflict.because(N_("This ticket is closed. Reopen it before you answer"), reason=Reason.TICKET_CLOSED)
    answered = facts.TicketAnswered(
        candidate_id=ticket.candidate_id,
        message_id=command.message_id,
        number=ticket.number,
        text=command.text.strip(),
        email=ticket.email,
        language=ticket.language,
        agent_email=command.agent_email,
        closing=command.close,
    )
    return [answered, *([_closed(ticket, answered=True)] if command.close else [])]


def _reply(command: ReplyToTicket, ticket: Ticket) -> Sequence[facts.TicketFact]:
    _owned(ticket, command.candidate_id)
    if command.message_id in ticket.messages:
        return []
    said = {"text": command.text}
    refuse_if([*check(MESSAGE, said), *password_problems(said), *screenshot_problems(command.screenshots)])
    if ticket.status == Status.DECLINED:
        raise Conflict.because(
            N_("This request was declined because it is not technical. Nothing can be added"),
            reason=Reason.TICKET_CLOSED,
        )
    replied = facts.TicketReplied(
        candidate_id=command.candidate_id,
        message_id=command.message_id,
        number=ticket.number,
        text=command.text.strip(),
        agent_email=ticket.agent_email,
    )
    back = [_reopened(ticket)] if ticket.over else []
    return [*back, replied, *_added(command.screenshots, command.candidate_id)]


def _read(command: ReadTicket, ticket: Ticket) -> Sequence[facts.TicketFact]:
    _owned(ticket, command.candidate_id)
    if command.message_id not in ticket.messages:
        raise NotFound.because(N_("This message does not exist"), "message_id")
    if command.message_id not in ticket.unread:
        return []
    later = len(_after(ticket, command.message_id))
    return [facts.TicketRead(candidate_id=command.candidate_id, message_id=command.message_id, unread=later)]


def _after(ticket: Ticket, message_id: UUID) -> tuple[UUID, ...]:
    known = message_id in ticket.unread
    return ticket.unread[ticket.unread.index(message_id) + 1 :] if known else ticket.unread


def _decline(ticket: Ticket) -> Sequence[facts.TicketFact]:
    if ticket.status == Status.CLOSED:
        raise Conflict.because(
            N_("This ticket is closed. Reopen it before you decline it"), reason=Reason.TICKET_CLOSED
        )
    return [] if ticket.status == Status.DECLINED else [_declined(ticket)]


def _close(command: CloseTicket, ticket: Ticket) -> Sequence[facts.TicketFact]:
    if command.candidate_id is not None:
        _owned(ticket, command.candidate_id)
    return [] if ticket.over else [_closed(ticket, by_candidate=command.candidate_id is not None)]


def _owned(ticket: Ticket, candidate_id: UUID) -> None:
    if ticket.candidate_id != candidate_id:
        raise NotFound.because(N_("This ticket does not exist"))


def _declined(ticket: Ticket, mailed: bool = True) -> facts.TicketFact:
    return facts.TicketDeclinedNonTechnical(
        candidate_id=ticket.candidate_id,
        number=ticket.number,
        email=ticket.email,
        language=ticket.language,
        mailed=mailed,
    )


def _closed(ticket: Ticket, answered: bool = False, by_candidate: bool = False) -> facts.TicketFact:
    return facts.TicketClosed(
        candidate_id=ticket.candidate_id,
        number=ticket.number,
        closed_by="candidate" if by_candidate else "agent",
        email=ticket.email,
        language=ticket.language,
        answered=answered,
    )


def _reopened(ticket: Ticket) -> facts.TicketFact:
    return facts.TicketReopened(candidate_id=ticket.candidate_id, number=ticket.number)


def evolve(ticket: Ticket, fact: facts.TicketFact) -> Ticket:  # noqa: PLR0911 - one for each fact
    ticket = replace(ticket, status=status_after(fact) or ticket.status)
    match fact:
        case facts.TicketOpened(candidate_id=owner, number=number, email=email, language=language, mailed=mailed):
            return replace(ticket, candidate_id=owner, number=number, email=email, language=language, mailed=mailed)
        case facts.TicketAnswered(message_id=message, agent_email=agent):
            unread = (*ticket.unread, message)
            return replace(ticket, messages=ticket.messages | {message}, unread=unread, agent_email=agent)
        case facts.TicketReplied(message_id=message):
            return replace(ticket, messages=ticket.messages | {message}, unread=())
        case facts.TicketRead(message_id=message):
            return replace(ticket, unread=_after(ticket, message))
        case facts.TicketClosed(closed_by=who):
            return replace(ticket, unread=() if who == "candidate" else ticket.unread)
        case PersonalDataErased():
            return replace(ticket, erased=True, email="", agent_email="")
        case facts.ScreenshotAdded() | facts.TicketDeclinedNonTechnical() | facts.TicketReopened():
            return ticket
    assert_never(fact)


TICKET: Decider[TicketCommand, Ticket, facts.TicketFact] = Decider("ticket", Ticket(), decide, evolve, facts.TICKET)
