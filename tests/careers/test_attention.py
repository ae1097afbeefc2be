"""What needs attention first: each kind of thing to do, in order, and gone as soon as it is done."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from services.alerts.events import SearchRenewed
from services.applications.events import (
    DegreeLevelProposed,
    Diploma,
    DraftSaved,
    ScreeningQuestionsLoaded,
    VacancyUntargeted,
)
from services.careers.projections import Attention, Overview, attention, careers_view
from services.profile.events import ProfileCompletenessChanged
from services.support.events import TicketRead
from services.vacancies.events import Question, VacancyCancelled
from shared.model.message import Event
from shared.model.testing import NOON, history
from tests.careers.values import (
    ANNA,
    ANSWERED,
    CREATED,
    OPENED,
    SAVED,
    SUBMITTED,
    TARGETED,
    VACANCY_ID,
    YEAR,
    application,
    overview,
    vacancies,
    vacancy,
)

COMPLETE = history(
    "profile-p",
    ProfileCompletenessChanged(candidate_id=ANNA, percent=100),
)
OTHERS = ("preferences", "education", "skills", "references", "letter")
CLOSES = NOON + timedelta(days=30)


def saved(section: str, *complete: str, **more: Any) -> DraftSaved:
    """As it arrives: its values are emptied."""
    known = {"complete": complete or None, **more}
    return DraftSaved(candidate_id=ANNA, section=section, values={"text": ""}, **known)


def asked(*complete: str) -> ScreeningQuestionsLoaded:
    questions = (Question(id="q1", type="yes_no", text={"en": "Five years?"}),)
    return ScreeningQuestionsLoaded(
        candidate_id=ANNA, vacancy_id=VACANCY_ID, vacancy_version=1, questions=questions, complete=complete or None
    )


def todo(known: Overview, notices: Any = None, now: datetime = NOON) -> list[Attention]:
    return attention(careers_view(known, notices or {}, now), now)


def of_draft(*events: Event, now: datetime = NOON, notices: Any = None) -> Attention:
    """The one thing to do for somebody with this draft and nothing else."""
    known = overview(*COMPLETE, *application(CREATED, *events))
    (item,) = todo(known, notices or vacancies(vacancy()), now)
    return item


def test_who_has_just_come_is_led_to_the_profile_until_it_is_complete() -> None:
    quarter = history("profile-p", ProfileCompletenessChanged(candidate_id=ANNA, percent=25))
    (item,) = todo(overview(*quarter))
    assert (item["kind"], item["href"], item["count"]) == ("profile", "/profile", 25)
    assert todo(overview(*COMPLETE)) == []


def test_an_answer_of_support_waits_until_it_is_read() -> None:
    (item,) = todo(overview(*COMPLETE, *history("ticket-t", OPENED, ANSWERED)))
    assert (item["kind"], item["href"]) == ("answer", "/support/tickets/t")
    assert (item["number"], item["title"]) == ("T-1", "No PDF")
    read = TicketRead(candidate_id=ANNA, message_id=ANSWERED.message_id, unread=0)
    assert todo(overview(*COMPLETE, *history("ticket-t", OPENED, ANSWERED, read))) == []


@pytest.mark.rule("R49")
def test_a_saved_search_calls_for_renewal_in_its_last_fortnight() -> None:
    known = overview(*COMPLETE, *history("search-s", SAVED))
    assert todo(known, now=NOON + YEAR - timedelta(days=15)) == []
    (item,) = todo(known, now=NOON + YEAR - timedelta(days=14))
    assert (item["kind"], item["href"], item["title"], item["count"]) == ("expiring", "/alerts/s", "Geneva", 14)
    assert todo(known, now=NOON + YEAR) == []
    renewed = SearchRenewed(candidate_id=ANNA, expires_at=NOON + 2 * YEAR)
    again = overview(*COMPLETE, *history("search-s", SAVED, renewed))
    assert todo(again, now=NOON + YEAR - timedelta(days=14)) == []


def test_a_draft_says_how_many_of_its_six_sections_are_complete_though_what_was_typed_stays_behind() -> None:
    assert of_draft()["count"] == 0
    item = of_draft(saved("letter", "letter"), saved("skills"))
    assert (item["kind"], item["href"], item["count"]) == ("unfinished", "/applications/a", 1)
    assert of_draft(saved("letter", "letter"), saved("letter", complete=()))["count"] == 0
    of_catalogue = DegreeLevelProposed(
        candidate_id=ANNA, diploma=Diploma(title="", institution="", country=""), level="master", entry_id="e",
        found_as="", institution="", country="FR", complete=("education", "letter"),
    )  # fmt: skip
    assert of_draft(saved("letter", "letter"), of_catalogue)["count"] == 2


def test_a_draft_whose_six_sections_are_complete_is_to_be_reviewed() -> None:
    item = of_draft(TARGETED, saved("letter", *OTHERS), asked("screening", *OTHERS))
    assert (item["kind"], item["href"], item["count"]) == ("ready", "/applications/a/review", 6)
    assert of_draft(TARGETED, saved("letter", *OTHERS), asked())["kind"] == "unfinished"
    assert of_draft(saved("letter", *OTHERS))["kind"] == "unfinished"


@pytest.mark.rule("R45")
def test_the_deadline_of_a_draft_presses_in_its_last_week() -> None:
    assert of_draft(TARGETED, now=CLOSES - timedelta(days=7, seconds=1))["kind"] == "unfinished"
    item = of_draft(TARGETED, now=CLOSES - timedelta(days=7))
    assert (item["kind"], item["at"], item["number"]) == ("deadline", CLOSES.isoformat(), "26-ECO-1")
    assert of_draft(TARGETED, now=CLOSES)["kind"] == "deadline", "one can submit in its last second"
    assert of_draft(TARGETED, now=CLOSES + timedelta(seconds=1))["kind"] == "missed"


def test_a_draft_whose_vacancy_was_cancelled_needs_another() -> None:
    gone = VacancyUntargeted(candidate_id=ANNA, vacancy_id=VACANCY_ID)
    item = of_draft(TARGETED, gone, notices=vacancies(vacancy(), VacancyCancelled()))
    assert (item["kind"], item["href"], item["number"]) == ("lost", "/applications/a/vacancy", "26-ECO-1")


def test_a_submitted_application_asks_for_nothing() -> None:
    assert todo(overview(*COMPLETE, *application(CREATED, TARGETED, SUBMITTED)), vacancies(vacancy()), CLOSES) == []


def test_what_presses_most_comes_first_and_few_unfinished_drafts_are_enough() -> None:
    blank = [fact for key in "bcdef" for fact in application(CREATED, key=key)]
    known = overview(
        *history("search-s", SAVED), *blank, *application(CREATED, TARGETED), *history("ticket-t", OPENED, ANSWERED)
    )
    kinds = [item["kind"] for item in todo(known, vacancies(vacancy()), CLOSES - timedelta(days=1))]
    assert kinds == ["answer", "deadline", "profile", "unfinished", "unfinished", "unfinished"]


def test_a_draft_is_told_apart_by_the_time_of_its_creation() -> None:
    assert datetime.fromisoformat(of_draft(TARGETED)["created_at"]).tzinfo
    (expiring, *_) = todo(overview(*history("search-s", SAVED)), now=NOON + YEAR - timedelta(days=3))
    assert expiring["created_at"] == ""
