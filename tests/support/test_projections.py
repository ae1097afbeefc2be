"""Tickets as they are shown, and what support knows of candidates."""

from datetime import date
from functools import reduce
from typing import Any
from uuid import UUID

import pytest

from services.identity.events import AccountClosed, CandidateRegistered, EmailVerified
from services.support import events as facts
from services.support.domain import TICKET as RULES
from services.support.domain import AnswerTicket, CloseTicket, OpenTicket, ReadTicket, ReplyToTicket
from services.support.projections import CANDIDATE, MINE, TICKET
from shared.model.message import Command, Recorded
from shared.model.testing import NOON, given, history
from tests.support.samples import ANNA, ENQUIRY, PROBLEM, VISITOR, screenshot

ID = UUID("018f0000-0000-7000-8000-00000000000f")
OPENING = OpenTicket(
    candidate_id=ANNA, number="2026-000123", language="fr", values=PROBLEM, screenshots=(screenshot(),)
)


def story(*commands: Command) -> list[Recorded[Any]]:
    """What these commands on one ticket led to."""
    return history(f"ticket-{ID}", *given(RULES).after(*commands).events)


def test_a_ticket_shows_what_was_said_in_order_and_how_it_stands() -> None:
    answer = AnswerTicket(message_id=UUID(int=1), text="Which browser?")
    reply = ReplyToTicket(candidate_id=ANNA, message_id=UUID(int=2), text="Firefox")
    events = story(OPENING, answer, reply)
    document = reduce(TICKET.evolve, events, None)
    assert document is not None
    assert (document["id"], document["number"], document["status"]) == (str(ID), "2026-000123", "waiting")
    assert [(message["by"], message["text"]) for message in document["messages"]] == [
        ("agent", "Which browser?"),
        ("candidate", "Firefox"),
    ]
    assert [picture["name"] for picture in document["screenshots"]] == ["error.png"]
    assert (document["opened_at"], document["changed_at"]) == (NOON, events[-1].at)


def answers(*numbers: int) -> list[Command]:
    return [AnswerTicket(message_id=UUID(int=number), text="Which browser?") for number in numbers]


@pytest.mark.parametrize(
    ("later", "unread"),
    [
        ((), [1, 2, 3]),
        ((ReadTicket(candidate_id=ANNA, message_id=UUID(int=2)),), [3]),
        ((ReadTicket(candidate_id=ANNA, message_id=UUID(int=3)),), []),
        ((ReplyToTicket(candidate_id=ANNA, message_id=UUID(int=4), text="Firefox"),), []),
        ((CloseTicket(candidate_id=ANNA),), []),
        ((CloseTicket(),), [1, 2, 3]),
    ],
)
def test_a_ticket_tells_which_answers_are_new(later: tuple[Command, ...], unread: list[int]) -> None:
    events = story(OPENING, *answers(1, 2, 3), *later)
    document = reduce(TICKET.evolve, events, None)
    assert document is not None
    assert document["unread"] == [str(UUID(int=number)) for number in unread]


def test_reading_changes_neither_the_state_nor_the_date_of_the_last_change() -> None:
    read = ReadTicket(candidate_id=ANNA, message_id=UUID(int=1))
    answered, seen = story(OPENING, *answers(1)), story(OPENING, *answers(1), read)
    assert len(seen) == len(answered) + 1
    assert reduce(MINE.evolve, seen, None) == reduce(MINE.evolve, answered, None)
    before, after = reduce(TICKET.evolve, answered, None), reduce(TICKET.evolve, seen, None)
    assert before is not None
    assert after == {**before, "unread": []}


@pytest.mark.parametrize(
    ("commands", "status"),
    [
        ((OPENING,), "waiting"),
        ((OPENING, AnswerTicket(message_id=UUID(int=1), text="Done")), "answered"),
        ((OPENING, CloseTicket()), "closed"),
        ((OPENING.model_copy(update={"values": ENQUIRY, "screenshots": ()}),), "declined"),
    ],
)
def test_the_candidates_list_tells_the_same_state_as_the_ticket(commands: tuple[Command, ...], status: str) -> None:
    events = story(*commands)
    line, ticket = reduce(MINE.evolve, events, None), reduce(TICKET.evolve, events, None)
    assert line is not None
    assert ticket is not None
    assert line["status"] == ticket["status"] == status
    assert all(MINE.keys(event) == (f"{ANNA}/{ID}",) for event in events)


def test_a_visitors_ticket_is_in_nobodys_list() -> None:
    visitors = OpenTicket(candidate_id=None, number="2026-000124", language="en", values=VISITOR)
    assert [MINE.keys(event) for event in story(visitors)] == [()]


def test_support_knows_whom_a_candidate_is_until_the_account_is_closed() -> None:
    registered = CandidateRegistered(
        user_code="ADIAZ",
        email="anna@example.org",
        title="ms",
        given_names="Anna",
        family_name="Díaz",
        birth_date=date(1990, 5, 17),
        language="fr",
        link="none",
    )
    events = history(f"account-{ANNA}", registered, EmailVerified(email="new@example.org"), AccountClosed())
    assert reduce(CANDIDATE.evolve, events[:2], None) == {
        "user_code": "ADIAZ",
        "full_name": "Anna Díaz",
        "email": "new@example.org",
    }
    assert reduce(CANDIDATE.evolve, events, None) is None
    assert isinstance(events[0].data, CandidateRegistered)
    assert all(CANDIDATE.keys(event) == (str(ANNA),) for event in events)


def test_every_fact_of_a_ticket_is_folded() -> None:
    assert set(TICKET.on) == set(MINE.on) == set(facts.TICKET)
