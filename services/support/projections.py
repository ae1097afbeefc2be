"""Tickets as candidates and agents see them, and what support knows of the candidates."""

from datetime import datetime
from typing import Any, NotRequired, TypedDict, assert_never

from services.identity.events import AccountClosed, CandidateRegistered, EmailVerified, PersonalDataErased
from services.support import events as facts
from shared.model.message import Recorded
from shared.model.projection import Projection, by_key


class MessageDocument(TypedDict):
    """`by`: "candidate" or "agent"."""

    id: str
    by: str
    text: str
    at: datetime | str


class ScreenshotDocument(TypedDict):
    id: str
    name: str
    kind: str
    size: int


class TicketDocument(TypedDict):
    """A ticket whole. `status`: waiting, answered, closed or declined. `unread`: the answers not yet seen, in order.

    mailed: whether the number was; older documents do not say, and of these it was.
    """

    id: str
    candidate_id: str
    number: str
    nature: str
    status: str
    subject: str
    full_name: str
    user_code: str
    email: str
    language: str
    job_opening_number: str
    description: str
    steps: str
    opened_at: datetime | str
    changed_at: datetime | str
    messages: list[MessageDocument]
    unread: list[str]
    screenshots: list[ScreenshotDocument]
    mailed: NotRequired[bool]
    erased_at: NotRequired[datetime | str]


class TicketLine(TypedDict):
    """A ticket in a list."""

    id: str
    number: str
    nature: str
    status: str
    subject: str
    opened_at: datetime | str
    changed_at: datetime | str


class CandidateDocument(TypedDict):
    """What the contact form is filled in with."""

    user_code: str
    full_name: str
    email: str


def _ticket(document: TicketDocument | None, event: Recorded[Any]) -> TicketDocument | None:
    fact: facts.TicketFact = event.data
    if isinstance(fact, facts.TicketOpened):
        return _opened(event, fact)
    if document is None:
        return None
    if isinstance(fact, facts.TicketRead):
        return {**document, "unread": document["unread"][-fact.unread :] if fact.unread else []}
    if isinstance(fact, PersonalDataErased):
        return _emptied(document, event.at)
    return _changed({**document, "changed_at": event.at}, event, fact)


def _emptied(ticket: TicketDocument, at: datetime) -> TicketDocument:
    """Its number, its dates and how it stands."""
    return {
        **ticket, "subject": "", "full_name": "", "user_code": "", "email": "", "description": "", "steps": "",
        "messages": [{**message, "text": ""} for message in ticket["messages"]], "screenshots": [], "erased_at": at,
    }  # fmt: skip


def _opened(event: Recorded[Any], fact: facts.TicketOpened) -> TicketDocument:
    return {
        "id": event.key,
        "candidate_id": str(fact.candidate_id or ""),
        "number": fact.number,
        "nature": fact.nature,
        "status": facts.Status.WAITING.value,
        "subject": fact.subject,
        "full_name": fact.full_name,
        "user_code": fact.user_code,
        "email": fact.email,
        "language": fact.language,
        "job_opening_number": fact.job_opening_number,
        "description": fact.description,
        "steps": fact.steps,
        "opened_at": event.at,
        "changed_at": event.at,
        "messages": [],
        "unread": [],
        "screenshots": [],
        "mailed": fact.mailed,
    }


Later = (
    facts.ScreenshotAdded
    | facts.TicketAnswered
    | facts.TicketReplied
    | facts.TicketDeclinedNonTechnical
    | facts.TicketClosed
    | facts.TicketReopened
)


def _changed(ticket: TicketDocument, event: Recorded[Any], fact: Later) -> TicketDocument:
    match fact:
        case facts.ScreenshotAdded(screenshot_id=id_, name=name, kind=kind, size=size):
            added: ScreenshotDocument = {"id": str(id_), "name": name, "kind": kind, "size": size}
            return {**ticket, "screenshots": [*ticket["screenshots"], added]}
        case facts.TicketAnswered():
            answered = _said(ticket, event, fact, "agent")
            return {**answered, "unread": [*ticket["unread"], str(fact.message_id)]}
        case facts.TicketReplied():
            return {**_said(ticket, event, fact, "candidate"), "unread": []}
        case facts.TicketDeclinedNonTechnical() | facts.TicketClosed() | facts.TicketReopened():
            by_candidate = isinstance(fact, facts.TicketClosed) and fact.closed_by == "candidate"
            return {
                **ticket,
                "status": _status(fact, ticket["status"]),
                "unread": [] if by_candidate else ticket["unread"],
            }
    assert_never(fact)


def _said(
    ticket: TicketDocument, event: Recorded[Any], fact: facts.TicketAnswered | facts.TicketReplied, by: str
) -> TicketDocument:
    message: MessageDocument = {"id": str(fact.message_id), "by": by, "text": fact.text, "at": event.at}
    return {**ticket, "status": _status(fact, ticket["status"]), "messages": [*ticket["messages"], message]}


def _status(fact: facts.TicketFact, before: str) -> str:
    after = facts.status_after(fact)
    return after.value if after else before


def _line(document: TicketLine | None, event: Recorded[Any]) -> TicketLine | None:
    fact: facts.TicketFact = event.data
    if isinstance(fact, facts.TicketOpened):
        return {
            "id": event.key,
            "number": fact.number,
            "nature": fact.nature,
            "status": facts.Status.WAITING.value,
            "subject": fact.subject,
            "opened_at": event.at,
            "changed_at": event.at,
        }
    if document is None or isinstance(fact, facts.TicketRead):
        return document
    if isinstance(fact, PersonalDataErased):
        return {**document, "subject": ""}
    return {**document, "status": _status(fact, document["status"]), "changed_at": event.at}


def _by_candidate(event: Recorded[Any]) -> tuple[str, ...]:
    owner = event.data.candidate_id
    return (f"{owner}/{event.key}",) if owner else ()


def _owner(event: Recorded[facts.TicketOpened]) -> tuple[str, ...]:
    return (str(event.data.candidate_id),) if event.data.candidate_id else ()


def _candidate(document: CandidateDocument | None, event: Recorded[Any]) -> CandidateDocument | None:
    fact: CandidateRegistered | EmailVerified | AccountClosed = event.data
    match fact:
        case CandidateRegistered(user_code=user_code, given_names=given, family_name=family, email=email):
            return {"user_code": user_code, "full_name": f"{given} {family}".strip(), "email": email}
        case EmailVerified(email=email):
            return {**document, "email": email} if document else None
        case AccountClosed():
            return None
    assert_never(fact)


class TicketsDocument(TypedDict):
    """The ids of a candidate's tickets."""

    tickets: list[str]


def _tickets(document: TicketsDocument | None, event: Recorded[Any]) -> TicketsDocument:
    return {"tickets": [*(document["tickets"] if document else []), event.key]}


TICKET = Projection("ticket", facts.TICKET, by_key, _ticket)
MINE = Projection("mine", facts.TICKET, _by_candidate, _line)
"""A candidate's tickets, under `<candidate>/<ticket>`."""

CANDIDATE = Projection("candidate", (CandidateRegistered, EmailVerified, AccountClosed), by_key, _candidate)

TICKETS_OF = Projection("tickets_of", (facts.TicketOpened,), _owner, _tickets)
"""Which tickets a candidate has, under the candidate's id."""


class FeedbackDocument(TypedDict):
    """What a candidate thinks of the site, as it was said last."""

    rating: int
    text: str
    given_at: str


def _feedback(_: FeedbackDocument | None, event: Recorded[Any]) -> FeedbackDocument | None:
    fact: facts.FeedbackFact = event.data
    match fact:
        case facts.FeedbackGiven(rating=rating, text=text):
            return {"rating": rating, "text": text, "given_at": event.at.isoformat()} if rating else None
        case facts.FeedbackErased():
            return None
    assert_never(fact)


FEEDBACK = Projection("feedback", facts.FEEDBACK, by_key, _feedback)
"""Under the candidate's id; one that is erased has no rating any more."""

ALL = (TICKET, MINE, CANDIDATE, TICKETS_OF, FEEDBACK)
