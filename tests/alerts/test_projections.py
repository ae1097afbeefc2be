"""What pages and mails of alerts know."""

from datetime import timedelta
from typing import Any

import pytest

from services.alerts.domain import VALID
from services.alerts.events import (
    AlertDisabled,
    AlertEnabled,
    SearchDeleted,
    SearchExpired,
    SearchRenamed,
    SearchRenewed,
)
from services.alerts.projections import ACCOUNTS, AIMS, SEARCHES, VACANCIES, days_left, in_words, kept, live, search_key
from services.applications.events import VacancyTargeted
from services.identity.events import AccountClosed, EmailVerified
from services.vacancies.events import DeadlineExtended, VacancyCancelled, VacancyClosed
from shared.model.message import Event
from shared.model.projection import AnyProjection
from shared.model.testing import NOON, history
from tests.alerts.values import ADDRESS, ANNA, LINK, SEARCH_ID, VACANCY_ID, saved, vacancy


def document(view: AnyProjection, stream: str, *events: Event) -> Any:
    folded = None
    for event in history(stream, *events):
        assert event.data.__class__ in view.on
        folded = view.evolve(folded, event)
    return folded


def search(*events: Event) -> Any:
    return document(SEARCHES, f"search-{SEARCH_ID}", saved(), LINK, *events)


@pytest.mark.rule("R46")
def test_a_saved_search_is_shown_with_all_that_was_said() -> None:
    shown = search()
    assert shown["id"] == str(SEARCH_ID)
    assert shown["criteria"] == {"keywords": "économiste", "duty_stations": ["GENEVA"]}
    assert (shown["name"], shown["email"], shown["rhythm"], shown["token"]) == (
        "Économistes", ADDRESS, "daily", "secret",
    )  # fmt: skip
    assert shown["expires_at"] == (NOON + VALID).isoformat()


def test_what_changes_later_is_shown() -> None:
    later = NOON + VALID + timedelta(days=1)
    shown = search(
        AlertEnabled(candidate_id=ANNA, email="work@example.org", rhythm="weekly"),
        SearchRenamed(candidate_id=ANNA, name="Genève"),
        SearchExpired(candidate_id=ANNA),
    )
    assert (shown["email"], shown["rhythm"], shown["name"], shown["expired"]) == (
        "work@example.org", "weekly", "Genève", True,
    )  # fmt: skip
    renewed = search(SearchExpired(candidate_id=ANNA), SearchRenewed(candidate_id=ANNA, expires_at=later))
    assert (renewed["expired"], renewed["expires_at"]) == (False, later.isoformat())


def test_switching_off_says_from_which_event_on_nothing_is_announced() -> None:
    shown = search(AlertDisabled(candidate_id=ANNA))
    assert (shown["alert"], shown["silenced"]) == (False, 3)


def test_a_deleted_search_keeps_nothing_personal() -> None:
    shell = search(SearchDeleted(candidate_id=ANNA))
    assert shell["deleted"]
    assert not any(shell[name] for name in ("name", "email", "criteria", "token", "alert"))


def test_searches_stand_under_their_candidate_in_the_order_in_which_they_were_saved() -> None:
    (first,), (second,) = history("search-b", saved()), history("search-a", saved(), start=NOON + timedelta(hours=1))
    assert SEARCHES.keys(first) == (search_key(ANNA, "b"),)
    later, earlier = SEARCHES.evolve(None, second), SEARCHES.evolve(None, first)
    assert later
    assert earlier
    assert [each["id"] for each in kept([later, {**earlier, "deleted": True}, earlier])] == ["b", "a"]


def test_the_days_left_count_down_to_the_expiry() -> None:
    shown = search()
    assert days_left(shown, NOON) == 365
    assert days_left(shown, NOON + timedelta(days=364, hours=1)) == 1
    assert days_left(shown, NOON + VALID) == 0
    assert live(shown, NOON)
    assert not live(shown, NOON + VALID)


def test_a_vacancy_is_over_once_closed_or_cancelled_and_open_again_once_extended() -> None:
    stream, later = f"vacancy-{VACANCY_ID}", NOON + timedelta(days=60)
    shown = document(VACANCIES, stream, vacancy())
    assert (shown["title"], shown["stations"], shown["over"]) == ("Économiste principale", ["GENEVA"], False)
    assert document(VACANCIES, stream, vacancy(), VacancyCancelled())["over"]
    extended = document(VACANCIES, stream, vacancy(), VacancyClosed(), DeadlineExtended(closes_at=later))
    assert (extended["over"], extended["closes_at"]) == (False, later.isoformat())


def test_duty_stations_are_named_in_the_readers_language_also_those_of_documents_of_before() -> None:
    shown = document(VACANCIES, f"vacancy-{VACANCY_ID}", vacancy())
    assert in_words(shown, "fr")["stations"] == ["Genève"]
    assert in_words(shown | {"stations": ["Geneva", "Elsewhere"]}, "fr")["stations"] == ["Genève", "Elsewhere"]


def test_what_a_closed_account_applied_for_is_forgotten_whatever_is_heard_of_later() -> None:
    aim = VacancyTargeted(
        candidate_id=ANNA, vacancy_id=VACANCY_ID, job_opening_number="26-ECO-1", title="Economist", vacancy_version=1
    )
    stream = f"account-{ANNA}"
    assert len(document(AIMS, stream, aim)["applications"]) == 1
    assert document(AIMS, stream, aim, AccountClosed()) == {"applications": {}, "closed": True}
    assert document(AIMS, stream, AccountClosed(), aim) == {"applications": {}, "closed": True}


def test_the_proven_address_is_the_accounts_address_until_it_is_closed() -> None:
    stream = f"account-{ANNA}"
    assert document(ACCOUNTS, stream, EmailVerified(email=ADDRESS))["email"] == ADDRESS
    assert document(ACCOUNTS, stream, EmailVerified(email=ADDRESS), AccountClosed())["email"] == ""
