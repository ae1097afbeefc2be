"""The states of a ticket: what each command does in each of them, and what no order of commands can break."""

from uuid import UUID

import pytest
from hypothesis import given as forall
from hypothesis import strategies as st

from services.support import events as facts
from services.support.domain import (
    TICKET,
    AnswerTicket,
    CloseTicket,
    DeclineOutOfScope,
    OpenTicket,
    ReadTicket,
    ReopenTicket,
    ReplyToTicket,
)
from services.support.projections import MINE
from services.support.projections import TICKET as VIEW
from shared.model.errors import Conflict, Invalid, NotFound, Refused
from shared.model.message import Command, Event
from shared.model.testing import Given, given, history
from tests.support.samples import ANNA, ENQUIRY, QUESTION, VISITOR, screenshot

EVE = UUID("018f0000-0000-7000-8000-0000000000ee")
FIRST, SECOND, REPLY = UUID(int=1), UUID(int=2), UUID(int=9)
OPEN = OpenTicket(candidate_id=ANNA, number="2026-000007", language="fr", values=QUESTION)
ANSWER = AnswerTicket(message_id=FIRST, text="Try again.", agent_email="agent@example.org")
REPLYING = ReplyToTicket(candidate_id=ANNA, message_id=REPLY, text="It fails still.")
READ = ReadTicket(candidate_id=ANNA, message_id=FIRST)


def after(*commands: Command) -> Given:
    """A ticket to which all this has happened."""
    return given(TICKET).after(*commands)


def state(ticket: Given) -> str:
    return str(TICKET.fold(ticket.events).status)  # type: ignore[arg-type]


PATHS: dict[str, tuple[Command, ...]] = {
    "waiting": (OPEN,),
    "answered": (OPEN, ANSWER),
    "closed": (OPEN, ANSWER, CloseTicket()),
    "declined": (OPEN, ANSWER, DeclineOutOfScope()),
}
MORE = AnswerTicket(message_id=SECOND, text="And now?", agent_email="other@example.org")
OPENED, ANSWERED, REPLIED = facts.TicketOpened, facts.TicketAnswered, facts.TicketReplied
CLOSED, DECLINED, REOPENED = facts.TicketClosed, facts.TicketDeclinedNonTechnical, facts.TicketReopened

TABLE: list[tuple[str, Command, list[type[Event]] | type[Refused], str]] = [
    ("waiting", MORE, [ANSWERED], "answered"),
    ("waiting", REPLYING, [REPLIED], "waiting"),
    ("waiting", CloseTicket(), [CLOSED], "closed"),
    ("waiting", CloseTicket(candidate_id=ANNA), [CLOSED], "closed"),
    ("waiting", DeclineOutOfScope(), [DECLINED], "declined"),
    ("waiting", ReopenTicket(), [], "waiting"),
    ("answered", MORE, [ANSWERED], "answered"),
    ("answered", MORE.model_copy(update={"close": True}), [ANSWERED, CLOSED], "closed"),
    ("answered", REPLYING, [REPLIED], "waiting"),
    ("answered", CloseTicket(candidate_id=ANNA), [CLOSED], "closed"),
    ("answered", DeclineOutOfScope(), [DECLINED], "declined"),
    ("answered", ReopenTicket(), [], "answered"),
    ("closed", MORE, Conflict, "closed"),
    ("closed", REPLYING, [REOPENED, REPLIED], "waiting"),
    ("closed", CloseTicket(), [], "closed"),
    ("closed", CloseTicket(candidate_id=ANNA), [], "closed"),
    ("closed", DeclineOutOfScope(), Conflict, "closed"),
    ("closed", ReopenTicket(), [REOPENED], "waiting"),
    ("declined", MORE, Conflict, "declined"),
    ("declined", REPLYING, Conflict, "declined"),
    ("declined", CloseTicket(), [], "declined"),
    ("declined", CloseTicket(candidate_id=ANNA), [], "declined"),
    ("declined", DeclineOutOfScope(), [], "declined"),
    ("declined", ReopenTicket(), [REOPENED], "waiting"),
]


@pytest.mark.rule("R68")
@pytest.mark.parametrize(
    ("before", "command", "outcome", "then"), TABLE, ids=[f"{r[0]}-{n}" for n, r in enumerate(TABLE)]
)
def test_what_each_command_does_in_each_state(
    before: str, command: Command, outcome: list[type[Event]] | type[Refused], then: str
) -> None:
    ticket = after(*PATHS[before])
    assert state(ticket) == before
    answer = ticket.when(command)
    if isinstance(outcome, list):
        ticket = given(TICKET, *ticket.events, *answer.happened(*outcome))
    else:
        answer.refused(outcome)
    assert state(ticket) == then


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_opening_again_under_the_same_id_changes_nothing_in_any_state(path: tuple[Command, ...]) -> None:
    after(*path).when(OPEN).then()
    after(*path).when(OPEN.model_copy(update={"values": {}, "candidate_id": EVE})).then()


@pytest.mark.parametrize("command", [MORE, REPLYING, READ, DeclineOutOfScope(), CloseTicket(), ReopenTicket()])
def test_nothing_can_be_done_with_a_ticket_that_nobody_opened(command: Command) -> None:
    given(TICKET).when(command).refused(NotFound)


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_a_strangers_command_finds_no_ticket_whatever_its_state(path: tuple[Command, ...]) -> None:
    ticket = after(*path)
    for command in (REPLYING, READ, CloseTicket(candidate_id=ANNA)):
        stranger = command.model_copy(update={"candidate_id": EVE})
        refusal = ticket.when(stranger).refused(NotFound)
        assert str(refusal) == "This ticket does not exist"


def test_nobody_replies_to_reads_or_closes_a_visitors_ticket_as_a_candidate() -> None:
    ticket = after(OPEN.model_copy(update={"candidate_id": None, "values": VISITOR}), ANSWER)
    for command in (REPLYING, READ, CloseTicket(candidate_id=ANNA)):
        ticket.when(command).refused(NotFound)
    (closed,) = ticket.when(CloseTicket()).happened(CLOSED)
    assert (closed.candidate_id, closed.closed_by) == (None, "agent")


@pytest.mark.parametrize("end", [(), (CloseTicket(),), (DeclineOutOfScope(),)])
def test_a_reply_sent_twice_is_one_reply_even_if_the_ticket_is_over_meanwhile(end: tuple[Command, ...]) -> None:
    after(OPEN, REPLYING, *end).when(REPLYING).then()
    after(OPEN, REPLYING, *end).when(REPLYING.model_copy(update={"text": ""})).then()


@pytest.mark.parametrize("end", [CloseTicket(), DeclineOutOfScope()])
def test_an_answer_sent_twice_is_one_answer_even_if_the_ticket_is_over_meanwhile(end: Command) -> None:
    after(OPEN, ANSWER, end).when(ANSWER).then()
    after(OPEN, ANSWER, end).when(ANSWER.model_copy(update={"text": "", "close": True})).then()


def test_an_answer_that_closes_sent_twice_closes_once() -> None:
    closing = ANSWER.model_copy(update={"close": True})
    after(OPEN, closing).when(closing).then()
    after(OPEN, ANSWER).when(closing).then()


def test_what_is_wrong_with_an_answer_is_said_before_the_state_is() -> None:
    after(OPEN, CloseTicket()).when(MORE.model_copy(update={"text": " \n"})).refused(Invalid, "text")
    after(OPEN, DeclineOutOfScope()).when(REPLYING.model_copy(update={"text": ""})).refused(Invalid, "text")


@pytest.mark.parametrize("command", [MORE, REPLYING])
def test_a_message_has_at_most_5000_characters_and_is_trimmed(command: Command) -> None:
    def writing(text: str) -> Command:
        return command.model_copy(update={"text": text})

    (event,) = after(OPEN).when(writing(f" {'x' * 4998} ")).events or ()
    assert event.text == "x" * 4998  # type: ignore[attr-defined]
    assert after(OPEN).when(writing("x" * 5000)).refusal is None
    after(OPEN).when(writing("x" * 5001)).refused(Invalid, "text")


@pytest.mark.rule("R65")
def test_an_agent_may_quote_what_looks_like_a_password_and_a_candidate_may_not() -> None:
    text = "You wrote: password: hunter2. Change it."
    after(OPEN).when(MORE.model_copy(update={"text": text})).happened(ANSWERED)
    refusal = after(OPEN).when(REPLYING.model_copy(update={"text": text})).refused(Invalid, "text")
    assert "hunter2" not in str(refusal)


@pytest.mark.rule("R66")
def test_everything_wrong_with_a_reply_is_named_at_once() -> None:
    pictures = (screenshot("cv.pdf", "application/pdf"), screenshot("big.png", size=5_000_001))
    wrong = REPLYING.model_copy(update={"text": "mdp: soleil", "screenshots": pictures})
    after(OPEN, CloseTicket()).when(wrong).refused(Invalid, "text", "screenshots", "screenshots")


def test_a_reply_goes_to_the_agent_who_answered_last() -> None:
    (first,) = after(OPEN).when(REPLYING).happened(REPLIED)
    assert first.agent_email == ""
    (second,) = after(OPEN, ANSWER, MORE, ReopenTicket()).when(REPLYING).happened(REPLIED)
    assert second.agent_email == "other@example.org"
    machine = AnswerTicket(message_id=UUID(int=3), text="Done by a machine.")
    (third,) = after(OPEN, ANSWER, machine).when(REPLYING).happened(REPLIED)
    assert third.agent_email == ""


def test_what_an_end_tells_is_taken_from_the_ticket_not_from_who_ends_it() -> None:
    for command in (CloseTicket(), DeclineOutOfScope()):
        (end,) = after(OPEN, ANSWER).when(command).events or ()
        assert (end.number, end.email, end.language) == ("2026-000007", "anna@example.org", "fr")  # type: ignore[attr-defined]
        assert end.candidate_id == ANNA  # type: ignore[attr-defined]


@pytest.mark.rule("R68")
def test_a_declined_request_that_an_agent_takes_up_again_is_a_ticket_like_any_other() -> None:
    back = (OPEN.model_copy(update={"values": ENQUIRY}), ReopenTicket())
    assert state(after(*back)) == "waiting"
    after(*back).when(ANSWER).happened(ANSWERED)
    after(*back).when(REPLYING).happened(REPLIED)
    after(*back).when(DeclineOutOfScope()).happened(DECLINED)


def test_reading_goes_forward_only() -> None:
    third = AnswerTicket(message_id=UUID(int=3), text="And this.")
    second = ReadTicket(candidate_id=ANNA, message_id=SECOND)
    ticket = (OPEN, ANSWER, MORE, third)
    (read,) = after(*ticket).when(second).happened(facts.TicketRead)
    assert (read.message_id, read.unread) == (SECOND, 1)
    after(*ticket, second).when(READ).then()
    after(*ticket, second).when(second).then()
    last = ReadTicket(candidate_id=ANNA, message_id=UUID(int=3))
    (rest,) = after(*ticket, second).when(last).happened(facts.TicketRead)
    assert rest.unread == 0


def test_ones_own_reply_is_never_unread() -> None:
    own = ReadTicket(candidate_id=ANNA, message_id=REPLY)
    after(OPEN, ANSWER, REPLYING).when(own).then()
    after(OPEN, REPLYING, ANSWER).when(own).then()


ANYTHING: list[Command] = [
    OPEN, ANSWER, MORE, MORE.model_copy(update={"close": True, "message_id": UUID(int=3)}), REPLYING,
    REPLYING.model_copy(update={"message_id": UUID(int=10)}), READ, ReadTicket(candidate_id=ANNA, message_id=SECOND),
    DeclineOutOfScope(), CloseTicket(), CloseTicket(candidate_id=ANNA), ReopenTicket(),
]  # fmt: skip


@forall(st.lists(st.sampled_from(ANYTHING), max_size=20))
def test_in_any_order_nothing_happens_twice_and_the_views_say_what_the_rules_say(commands: list[Command]) -> None:
    events: list[Event] = []
    for command in commands:
        outcome = given(TICKET, *events).when(command)
        events += outcome.events or ()
        if not outcome.refusal:
            given(TICKET, *events).when(command).then()
    ticket, line, shown = TICKET.fold(events), None, None  # type: ignore[arg-type]
    for event in history("ticket-1", *events):
        line, shown = MINE.evolve(line, event), VIEW.evolve(shown, event)
    assert (shown["status"] if shown else "") == (line["status"] if line else "") == str(ticket.status or "")
    if shown:
        assert shown["unread"] == [str(each) for each in ticket.unread]
        written = [message["id"] for message in shown["messages"]]
        assert len(written) == len(set(written))
        assert set(written) == {str(each) for each in ticket.messages}
