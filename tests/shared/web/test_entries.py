"""Repeating entries on pages: where an entry stands among a section's values, and which button leads there."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import FormData

from shared.model.errors import NotFound, Problem
from shared.web.entries import Button, EntryRef, blank, entries_of, entry_ref, mending, named, pressed, section_values
from shared.web.environment import govuk_macros
from shared.web.language import Texts
from shared.web.widgets import Sheet
from tests.shared.web.site import FIELDS, JOBS

CLERK, COOK, CHIEF = {"title": "Clerk"}, {"title": "Cook"}, {"title": "Chief"}
VALUES = {"jobs": [CLERK, COOK], "letter": "Dear"}


def test_an_entry_is_replaced_added_at_the_end_or_left_out() -> None:
    assert EntryRef(JOBS, 0).put(VALUES, CHIEF) == {**VALUES, "jobs": [CHIEF, COOK]}
    assert EntryRef(JOBS, 2).put(VALUES, CHIEF) == {**VALUES, "jobs": [CLERK, COOK, CHIEF]}
    assert EntryRef(JOBS, 0).put(VALUES, {"title": ""}) == {**VALUES, "jobs": [COOK]}
    assert EntryRef(JOBS, 2).put(VALUES, {"title": ""}) == VALUES
    assert EntryRef(JOBS, 1).without(VALUES) == {**VALUES, "jobs": [CLERK]}
    assert EntryRef(JOBS, 0).put({}, CHIEF) == {"jobs": [CHIEF]}


@given(st.lists(st.text(min_size=1), max_size=5), st.integers(0, 5), st.text(min_size=1))
def test_what_is_put_somewhere_is_found_there_and_nothing_else_changes(
    titles: list[str], number: int, title: str
) -> None:
    values = {"jobs": [{"title": each} for each in titles]}
    here = EntryRef(JOBS, min(number, len(titles)))
    after = here.put(values, {"title": title})
    assert here.entry(after) == {"title": title}
    others = [entry for index, entry in enumerate(entries_of(after, JOBS)) if index != here.number]
    assert others == [entry for index, entry in enumerate(values["jobs"]) if index != here.number]


def test_a_place_is_among_the_entries_or_behind_the_last() -> None:
    assert entry_ref(FIELDS, "jobs", 1, VALUES).entry(VALUES) == COOK
    assert entry_ref(FIELDS, "jobs", 2, {"jobs": []}) == EntryRef(JOBS, 0)
    assert not entry_ref(FIELDS, "jobs", 2, VALUES).is_in(VALUES)
    for name, number in (("cars", 0), ("letter", 0), ("jobs", JOBS.maximum)):
        with pytest.raises(NotFound):
            entry_ref(FIELDS, name, number, VALUES)


def test_the_pressed_button_leads_to_an_entry() -> None:
    buttons = {"_add": ("jobs", "/jobs/2"), "_change": ("jobs.1", "/jobs/1"), "_remove": ("jobs.0", "#jobs")}
    for name, (value, address) in buttons.items():
        button = pressed(FIELDS, FormData({name: value}), VALUES)
        assert isinstance(button, Button)
        assert button.leads_to == address
    assert pressed(FIELDS, FormData({"_action": "save"}), VALUES) is None
    for value in ("", "jobs", "jobs.x", "cars.0", "jobs.0.title.", "jobs.99999"):
        with pytest.raises(NotFound):
            pressed(FIELDS, FormData({"_change": value}), VALUES)


def test_a_sections_page_says_its_fields_and_keeps_its_entries() -> None:
    values = section_values(FIELDS, FormData({"letter": "Madam", "jobs.0.title": "Cook"}), {"jobs": [CLERK]})
    assert (values["letter"], values["jobs"]) == ("Madam", [CLERK])
    assert "jobs" not in section_values(FIELDS, FormData(), {})


def test_a_problem_is_told_with_the_name_of_its_entry_and_leads_to_its_page() -> None:
    assert mending("/here", "jobs.0.title") == "/here/jobs/0?check=1#title"
    assert mending("/here", "jobs.0") == "/here/jobs/0?check=1"
    assert mending("/here", "letter") == "/here?check=1#letter"
    assert named(FIELDS, "jobs.1.title") == ("Job", 2)
    assert named(FIELDS, "letter") is None
    assert named(FIELDS, "cars.1.title") is None
    problems = [Problem("jobs.0.title", "Enter"), Problem("jobs.10.title", "Enter"), Problem("letter", "Enter")]
    assert EntryRef(JOBS, 0).problems(problems) == [Problem("title", "Enter")]


def test_an_entry_is_known_by_what_was_first_said_in_it() -> None:
    jobs: list[Any] = [{"title": "Clerk", "start": "2001-02-03"}, {"title": "", "start": ""}, "rubbish"]
    sheet = Sheet(govuk_macros(), Texts("fr"), {"jobs": jobs}, [Problem("jobs.1.title", "Enter")])
    assert sheet.gists(JOBS) == [(0, "Clerk, 3 février 2001"), (1, "")]
    assert [len(sheet.of_entry(JOBS, index)) for index in (0, 1, 10)] == [0, 1, 0]


def test_an_unticked_box_alone_is_a_blank_entry() -> None:
    assert blank({"title": "", "current": "no", "kinds": []})
    assert not blank({"title": "", "current": "yes"})
