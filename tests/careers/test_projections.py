"""The Careers page's documents, folded from other services' events, whatever order their topics arrive in."""

from datetime import timedelta
from typing import Any, get_args
from uuid import UUID

import pytest
from hypothesis import given as forall
from hypothesis import strategies as st

from services.alerts.events import (
    AlertDisabled,
    AlertEnabled,
    OpeningLeft,
    OpeningSaved,
    SearchDeleted,
    SearchExpired,
    SearchRenamed,
    SearchRenewed,
    VacancyMatched,
)
from services.applications.events import (
    ApplicationMovedUnderConsideration,
    ApplicationOutcomeRecorded,
    ApplicationWithdrawn,
    DraftDiscarded,
    DraftSaved,
    Outcome,
    Status,
    VacancyUntargeted,
)
from services.careers.projections import OVERVIEW, careers_view, places, vacancy_ids
from services.identity.events import AccountClosed
from services.profile.events import ProfileCompletenessChanged
from services.support.events import TicketClosed, TicketDeclinedNonTechnical, TicketRead, TicketReopened, TicketReplied
from services.vacancies.events import DeadlineExtended, VacancyCancelled, VacancyClosed
from shared.model.message import Event, Recorded
from shared.model.testing import NOON, history, recorded
from shared.web.environment import Web
from shared.web.language import LANGUAGES
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

MATCHED = VacancyMatched(candidate_id=ANNA, vacancy_id=VACANCY_ID, rhythm="daily", email="anna@example.org")


def row(*events: Event) -> Any:
    return overview(*application(*events))["applications"]["a"]


@pytest.mark.rule("R25")
@pytest.mark.rule("R26")
def test_a_draft_is_listed_with_its_creation_date_and_without_application_date() -> None:
    draft = row(CREATED)
    assert (draft["status"], draft["created_at"], draft["submitted_at"]) == ("draft", NOON.isoformat(), "")
    assert [step["status"] for step in draft["timeline"]] == ["draft"]


@pytest.mark.rule("R26")
@pytest.mark.rule("R41")
@pytest.mark.rule("R53")
def test_a_submitted_application_shows_its_date_its_vacancy_and_the_status_applied() -> None:
    applied = row(CREATED, TARGETED, SUBMITTED)
    assert (applied["status"], applied["submitted_at"]) == ("applied", (NOON + timedelta(minutes=2)).isoformat())
    assert (applied["number"], applied["title"], applied["reference"]) == ("26-ECO-1", "Economist", "P-1")


@pytest.mark.rule("R53")
def test_all_applications_are_listed_the_newest_first() -> None:
    first = application(CREATED, TARGETED, SUBMITTED, key="first")
    second = application(CREATED, key="second", start=NOON + timedelta(hours=1))
    listed = careers_view(overview(*second, *first), {}, NOON)["applications"]
    assert [each["id"] for each in listed] == ["second", "first"]


@pytest.mark.rule("R26")
@pytest.mark.parametrize("outcome", get_args(Outcome))
def test_every_change_of_status_is_a_dated_step(outcome: Outcome) -> None:
    past = (
        CREATED, TARGETED, SUBMITTED, ApplicationMovedUnderConsideration(candidate_id=ANNA),
        ApplicationOutcomeRecorded(candidate_id=ANNA, outcome=outcome, reason="As published"),
    )  # fmt: skip
    ended = row(*past)
    assert ended["status"] == outcome
    assert [(step["status"], step["at"]) for step in ended["timeline"]] == [
        ("draft", NOON.isoformat()),
        ("applied", (NOON + timedelta(minutes=2)).isoformat()),
        ("under_consideration", (NOON + timedelta(minutes=3)).isoformat()),
        (outcome, (NOON + timedelta(minutes=4)).isoformat()),
    ]
    assert ended["timeline"][-1]["reason"] == "As published"


def test_a_withdrawn_application_stays_listed() -> None:
    withdrawn = row(CREATED, TARGETED, SUBMITTED, ApplicationWithdrawn(candidate_id=ANNA))
    assert withdrawn["status"] == "withdrawn"
    assert not Status.of(withdrawn["status"]).withdrawable


def test_a_discarded_draft_is_no_longer_listed() -> None:
    assert overview(*application(CREATED, DraftDiscarded(candidate_id=ANNA)))["applications"] == {}


def test_a_draft_whose_vacancy_was_cancelled_says_which_one_it_was() -> None:
    lost = row(CREATED, TARGETED, VacancyUntargeted(candidate_id=ANNA, vacancy_id=VACANCY_ID))
    assert (lost["vacancy_id"], lost["number"], lost["lost_number"]) == ("", "", "26-ECO-1")
    again = row(CREATED, TARGETED, VacancyUntargeted(candidate_id=ANNA, vacancy_id=VACANCY_ID), TARGETED)
    assert (again["number"], again["lost_number"]) == ("26-ECO-1", "")


def test_saving_moves_the_date_of_the_last_change() -> None:
    saved = row(CREATED, DraftSaved(candidate_id=ANNA, section="preferences", values={}))
    assert saved["changed_at"] == (NOON + timedelta(minutes=1)).isoformat()


def test_a_status_reads_alike_on_the_careers_page_and_on_the_applications_own() -> None:
    for language in LANGUAGES:
        careers, applications = (Web.of(name).texts(language) for name in ("careers", "applications"))
        for text in (text for status in Status for text in (status.label, status.meaning)):
            assert careers(text) == applications(text)


@pytest.mark.rule("R45")
def test_a_draft_shows_the_deadline_of_its_vacancy_and_whether_it_is_open() -> None:
    known = overview(*application(CREATED, TARGETED))
    assert vacancy_ids(known) == {str(VACANCY_ID)}
    (draft,) = careers_view(known, vacancies(vacancy()), NOON)["applications"]
    assert (draft["closes_at"], draft["open"]) == ((NOON + timedelta(days=30)).isoformat(), True)
    last = NOON + timedelta(days=30)
    assert careers_view(known, vacancies(vacancy()), last)["applications"][0]["open"], "all of its last second"
    for facts, later in [((VacancyClosed(),), NOON), ((VacancyCancelled(),), NOON), ((), last + timedelta(seconds=1))]:
        (draft,) = careers_view(known, vacancies(vacancy(), *facts), later)["applications"]
        assert not draft["open"]
    longer = vacancies(vacancy(), VacancyClosed(), DeadlineExtended(closes_at=NOON + timedelta(days=60)))
    assert careers_view(known, longer, NOON + timedelta(days=31))["applications"][0]["open"]


def test_the_profile_shows_its_completeness() -> None:
    done = recorded(ProfileCompletenessChanged(candidate_id=ANNA, percent=100), f"profile-{ANNA}")
    assert overview(done)["percent"] == 100


@pytest.mark.rule("R49")
def test_saved_searches_show_the_days_left() -> None:
    changes = (
        SearchRenamed(candidate_id=ANNA, name="Genève"), AlertDisabled(candidate_id=ANNA),
        AlertEnabled(candidate_id=ANNA, email="a@example.org", rhythm="daily"),
    )  # fmt: skip
    (search,) = careers_view(overview(*history("search-s", SAVED, *changes)), {}, NOON)["searches"]
    assert (search["name"], search["alert"], search["days_left"], search["expired"]) == ("Genève", True, 365, False)
    over = (SAVED, SearchExpired(candidate_id=ANNA))
    assert careers_view(overview(*history("search-s", *over)), {}, NOON)["searches"][0]["days_left"] == 0
    again = (*over, SearchRenewed(candidate_id=ANNA, expires_at=NOON + 2 * YEAR))
    assert careers_view(overview(*history("search-s", *again)), {}, NOON + YEAR)["searches"][0]["days_left"] == 365
    assert overview(*history("search-s", SAVED, SearchDeleted(candidate_id=ANNA)))["searches"] == {}


def test_open_vacancies_that_fit_are_suggested_once_with_the_searches_they_fit() -> None:
    known = overview(*history("search-s", SAVED, MATCHED), *history("search-t", SAVED, MATCHED))
    (suggestion,) = careers_view(known, vacancies(vacancy()), NOON)["suggestions"]
    assert (suggestion["vacancy"]["title"], suggestion["searches"]) == ("Economist", ["Geneva", "Geneva"])
    assert careers_view(known, vacancies(vacancy(), VacancyCancelled()), NOON)["suggestions"] == []
    assert careers_view(known, {}, NOON)["suggestions"] == []


def test_duty_stations_are_named_in_the_readers_language_also_those_of_documents_of_before() -> None:
    (now,) = vacancies(vacancy()).values()
    assert (places(now, "fr"), places(now, "en")) == (["Genève"], ["Geneva"])
    assert places(now | {"stations": ["Geneva", "Elsewhere"]}, "fr") == ["Genève", "Elsewhere"]


def test_what_was_applied_for_or_whose_search_was_deleted_is_not_suggested() -> None:
    applied = overview(*history("search-s", SAVED, MATCHED), *application(CREATED, TARGETED, SUBMITTED))
    assert careers_view(applied, vacancies(vacancy()), NOON)["suggestions"] == []
    deleted = overview(*history("search-s", SAVED, MATCHED, SearchDeleted(candidate_id=ANNA)))
    assert deleted["matches"] == []


def test_only_the_latest_matches_are_kept() -> None:
    many = [MATCHED.model_copy(update={"vacancy_id": UUID(int=n)}) for n in range(1, 31)]
    matches = overview(*history("search-s", SAVED, *many))["matches"]
    assert [UUID(match["vacancy_id"]).int for match in matches] == list(range(30, 10, -1))


def test_an_answer_of_support_is_news_until_the_candidate_reads_it_replies_or_closes() -> None:
    def tickets(*events: Event) -> Any:
        return overview(*history("ticket-t", OPENED, *events))["tickets"]["t"]

    closed = TicketClosed(candidate_id=ANNA, number="T-1", closed_by="agent", email="a@example.org", language="en")
    replied = TicketReplied(candidate_id=ANNA, message_id=UUID(int=8), number="T-1", text="Thanks", agent_email="")
    declined = TicketDeclinedNonTechnical(candidate_id=ANNA, number="T-1", email="a@example.org", language="en")
    read = TicketRead(candidate_id=ANNA, message_id=ANSWERED.message_id)
    reopened = TicketReopened(candidate_id=ANNA, number="T-1")
    assert (tickets()["unread"], tickets(ANSWERED)["unread"]) == (False, True)
    assert (tickets(ANSWERED, read)["unread"], tickets(ANSWERED, read)["status"]) == (False, "answered")
    assert tickets(ANSWERED, read.model_copy(update={"unread": 1}))["unread"]
    assert (tickets(ANSWERED, reopened)["unread"], tickets(ANSWERED, reopened)["status"]) == (True, "waiting")
    assert (tickets(ANSWERED, replied)["unread"], tickets(ANSWERED, replied)["status"]) == (False, "waiting")
    assert (tickets(ANSWERED, closed)["unread"], tickets(ANSWERED, closed)["status"]) == (True, "closed")
    assert not tickets(ANSWERED, closed.model_copy(update={"closed_by": "candidate"}))["unread"]
    assert tickets(declined)["status"] == "declined"


def test_a_visitors_ticket_concerns_no_candidate() -> None:
    assert tuple(OVERVIEW.keys(recorded(OPENED.model_copy(update={"candidate_id": None}), "ticket-t"))) == ()


def test_a_closed_account_leaves_nothing_behind_and_nothing_comes_back() -> None:
    closed = recorded(AccountClosed(), f"account-{ANNA}")
    empty = overview(*application(CREATED), closed, *history("search-s", SAVED))
    assert empty["closed"]
    assert not any(empty[name] for name in ("applications", "searches", "matches", "tickets", "percent"))


PAST: list[list[Recorded[Any]]] = [
    application(CREATED, TARGETED, SUBMITTED),
    history("search-s", SAVED, MATCHED),
    history("ticket-t", OPENED, ANSWERED),
    history(f"profile-{ANNA}", ProfileCompletenessChanged(candidate_id=ANNA, percent=40)),
]


@forall(st.lists(st.sampled_from(range(len(PAST))), max_size=20))
def test_the_order_in_which_topics_arrive_changes_nothing(order: list[int]) -> None:
    waiting = [list(stream) for stream in PAST]
    mixed = [waiting[number].pop(0) for number in order if waiting[number]]
    assert overview(*mixed, *(event for stream in waiting for event in stream)) == overview(
        *(event for stream in PAST for event in stream)
    )


STARRED = OpeningSaved(candidate_id=ANNA, vacancy_id=VACANCY_ID, vacancy_version=1)


def test_saved_job_openings_are_shown_until_they_are_taken_off() -> None:
    left = OpeningLeft(candidate_id=ANNA, vacancy_id=VACANCY_ID)
    saved = history(f"opening-{ANNA}", STARRED)
    assert vacancy_ids(overview(*saved)) == {str(VACANCY_ID)}
    (row,) = careers_view(overview(*saved), vacancies(vacancy()), NOON)["openings"]
    assert (row["vacancy"]["title"], row["saved_at"], row["state"], row["applied"]) == (
        "Economist", NOON.isoformat(), "open", False,
    )  # fmt: skip
    assert (
        careers_view(overview(*history(f"opening-{ANNA}", STARRED, left)), vacancies(vacancy()), NOON)["openings"] == []
    )
    assert careers_view(overview(*saved), {}, NOON)["openings"] == [], "of what is not known yet nothing is said"


def test_a_saved_job_opening_says_how_it_stands_and_whether_one_has_applied() -> None:
    saved = history(f"opening-{ANNA}", STARRED)
    sent = application(CREATED, TARGETED, SUBMITTED)
    late = NOON + timedelta(days=31)

    def shown(known: Any, now: Any = NOON) -> Any:
        (row,) = careers_view(overview(*saved, *sent), known, now)["openings"]
        return row["state"], row["applied"]

    assert shown(vacancies(vacancy())) == ("open", True)
    assert shown(vacancies(vacancy()), late) == ("closed", True)
    assert shown(vacancies(vacancy(), VacancyCancelled())) == ("cancelled", True)
    merged = vacancies(vacancy(absorbed=(VACANCY_ID,)), key=UUID(int=201))
    known = overview(*history(f"opening-{ANNA}", STARRED.model_copy(update={"vacancy_id": UUID(int=201)})), *sent)
    assert [row["applied"] for row in careers_view(known, merged, NOON)["openings"]] == [True]


def test_what_closes_first_stands_before_the_others_and_what_is_over_last() -> None:
    days = {1: 1, 4: 9, 3: 9, 2: 5}
    keys = {number: UUID(int=number) for number in days}
    saved = [STARRED.model_copy(update={"vacancy_id": key}) for key in keys.values()]
    known: dict[str, Any] = {}
    for number, later in days.items():
        known |= vacancies(vacancy(closes_at=NOON + timedelta(days=later)), key=keys[number])
    listed = careers_view(overview(*history(f"opening-{ANNA}", *saved)), known, NOON + timedelta(days=2))["openings"]
    assert [UUID(row["vacancy"]["id"]).int for row in listed] == [2, 3, 4, 1]


def test_a_closed_account_has_no_saved_job_openings() -> None:
    closed = recorded(AccountClosed(), f"account-{ANNA}")
    for order in ([*history(f"opening-{ANNA}", STARRED), closed], [closed, *history(f"opening-{ANNA}", STARRED)]):
        assert careers_view(overview(*order), vacancies(vacancy()), NOON)["openings"] == []
