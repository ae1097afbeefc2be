"""Mails about tickets, to whoever asked and to the agent who answered, each in the reader's language."""

from collections.abc import Iterable
from typing import Any, assert_never

from services.support import events as facts
from services.support.domain import STANDARD_ANSWER, TECHNICAL
from shared.model.message import Recorded, derived_id
from shared.model.reaction import Effect, Known, Reaction, Send

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
            template = "support/mail/replied"
            return [Send(derived_id(event.id, "replied"), agent, template, AGENTS_LANGUAGE, params)] if agent else []
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
    template = f"support/mail/{name}"
    return Send(derived_id(event.id, name), fact.email, template, fact.language, params, about=event.key)


ALL = (
    Reaction(
        "tell",
        (
            facts.TicketOpened,
            facts.TicketDeclinedNonTechnical,
            facts.TicketAnswered,
            facts.TicketClosed,
            facts.TicketReplied,
        ),
        _mails,
    ),
)
