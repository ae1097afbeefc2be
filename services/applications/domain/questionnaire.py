"""Screening questions as form fields (R18), bound to the version of the job opening that asked them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from services.vacancies.events import Question
from shared.errors import N_
from shared.fields import Field, Option

EXPLANATION: Final = "_explanation"
MEETS, MEETS_NOT = "meets", "does_not_meet"

_CRITERION = (Option(MEETS, N_("I meet this criterion")), Option(MEETS_NOT, N_("I do not meet this criterion")))


def fields_of(
    questions: Iterable[Question], language: str, files: Mapping[str, str] | None = None
) -> tuple[Field, ...]:
    """The fields of the questionnaire, asked in this language. `files`: names of the attachments by id."""
    return tuple(field for question in questions for field in _fields(question, language, files or {}))


def _fields(question: Question, language: str, files: Mapping[str, str]) -> Iterator[Field]:
    def field(kind: Any, options: tuple[Option, ...] = (), **more: Any) -> Field:
        asked = in_language(question.text, language)
        return Field(question.id, asked, kind, required=question.required, options=options, **more)

    match question.type:
        case "yes_no":
            yield field("yesno")
        case "single" | "multiple":
            options = tuple(Option(choice.value, in_language(choice.text, language)) for choice in question.options)
            yield field("choice" if question.type == "single" else "choices", options)
        case "number" | "date":
            yield field(question.type)
        case "text":
            yield field("textarea", length=800)
        case "criterion":
            yield field("choice", _CRITERION)
            yield Field(question.id + EXPLANATION, N_("Explain in at most 800 characters"), "textarea", length=800)
        case "file":
            options = tuple(Option(key, name) for key, name in files.items())
            yield field("choice", options, hint=N_("Choose one of the files that you attached to this application."))


def in_language(texts: Mapping[str, str], language: str) -> str:
    """The text in this language, else in the language that there is."""
    return texts.get(language) or next(iter(texts.values()), "")


def kept_answers(answers: Mapping[str, Any], before: Iterable[Question], now: Iterable[Question]) -> dict[str, Any]:
    """The answers to those questions that stayed exactly as they were."""
    earlier = tuple(before)
    same = {question.id for question in now if question in earlier}
    return {name: answer for name, answer in answers.items() if name.removesuffix(EXPLANATION) in same}
