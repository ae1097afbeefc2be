"""The rules of a ticket: what is taken, refused and declined, who writes in it, and how it ends and comes back."""

from typing import Any
from uuid import UUID, uuid4

import pytest

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
    Screenshot,
)
from shared.model.errors import Conflict, Invalid, NotFound
from shared.model.message import Event
from shared.model.testing import Given, given
from tests.support.samples import ANNA, ENQUIRY, PROBLEM, QUESTION, VISITOR, screenshot

NUMBER = "2026-000123"
MESSAGE = UUID("018f0000-0000-7000-8000-00000000000a")
PETER = UUID("018f0000-0000-7000-8000-000000000002")


def opening(
    values: dict[str, Any], *pictures: Screenshot, candidate: UUID | None = ANNA, language: str = "fr"
) -> OpenTicket:
    return OpenTicket(candidate_id=candidate, number=NUMBER, language=language, values=values, screenshots=pictures)


def opened(values: dict[str, Any] = QUESTION, *more: Event) -> Given:
    """A ticket of Anna's that was opened, and what happened then."""
    return given(TICKET, *(given(TICKET).when(opening(values)).events or ()), *more)


ANSWER = AnswerTicket(message_id=MESSAGE, text="Please try again now.", agent_email="agent@example.org")
ANSWERED = facts.TicketAnswered(
    candidate_id=ANNA,
    message_id=MESSAGE,
    number=NUMBER,
    text="Please try again now.",
    email="anna@example.org",
    language="fr",
    agent_email="agent@example.org",
)
CLOSED = facts.TicketClosed(
    candidate_id=ANNA, number=NUMBER, closed_by="agent", email="anna@example.org", language="fr"
)
DECLINED = facts.TicketDeclinedNonTechnical(candidate_id=ANNA, number=NUMBER, email="anna@example.org", language="fr")
REOPENED = facts.TicketReopened(candidate_id=ANNA, number=NUMBER)


@pytest.mark.rule("R63")
@pytest.mark.rule("R64")
def test_a_technical_question_opens_a_ticket_with_its_number() -> None:
    given(TICKET).when(opening(QUESTION)).then(
        facts.TicketOpened(
            candidate_id=ANNA,
            number=NUMBER,
            nature="question",
            subject="Where do I find my drafts?",
            full_name="Anna Díaz",
            user_code="ADIAZ",
            email="anna@example.org",
            language="fr",
            job_opening_number="",
            description="I saved a draft yesterday and do not see it on the Careers page.",
            steps="",
        )
    )


def test_opening_it_again_changes_nothing() -> None:
    opened().when(opening(PROBLEM)).then()


@pytest.mark.rule("R65")
@pytest.mark.parametrize(
    "name", ["full_name", "user_code", "email", "nature", "subject", "description", "about_opening"]
)
def test_name_user_code_and_what_it_is_about_must_be_said(name: str) -> None:
    given(TICKET).when(opening({**QUESTION, name: " "})).refused(Invalid, name)


@pytest.mark.rule("R65")
def test_a_visitor_says_whether_there_is_a_user_code_and_gives_it() -> None:
    (event,) = given(TICKET).when(opening(VISITOR, candidate=None)).happened(facts.TicketOpened)
    assert (event.candidate_id, event.user_code) == (None, "")
    given(TICKET).when(opening({**VISITOR, "has_user_code": "yes"}, candidate=None)).refused(Invalid, "user_code")
    given(TICKET).when(opening(QUESTION, candidate=None)).refused(Invalid, "has_user_code")


@pytest.mark.rule("R65")
@pytest.mark.parametrize("name", ["description", "subject", "steps", "full_name"])
def test_a_password_is_refused_wherever_it_stands(name: str) -> None:
    values = {**PROBLEM, name: "mot de passe : Soleil75"}
    refusal = given(TICKET).when(opening(values, screenshot())).refused(Invalid, name)
    assert "Soleil75" not in str(refusal)


@pytest.mark.rule("R66")
def test_the_targeted_job_opening_is_named_when_there_is_one() -> None:
    values = {**QUESTION, "about_opening": "yes"}
    given(TICKET).when(opening(values)).refused(Invalid, "job_opening_number")
    (event,) = given(TICKET).when(opening({**values, "job_opening_number": "24-FIN-1"})).happened(facts.TicketOpened)
    assert event.job_opening_number == "24-FIN-1"


@pytest.mark.rule("R66")
@pytest.mark.parametrize("kind", ["application/pdf", None])
def test_a_cv_or_any_other_document_is_refused(kind: str | None) -> None:
    given(TICKET).when(opening(QUESTION, screenshot("cv.pdf", kind))).refused(Invalid, "screenshots")


@pytest.mark.rule("R67")
def test_a_technical_problem_needs_steps_and_a_screenshot() -> None:
    without_steps = {**PROBLEM, "steps": ""}
    given(TICKET).when(opening(without_steps)).refused(Invalid, "steps", "screenshots")
    picture = screenshot()
    event, added = given(TICKET).when(opening(PROBLEM, picture)).happened(facts.TicketOpened, facts.ScreenshotAdded)
    assert event.steps == PROBLEM["steps"]
    assert added == facts.ScreenshotAdded(
        candidate_id=ANNA,
        screenshot_id=picture.id,
        name="error.png",
        kind="image/png",
        size=1000,
        sha256=picture.sha256,
    )


@pytest.mark.parametrize(
    "pictures",
    [
        [screenshot(size=5_000_001)],
        [screenshot(f"{n}.png") for n in range(6)],
        [screenshot(f"{n}.png", size=4_000_000) for n in range(3)],
    ],
)
def test_too_large_or_too_many_screenshots_are_refused(pictures: list[Screenshot]) -> None:
    given(TICKET).when(opening(PROBLEM, *pictures)).refused(Invalid, "screenshots")


@pytest.mark.rule("R68")
@pytest.mark.parametrize("nature", ["submitted", "unsolicited", "other"])
def test_what_is_not_technical_gets_a_number_and_is_declined_at_once(nature: str) -> None:
    event, declined = (
        given(TICKET)
        .when(opening({**QUESTION, "nature": nature}))
        .happened(facts.TicketOpened, facts.TicketDeclinedNonTechnical)
    )
    assert event.number == declined.number == NUMBER
    assert declined == DECLINED


@pytest.mark.rule("R68")
def test_nothing_can_be_added_to_a_declined_request() -> None:
    reply = ReplyToTicket(candidate_id=ANNA, message_id=uuid4(), text="But why?")
    opened(ENQUIRY).when(reply).refused(Conflict)
    opened(ENQUIRY).when(ANSWER).refused(Conflict)


@pytest.mark.rule("R68")
def test_an_agent_declines_what_turns_out_not_to_be_technical() -> None:
    opened().when(DeclineOutOfScope()).then(DECLINED)
    opened(QUESTION, DECLINED).when(DeclineOutOfScope()).then()
    opened(QUESTION, CLOSED).when(DeclineOutOfScope()).refused(Conflict)


def test_an_agent_answers_and_the_same_answer_again_changes_nothing() -> None:
    opened().when(ANSWER).then(ANSWERED)
    opened(QUESTION, ANSWERED).when(ANSWER).then()
    opened().when(AnswerTicket(message_id=MESSAGE, text="  ")).refused(Invalid, "text")


def test_an_answer_can_close_the_ticket() -> None:
    opened().when(ANSWER.model_copy(update={"close": True})).then(
        ANSWERED.model_copy(update={"closing": True}), CLOSED.model_copy(update={"answered": True})
    )


def test_a_closed_ticket_is_answered_only_after_it_was_reopened() -> None:
    opened(QUESTION, CLOSED).when(ANSWER).refused(Conflict)
    opened(QUESTION, CLOSED).when(ReopenTicket()).then(REOPENED)
    opened(QUESTION, CLOSED, REOPENED).when(ANSWER).then(ANSWERED)
    opened().when(ReopenTicket()).then()


def test_the_candidates_reply_reaches_the_agent_and_brings_a_closed_ticket_back() -> None:
    reply = ReplyToTicket(candidate_id=ANNA, message_id=uuid4(), text="It still fails.", screenshots=(screenshot(),))
    replied, added = opened(QUESTION, ANSWERED).when(reply).happened(facts.TicketReplied, facts.ScreenshotAdded)
    assert (replied.text, replied.agent_email) == ("It still fails.", "agent@example.org")
    assert added.candidate_id == ANNA
    opened(QUESTION, CLOSED).when(reply).happened(facts.TicketReopened, facts.TicketReplied, facts.ScreenshotAdded)
    opened(QUESTION, replied).when(reply).then()


@pytest.mark.rule("R65")
@pytest.mark.rule("R66")
def test_a_reply_reveals_no_password_and_carries_no_cv_either() -> None:
    reply = ReplyToTicket(candidate_id=ANNA, message_id=uuid4(), text="password: hunter2")
    opened().when(reply).refused(Invalid, "text")
    cv = reply.model_copy(update={"text": "Here it is", "screenshots": (screenshot("cv.pdf", "application/pdf"),)})
    opened().when(cv).refused(Invalid, "screenshots")


@pytest.mark.parametrize(
    "command",
    [
        ReplyToTicket(candidate_id=PETER, message_id=MESSAGE, text="Let me see"),
        CloseTicket(candidate_id=PETER),
    ],
)
def test_somebody_elses_ticket_is_none(command: Any) -> None:
    opened().when(command).refused(NotFound)


@pytest.mark.parametrize("command", [ANSWER, DeclineOutOfScope(), CloseTicket(), ReopenTicket()])
def test_a_ticket_that_was_never_opened_is_none(command: Any) -> None:
    given(TICKET).when(command).refused(NotFound)


def test_candidate_or_agent_closes_it_once() -> None:
    opened().when(CloseTicket()).then(CLOSED)
    opened().when(CloseTicket(candidate_id=ANNA)).then(CLOSED.model_copy(update={"closed_by": "candidate"}))
    opened(QUESTION, CLOSED).when(CloseTicket()).then()
    opened(ENQUIRY).when(CloseTicket(candidate_id=ANNA)).then()


SECOND = ANSWERED.model_copy(update={"message_id": UUID(int=2), "text": "Does it work now?"})
REPLIED = facts.TicketReplied(
    candidate_id=ANNA, message_id=UUID(int=3), number=NUMBER, text="Yes", agent_email="agent@example.org"
)


def reading(message: UUID, candidate: UUID = ANNA) -> ReadTicket:
    return ReadTicket(candidate_id=candidate, message_id=message)


def test_what_the_candidate_has_seen_is_read_and_what_came_after_it_is_not() -> None:
    first = facts.TicketRead(candidate_id=ANNA, message_id=MESSAGE, unread=1)
    opened(QUESTION, ANSWERED, SECOND).when(reading(MESSAGE)).then(first)
    both = facts.TicketRead(candidate_id=ANNA, message_id=SECOND.message_id)
    opened(QUESTION, ANSWERED, SECOND).when(reading(SECOND.message_id)).then(both)
    opened(QUESTION, ANSWERED, SECOND, first).when(reading(SECOND.message_id)).then(both)


@pytest.mark.parametrize("since", [
    facts.TicketRead(candidate_id=ANNA, message_id=MESSAGE),
    REPLIED,
    CLOSED.model_copy(update={"closed_by": "candidate"}),
])  # fmt: skip
def test_what_is_read_replied_to_or_closed_by_the_candidate_is_not_read_again(since: Event) -> None:
    opened(QUESTION, ANSWERED, since).when(reading(MESSAGE)).then()


def test_an_answer_with_which_an_agent_closes_is_still_to_be_read() -> None:
    read = facts.TicketRead(candidate_id=ANNA, message_id=MESSAGE)
    opened(QUESTION, ANSWERED, CLOSED).when(reading(MESSAGE)).then(read)


def test_only_what_was_written_in_ones_own_ticket_can_be_read() -> None:
    opened(QUESTION, ANSWERED).when(reading(MESSAGE, PETER)).refused(NotFound)
    opened(QUESTION, ANSWERED).when(reading(UUID(int=404))).refused(NotFound, "message_id")
