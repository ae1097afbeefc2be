"""Screening questions as form fields (R18), bound to the version of the job opening that asked them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from services.vacancies.events import Question, agree
from shared.model.errors import N_, Verbatim
from shared.vocabulary.fields import Field, Option

EXPLANATION: Final = "_explanation"
MEETS, MEETS_NOT = "meets", "does_not_meet"

ELIMINATORY: Final = N_("This question is eliminatory: your answer to this question alone can exclude you.")
_FILE: Final = N_("Choose one of the files that you attached to this application.")
_FILE_ELIMINATORY: Final = N_(
    "Choose one of the files that you attached to this application. This question is eliminatory: without the right "
    "file you can be excluded."
)
_NO_FILE: Final = N_("Attach the file to this application first, then choose it here.")
_NO_FILE_ELIMINATORY: Final = N_(
    "Attach the file to this application first, then choose it here. This question is eliminatory: without the right "
    "file you can be excluded."
)
ATTACH: Final = Option("attachments", N_("Attach a file"))
"""The button beside such a question, which saves and leads to where files are attached."""

_CRITERION = (Option(MEETS, N_("I meet this criterion")), Option(MEETS_NOT, N_("I do not meet this criterion")))


def fields_of(
    questions: Iterable[Question], language: str, files: Mapping[str, str] | None = None
) -> tuple[Field, ...]:
    """The fields of the questionnaire, asked in this language. `files`: names of the attachments by id."""
    return tuple(field for question in questions for field in _fields(question, language, files or {}))


def _fields(question: Question, language: str, files: Mapping[str, str]) -> Iterator[Field]:
    def field(kind: Any, options: tuple[Option, ...] = (), **more: Any) -> Field:
        asked = in_language(question.text, language)
        hint = ELIMINATORY if question.eliminatory else ""
        return Field(question.id, asked, kind, required=question.required, options=options, **{"hint": hint, **more})

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
            name, said = question.id + EXPLANATION, N_("Explanation")
            yield Field(name, N_("Your explanation"), "textarea", length=800, statement=said)
        case "file":
            options = tuple(Option(key, name) for key, name in files.items())
            yield field("choice", options, hint=_file_hint(question, files), button=ATTACH, own=True)


def _file_hint(question: Question, files: Mapping[str, str]) -> str:
    known = (_FILE, _FILE_ELIMINATORY) if files else (_NO_FILE, _NO_FILE_ELIMINATORY)
    return known[question.eliminatory]


def in_language(texts: Mapping[str, str], language: str) -> Verbatim:
    """The text in this language, else in the language that there is; never translated by us."""
    return Verbatim(texts.get(language) or next(iter(texts.values()), ""))


def kept_answers(answers: Mapping[str, Any], before: Iterable[Question], now: Iterable[Question]) -> dict[str, Any]:
    """The answers to those questions that stayed as they were, be they asked in one more language now."""
    earlier = {question.id: question for question in before}
    same = {asked.id for asked in now if asked.id in earlier and agree([earlier[asked.id]], [asked])}
    return {name: answer for name, answer in answers.items() if name.removesuffix(EXPLANATION) in same}


def without_file(answers: Mapping[str, Any], questions: Iterable[Question], file_id: str) -> dict[str, Any]:
    """The answers but those that name this file."""
    asking = {question.id for question in questions if question.type == "file"}
    return {name: answer for name, answer in answers.items() if name not in asking or answer != file_id}
