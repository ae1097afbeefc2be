"""The most recent first: how diplomas, certificates and jobs are kept, shown and printed, however they were typed."""

from typing import Any

import pytest
from hypothesis import given as forall
from hypothesis import strategies as some

from services.applications.domain.application import APPLICATION
from services.applications.domain.commands import Copied, CreateDraft, SaveDraft
from services.applications.domain.sheet import printed
from services.applications.domain.submission import content_of
from services.applications.events import DraftSaved
from services.applications.events.recency import latest_first
from services.applications.events.sections import SECTIONS as DECLARED
from shared.vocabulary.fields import in_order
from tests.applications.degrees import INSA, education, proposed
from tests.applications.plain import given
from tests.applications.values import ANNA, CANDIDATE, CREATED, OTHER, READY, SECTIONS, VACANCY, saved

[JOB] = SECTIONS["education"]["jobs"]
[DIPLOMA] = SECTIONS["education"]["diplomas"]


def job(title: str, start: str, end: str = "") -> dict[str, Any]:
    return {**JOB, "title": title, "started_on": start, "current": "no" if end else "yes", "ended_on": end}


NOW = job("Now", "2015-01-01")
JOBS = [job("First", "1999-01-01", "2001-12-31"), NOW, job("Second", "2002-01-01", "2014-12-31")]
SORTED = ["Now", "Second", "First"]


def titles(entries: Any) -> list[str]:
    return [entry["title"] for entry in entries]


def ordered(*entries: dict[str, Any]) -> list[int]:
    return [*latest_first(entries)]


def test_what_goes_on_comes_first_then_what_ended_last() -> None:
    assert titles(JOBS[number] for number in latest_first(JOBS)) == SORTED
    longer = job("Longer", "2000-01-01", "2014-12-31")
    assert ordered(longer, JOBS[2]) == [1, 0]
    stale = {**NOW, "ended_on": "1990-01-01"}
    assert ordered(JOBS[2], stale) == [1, 0]


def test_a_diploma_counts_by_the_day_it_was_obtained_and_one_still_to_come_goes_first() -> None:
    attending = {"title": "Doctorate", "started_on": "2010-09-01", "obtained": "no"}
    given_up = {"title": "Given up", "started_on": "2000-09-01", "ended_on": "2001-06-30", "obtained": "no"}
    late = {"started_on": "1999-09-01", "ended_on": "2001-06-30", "obtained": "yes", "obtained_on": "2005-01-01"}
    certificate = {"title": "First aid", "obtained_on": "2020-05-05"}
    assert ordered(given_up, late, DIPLOMA, attending) == [3, 2, 1, 0]
    assert ordered(DIPLOMA, certificate) == [1, 0]
    never = {**given_up, "obtained_on": "2022-01-01"}
    assert ordered(late, never) == [0, 1]


@pytest.mark.parametrize("day", ["", None, "2015", "31 2 2015", "١", [], 0], ids=str)
def test_what_has_no_day_yet_stands_last_as_it_was_entered(day: Any) -> None:
    begun = {"title": "Begun", "started_on": day, "ended_on": day, "current": "no"}
    assert ordered(begun, {"title": "Empty"}, *JOBS) == [3, 4, 2, 0, 1]
    assert ordered({"title": "Started", "started_on": "2020-01-01"}, JOBS[0]) == [0, 1]


@forall(some.permutations(JOBS))
def test_a_save_keeps_them_in_order_whatever_order_they_were_typed_in(jobs: list[dict[str, Any]]) -> None:
    values = {**SECTIONS["education"], "jobs": jobs}
    wish = SaveDraft(candidate_id=ANNA, section="education", values=values)
    [event] = given(APPLICATION, CREATED).when(wish).happened(DraftSaved)
    assert titles(event.values["jobs"]) == SORTED
    given(APPLICATION, CREATED, event).when(wish).then()


def test_a_page_that_saves_itself_keeps_an_entry_where_it_is() -> None:
    values = {**SECTIONS["education"], "jobs": JOBS}
    wish = SaveDraft(candidate_id=ANNA, section="education", values=values, in_place=True)
    [event] = given(APPLICATION, CREATED).when(wish).happened(DraftSaved)
    assert event.values == values
    settled = wish.model_copy(update={"in_place": False})
    [event] = given(APPLICATION, CREATED, event).when(settled).happened(DraftSaved)
    assert titles(event.values["jobs"]) == SORTED


@pytest.mark.rule("R27")
@pytest.mark.rule("R37")
def test_the_file_shows_and_freezes_them_in_order_with_the_level_of_each_diploma() -> None:
    older = {
        **DIPLOMA,
        "title": "Baccalauréat",
        "started_on": "2005-09-01",
        "obtained_on": "2008-07-01",
        "level": "below",
    }
    values = education(INSA)
    values |= {"diplomas": [older, *values["diplomas"]], "jobs": JOBS}
    content = content_of(APPLICATION.fold([*READY, saved("education", values), proposed()]), VACANCY, CANDIDATE)
    assert titles(content["sections"]["education"]["diplomas"]) == [INSA.title, "Baccalauréat"]
    assert [level["chosen"] for level in content["equivalences"]] == ["licence", "below"]
    frozen_before = {**content, "sections": {**content["sections"], "education": values}, "equivalences": []}
    for snapshot in (content, frozen_before):
        sheet = printed(
            {**snapshot, "reference": "R", "submitted_at": "2026-01-01T00:00:00+00:00"}, "applied", "en", str
        )
        [shown] = [block for block in sheet["blocks"] if block["name"] == "education"]
        cards = [(card["title"], dict(card["rows"]).get("Job title")) for card in shown["cards"]]
        assert cards[-3:] == [("Job 1", "Now"), ("Job 2", "Second"), ("Job 3", "First")]
        [latest] = [lines for label, lines in sheet["summary"] if label == "Latest jobs"]
        assert [line.partition(" – ")[0] for line in latest] == SORTED


@pytest.mark.rule("R34")
def test_a_copy_of_a_draft_of_before_is_in_order() -> None:
    source = Copied(application_id=OTHER, sections={"education": {**SECTIONS["education"], "jobs": JOBS}})
    events = given(APPLICATION).when(CreateDraft(candidate_id=ANNA, confirmed=True, source=source)).accepted()
    [copied] = [event for event in events if isinstance(event, DraftSaved) and event.section == "education"]
    assert titles(copied.values["jobs"]) == SORTED


def test_what_is_no_list_of_entries_is_left_as_it_is() -> None:
    fields = DECLARED["education"].fields
    for odd in ({"jobs": "none"}, {"jobs": [1, {}]}, {}, {"other": [{"title": "x"}]}):
        assert in_order(fields, odd) == odd
