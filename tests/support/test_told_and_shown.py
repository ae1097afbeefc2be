"""What a ticket's facts tell and show: mails with ids that a replay repeats, views that bear late and foreign news."""

from datetime import date, timedelta
from functools import reduce
from typing import Any
from uuid import UUID

import pytest

from services.identity.events import AccountClosed, CandidateRegistered, EmailVerified, PersonalDataErased
from services.support import events as facts
from services.support.domain import STANDARD_ANSWER
from services.support.projections import CANDIDATE, MINE, TICKET
from services.support.reactions import TELL
from shared.model.message import Event, Recorded
from shared.model.reaction import Known, Send
from shared.model.testing import NOON, history, recorded
from tests.support.samples import ANNA

KEY = "018f0000-0000-7000-8000-00000000000f"
STREAM = f"ticket-{KEY}"
ASKER: dict[str, Any] = {"candidate_id": ANNA, "number": "2026-000009"}
TO: dict[str, Any] = {**ASKER, "email": "anna@example.org", "language": "fr"}

OPENED = facts.TicketOpened(
    **TO, nature="question", subject="Drafts", full_name="Anna Díaz", user_code="ADIAZ", job_opening_number="24-FIN-1",
    description="Where are they?", steps="",
)  # fmt: skip
PICTURE = facts.ScreenshotAdded(
    candidate_id=ANNA, screenshot_id=UUID(int=5), name="a.png", kind="image/png", size=9, sha256="00"
)
ANSWERED = facts.TicketAnswered(**TO, message_id=UUID(int=1), text="Here.", agent_email="agent@example.org")
REPLIED = facts.TicketReplied(**ASKER, message_id=UUID(int=2), text="Thanks.", agent_email="agent@example.org")
READ = facts.TicketRead(candidate_id=ANNA, message_id=UUID(int=1))
DECLINED = facts.TicketDeclinedNonTechnical(**TO)
CLOSED = facts.TicketClosed(**TO, closed_by="agent")
REOPENED = facts.TicketReopened(**ASKER)


def mails(event: Recorded[Any]) -> list[Send]:
    return [effect for effect in TELL.react(event, Known({})) if isinstance(effect, Send)]


def told(fact: Event) -> list[Send]:
    return mails(recorded(fact, STREAM))


@pytest.mark.parametrize(
    ("fact", "to", "template", "params"),
    [
        (OPENED, "anna@example.org", "opened", {"ticket_id": KEY}),
        (OPENED.model_copy(update={"nature": "problem"}), "anna@example.org", "opened", {"ticket_id": KEY}),
        (OPENED.model_copy(update={"candidate_id": None}), "anna@example.org", "opened", {"ticket_id": ""}),
        (ANSWERED, "anna@example.org", "answered", {"ticket_id": KEY, "text": "Here.", "closing": False}),
        (
            ANSWERED.model_copy(update={"closing": True, "candidate_id": None}),
            "anna@example.org", "answered", {"ticket_id": "", "text": "Here.", "closing": True},
        ),
        (DECLINED, "anna@example.org", "declined", {"ticket_id": KEY, "answer": STANDARD_ANSWER}),
        (CLOSED, "anna@example.org", "closed", {"ticket_id": KEY}),
        (REPLIED, "agent@example.org", "replied", {"ticket_id": KEY}),
    ],
)  # fmt: skip
@pytest.mark.rule("R64")
def test_each_mail_has_its_reader_its_template_and_what_it_says(
    fact: Event, to: str, template: str, params: dict[str, Any]
) -> None:
    [mail] = told(fact)
    assert (mail.to, mail.template) == (to, f"support/mail/{template}")
    assert mail.params == {"number": "2026-000009", **params}
    assert mail.language == ("en" if template == "replied" else "fr"), "agents read English"


@pytest.mark.parametrize(
    "fact",
    [
        OPENED.model_copy(update={"nature": "submitted"}),
        OPENED.model_copy(update={"nature": "other"}),
        CLOSED.model_copy(update={"answered": True}),
        CLOSED.model_copy(update={"closed_by": "candidate"}),
        REPLIED.model_copy(update={"agent_email": ""}),
    ],
)
def test_nobody_is_told_what_they_know_or_are_told_otherwise(fact: Event) -> None:
    assert told(fact) == []


def test_what_needs_no_mail_is_not_listened_to() -> None:
    assert set(facts.TICKET) - set(TELL.on) == {
        facts.ScreenshotAdded, facts.TicketRead, facts.TicketReopened, PersonalDataErased,
    }  # fmt: skip


def test_a_replay_makes_the_same_mails_and_two_events_never_make_one() -> None:
    events = history(STREAM, OPENED, ANSWERED, REPLIED, ANSWERED, CLOSED)
    first, again = ([mail for event in events for mail in mails(event)] for _ in range(2))
    assert first == again
    assert len({mail.id for mail in first}) == len(first) == 5
    elsewhere = [mail for event in history("ticket-other", OPENED) for mail in mails(event)]
    assert elsewhere[0].id not in {mail.id for mail in first}


def shown(*events: Event) -> Any:
    return reduce(TICKET.evolve, history(STREAM, *events), None)


def listed(*events: Event) -> Any:
    return reduce(MINE.evolve, history(STREAM, *events), None)


def test_a_ticket_shows_all_that_was_said_when_it_was_opened() -> None:
    document = shown(OPENED)
    said = OPENED.model_dump(mode="json")
    assert {name: document[name] for name in said} == said
    assert (document["id"], document["status"], document["messages"]) == (KEY, "waiting", [])
    assert shown(OPENED.model_copy(update={"candidate_id": None}))["candidate_id"] == ""


def test_a_line_of_the_list_holds_no_more_than_the_list_shows() -> None:
    assert listed(OPENED) == {
        "id": KEY, "number": "2026-000009", "nature": "question", "status": "waiting", "subject": "Drafts",
        "opened_at": NOON, "changed_at": NOON,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("fact", "status"),
    [
        (PICTURE, "answered"), (ANSWERED, "answered"), (REPLIED, "waiting"), (READ, "answered"),
        (DECLINED, "declined"), (CLOSED, "closed"), (REOPENED, "waiting"),
    ],
)  # fmt: skip
def test_each_fact_leaves_list_and_ticket_in_the_same_state(fact: facts.TicketFact, status: str) -> None:
    assert shown(OPENED, ANSWERED, fact)["status"] == listed(OPENED, ANSWERED, fact)["status"] == status
    assert facts.status_after(fact) in (status, None)


@pytest.mark.parametrize("fact", [PICTURE, ANSWERED, REPLIED, DECLINED, CLOSED, REOPENED])
def test_whatever_changes_a_ticket_moves_its_date_and_never_that_of_its_opening(fact: Event) -> None:
    later = NOON + timedelta(minutes=1)
    for document in (shown(OPENED, fact), listed(OPENED, fact)):
        assert (document["opened_at"], document["changed_at"]) == (NOON, later)


@pytest.mark.parametrize("fact", [PICTURE, ANSWERED, REPLIED, READ, DECLINED, CLOSED, REOPENED])
def test_news_of_a_ticket_that_the_views_have_not_seen_leaves_nothing(fact: Event) -> None:
    assert shown(fact) is None
    assert listed(fact) is None


def test_pictures_stand_in_the_order_in_which_they_came_without_their_checksum() -> None:
    other = PICTURE.model_copy(update={"screenshot_id": UUID(int=6), "name": "b.png"})
    pictures = shown(OPENED, PICTURE, ANSWERED, other)["screenshots"]
    assert [(each["id"], each["name"]) for each in pictures] == [
        (str(UUID(int=5)), "a.png"), (str(UUID(int=6)), "b.png"),
    ]  # fmt: skip
    assert pictures[0].keys() == {"id", "name", "kind", "size"}


@pytest.mark.parametrize(("unread", "left"), [(0, []), (1, [3]), (2, [2, 3]), (3, [1, 2, 3])])
def test_reading_leaves_as_many_unread_as_came_after(unread: int, left: list[int]) -> None:
    answers = [ANSWERED.model_copy(update={"message_id": UUID(int=number)}) for number in (1, 2, 3)]
    read = READ.model_copy(update={"unread": unread})
    assert shown(OPENED, *answers, read)["unread"] == [str(UUID(int=number)) for number in left]


@pytest.mark.parametrize("by", ["agent", "candidate"])
def test_only_the_candidates_own_closing_takes_the_answers_for_read(by: str) -> None:
    document = shown(OPENED, ANSWERED, CLOSED.model_copy(update={"closed_by": by}))
    assert bool(document["unread"]) == (by == "agent")
    assert shown(OPENED, ANSWERED, REOPENED)["unread"] == shown(OPENED, ANSWERED, DECLINED)["unread"] != []


def test_a_candidates_tickets_stand_under_the_candidate_and_a_visitors_under_nobody() -> None:
    for fact in (OPENED, ANSWERED, READ, CLOSED):
        event = recorded(fact, STREAM)
        assert (MINE.keys(event), TICKET.keys(event)) == ((f"{ANNA}/{KEY}",), (KEY,))
        visitors = recorded(fact.model_copy(update={"candidate_id": None}), STREAM)
        assert MINE.keys(visitors) == ()


REGISTERED = CandidateRegistered(
    user_code="ADIAZ", email="anna@example.org", title="ms", given_names="Anna", family_name="Díaz",
    birth_date=date(1990, 5, 17), language="fr", link="none",
)  # fmt: skip


@pytest.mark.parametrize("late", [EmailVerified(email="new@example.org"), AccountClosed()])
def test_news_of_an_account_that_support_never_saw_leaves_nothing(late: Event) -> None:
    assert CANDIDATE.evolve(None, recorded(late, f"account-{ANNA}")) is None


def test_a_proven_address_changes_nothing_but_the_address() -> None:
    events = history(f"account-{ANNA}", REGISTERED, EmailVerified(email="new@example.org", first=False))
    before, after = (reduce(CANDIDATE.evolve, events[:count], None) for count in (1, 2))
    assert before == {"user_code": "ADIAZ", "full_name": "Anna Díaz", "email": "anna@example.org"}
    assert after == {**before, "email": "new@example.org"}
    assert reduce(CANDIDATE.evolve, history(f"account-{ANNA}", REGISTERED, AccountClosed(), REGISTERED), None) == before
