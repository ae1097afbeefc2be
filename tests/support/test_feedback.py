"""What candidates think of the site: the newest word counts, support reads it without names, nobody else does."""

import io
import json
import re
import zipfile
from functools import reduce
from html import unescape
from typing import Any, Final

import pytest

from services.support.domain.feedback import FEEDBACK, FEEDBACK_FIELDS, RATINGS, EraseFeedback, GiveFeedback
from services.support.events import PUBLISHED, FeedbackErased, FeedbackGiven
from services.support.projections import FEEDBACK as VIEW
from shared.model.errors import Invalid
from shared.model.testing import given, history
from tests.platform import PASSWORD, Candidate, Kit, until
from tests.support.samples import ANNA

MOST: Final = FEEDBACK_FIELDS[1].length
GOOD: Final = FeedbackGiven(candidate_id=ANNA, rating=5, text="Quick and clear")
BAD: Final = FeedbackGiven(candidate_id=ANNA, rating=1)
GONE: Final = FeedbackErased(candidate_id=ANNA)


def give(rating: str, text: str = "") -> GiveFeedback:
    return GiveFeedback(candidate_id=ANNA, values={"rating": rating, "text": text})


def test_a_rating_and_a_few_words_are_taken() -> None:
    given(FEEDBACK).when(give("5", " Quick and clear\n")).then(GOOD)
    given(FEEDBACK).when(give("1")).then(BAD)


def test_saying_the_same_again_changes_nothing_and_something_else_counts_instead() -> None:
    given(FEEDBACK, GOOD).when(give("5", "Quick and clear")).then()
    given(FEEDBACK, GOOD).when(give("1")).then(BAD)


@pytest.mark.parametrize(("rating", "text", "field"), [
    ("", "", "rating"), ("0", "", "rating"), ("6", "", "rating"), ("5.0", "", "rating"), ("many", "", "rating"),
    ("3", "x" * (MOST + 1), "text"),
])  # fmt: skip
def test_anything_else_is_refused(rating: str, text: str, field: str) -> None:
    given(FEEDBACK).when(give(rating, text)).refused(Invalid, field)


def test_it_is_erased_once_if_there_is_anything() -> None:
    given(FEEDBACK).when(EraseFeedback()).then()
    given(FEEDBACK, GOOD, BAD).when(EraseFeedback()).then(GONE)
    given(FEEDBACK, GOOD, GONE).when(EraseFeedback()).then()


def test_the_view_has_the_newest_and_nothing_of_what_is_erased() -> None:
    events = history(f"feedback-{ANNA}", GOOD, BAD, GONE)
    documents = [reduce(VIEW.evolve, events[:number], None) for number in (1, 2, 3)]
    assert [each and (each["rating"], each["text"]) for each in documents] == [(5, "Quick and clear"), (1, ""), None]
    emptied = FeedbackGiven(candidate_id=ANNA, rating=0)
    assert reduce(VIEW.evolve, history(f"feedback-{ANNA}", emptied), None) is None


def test_it_leaves_the_service_nowhere() -> None:
    assert not {FeedbackGiven, FeedbackErased} & set(PUBLISHED.events)


async def desk(platform: Kit, agent: Candidate) -> str:
    page = await agent.get("/support/desk/feedback")
    assert page.status_code == 200
    return unescape(page.text)


async def words_left(platform: Kit, words: str) -> int:
    pool = platform.service("support").kernel.pool
    left: int = await pool.fetchval(
        "select (select count(*) from documents where document::text like $1)"
        " + (select count(*) from events where data::text like $1)",
        f"%{words}%",
    )
    return left


async def test_it_is_read_at_the_desk_without_a_name_and_goes_with_the_account(platform: Kit) -> None:
    anna, agent = await platform.candidate(), await platform.staff("support")
    words = f"The <b>form</b> is long, says nobody {anna.account_id.hex[-8:]}"
    said = await anna.post_form("/support/feedback", {"rating": "2", "text": words})
    assert (said.url.path, "Thank you for telling us" in said.text) == ("/careers", True)
    await platform.settled()
    page = await desk(platform, agent)
    assert words in page
    assert "<b>form</b>" not in (await agent.get("/support/desk/feedback")).text
    for name in (anna.email, anna.user_code, anna.given_names, str(anna.account_id)):
        assert name not in page
    held: Any = zipfile.ZipFile(io.BytesIO((await anna.get("/support/my-data")).content))
    kept = json.loads(held.read("feedback.json"))
    assert (kept["rating"], kept["text"]) == (2, words)
    closed = await anna.api("POST", "/identity/api/account/closure", json={"current_password": PASSWORD})
    assert closed.status_code == 204

    async def gone() -> bool:
        return words not in await desk(platform, agent) and not await words_left(platform, words)

    await until(gone, "the feedback to be erased")


async def test_it_is_said_and_read_by_json_too(platform: Kit) -> None:
    anna = await platform.candidate()
    path = "/support/api/feedback"
    assert (await anna.api("GET", path)).json() == {"rating": None, "text": ""}
    for rating in (0, 6, None, "good"):
        assert (await anna.api("PUT", path, json={"rating": rating})).status_code == 422
    assert (await anna.api("PUT", path, json={"rating": 2, "text": " Too slow "})).status_code == 204
    assert (await anna.api("GET", path)).json() == {"rating": 2, "text": "Too slow"}
    assert "Too slow" in (await anna.get("/support/feedback")).text


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_the_form_shows_what_was_said_and_what_is_wrong(platform: Kit, language: str) -> None:
    texts = platform.service("support").app.state.web.texts(language)
    anna = await platform.candidate(language=language)
    refused = await anna.post_form("/support/feedback", {"rating": "", "text": "Too slow"})
    assert refused.status_code == 422
    assert "Too slow" in refused.text
    for option in RATINGS:
        assert texts(option.label) in unescape(refused.text)
    await anna.post_form("/support/feedback", {"rating": "3", "text": "Too slow"})
    shown = (await anna.get("/support/feedback")).text
    assert re.findall(r'value="(\d)" checked', shown) == ["3"]
    assert "Too slow" in shown


@pytest.mark.parametrize("role", ["hr", "recruiter", "reader"])
async def test_no_recruiter_reads_it(platform: Kit, role: str) -> None:
    assert (await (await platform.staff(role)).get("/support/desk/feedback")).status_code == 403
