"""Screening questions as they are asked: in whose language, with which answers, and what is said beside them."""

from typing import Any

import pytest

from services.applications.domain.questionnaire import fields_of, in_language
from services.vacancies.events import Choice, Question
from shared.model.errors import Verbatim
from shared.vocabulary.fields import Field, check

FILES = {"f1": "AM_Licence.pdf", "f2": "AM_Permit.pdf"}
BOTH = (
    Choice(value="a", text={"en": "Apples", "fr": "Pommes"}),
    Choice(value="p", text={"fr": "Poires"}),
)


def ask(kind: Any, **more: Any) -> Question:
    return Question(**{"id": "q", "type": kind, "text": {"en": "Which?", "fr": "Lesquelles ?"}, **more})


def asked(question: Question, language: str = "en", files: dict[str, str] | None = None) -> list[Any]:
    return list(fields_of([question], language, files))


@pytest.mark.rule("R18")
@pytest.mark.parametrize(
    ("texts", "language", "text"),
    [
        ({"en": "Why?", "fr": "Pourquoi ?"}, "fr", "Pourquoi ?"),
        ({"en": "Why?", "fr": "Pourquoi ?"}, "en", "Why?"),
        ({"fr": "Pourquoi ?"}, "en", "Pourquoi ?"),
        ({"fr": "Pourquoi ?", "en": "Why?"}, "es", "Pourquoi ?"),
        ({"en": "", "fr": "Pourquoi ?"}, "en", "Pourquoi ?"),
        ({}, "en", ""),
    ],
)
def test_a_question_is_asked_in_the_readers_language_or_in_the_one_there_is(
    texts: dict[str, str], language: str, text: str
) -> None:
    spoken = in_language({name: words for name, words in texts.items() if words}, language)
    assert (spoken, type(spoken)) == (text, Verbatim)


@pytest.mark.rule("R18")
@pytest.mark.parametrize(("language", "labels"), [("en", ["Apples", "Poires"]), ("fr", ["Pommes", "Poires"])])
@pytest.mark.parametrize(("kind", "as_field"), [("single", "choice"), ("multiple", "choices")])
def test_answers_are_offered_in_the_readers_language_too(
    kind: str, as_field: str, language: str, labels: list[str]
) -> None:
    [field] = asked(ask(kind, options=BOTH), language)
    assert field.kind == as_field
    assert [(option.value, option.label) for option in field.options] == list(zip("ap", labels, strict=True))


@pytest.mark.rule("R18")
@pytest.mark.parametrize(
    ("kind", "as_field", "length"),
    [("yes_no", "yesno", 200), ("number", "number", 200), ("date", "date", 200), ("text", "textarea", 800)],
)
def test_each_type_is_a_field_of_its_own_kind(kind: str, as_field: str, length: int) -> None:
    [field] = asked(ask(kind))
    assert (field.name, field.kind, field.most, field.required) == ("q", as_field, length, True)
    assert isinstance(field, Field)


@pytest.mark.rule("R18")
def test_a_criterion_is_met_or_not_and_explained_or_not() -> None:
    choice, explanation = asked(ask("criterion"))
    assert [option.value for option in choice.options] == ["meets", "does_not_meet"]
    assert (explanation.name, explanation.kind, explanation.required) == ("q_explanation", "textarea", False)
    assert check((choice, explanation), {"q": "does_not_meet", "q_explanation": ""}) == []
    optional, still_optional = asked(ask("criterion", required=False))
    assert (optional.required, still_optional.required) == (False, False)


@pytest.mark.rule("R18")
def test_a_file_is_chosen_among_those_attached() -> None:
    [field] = asked(ask("file"), files=FILES)
    assert {option.value: option.label for option in field.options} == FILES
    [nothing] = asked(ask("file"))
    assert nothing.options == ()
    assert [problem.field for problem in check((nothing,), {"q": "f1"})] == ["q"]


HINTS = {
    (False, False): "Attach the file to this application first, then choose it here.",
    (False, True): (
        "Attach the file to this application first, then choose it here. This question is eliminatory: without the "
        "right file you can be excluded."
    ),
    (True, False): "Choose one of the files that you attached to this application.",
    (True, True): (
        "Choose one of the files that you attached to this application. This question is eliminatory: without the "
        "right file you can be excluded."
    ),
}


@pytest.mark.parametrize(("attached", "eliminatory"), list(HINTS))
def test_what_is_said_beside_a_question_for_a_file(attached: bool, eliminatory: bool) -> None:
    [field] = asked(ask("file", eliminatory=eliminatory), files=FILES if attached else None)
    assert field.hint == HINTS[attached, eliminatory]


def test_questions_are_asked_in_the_order_of_the_vacancy() -> None:
    questions = [ask("text", id="z"), ask("criterion", id="c"), ask("yes_no", id="a", required=False)]
    assert [(field.name, field.required) for field in fields_of(questions, "en")] == [
        ("z", True),
        ("c", True),
        ("c_explanation", False),
        ("a", False),
    ]


@pytest.mark.rule("R18")
@pytest.mark.parametrize(
    ("kind", "answer", "fine"),
    [
        ("number", "-3,5", True),
        ("number", "1e999", False),
        ("date", "2024-02-29", True),
        ("date", "2023-02-29", False),
        ("date", "2090-01-01", True),
        ("yes_no", "Yes", False),
        ("text", "x" * 800, True),
        ("text", "Line\nafter line", True),
        ("criterion", "meets_not", False),
    ],
)
def test_an_answer_is_judged_by_the_type_of_its_question(kind: str, answer: str, fine: bool) -> None:
    assert (check(tuple(asked(ask(kind))), {"q": answer}) == []) == fine


@pytest.mark.rule("R24")
def test_several_answers_may_be_none_only_if_the_question_is_optional() -> None:
    [needed], [optional] = (asked(ask("multiple", options=BOTH, required=flag)) for flag in (True, False))
    assert [str(problem) for problem in check((needed,), {"q": []})] == ["Make a choice: Which?"]
    assert check((optional,), {"q": []}) == check((needed,), {"q": ["a", "p"]}) == []
