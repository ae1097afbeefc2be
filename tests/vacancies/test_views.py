"""The documents of a vacancy, and the timer that closes it."""

from datetime import UTC, datetime

import pytest

from services.vacancies.domain import VACANCY, CloseVacancy
from services.vacancies.events import (
    DutyStation,
    VacancyCancelled,
    VacancyClosed,
    VacancyEvent,
    notice_of,
)
from services.vacancies.projections.query import is_open
from services.vacancies.reactions import CLOSE_AT_DEADLINE, CLOSING
from shared.model.reaction import Do, Effect, Known, Schedule, Timer, Unschedule
from shared.model.testing import NOON, recorded
from shared.vocabulary.search import Criteria, matches
from tests.vacancies.values import LATER, STREAM, amended, found, published, shown


def test_a_vacancy_is_shown_as_published() -> None:
    document = shown(published())
    assert (document["id"], document["status"], document["closes_at"]) == ("5e1c", "open", "2026-12-16T04:59:59Z")
    assert [question["id"] for question in document["questions"]] == ["experience", "degree"]


def test_an_amendment_replaces_what_is_shown_and_found() -> None:
    events = published(), amended(title="Senior Officer")
    assert (shown(*events)["title"], shown(*events)["version"]) == ("Senior Officer", 2)
    assert "senior" in found(*events)["text"].split()
    assert found(*events)["heading"] == "senior offic"


def test_an_amendment_does_not_reopen_a_vacancy() -> None:
    events = published(), VacancyClosed(), amended(title="Senior Officer")
    assert shown(*events)["status"] == found(*events)["status"] == "closed"


def test_an_extension_shows_the_later_deadline() -> None:
    document = shown(published(), LATER)
    assert (document["closes_at"], document["extended"]) == ("2027-01-06T04:59:59Z", True)
    assert found(published(), LATER)["closes_at"] == "2027-01-06T04:59:59Z"


@pytest.mark.rule("R45")
def test_a_vacancy_is_open_until_the_last_second_even_if_no_timer_has_fired() -> None:
    for document in (shown(published()), found(published())):
        assert is_open(document, datetime(2026, 12, 16, 4, 59, 59, tzinfo=UTC))
        assert not is_open(document, datetime(2026, 12, 16, 5, 0, 0, tzinfo=UTC))


@pytest.mark.parametrize(("end", "status"), [(VacancyClosed(), "closed"), (VacancyCancelled(reason="No"), "cancelled")])
def test_what_is_over_is_shown_as_over(end: VacancyEvent, status: str) -> None:
    assert shown(published(), end)["status"] == found(published(), end)["status"] == status
    assert not is_open(shown(published(), end), NOON)


def test_the_reason_of_a_cancellation_is_shown() -> None:
    assert shown(published(), VacancyCancelled(reason="No funds"))["reason"] == "No funds"


def test_a_vacancy_is_found_by_its_words_places_and_number_but_not_by_markup() -> None:
    stations = (DutyStation(code="GENEVA"), DutyStation(code="ROME"))
    markup = "<ul><li>Public <b>debt</b> &amp; trade</li></ul>"
    document = found(published(description=markup, duty_stations=stations))
    assert {"public", "debt", "trade", "geneva", "rome", "26", "eco", "desa", "x"} <= set(document["text"].split())
    assert not {"ul", "li", "b", "amp"} & set(document["text"].split())
    assert document["facets"]["duty_stations"] == ["GENEVA", "ROME"]
    assert document["text"].endswith("public debt trade")


@pytest.mark.parametrize("keywords", ["P-3", '"p 3"', "DESA", "Genève", "geneva", "social affairs geneva"])
def test_a_vacancy_is_found_by_all_that_a_list_shows_of_it_in_either_language(keywords: str) -> None:
    notice = notice_of(published(duty_stations=(DutyStation(code="GENEVA"),), department="DESA", level="P-3"))
    assert matches(Criteria(keywords=keywords), notice)


def effects(event: VacancyEvent) -> list[Effect]:
    return list(CLOSE_AT_DEADLINE.react(recorded(event, STREAM), Known({})))


@pytest.mark.rule("R45")
def test_a_timer_is_set_at_the_deadline_and_moved_when_it_is_extended() -> None:
    data = {"vacancy": "5e1c"}
    assert effects(published()) == [Schedule("close:5e1c", published().closes_at, CLOSING.name, data)]
    assert effects(LATER) == [Schedule("close:5e1c", LATER.closes_at, CLOSING.name, data)]


@pytest.mark.parametrize("end", [VacancyClosed(), VacancyCancelled()])
def test_what_is_over_needs_no_timer(end: VacancyEvent) -> None:
    assert effects(end) == [Unschedule("close:5e1c")]


def test_the_timer_closes_the_vacancy() -> None:
    due = Timer("close:5e1c", {"vacancy": "5e1c"}, NOON)
    assert list(CLOSING.fire(due, Known({}))) == [Do(VACANCY, "5e1c", CloseVacancy())]
