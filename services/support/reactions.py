"""Mails about tickets, to whoever asked and to the agent who answered, each in the reader's language; and their end."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final, assert_never

from services.identity.events import AccountClosed, PersonalDataErased
from services.support import events as facts
from services.support.domain import ALL_OF_A_CANDIDATE, STANDARD_ANSWER, TECHNICAL, TICKET, EraseTicket
from services.support.domain.feedback import FEEDBACK, EraseFeedback
from services.support.projections import TICKETS_OF
from shared.model.message import Recorded, derived_id, subject_of
from shared.model.reaction import (
    Do,
    Effect,
    Erase,
    Known,
    Need,
    Reaction,
    Schedule,
    Send,
    Timer,
    TimerRule,
    Unschedule,
)

AGENTS_LANGUAGE = "en"

Telling = (
    facts.TicketOpened
    | facts.TicketAnswered
    | facts.TicketReplied
    | facts.TicketDeclinedNonTechnical
    | facts.TicketClosed
)


def _mails(event: Recorded[Any], _: Known) -> Iterable[Effect]:
    fact: Telling = event.data
    match fact:
        case facts.TicketOpened(nature=nature, mailed=mailed):
            return [_mail(event, fact, "opened")] if nature in TECHNICAL and mailed else []
        case facts.TicketDeclinedNonTechnical(mailed=mailed):
            return [_mail(event, fact, "declined", answer=STANDARD_ANSWER)] if mailed else []
        case facts.TicketAnswered(text=text, closing=closing):
            return [_mail(event, fact, "answered", text=text, closing=closing)]
        case facts.TicketClosed(closed_by=who, answered=answered):
            return [_mail(event, fact, "closed")] if who == "agent" and not answered else []
        case facts.TicketReplied(agent_email=agent, number=number):
            params = {"number": number, "ticket_id": event.key}
            template, whose = "support/mail/replied", subject_of(fact, event.stream)
            mail = Send(derived_id(event.id, "replied"), agent, template, AGENTS_LANGUAGE, params, whose=whose)
            return [mail] if agent else []
    assert_never(fact)


def _mail(
    event: Recorded[Any],
    fact: facts.TicketOpened | facts.TicketAnswered | facts.TicketDeclinedNonTechnical | facts.TicketClosed,
    name: str,
    **more: Any,
) -> Send:
    """To whoever asked; `ticket_id` only for candidates, who have a page to follow it on."""
    ticket = event.key if fact.candidate_id else ""
    params = {"number": fact.number, "ticket_id": ticket, **more}
    return Send(
        derived_id(event.id, name), fact.email, f"support/mail/{name}", fact.language, params, about=event.key,
        whose=subject_of(fact, event.stream),
    )  # fmt: skip


Ended = facts.TicketClosed | facts.TicketDeclinedNonTechnical | facts.TicketReopened | PersonalDataErased


def _keep_for_a_while(event: Recorded[Ended], known: Known) -> Iterable[Effect]:
    """What a visitor wrote is erased some time after its end; what a candidate wrote goes with the account."""
    key = f"erase/{event.key}"
    if isinstance(event.data, facts.TicketReopened | PersonalDataErased):
        return [Unschedule(key)]
    if event.data.candidate_id:
        return []
    data = {"subject": event.stream, "ticket": event.key, "closed_at": event.at.isoformat()}
    return [Schedule(key, _over(event.at, known), ERASURE.name, data)]


def _over(closed_at: datetime, known: Known) -> datetime:
    return closed_at + timedelta(days=int(known.setting(facts.RETENTION)))


def _erase_ticket(timer: Timer, known: Known) -> Iterable[Effect]:
    """Unless it is to be kept for longer now. Timers of before do not say since when the ticket is closed."""
    closed_at = timer.data.get("closed_at")
    due = _over(datetime.fromisoformat(closed_at), known) if closed_at else timer.now
    if due > timer.now:
        return [Schedule(timer.key, due, ERASURE.name, timer.data)]
    return [Do(TICKET, timer.data["ticket"], EraseTicket())]


def _erase_all(candidate_id: str, known: Known) -> Iterable[Effect]:
    document = known.get(TICKETS_OF, candidate_id)
    tickets = [Do(TICKET, ticket, EraseTicket()) for ticket in (document["tickets"] if document else [])]
    return [*tickets, Do(FEEDBACK, candidate_id, EraseFeedback())]


def _destroy(event: Recorded[PersonalDataErased], _: Known) -> Iterable[Effect]:
    """A visitor's ticket has a key of its own; a candidate's is under the person's, which identity destroys."""
    return [] if event.data.candidate_id else [Erase(event.stream)]


ERASURE: Final = TimerRule("erase_ticket", _erase_ticket, erases=True)
ALL_OF_ONE: Final = TimerRule(
    ALL_OF_A_CANDIDATE,
    lambda timer, known: _erase_all(timer.data["candidate_id"], known),
    lambda timer: [Need(TICKETS_OF, timer.data["candidate_id"])],
)
TIMERS: Final = (ERASURE, ALL_OF_ONE)

TELL: Final = Reaction(
    "tell",
    (
        facts.TicketOpened,
        facts.TicketDeclinedNonTechnical,
        facts.TicketAnswered,
        facts.TicketClosed,
        facts.TicketReplied,
    ),
    _mails,
)
KEEP: Final = Reaction(
    "keep_for_a_while",
    (facts.TicketClosed, facts.TicketDeclinedNonTechnical, facts.TicketReopened, PersonalDataErased),
    _keep_for_a_while,
    from_the_first=True,
)
DESTROY: Final = Reaction("erase", (PersonalDataErased,), _destroy)
FORGET: Final = Reaction(
    "erase_all",
    (AccountClosed,),
    lambda event, known: _erase_all(event.key, known),
    lambda event: [Need(TICKETS_OF, event.key)],
)

ALL = (TELL, KEEP, DESTROY, FORGET)
