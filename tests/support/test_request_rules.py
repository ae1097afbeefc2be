"""What a request for help must say: its fields, its pictures, and what becomes of what does not count."""

from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as forall
from hypothesis import strategies as st

from services.support import events as facts
from services.support.domain import NATURES, TICKET, OpenTicket, Screenshot, ticket_id
from shared.model.errors import Invalid
from shared.model.testing import Outcome, given
from tests.support.samples import ANNA, ENQUIRY, PROBLEM, QUESTION, VISITOR, screenshot

REQUEST = UUID("018f0000-0000-7000-8000-0000000000aa")


def sending(values: dict[str, Any], *pictures: Screenshot, candidate: UUID | None = ANNA) -> Outcome:
    command = OpenTicket(candidate_id=candidate, number="1", language="en", values=values, screenshots=pictures)
    return given(TICKET).when(command)


def opened(values: dict[str, Any], *pictures: Screenshot, candidate: UUID | None = ANNA) -> facts.TicketOpened:
    outcome = sending(values, *pictures, candidate=candidate)
    assert outcome.refusal is None, outcome.refusal
    first = (outcome.events or ())[0]
    assert isinstance(first, facts.TicketOpened)
    return first


@pytest.mark.rule("R65")
@pytest.mark.parametrize(
    ("field", "most"),
    [("full_name", 200), ("user_code", 64), ("subject", 120), ("description", 5000), ("steps", 5000),
     ("job_opening_number", 64)],
)  # fmt: skip
def test_each_text_has_a_length_that_it_may_have_and_one_that_it_may_not(field: str, most: int) -> None:
    assert getattr(opened({**PROBLEM, field: "x" * most}, screenshot()), field) == "x" * most
    sending({**PROBLEM, field: "x" * (most + 1)}, screenshot()).refused(Invalid, field)


def test_what_was_typed_is_kept_without_the_spaces_around_it() -> None:
    fact = opened({**PROBLEM, **{name: f"  {PROBLEM[name]}\n" for name in ("description", "steps")}}, screenshot())
    assert (fact.description, fact.steps) == (PROBLEM["description"], PROBLEM["steps"])
    assert opened({**QUESTION, "email": " anna@example.org "}).email == "anna@example.org"


@pytest.mark.parametrize("email", ["anna", "anna@", "anna@example", "anna@@example.org", "anna example.org"])
def test_an_answer_needs_an_address_to_go_to(email: str) -> None:
    sending({**QUESTION, "email": email}).refused(Invalid, "email")


@pytest.mark.parametrize("nature", ["", "praise", "Problem", None])
def test_a_request_has_one_of_the_natures_of_the_list(nature: str | None) -> None:
    sending({**QUESTION, "nature": nature}).refused(Invalid, "nature")


@pytest.mark.rule("R66")
@pytest.mark.parametrize("answer", ["", "maybe", None])
def test_whether_it_concerns_a_job_opening_is_answered_with_yes_or_no(answer: str | None) -> None:
    sending({**QUESTION, "about_opening": answer, "job_opening_number": ""}).refused(Invalid, "about_opening")


@pytest.mark.rule("R66")
def test_a_number_of_an_opening_that_it_does_not_concern_is_not_kept() -> None:
    assert opened({**QUESTION, "about_opening": "no", "job_opening_number": "24-FIN-1"}).job_opening_number == ""


@pytest.mark.rule("R67")
def test_steps_and_screenshots_are_asked_of_a_problem_only_and_steps_of_a_question_are_not_kept() -> None:
    assert opened({**QUESTION, "steps": "I pressed Send."}).steps == ""
    sending({**PROBLEM, "steps": " "}, screenshot()).refused(Invalid, "steps")
    sending(PROBLEM).refused(Invalid, "screenshots")
    assert sending(QUESTION, screenshot()).refusal is None


@pytest.mark.rule("R65")
def test_a_visitor_without_a_user_code_has_none_kept_and_a_candidate_cannot_say_so() -> None:
    assert opened({**VISITOR, "has_user_code": "no", "user_code": "ADIAZ"}, candidate=None).user_code == ""
    assert opened({**VISITOR, "has_user_code": "yes", "user_code": "ADIAZ"}, candidate=None).user_code == "ADIAZ"
    sending({**VISITOR, "has_user_code": "no", "user_code": ""}).refused(Invalid, "user_code")


@pytest.mark.rule("R65")
@pytest.mark.parametrize("candidate", [ANNA, None])
def test_a_password_is_refused_even_in_a_field_that_does_not_count(candidate: UUID | None) -> None:
    hidden = {**VISITOR, "steps": "password: hunter2", "job_opening_number": "mdp: soleil", "surplus": "pwd=x"}
    first = ["user_code"] if candidate else []
    refusal = sending(hidden, candidate=candidate).refused(Invalid, *first, "steps", "job_opening_number", "surplus")
    assert not [word for word in ("hunter2", "soleil") if word in str(refusal)]


def test_everything_that_is_missing_is_named_at_once_in_the_order_of_the_form() -> None:
    sending({"nature": "problem", "about_opening": "yes"}).refused(
        Invalid, "full_name", "user_code", "email", "job_opening_number", "subject", "description", "steps",
        "screenshots",
    )  # fmt: skip
    sending({}, candidate=None).refused(
        Invalid, "full_name", "has_user_code", "email", "nature", "about_opening", "subject", "description"
    )


@pytest.mark.rule("R68")
@pytest.mark.parametrize("nature", [option.value for option in NATURES])
@pytest.mark.parametrize("candidate", [ANNA, None])
def test_exactly_what_is_technical_stays_open(nature: str, candidate: UUID | None) -> None:
    values = {**(PROBLEM if candidate else {**PROBLEM, **VISITOR, "steps": "I did."}), "nature": nature}
    events = sending(values, screenshot(), candidate=candidate).events or ()
    declined = [event for event in events if isinstance(event, facts.TicketDeclinedNonTechnical)]
    assert bool(declined) == (nature not in {"problem", "question"})
    for event in declined:
        assert (event.email, event.candidate_id, event.number) == ("anna@example.org", candidate, "1")


@pytest.mark.rule("R68")
def test_pictures_of_a_declined_request_are_kept_with_it() -> None:
    pictures = screenshot("a.png"), screenshot("bc.jpg", "image/jpeg")
    opening, first, second, declined = sending(ENQUIRY, *pictures).events or ()
    assert isinstance(opening, facts.TicketOpened)
    assert isinstance(declined, facts.TicketDeclinedNonTechnical)
    assert [(each.name, each.kind) for each in (first, second)] == [  # type: ignore[attr-defined]
        ("a.png", "image/png"), ("bc.jpg", "image/jpeg"),
    ]  # fmt: skip


def sized(*sizes: int) -> list[Screenshot]:
    return [screenshot(f"{'x' * number}.png", size=size) for number, size in enumerate(sizes, 1)]


@pytest.mark.rule("R67")
@pytest.mark.parametrize("sizes", [[5_000_000], [5_000_000, 5_000_000], [1] * 5, [2_000_000] * 5, [0]])
def test_pictures_up_to_the_bounds_are_taken(sizes: list[int]) -> None:
    events = sending(PROBLEM, *sized(*sizes)).events or ()
    added = [event.size for event in events if isinstance(event, facts.ScreenshotAdded)]
    assert added == sizes


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        ([5_000_001], ["“x.png” is larger than 5 MB. Crop it or save it in a lower resolution"]),
        ([5_000_000, 5_000_000, 1], ["At most 5 screenshots, together at most 10 MB"]),
        ([1] * 6, ["At most 5 screenshots, together at most 10 MB"]),
        ([5_000_001, 1, 5_000_001], [
            "At most 5 screenshots, together at most 10 MB",
            "“x.png” is larger than 5 MB. Crop it or save it in a lower resolution",
            "“xxx.png” is larger than 5 MB. Crop it or save it in a lower resolution",
        ]),
    ],
)  # fmt: skip
def test_each_picture_that_is_too_large_is_named_and_all_together_once(sizes: list[int], said: list[str]) -> None:
    fields = ["screenshots"] * len(said)
    refusal = sending(PROBLEM, *sized(*sizes)).refused(Invalid, *fields)
    assert [str(problem) for problem in refusal.problems] == said


@pytest.mark.rule("R66")
@pytest.mark.parametrize("kind", ["image/gif", "image/svg+xml", "application/pdf", "text/html", "IMAGE/PNG", "", None])
def test_only_png_and_jpeg_are_pictures(kind: str | None) -> None:
    refusal = sending(QUESTION, screenshot("cv.png", kind)).refused(Invalid, "screenshots")
    assert "“cv.png” is not a PNG or JPEG picture" in str(refusal)


def picture(name: str = "a.png", content: str = "a", request: UUID = REQUEST) -> Screenshot:
    return Screenshot.of(request, name, "image/png", 10, sha256(content.encode()).hexdigest())


def test_a_picture_has_the_same_id_when_the_request_is_sent_again_and_another_in_another_request() -> None:
    assert picture().id == picture(name="b.png").id
    assert len({picture().id, picture(content="b").id, picture(request=ANNA).id}) == 3
    assert picture(name="x" * 101).name == "x" * 100


def test_the_id_of_a_ticket_follows_from_everything_that_was_sent() -> None:
    ids = {
        ticket_id(REQUEST, QUESTION, []),
        ticket_id(ANNA, QUESTION, []),
        ticket_id(REQUEST, PROBLEM, []),
        ticket_id(REQUEST, {**QUESTION, "subject": "Another"}, []),
        ticket_id(REQUEST, QUESTION, [picture()]),
        ticket_id(REQUEST, QUESTION, [picture(), picture(content="b")]),
    }
    assert len(ids) == 6
    backwards = dict(reversed(QUESTION.items()))
    assert ticket_id(REQUEST, backwards, [picture()]) == ticket_id(REQUEST, QUESTION, [picture(name="b.png")])


texts = st.text(max_size=20) | st.sampled_from(["yes", "no", "problem", "question", "submitted", "a@example.org"])
NAMES = sorted({*PROBLEM, *VISITOR})


@forall(st.dictionaries(st.sampled_from(NAMES), texts), st.sampled_from([ANNA, None]))
def test_whatever_is_sent_a_request_is_opened_whole_or_refused_by_its_own_fields(
    changes: dict[str, str], candidate: UUID | None
) -> None:
    values = {**QUESTION, **VISITOR, **changes}
    outcome = sending(values, candidate=candidate)
    if outcome.refusal:
        told = {problem.field for problem in outcome.refusal.problems}
        assert told
        assert told <= {*NAMES, "screenshots"}
    else:
        fact = (outcome.events or ())[0]
        assert isinstance(fact, facts.TicketOpened)
        kept = fact.model_dump()
        for name in ("subject", "full_name", "description", "email", "nature"):
            assert kept[name] == values[name].strip() != ""
