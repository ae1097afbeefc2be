"""A section's form: what two windows are shown, whichever of them reads and writes in between."""

import re
from typing import Any

import pytest
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from shared.model.errors import ChangedElsewhere, Conflict, Invalid, Problem, Refused
from shared.vocabulary.fields import TEXT, Entries, Field, Values
from shared.web import PageContext
from shared.web.entries import EntryRef
from shared.web.section_form import Saved, SectionForm, Unsaved
from tests.platform import hidden_fields
from tests.shared.web.site import site

SITE = site()

TITLE = Field("title", "Title")
JOBS = Entries("jobs", "Jobs", "Job", (TITLE,), maximum=3)
READ: Saved[None] = Saved({"title": "old", "jobs": [{"title": "Cook"}]}, 1, None)
NOW: Saved[None] = Saved({"title": "theirs", "jobs": [{"title": "Clerk"}]}, 7, None)


class Window:
    """One window: what it wrote, and the two versions that it was shown."""

    def __init__(self, *typed: tuple[str, str], autosave: bool = False, refusal: Refused | None = None) -> None:
        headers = [(b"postulo-autosave", b"1")] if autosave else []
        scope = {"type": "http", "method": "POST", "path": "/x", "query_string": b"", "headers": headers, "app": SITE}
        self.page, self.typed, self.refusal = PageContext(Request(scope), None), FormData([*typed]), refusal
        self.wrote: list[tuple[Values, int | None]] = []
        self.again: Unsaved | None = None

    def form(self) -> SectionForm[None]:
        return SectionForm(
            self.page, self.typed, "/x", (TITLE, JOBS), READ, "Saved", self.write, self.reread, "Work",
            self.show_again,
        )  # fmt: skip

    async def write(self, values: dict[str, Any], seen: int | None) -> Saved[None]:
        if self.refusal:
            raise self.refusal
        self.wrote.append((values, seen))
        return Saved(values, 2, None)

    async def reread(self) -> Saved[None]:
        return NOW

    async def show_again(self, _: SectionForm[None], found: Unsaved) -> Response:
        self.again = found
        return Response(status_code=422)


async def nowhere(_: Saved[None]) -> Response:
    return Response(status_code=204)


async def no_problems(_: Saved[None], __: EntryRef) -> list[Problem]:
    return []


def shown(page: Response) -> tuple[str, list[str]]:
    """The heading, and what was saved and typed."""
    html = bytes(page.body).decode()
    heading = re.search(r"<h1[^>]*>(.*?)</h1>", html)
    assert heading
    values = re.findall(r'<dd class="govuk-summary-list__value[^>]*>\s*(.*?)\s*</dd>', html, re.DOTALL)
    return heading[1], [re.sub("<[^>]*>", "", value) for value in values]


def keeping(page: Response) -> list[tuple[str, dict[str, str]]]:
    """Where the buttons send what, the tokens left out."""
    forms = re.findall(r"<main.*", bytes(page.body).decode(), re.DOTALL)[0].split('<form method="post" action="')[1:]
    fields = [hidden_fields(form) for form in forms]
    kept = [{name: each[name] for name in each if name not in ("_token", "_request")} for each in fields]
    return [(form.partition('"')[0], each) for form, each in zip(forms, kept, strict=True)]


OVERTAKEN = ChangedElsewhere.because("Saved elsewhere")


async def test_both_versions_are_those_of_now_not_those_that_were_read_before_the_other_window_wrote() -> None:
    window = Window(("title", "mine"), ("_version", "1"), refusal=OVERTAKEN)
    both = await window.form().save_section(nowhere)
    assert both.status_code == 409
    assert shown(both) == ("Two versions of “Work”", ["theirs", "mine"])
    assert keeping(both) == [("/x", {"_version": "7", "title": "mine"})]


async def test_an_entrys_page_compares_the_entry_as_it_is_now() -> None:
    window = Window(("title", "Chef"), refusal=OVERTAKEN)
    both = await window.form().save_entry("jobs", 0, no_problems)
    assert both.status_code == 409
    assert shown(both) == ("Two versions of “Job 1”", ["Clerk", "Chef"])
    kept = {"_version": "7", "title": "Chef"}
    assert keeping(both) == [("/x/jobs/0", kept), ("/x/jobs/1", kept)]


async def test_versions_that_do_not_differ_lead_back_to_the_section() -> None:
    window = Window(("title", "theirs"), refusal=OVERTAKEN)
    answer = await window.form().save_section(nowhere)
    assert (answer.status_code, answer.headers["location"]) == (303, "/x")


async def test_a_background_save_and_any_other_refusal_are_not_asked_about() -> None:
    with pytest.raises(ChangedElsewhere):
        await Window(("title", "mine"), autosave=True, refusal=OVERTAKEN).form().save_section(nowhere)
    with pytest.raises(Conflict, match="closed"):
        await Window(("title", "mine"), refusal=Conflict.because("closed")).form().save_section(nowhere)


async def test_what_is_saved_says_from_which_version_and_keeps_the_entries() -> None:
    window = Window(("title", "mine"), ("_version", "1"))
    assert (await window.form().save_section(nowhere)).status_code == 204
    assert window.wrote == [({"title": "mine", "jobs": [{"title": "Cook"}]}, 1)]


@pytest.mark.parametrize(
    ("button", "leads_to", "jobs"),
    [
        ("save", "/x#jobs", [{"title": "Chef"}]),
        ("more", "/x/jobs/1", [{"title": "Chef"}]),
        ("remove", "/x#jobs", []),
    ],
)
async def test_an_entrys_buttons_save_it_and_lead_on(button: str, leads_to: str, jobs: list[Any]) -> None:
    window = Window(("title", "Chef"), ("_action", button))
    answer = await window.form().save_entry("jobs", 0, no_problems)
    assert (answer.status_code, answer.headers["location"]) == (303, leads_to)
    assert window.wrote == [({"title": "old", "jobs": jobs}, None)]


async def test_an_entry_that_was_emptied_for_the_moment_is_not_saved_in_the_background() -> None:
    window = Window(("title", ""), autosave=True)
    assert (await window.form().save_entry("jobs", 0, no_problems)).status_code == 204
    assert window.wrote == []


TOO_LONG = "x" * (TEXT + 1)


async def test_what_is_too_long_to_be_kept_is_not_written_but_shown_again() -> None:
    window = Window(("title", TOO_LONG))
    assert (await window.form().save_section(nowhere)).status_code == 422
    assert window.again
    assert (window.again.typed["title"], window.again.entry, window.wrote) == (TOO_LONG, None, [])
    said = f"Title can have at most 200 characters: you typed {TEXT + 1}"
    assert [str(problem) for problem in window.again.problems] == [said]
    entry = Window(("title", TOO_LONG))
    assert (await entry.form().save_entry("jobs", 0, no_problems)).status_code == 422
    assert entry.again == Unsaved({"title": TOO_LONG}, window.again.problems, EntryRef(JOBS, 0))
    assert entry.wrote == []


async def test_what_is_a_little_too_long_is_written_like_everything_that_is_wrong() -> None:
    window = Window(("title", "x" * TEXT))
    assert (await window.form().save_section(nowhere)).status_code == 204
    assert window.wrote == [({"title": "x" * TEXT, "jobs": [{"title": "Cook"}]}, None)]


async def test_what_the_rule_finds_too_much_is_shown_again_too() -> None:
    window = Window(("title", "mine"), refusal=Invalid.because("Too much"))
    assert (await window.form().save_section(nowhere)).status_code == 422
    assert window.again == Unsaved({"title": "mine", "jobs": [{"title": "Cook"}]}, (Problem("", "Too much"),), None)


async def test_a_background_save_of_what_is_too_long_is_refused_and_an_entry_of_it_can_go() -> None:
    with pytest.raises(Invalid, match="at most 200"):
        await Window(("title", TOO_LONG), autosave=True).form().save_section(nowhere)
    window = Window(("title", TOO_LONG), ("_action", "remove"))
    assert (await window.form().save_entry("jobs", 0, no_problems)).status_code == 303
    assert window.wrote == [({"title": "old", "jobs": []}, None)]
