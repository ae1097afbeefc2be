"""What a notice must say before it may be published, and its screening questions (R18, rules.md §1.11)."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final

from services.vacancies.events import (
    Choice,
    DutyStation,
    Language,
    Question,
    Translation,
    VacancyContent,
    agree,
)
from shared.model.errors import N_, Problem
from shared.model.message import Command
from shared.vocabulary.fields import PromptList
from shared.vocabulary.reference import (
    CATEGORIES,
    DEPARTMENTS,
    DUTY_STATIONS,
    FAMILIES,
    LEVELS,
    NETWORKS,
    category_of,
    network_of,
)
from shared.vocabulary.words import without_tags

LONGEST_LINE: Final = 300
LONGEST_DESCRIPTION: Final = 100_000
MOST_STATIONS: Final = 50
MOST_QUESTIONS: Final = 50
MOST_OPTIONS: Final = 100
WITH_OPTIONS: Final = ("single", "multiple")

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""Control characters, and those which turn the direction of what follows."""

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


WORDS: Final = frozenset(Translation.model_fields)
"""What a notice says differently in every language."""


class Content(Command):
    """What a notice says, but for its number, language and days. Codes are of shared.reference; HTML is cleaned.

    translations: what it says in further languages.
    """

    title: str
    job_title: str = ""
    description: str
    network: str = ""
    family: str
    category: str = ""
    level: str
    duty_stations: tuple[DutyStation, ...]
    department: str
    recruitment_type: str = ""
    questions: tuple[Question, ...] = ()
    translations: tuple[Translation, ...] = ()


FACTS: Final = tuple(name for name in Content.model_fields.keys() - Command.model_fields.keys() - WORDS
                     if name not in ("questions", "translations"))  # fmt: skip
"""What is the same in all languages."""


def completed(content: Content, language: Language) -> dict[str, Any]:
    """The event's fields: what follows from others is filled in, stations bear a name in the notice's language."""
    stations = tuple(
        DutyStation(code=s.code, description=s.description or DUTY_STATIONS.label(s.code, language))
        for s in content.duty_stations
    )
    return {
        **{name: getattr(content, name) for name in Content.model_fields if name not in Command.model_fields},
        "network": content.network or network_of(content.family),
        "category": content.category or category_of(content.level),
        "duty_stations": stations,
    }


def problems(content: Content, language: Language, asked_in: Language | None = None) -> Iterator[Problem]:
    """Everything that keeps the notice from being published. asked_in: the language of its questions, if another."""
    yield from _texts(content)
    for number, translation in enumerate(content.translations):
        yield from _texts(translation, f"translations.{number}.")
    yield from _twice("translations", (language, *(translation.language for translation in content.translations)))
    yield from _codes(content)
    yield from _stations(content.duty_stations)
    yield from _questions(content.questions, asked_in or language)


def _texts(content: Content | Translation, path: str = "") -> Iterator[Problem]:
    for name in ("title", "description"):
        if not without_tags(getattr(content, name)).strip():
            yield Problem(path + name, N_("The notice needs a text here"))
    for name in ("title", "job_title", "recruitment_type"):
        yield from _line(path + name, getattr(content, name))
    yield from _at_most(path + "description", content.description, LONGEST_DESCRIPTION)


def _line(field: str, text: str) -> Iterator[Problem]:
    yield from _at_most(field, text, LONGEST_LINE)
    if _UNPRINTABLE.search(text):
        yield Problem(field, N_("Only one line of printable characters"))


def _at_most(field: str, text: str, most: int) -> Iterator[Problem]:
    if len(text) > most:
        yield Problem(field, N_("At most %(most)s characters, not %(count)s"), {"most": most, "count": len(text)})


def _codes(content: Content) -> Iterator[Problem]:
    asked: tuple[tuple[str, str, PromptList], ...] = (
        ("family", content.family, FAMILIES),
        ("level", content.level, LEVELS),
        ("department", content.department, DEPARTMENTS),
    )
    for name, code, prompts in asked:
        yield from _listed(name, code, prompts)
    if content.network:
        yield from _belongs(
            "network", content.network, NETWORKS, {f: network_of(f) for f in _known(content.family, FAMILIES)}
        )
    if content.category:
        yield from _belongs(
            "category", content.category, CATEGORIES, {c: category_of(c) for c in _known(content.level, LEVELS)}
        )


def _known(code: str, prompts: PromptList) -> tuple[str, ...]:
    return (code,) if code in prompts else ()


def _listed(field: str, code: str, prompts: PromptList) -> Iterator[Problem]:
    if code not in prompts:
        yield Problem(
            field, N_("“%(value)s” is not a code of the list %(list)s"), {"value": code[:60], "list": prompts.name}
        )


def _belongs(field: str, code: str, prompts: PromptList, parents: dict[str, str]) -> Iterator[Problem]:
    yield from _listed(field, code, prompts)
    for child, parent in parents.items():
        if code in prompts and code != parent:
            message = N_("“%(child)s” belongs to “%(parent)s”, not to “%(value)s”")
            yield Problem(field, message, {"child": child, "parent": parent, "value": code})


def _stations(stations: tuple[DutyStation, ...]) -> Iterator[Problem]:
    if not 1 <= len(stations) <= MOST_STATIONS:
        message = N_("Give 1 to %(most)s duty stations, not %(count)s")
        yield Problem("duty_stations", message, {"most": MOST_STATIONS, "count": len(stations)})
    for index, station in enumerate(stations):
        yield from _listed(f"duty_stations.{index}.code", station.code, DUTY_STATIONS)
        yield from _line(f"duty_stations.{index}.description", station.description)
    yield from _twice("duty_stations", (station.code for station in stations))


def _twice(field: str, values: Iterable[str]) -> Iterator[Problem]:
    for value, count in Counter(values).items():
        if count > 1:
            yield Problem(field, N_("“%(value)s” is listed %(count)s times"), {"value": value[:60], "count": count})


def _questions(questions: tuple[Question, ...], language: Language) -> Iterator[Problem]:
    if len(questions) > MOST_QUESTIONS:
        message = N_("At most %(most)s questions, not %(count)s")
        yield Problem("questions", message, {"most": MOST_QUESTIONS, "count": len(questions)})
    yield from _twice("questions", (question.id for question in questions))
    for index, question in enumerate(questions):
        yield from _question(question, f"questions.{index}", language)


def _question(question: Question, path: str, language: Language) -> Iterator[Problem]:
    yield from _identifier(f"{path}.id", question.id)
    yield from _worded(f"{path}.text", question.text, language)
    if question.type in WITH_OPTIONS and not 2 <= len(question.options) <= MOST_OPTIONS:
        message = N_("A question of type “%(type)s” needs 2 to %(most)s options, not %(count)s")
        gaps = {"type": question.type, "most": MOST_OPTIONS, "count": len(question.options)}
        yield Problem(f"{path}.options", message, gaps)
    if question.type not in WITH_OPTIONS and question.options:
        yield Problem(f"{path}.options", N_("A question of type “%(type)s” has no options"), {"type": question.type})
    yield from _twice(f"{path}.options", (option.value for option in question.options))
    for number, option in enumerate(question.options):
        yield from _identifier(f"{path}.options.{number}.value", option.value)
        yield from _worded(f"{path}.options.{number}.text", option.text, language)


def _identifier(field: str, value: str) -> Iterator[Problem]:
    if not _ID.fullmatch(value):
        message = N_("“%(value)s” must be 1 to 64 letters, digits, hyphens or underscores")
        yield Problem(field, message, {"value": value[:70]})


def _worded(field: str, text: dict[str, str], language: Language) -> Iterator[Problem]:
    if not text.get(language, "").strip():
        yield Problem(field, N_("A text in the notice's language (%(language)s) is missing"), {"language": language})
    for words in text.values():
        yield from _at_most(field, words, LONGEST_DESCRIPTION // 50)


def with_texts(known: Iterable[Question], asked: Iterable[Question]) -> tuple[Question, ...]:
    """What is asked, with the texts that are known in languages in which they are not given."""
    before = {question.id: question for question in known}
    return tuple(_with_texts(before.get(question.id), question) for question in asked)


def _with_texts(known: Question | None, asked: Question) -> Question:
    if known is None or known.type != asked.type:
        return asked
    texts = {choice.value: choice.text for choice in known.options}
    options = tuple(
        Choice(value=choice.value, text={**texts.get(choice.value, {}), **choice.text}) for choice in asked.options
    )
    return asked.model_copy(update={"text": {**known.text, **asked.text}, "options": options})


def differences(one: VacancyContent, other: VacancyContent) -> list[str]:
    """The parts in which both differ, as far as both have a notice in one language."""
    found = [name for name in sorted(FACTS) if name != "duty_stations" and getattr(one, name) != getattr(other, name)]
    if [station.code for station in one.duty_stations] != [station.code for station in other.duty_stations]:
        found.append("duty_stations")
    if not agree(one.questions, other.questions):
        found.append("questions")
    said = {notice.language: notice for notice in one.notices}
    for notice in other.notices:
        known = said.get(notice.language, notice)
        found += [name for name in Translation.model_fields if getattr(known, name) != getattr(notice, name)]
    return list(dict.fromkeys(found))
