"""Which mails a ticket sends, to whom, and in which language."""

from uuid import UUID

import pytest

from services.support.domain import TICKET as RULES
from services.support.domain import AnswerTicket, CloseTicket, OpenTicket, ReplyToTicket
from services.support.reactions import TELL
from shared.model.message import Command
from shared.model.reaction import Known, Send
from shared.model.testing import given, history
from tests.support.samples import ANNA, ENQUIRY, QUESTION, VISITOR

ID = UUID("018f0000-0000-7000-8000-00000000000f")
OPENING = OpenTicket(candidate_id=ANNA, number="2026-000123", language="fr", values=QUESTION)


def mails(*commands: Command) -> list[Send]:
    """The mails that these commands on one ticket lead to; replaying the events leads to the same."""
    events = history(f"ticket-{ID}", *given(RULES).after(*commands).events)
    told = [event for event in events if isinstance(event.data, TELL.on)]
    once = [effect for event in told for effect in TELL.react(event, Known({}))]
    assert once == [effect for event in told for effect in TELL.react(event, Known({}))]
    assert all(isinstance(effect, Send) for effect in once)
    return [effect for effect in once if isinstance(effect, Send)]


@pytest.mark.rule("R64")
def test_the_number_is_mailed_in_the_candidates_language() -> None:
    (mail,) = mails(OPENING)
    assert (mail.to, mail.template, mail.language) == ("anna@example.org", "support/mail/opened", "fr")
    assert mail.params == {"number": "2026-000123", "ticket_id": str(ID)}


@pytest.mark.rule("R68")
def test_what_is_not_technical_gets_one_mail_the_standard_answer() -> None:
    (mail,) = mails(OPENING.model_copy(update={"values": ENQUIRY}))
    assert (mail.template, mail.params["number"]) == ("support/mail/declined", "2026-000123")


def test_a_visitor_has_no_page_to_be_sent_to() -> None:
    (mail,) = mails(OpenTicket(candidate_id=None, number="2026-000124", language="en", values=VISITOR))
    assert (mail.language, mail.params["ticket_id"]) == ("en", "")


def test_answers_go_to_the_candidate_and_replies_to_the_agent_who_answered() -> None:
    answer = AnswerTicket(message_id=UUID(int=1), text="Which browser?", agent_email="agent@example.org")
    reply = ReplyToTicket(candidate_id=ANNA, message_id=UUID(int=2), text="Firefox")
    _, answered, replied = mails(OPENING, answer, reply)
    assert (answered.to, answered.template) == ("anna@example.org", "support/mail/answered")
    assert (answered.params["text"], answered.params["closing"]) == ("Which browser?", False)
    assert (replied.to, replied.template) == ("agent@example.org", "support/mail/replied")


def test_a_reply_that_nobody_answered_yet_mails_nobody() -> None:
    reply = ReplyToTicket(candidate_id=ANNA, message_id=UUID(int=2), text="One thing more")
    assert [mail.template for mail in mails(OPENING, reply)] == ["support/mail/opened"]


@pytest.mark.parametrize(
    ("closing", "expected"),
    [
        (CloseTicket(), ["support/mail/opened", "support/mail/closed"]),
        (CloseTicket(candidate_id=ANNA), ["support/mail/opened"]),
        (
            AnswerTicket(message_id=UUID(int=1), text="Mended", close=True),
            ["support/mail/opened", "support/mail/answered"],
        ),
    ],
)
def test_closing_is_told_once_and_only_to_who_did_not_do_it(closing: Command, expected: list[str]) -> None:
    assert [mail.template for mail in mails(OPENING, closing)] == expected
