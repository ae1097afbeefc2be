"""Records of notices turned into commands; a rejected one says why, in the words of its own shape.

The shape is the one in which careers.un.org lists openings; `postings` turns schema.org's into it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from services.vacancies.domain.commands import (
    AmendVacancy,
    CancelVacancy,
    ExtendDeadline,
    PublishVacancy,
    RegisterGalaxyNotice,
    VacancyCommand,
)
from services.vacancies.domain.content import FACTS, WORDS
from services.vacancies.domain.days import clock_change, closing, day_of
from services.vacancies.domain.postings import NAMES, is_posting, record_of
from services.vacancies.domain.vacancy import Vacancy
from services.vacancies.events import DutyStation, Language, Question, VacancyContent, shapes
from shared.model.errors import N_, Invalid, Problem
from shared.vocabulary.fields import LANGUAGES, PromptList
from shared.vocabulary.official import OFFICIAL
from shared.vocabulary.reference import CATEGORIES, DEPARTMENTS, DUTY_STATIONS, FAMILIES, LEVELS, NETWORKS, code_of

Record = Mapping[str, Any]

FIELDS: Final = {
    "job_opening_number": "jobId",
    "title": "postingTitle",
    "job_title": "jobTitle",
    "description": "jobDescription",
    "family": "jobFamilyCode",
    "level": "jobLevel",
    "category": "categoryCode",
    "network": "jn",
    "department": "dept",
    "duty_stations": "dutyStation",
    "recruitment_type": "recruitmentType",
    "opens_on": "startDate",
    "closes_on": "endDate",
}
"""Our names and the record's, so that a rejection names what stands in the file."""

_CLOCK_CHANGE = re.compile(r"clock-change(?: (\d))?")
_BREAKS = re.compile(r"[ \t\r\n\f\v\x85\u2028\u2029]+")
_REGION: Final = re.compile("[-_]")
_QUESTIONS = TypeAdapter(tuple[Question, ...])


@dataclass(frozen=True)
class Notice:
    """One record, read. extended_to and cancelled are what happened to it after it was published.

    floating: its days were counted from today, so they say nothing new about a vacancy that is known.
    asks: whether it says what is asked of candidates; if not, the questions of a known vacancy stay.
    """

    announcement: PublishVacancy | RegisterGalaxyNotice
    floating: bool
    asks: bool = True
    extended_to: date | None = None
    cancelled: str | None = None

    @property
    def number(self) -> str:
        return self.announcement.job_opening_number

    @property
    def language(self) -> Language:
        return self.announcement.language


def shaped(record: Record) -> Record:
    """A record of either shape in the shape of careers.un.org."""
    return record_of(record) if is_posting(record) else record


def read(record: Record, today: date) -> Notice:
    """A record in the shape of careers.un.org as a notice. Raises Invalid naming the record's own fields.

    Days are ISO dates or times, whole numbers of days from today (the samples never expire), or "clock-change".
    """
    problems: list[Problem] = []

    def day(name: str) -> date | None:
        try:
            return _day(record[name], today) if record.get(name) is not None else None
        except (ValueError, OverflowError):
            problems.append(Problem(name, N_("“%(value)s” is not a date"), {"value": str(record[name])[:60]}))
            return None

    opens_on, closes_on, extended_to = day("startDate"), day("endDate"), day("extendedTo")
    if closes_on is None and record.get("endDate") is None:
        problems.append(Problem("endDate", N_("The closing day is missing")))
    language, questions = _language(record, problems), _read_questions(record, problems)
    if problems or closes_on is None or language is None:
        raise Invalid(*problems)
    kind = RegisterGalaxyNotice if _text(record, "source").casefold() == "galaxy" else PublishVacancy
    announcement = kind(
        **_content(record, language),
        questions=questions,
        job_opening_number=_text(record, "jobId"),
        language=language,
        opens_on=opens_on or min(today, closes_on),
        closes_on=closes_on,
        archived=True,
    )
    floating = not _says_when(record["endDate"])
    return Notice(announcement, floating, "questions" in record, extended_to, _text(record, "cancelled") or None)


def steps(notice: Notice, vacancy: Vacancy) -> Iterator[VacancyCommand]:
    """What brings the vacancy to what the notice says. Nothing happens where it says so already."""
    yield _amendment(notice, vacancy.content) if vacancy.content else notice.announcement
    if day := _extension(notice, vacancy):
        yield ExtendDeadline(closes_on=day)
    if notice.cancelled:
        yield CancelVacancy(reason=notice.cancelled)


def _amendment(notice: Notice, known: VacancyContent) -> AmendVacancy:
    """The facts are those of the notice that came first; another brings its words, and its words of the questions."""
    said, is_first = notice.announcement, notice.announcement.language == known.language
    words = {name: getattr(said, name) for name in WORDS}
    facts = {name: getattr(said if is_first else known, name) for name in FACTS}
    asks = notice.asks and (is_first or shapes(said.questions) == shapes(known.questions))
    return AmendVacancy(**words, **facts, questions=said.questions if asks else known.questions)


def _extension(notice: Notice, vacancy: Vacancy) -> date | None:
    if vacancy.announced is None or vacancy.content is None:
        return notice.extended_to
    if notice.floating:
        return None if vacancy.extended or vacancy.status != "open" else notice.extended_to
    day = notice.extended_to or notice.announcement.closes_on
    return day if closing(day) > vacancy.content.closes_at else None


def rejected(problem: Problem, record: Record) -> str:
    """The record's own field and what is wrong with it."""
    name, dot, rest = problem.field.partition(".")
    field = FIELDS.get(name, name)
    field = NAMES.get(field, field) if is_posting(record) else field + dot + rest
    return f"{field}: {problem}" if field else str(problem)


def name_of(record: Record) -> str:
    """How a report names a record: its number and language."""
    known = shaped(record)
    return f"{known.get('jobId')} ({known.get('language')})"


def _content(record: Record, language: Language) -> dict[str, Any]:
    title, job_title = _line(record, "postingTitle"), _line(record, "jobTitle") or _line(record, "jobCodeTitle")
    return {
        "title": title or job_title,
        "job_title": job_title,
        "description": _text(record, "jobDescription"),
        "family": _code(FAMILIES, record, "jobFamilyCode", "jf"),
        "level": _code(LEVELS, record, "jobLevel", "jl"),
        "category": _code(CATEGORIES, record, "categoryCode", "jc"),
        "network": _code(NETWORKS, record, "jn"),
        "department": _code(DEPARTMENTS, record, "dept"),
        "duty_stations": tuple(_stations(record.get("dutyStation"), language)),
        "recruitment_type": _line(record, "recruitmentType"),
    }


def _stations(stations: Any, language: Language) -> Iterator[DutyStation]:
    for station in stations if isinstance(stations, list) else [stations] if stations else []:
        given = station if isinstance(station, Mapping) else {"code": station}
        code = _code(DUTY_STATIONS, given, "code", "description")
        name = DUTY_STATIONS.label(code, language) if code in DUTY_STATIONS else _line(given, "description")
        yield DutyStation(code=code, description=name)


def _code(prompts: PromptList, record: Record, *names: str) -> str:
    """The code that any of these fields means; else the first one's text, for the rejection to show."""
    texts = [_text(record, name) for name in names]
    return next((code for text in texts if text and (code := code_of(prompts, text))), texts[0])


def _text(record: Record, name: str) -> str:
    """A text, or the code or name of an object."""
    value = record.get(name)
    if isinstance(value, Mapping):
        value = value.get("code") or value.get("name") or value.get("description")
    return "" if value is None else str(value).strip()


def _line(record: Record, name: str) -> str:
    """A text in one line; no-break spaces stay."""
    return _BREAKS.sub(" ", _text(record, name))


def _language(record: Record, problems: list[Problem]) -> Language | None:
    said = _text(record, "language")
    code, begins = code_of(LANGUAGES, _REGION.split(said, maxsplit=1)[0]), said[:2].casefold()
    codes = (code, begins) if begins in {"en", "fr"} else (code,)
    found = next((language for language in OFFICIAL if language in codes), None)
    if found is None:
        message = N_("“%(value)s” is not a language of notices: AR, ZH, EN, FR, RU or ES")
        problems.append(Problem("language", message, {"value": said[:60]}))
    return found


def _read_questions(record: Record, problems: list[Problem]) -> tuple[Question, ...]:
    try:
        return _QUESTIONS.validate_python(record.get("questions") or ())
    except ValidationError as error:
        for wrong in error.errors(include_url=False):
            path = ".".join(map(str, ("questions", *wrong["loc"])))
            problems.append(Problem(path, "%(why)s", {"why": wrong["msg"]}))
        return ()


def _says_when(value: Any) -> bool:
    return type(value) is not int and not _CLOCK_CHANGE.fullmatch(str(value).strip())


def _day(value: Any, today: date) -> date:
    """Raises ValueError if no known way of writing a day fits, or the day is far from ours.

    Raises OverflowError if New York has no such day.
    """
    if type(value) is int and abs(value) < 10_000:
        return today + timedelta(days=value)
    text = str(value).strip()
    if found := _CLOCK_CHANGE.fullmatch(text):
        return clock_change(today, int(found[1] or 1))
    instant = datetime.fromisoformat(text)
    day = day_of(instant) if instant.tzinfo else instant.date()
    if not 1945 <= day.year <= 2999:
        raise ValueError(text)
    return day
