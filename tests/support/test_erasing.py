"""What a visitor wrote to support is erased some time after its end; what a candidate wrote goes with the account."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.identity.events import AccountClosed, PersonalDataErased, account_of
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
from services.support.domain.feedback import FEEDBACK, EraseFeedback
from services.support.projections import TICKET, TICKETS_OF
from services.support.reactions import ALL_OF_ONE, DESTROY, ERASURE, FORGET, KEEP
from shared.model.errors import Gone
from shared.model.message import Command, Recorded
from shared.model.reaction import Do, Erase, Known, Need, Schedule, Timer, Unschedule
from shared.model.testing import NOON, given, history, recorded
from shared.runtime.kernel import Kernel
from shared.runtime.retention import end_hold, place_hold
from tests.platform import Kit, Visitor, until
from tests.support.samples import ANNA, PROBLEM, QUESTION, VISITOR, picture
from tests.support.test_doors import known, opened, sent
from tests.system.test_retention import closed

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
    data = {"subject": closed.stream, "ticket": str(ID), "closed_at": closed.at.isoformat()}
    assert effect == Schedule(f"erase/{ID}", due, ERASURE.name, data)
    timer = Timer(effect.key, effect.data, due)
    assert list(ERASURE.fire(timer, KNOWN)) == [Do(RULES, str(ID), EraseTicket())]
    assert ERASURE.erases


def test_what_is_to_be_kept_longer_meanwhile_falls_due_later_and_in_no_case_earlier_than_it_fell_due() -> None:
    (effect,) = KEEP.react(closed := told(BY_VISITOR, CloseTicket())[-1], KNOWN)
    assert isinstance(effect, Schedule)
    timer, longer = Timer(effect.key, effect.data, effect.due), Known({}, setting={facts.RETENTION: "11"}.__getitem__)
    later = closed.at + timedelta(days=11)
    assert list(ERASURE.fire(timer, longer)) == [Schedule(effect.key, later, ERASURE.name, effect.data)]
    assert list(ERASURE.fire(timer._replace(now=later), longer)) == [Do(RULES, str(ID), EraseTicket())]
    shorter = Known({}, setting={facts.RETENTION: "1"}.__getitem__)
    assert list(ERASURE.fire(timer, shorter)) == [Do(RULES, str(ID), EraseTicket())]


def test_a_timer_of_before_erases_when_it_is_due() -> None:
    timer = Timer(f"erase/{ID}", {"subject": f"ticket-{ID}", "ticket": str(ID)}, NOON)
    assert list(ERASURE.fire(timer, KNOWN)) == [Do(RULES, str(ID), EraseTicket())]


@pytest.mark.parametrize("after", [(CloseTicket(), ReopenTicket()), (CloseTicket(), EraseTicket())])
def test_what_is_taken_up_again_or_erased_falls_due_no_more(after: tuple[Command, ...]) -> None:
    assert list(KEEP.react(told(BY_VISITOR, *after)[-1], KNOWN)) == [Unschedule(f"erase/{ID}")]


def test_a_candidate_s_ticket_goes_with_the_account() -> None:
    assert list(KEEP.react(told(BY_ANNA, CloseTicket())[-1], KNOWN)) == []
    gone = recorded(AccountClosed(), f"account-{ANNA}", at=NOON)
    known = Known({Need(TICKETS_OF, str(ANNA)): {"tickets": [str(ID)]}})
    erase = [Do(RULES, str(ID), EraseTicket()), Do(FEEDBACK, str(ANNA), EraseFeedback())]
    assert list(FORGET.react(gone, known)) == erase
    assert list(ALL_OF_ONE.fire(Timer("erase-all", {"candidate_id": str(ANNA)}, NOON), known)) == erase


def test_a_candidate_s_ticket_has_no_key_of_its_own_to_destroy() -> None:
    erased = told(BY_ANNA, CloseTicket(), EraseTicket())[-1]
    assert erased.data == PersonalDataErased(goes=("ticket",), candidate_id=ANNA)
    assert list(DESTROY.react(erased, KNOWN)) == []


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
    over = (
        """update timers set due = now(), data = data || '{"closed_at": "2020-01-01T12:00:00+00:00"}' where key = $1"""
    )
    await kernel.pool.execute(over, f"erase/{ticket['id']}")
    kernel.store.appended.fire()
    await until_erased(kernel, f"ticket-{ticket['id']}")
    assert not await kernel.pool.fetchval(held, picture_id)
    await says_so(agent, ticket)


async def says_so(agent: Visitor, ticket: dict[str, Any]) -> None:
    """Each door answers that the ticket is erased, those that read it since when; its line stays in the list."""
    api = f"/support/api/desk/{ticket['id']}"
    for path in (api, f"{api}/screenshots/{ticket['id']}"):
        answer = await agent.api("GET", path)
        told = answer.json()
        assert (answer.status_code, told["type"]) == (410, "urn:postulo:problem:erased")
        assert re.fullmatch(r"What was written in this request has been erased on \d{4}-\d\d-\d\d", told["detail"])
    for deed, body in (("answers", {"text": "Hello"}), ("decline", None), ("closure", None), ("reopening", None)):
        assert (await agent.api("POST", f"{api}/{deed}", json=body)).status_code == 410
    queue = []
    for status in ("waiting", "closed"):
        queue += (await agent.api("GET", "/support/api/desk", params={"status": status, "limit": "200"})).json()
    assert [line["subject"] for line in queue if line["id"] == ticket["id"]] == [""]


async def until_erased(kernel: Kernel, subject: str) -> None:
    gone = "select exists (select from erased_subjects where subject = $1)"
    await until(lambda: kernel.pool.fetchval(gone, subject), f"{subject} to be erased")


HOLDERS = """select holder from file_holders join events on data->>'screenshot_id' = holder::text
    where stream = any($1)"""


async def test_who_closes_the_account_takes_all_tickets_and_every_picture_along(platform: Kit) -> None:
    anna, kernel = await known(platform), platform.service("support").kernel
    tickets = [await opened(anna, PROBLEM, screenshots=sent(picture(colour=colour))) for colour in ("teal", "plum")]
    reply = {"text": "And this", "screenshots": sent(picture(colour="pink"))}
    replied = await anna.api("POST", f"/support/api/tickets/{tickets[0]['id']}/replies", json=reply)
    assert replied.status_code == 201, replied.text
    streams = [f"ticket-{ticket['id']}" for ticket in tickets]
    assert len(await kernel.pool.fetch(HOLDERS, streams)) == 3
    subject = account_of(anna.account_id)
    await closed(anna)
    await until_erased(kernel, subject)
    await platform.settled()
    assert not await kernel.pool.fetch(HOLDERS, streams)
    assert not await kernel.pool.fetch("select subject from erased_subjects where subject = any($1)", streams)
    for ticket in tickets:
        await says_so(await platform.machine("support"), ticket)


async def test_while_a_person_is_held_the_pictures_stay_with_the_key(platform: Kit) -> None:
    anna, kernel = await known(platform), platform.service("support").kernel
    ticket = await opened(anna, PROBLEM, screenshots=sent(picture(colour="olive")))
    identity, subject = platform.service("identity").kernel, account_of(anna.account_id)
    await place_hold(identity, subject, "Case 7")
    await closed(anna)
    stream = [f"ticket-{ticket['id']}"]
    said = "select true from events where stream = any($1) and type = 'PersonalDataErased'"
    await until(lambda: kernel.pool.fetchval(said, stream), "the ticket to be erased")
    await platform.settled()
    assert len(await kernel.pool.fetch(HOLDERS, stream)) == 1
    (first, *_) = (await kernel.store.load(*stream)).streams[stream[0]]
    assert first.data.subject == PROBLEM["subject"]
    await end_hold(identity, subject)
    await until_erased(kernel, subject)
    assert not await kernel.pool.fetch(HOLDERS, stream)


async def test_a_store_that_was_never_told_of_the_closing_erases_the_tickets_of_who_is_erased(platform: Kit) -> None:
    """It was restored from before that, or kept them in a version of then; a ticket opened since keeps nothing."""
    anna, kernel = await known(platform), platform.service("support").kernel
    old = await opened(anna, PROBLEM, screenshots=sent(picture(colour="coral")))
    begun = await kernel.pool.fetchval("select clock_timestamp()")
    await kernel.erase({account_of(anna.account_id): NOON}, told=True)
    new = await opened(anna, PROBLEM, screenshots=sent(picture(colour="khaki")))
    streams = [f"ticket-{ticket['id']}" for ticket in (old, new)]
    assert not await kernel.pool.fetch(HOLDERS, streams)
    await platform.settled()
    look = "update timers set due = now() where key = $1 and due - interval '30 seconds' > $2 returning rule"
    assert await kernel.pool.fetchval(look, f"erase-all/{anna.account_id}", begun) == ALL_OF_ONE.name
    kernel.store.appended.fire()
    said = "select count(*) = 2 from events where stream = any($1) and type = 'PersonalDataErased'"
    await until(lambda: kernel.pool.fetchval(said, streams), "both tickets to be erased")
    for ticket in (old, new):
        await says_so(await platform.machine("support"), ticket)
