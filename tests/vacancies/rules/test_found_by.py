"""What a vacancy is found by, and in what its documents keep to themselves when news comes late, twice or astray."""

from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest

from services.vacancies.domain.days import closing, opening
from services.vacancies.events import (
    DutyStation,
    VacancyAmended,
    VacancyCancelled,
    VacancyClosed,
    VacancyEvent,
    notice_of,
)
from services.vacancies.projections import SEARCH, VACANCIES
from services.vacancies.projections.query import Page, Row, Search, bookmark_of, is_open, page_of
from services.vacancies.reactions import CLOSE_AT_DEADLINE, CLOSING
from shared.model.reaction import Known, Schedule
from shared.model.testing import NOON, history, recorded
from shared.vocabulary.search import Criteria, matches, occurs, phrases
from tests.vacancies.values import LATER, STREAM, amended, found, published, shown


@pytest.mark.parametrize(
    ("opens_at", "posted"),
    [
        (datetime(2026, 11, 24, 4, 59, 59, tzinfo=UTC), "2026-11-23"),
        (datetime(2026, 11, 24, 5, 0, 0, tzinfo=UTC), "2026-11-24"),
        (datetime(2026, 7, 2, 3, 59, 59, tzinfo=UTC), "2026-07-01"),
        (datetime(2026, 7, 2, 4, 0, 0, tzinfo=UTC), "2026-07-02"),
    ],
)
def test_the_day_of_posting_is_a_day_in_new_york(opens_at: datetime, posted: str) -> None:
    assert found(amended(opens_at=opens_at))["posted"] == posted
    day = date.fromisoformat(posted)
    notice = notice_of(amended(opens_at=opens_at))
    assert matches(Criteria(posted_since=day), notice)
    assert not matches(Criteria(posted_since=day + timedelta(days=1)), notice)


@pytest.mark.parametrize(
    ("facet", "value"),
    [
        ("networks", "DEVNET"), ("families", "ECO"), ("categories", "PD"), ("levels", "P-3"),
        ("duty_stations", "ROME"), ("departments", "DESA"), ("languages", "en"),
    ],
)  # fmt: skip
def test_each_facet_finds_the_vacancy_by_its_value_and_by_no_other(facet: str, value: str) -> None:
    event = published(duty_stations=(DutyStation(code="GENEVA"), DutyStation(code="ROME")))
    assert value in found(event)["facets"][facet]
    assert matches(Criteria.model_validate({facet: ["none of ours", value]}), notice_of(event))
    assert not matches(Criteria.model_validate({facet: ["none of ours"]}), notice_of(event))


def test_a_facet_without_a_value_holds_nothing() -> None:
    assert found(amended(network="", department=""))["facets"] == {
        "networks": [], "families": ["ECO"], "categories": ["PD"], "levels": ["P-3"], "duty_stations": ["GENEVA"],
        "departments": [], "languages": ["en"],
    }  # fmt: skip


@pytest.mark.parametrize(
    "words",
    ['"officer economic"', '"trade geneva"', '"26 eco officer"'],
)
def test_no_phrase_reaches_from_one_text_of_a_notice_into_the_next(words: str) -> None:
    event = published(title="Trade Officer", job_title="Economic Officer", description="<p>Geneva</p><p>trade</p>")
    document = found(event)
    [phrase] = phrases(words, "en")
    assert not matches(Criteria(keywords=words), notice_of(event))
    assert f" {' '.join(phrase)} " not in f" {document['text']} "
    assert set(phrase) <= set(document["text"].split()), "each word by itself is there"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_search_document_holds_a_phrase_exactly_if_the_notice_does(language: str) -> None:
    event = amended(title="Trade P-3", job_title="Économie de l’eau", language=language, description="<p>R&amp;D</p>")
    document, notice = found(event), notice_of(event)
    assert set(document["text"].split()) - {"|"} == notice.words[language]
    told = set()
    for words in product(["trade", "P", "3", "économie", "de", "l'eau", "|", "R", "D"], repeat=3):
        for phrase in phrases(f'"{" ".join(words)}"', language):
            inside = any(occurs(phrase, passage) for passage in notice.stems[language])
            assert (f" {' '.join(phrase)} " in f" {document['text']} ") == inside
            told.add(inside)
    assert told == {True, False}


def test_the_heading_is_the_titles_stems_only() -> None:
    document = found(published(title="Trade & Officers", description="<p>Debt</p>"))
    assert document["heading"] == "trade offic"
    assert "debt" in document["text"].split()


def test_what_a_list_shows_tells_when_the_vacancy_last_changed() -> None:
    for news in (amended(), LATER, VacancyClosed(), VacancyCancelled()):
        assert found(published())["updated_at"] == "2026-11-23T12:00:00Z"
        assert found(published(), news)["updated_at"] == "2026-11-23T12:01:00Z"


def test_times_are_written_in_utc_and_alike_so_that_their_texts_sort_as_they_do() -> None:
    summer = opening(date(2026, 7, 1), NOON)
    document = found(amended(opens_at=summer, closes_at=closing(date(2026, 11, 1))))
    assert (document["opens_at"], document["closes_at"]) == ("2026-07-01T04:00:00Z", "2026-11-02T04:59:59Z")
    assert document["opens_at"] < document["closes_at"] < document["updated_at"]


@pytest.mark.parametrize("news", [LATER, VacancyClosed(), VacancyCancelled(reason="No")])
def test_news_of_a_vacancy_that_no_view_has_seen_leaves_nothing(news: VacancyEvent) -> None:
    [event] = history(STREAM, news)
    assert VACANCIES.evolve(None, event) is None
    assert SEARCH.evolve(None, event) is None


@pytest.mark.parametrize("view", [VACANCIES, SEARCH])
def test_each_vacancy_has_its_own_document(view: Any) -> None:
    assert view.keys(recorded(published(), STREAM)) == ("5e1c",)
    assert view.keys(recorded(VacancyClosed(), "vacancy-other")) == ("other",)


def test_seeing_an_event_twice_shows_the_same() -> None:
    several: list[list[VacancyEvent]] = [
        [published()],
        [published(), amended(title="Other"), LATER],
        [published(), VacancyCancelled()],
    ]
    for events in several:
        assert shown(*events) == shown(*events, events[-1])
        assert {**found(*events, events[-1]), "updated_at": ""} == {**found(*events), "updated_at": ""}


def test_a_cancellation_after_the_closing_is_told_with_its_reason() -> None:
    document = shown(published(), VacancyClosed(), VacancyCancelled(reason="No funds"))
    assert (document["status"], document["reason"]) == ("cancelled", "No funds")
    assert not is_open(document, NOON)


def test_an_amendment_sets_no_timer_and_every_other_news_moves_the_same_one() -> None:
    assert VacancyAmended not in CLOSE_AT_DEADLINE.on
    keys = {
        effect.key  # type: ignore[union-attr]
        for event in history(STREAM, published(), LATER, VacancyClosed(), VacancyCancelled())
        for effect in CLOSE_AT_DEADLINE.react(event, Known({}))
    }
    assert keys == {"close:5e1c"}
    [other] = CLOSE_AT_DEADLINE.react(recorded(published(), "vacancy-other"), Known({}))
    assert isinstance(other, Schedule)
    assert (other.key, other.rule) == ("close:other", CLOSING.name)


A = str(UUID(int=1))
NEWS = "2026-11-23T12:00:00Z"


def search(**changes: Any) -> Search:
    return Search(Criteria(), NOON, size=2, **changes)


def turned_to(asked: Search, *keys: str, bookmark: tuple[str | int, ...] = ("m",)) -> Page:
    documents: dict[str, Any] = {key: {"id": key} for key in keys}
    return page_of(asked, [Row(key, (*bookmark, key)) for key in keys], documents)


@pytest.mark.parametrize(
    ("asked", "rows", "ids", "before", "after"),
    [
        (search(), "", [], "", ""),
        (search(), "ab", ["a", "b"], "", ""),
        (search(), "abc", ["a", "b"], "", "m~b"),
        (search(page=2), "abc", ["a", "b"], "m~a", "m~b"),
        (search(after=("m", "z")), "ab", ["a", "b"], "m~a", ""),
        (search(after=("m", "z"), page=1), "abc", ["a", "b"], "m~a", "m~b"),
        (search(before=("m", "z")), "ba", ["a", "b"], "", "m~b"),
        (search(before=("m", "z")), "cba", ["b", "c"], "m~b", "m~c"),
    ],
)
def test_a_page_knows_whether_there_are_pages_beyond(
    asked: Search, rows: str, ids: list[str], before: str, after: str
) -> None:
    page = turned_to(asked, *rows)
    assert [vacancy["id"] for vacancy in page.vacancies] == ids
    assert (page.before, page.after) == (before, after)


def test_what_became_part_of_another_a_moment_ago_is_left_out_of_the_page_and_not_of_the_order() -> None:
    there: dict[str, Any] = {"a": {"id": "a"}, "c": {"id": "c"}}
    page = page_of(search(), [Row(key, ("m", key)) for key in "abc"], there)
    assert ([vacancy["id"] for vacancy in page.vacancies], page.after) == (["a"], "m~b")


@pytest.mark.parametrize("sort", ["newest", "deadline"])
def test_a_bookmark_of_a_moment_is_read_back(sort: Any) -> None:
    page = turned_to(search(sort=sort, page=2), A, bookmark=(NEWS,))
    assert bookmark_of(page.before, sort) == (NEWS, A)
    assert bookmark_of(page.before, "relevance") is None


def test_a_bookmark_of_relevance_counts_hits() -> None:
    page = turned_to(search(sort="relevance", page=2), A, bookmark=(3, NEWS))
    assert bookmark_of(page.before, "relevance") == (3, NEWS, A)
    assert bookmark_of(page.before, "newest") is None


@pytest.mark.parametrize(
    "text",
    ["", A, f"~{A}", f"3~~{A}", f"-1~{NEWS}~{A}", f"x~{NEWS}~{A}", f"12345~{NEWS}~{A}", f"²~{NEWS}~{A}",
     f"1~2~{NEWS}~{A}", f"{NEWS}~{A.upper()}x", f"2026-11-23T12:00:00~{A}", f"0000-11-23T12:00:00Z~{A}"],
)  # fmt: skip
@pytest.mark.parametrize("sort", ["newest", "deadline", "relevance"])
def test_what_is_no_bookmark_is_none(text: str, sort: Any) -> None:
    assert bookmark_of(text, sort) is None
