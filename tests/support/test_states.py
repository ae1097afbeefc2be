"""The one list of a ticket's states: rules, views and the Careers page read it alike."""

from collections.abc import Sequence
from typing import cast, get_args
from uuid import UUID

import pytest

from services.careers.api import Ticket as CareersTicket
from services.careers.projections.rows import ticket as careers_row
from services.support.domain import TICKET, CloseTicket, DeclineOutOfScope, OpenTicket, ReopenTicket
from services.support.domain.ticket import AnswerTicket, ReplyToTicket, Ticket, TicketCommand
from services.support.events import ScreenshotAdded, Status, TicketFact, TicketRead, status_after
from services.support.projections import MINE
from services.support.projections import TICKET as VIEW
from shared.model.testing import given, history
from tests.support.samples import ANNA, QUESTION

OPENING = OpenTicket(candidate_id=ANNA, number="2026-000123", language="fr", values=QUESTION)
ANSWER = AnswerTicket(message_id=UUID(int=1), text="Clear the cache")
WAYS: dict[Status, tuple[TicketCommand, ...]] = {
    Status.WAITING: (),
    Status.ANSWERED: (ANSWER,),
    Status.CLOSED: (CloseTicket(),),
    Status.DECLINED: (DeclineOutOfScope(),),
}


def past(*commands: TicketCommand) -> Sequence[TicketFact]:
    return cast("Sequence[TicketFact]", given(TICKET).after(OPENING, *commands).events)


@pytest.mark.parametrize("status", Status)
def test_rules_views_and_the_careers_page_agree_how_a_ticket_stands(status: Status) -> None:
    events = past(*WAYS[status])
    document = line = row = None
    for event in history("ticket-1", *events):
        document, line, row = VIEW.evolve(document, event), MINE.evolve(line, event), careers_row(row, event)
    assert TICKET.fold(events).status is status
    assert document is not None
    assert line is not None
    assert row is not None
    assert (document["status"], line["status"], row["status"]) == (status.value,) * 3


@pytest.mark.parametrize("status", Status)
def test_only_what_is_over_comes_back(status: Status) -> None:
    reopened = given(TICKET, *past(*WAYS[status])).when(ReopenTicket()).events
    assert bool(reopened) is status.over
    assert Status.of(status.value) is status


def test_nothing_has_happened_to_a_ticket_that_was_never_opened() -> None:
    assert (Ticket().status, Ticket().over) == (None, False)


def test_every_fact_but_reading_and_pictures_leads_to_a_state() -> None:
    reply = ReplyToTicket(candidate_id=ANNA, message_id=UUID(int=2), text="It helped")
    events = past(ANSWER, reply, CloseTicket(), ReopenTicket(), DeclineOutOfScope())
    leading = {kind.__name__ for kind in get_args(TicketFact)} - {"TicketRead", "ScreenshotAdded", "PersonalDataErased"}
    assert {type(event).__name__ for event in events if status_after(event)} == leading
    picture = ScreenshotAdded(
        candidate_id=ANNA, screenshot_id=UUID(int=3), name="a.png", kind="image/png", size=9, sha256="0" * 64
    )
    quiet = TicketRead(candidate_id=ANNA, message_id=UUID(int=1)), picture
    assert [status_after(event) for event in quiet] == [None, None]


def test_the_careers_pages_json_knows_each_state_by_its_name_there() -> None:
    known = set(get_args(CareersTicket.model_fields["status"].annotation))
    assert known == {"open" if status is Status.WAITING else status.value for status in Status}
