"""What a visitor wrote to support is erased some time after its end; what a candidate wrote goes with the account."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.identity.events import AccountClosed, PersonalDataErased
from services.support import events as facts
from services.support.domain import TICKET as RULES
from services.support.domain import (
    AnswerTicket,
    CloseTicket,
    DeclineOutOfScope,
    EraseTicket,
    OpenTicket,
    ReadTicket,
    ReopenTicket,
    ReplyToTicket,
)
from services.support.projections import TICKET, TICKETS_OF
from services.support.reactions import ALL_OF_ONE, DESTROY, ERASURE, FORGET, KEEP
from shared.model.errors import Gone
from shared.model.message import Command, Recorded
from shared.model.reaction import Do, Erase, Known, Need, Schedule, Timer, Unschedule
from shared.model.testing import NOON, given, history, recorded
from tests.platform import Kit, until
from tests.support.samples import ANNA, QUESTION, VISITOR, picture
from tests.support.test_doors import opened, sent

ID = UUID("018f0000-0000-7000-8000-00000000000e")
BY_VISITOR = OpenTicket(candidate_id=None, number="2026-000124", language="en", values=VISITOR)
BY_ANNA = OpenTicket(candidate_id=ANNA, number="2026-000125", language="fr", values=QUESTION)
KNOWN = Known({}, setting={facts.RETENTION: "10"}.__getitem__)


def told(*commands: Command) -> list[Recorded[Any]]:
    return history(f"ticket-{ID}", *given(RULES).after(*commands).events)


def test_a_visitor_s_ticket_falls_due_some_days_after_its_end() -> None:
    closed = told(BY_VISITOR, CloseTicket())[-1]
    (effect,) = KEEP.react(closed, KNOWN)
    due = closed.at + timedelta(days=10)
    assert effect == Schedule(f"erase/{ID}", due, ERASURE.name, {"subject": closed.stream, "ticket": str(ID)})
    timer = Timer(effect.key, effect.data, due)
    assert list(ERASURE.fire(timer, KNOWN)) == [Do(RULES, str(ID), EraseTicket())]
    assert ERASURE.erases


@pytest.mark.parametrize("after", [(CloseTicket(), ReopenTicket()), (CloseTicket(), EraseTicket())])
def test_what_is_taken_up_again_or_erased_falls_due_no_more(after: tuple[Command, ...]) -> None:
    assert list(KEEP.react(told(BY_VISITOR, *after)[-1], KNOWN)) == [Unschedule(f"erase/{ID}")]


def test_a_candidate_s_ticket_goes_with_the_account() -> None:
    assert list(KEEP.react(told(BY_ANNA, CloseTicket())[-1], KNOWN)) == []
    gone = recorded(AccountClosed(), f"account-{ANNA}", at=NOON)
    known = Known({Need(TICKETS_OF, str(ANNA)): {"tickets": [str(ID)]}})
    erase = Do(RULES, str(ID), EraseTicket())
    first, again = FORGET.react(gone, known)
    assert first == erase
    assert isinstance(again, Schedule)
    assert list(ALL_OF_ONE.fire(Timer(again.key, again.data, again.due), known)) == [erase]


def test_erasing_says_so_once_and_destroys_the_ticket_s_own_key() -> None:
    events = told(BY_VISITOR, CloseTicket(), EraseTicket(), EraseTicket())
    assert [event.data for event in events if isinstance(event.data, PersonalDataErased)] == [
        PersonalDataErased(goes=("ticket",))
    ]
    assert list(DESTROY.react(events[-1], KNOWN)) == [Erase(f"ticket-{ID}")]


@pytest.mark.parametrize(
    "command",
    [
        AnswerTicket(message_id=UUID(int=1), text="Hello"), CloseTicket(), ReopenTicket(), DeclineOutOfScope(),
        ReplyToTicket(candidate_id=ANNA, message_id=UUID(int=2), text="Hello"),
        ReadTicket(candidate_id=ANNA, message_id=UUID(int=1)),
    ],
    ids=lambda command: type(command).__name__,
)  # fmt: skip
def test_nothing_is_done_with_an_erased_ticket_any_more(command: Command) -> None:
    refusal = given(RULES).after(BY_ANNA, CloseTicket(), EraseTicket()).when(command).refusal
    assert isinstance(refusal, Gone)


def test_the_ticket_keeps_its_number_and_its_dates() -> None:
    document: Any = None
    for event in told(BY_VISITOR, AnswerTicket(message_id=UUID(int=1), text="Hello"), CloseTicket(), EraseTicket()):
        document = TICKET.evolve(document, event)
    assert (document["number"], document["status"]) == ("2026-000124", "closed")
    assert [message["text"] for message in document["messages"]] == [""]
    assert not any(document[name] for name in ("subject", "full_name", "email", "description", "steps", "screenshots"))


async def test_a_visitor_s_ticket_is_erased_with_its_pictures_when_its_time_is_over(platform: Kit) -> None:
    ticket = await opened(platform.visitor(), VISITOR, screenshots=sent(picture(colour="gold")))
    agent, kernel = await platform.machine("support"), platform.service("support").kernel
    closed = await agent.api("POST", f"/support/api/desk/{ticket['id']}/closure")
    assert closed.status_code in (200, 204), closed.text
    await platform.settled()
    held = "select exists (select from file_holders where holder = $1)"
    shown = (await agent.api("GET", f"/support/api/desk/{ticket['id']}")).json()
    picture_id = UUID(shown["screenshots"][0]["id"])
    assert await kernel.pool.fetchval(held, picture_id)
    await kernel.pool.execute("update timers set due = now() where key = $1", f"erase/{ticket['id']}")
    kernel.store.appended.fire()
    gone = "select exists (select from erased_subjects where subject = $1)"
    await until(lambda: kernel.pool.fetchval(gone, f"ticket-{ticket['id']}"), "the ticket to be erased")
    assert not await kernel.pool.fetchval(held, picture_id)
    left = (await agent.api("GET", f"/support/api/desk/{ticket['id']}")).json()
    assert (left["number"], left["subject"], left["email"], left["screenshots"]) == (ticket["number"], "", "", [])
