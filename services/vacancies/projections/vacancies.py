"""Both documents of a vacancy: `VACANCIES` shows it, `SEARCH` is what the search's index is made of and shows of it."""

from datetime import UTC, datetime
from typing import Any, Final, NotRequired, TypedDict, cast

from services.vacancies.events import (
    PUBLISHED,
    DeadlineExtended,
    State,
    Translation,
    VacancyAmended,
    VacancyCancelled,
    VacancyClosed,
    VacancyContent,
    VacancyMerged,
    VacancyPublished,
    notice_of,
)
from shared.model.message import Recorded
from shared.model.projection import Projection, by_key
from shared.vocabulary import search as found
from shared.vocabulary.words import stems

BETWEEN_PASSAGES: Final = " | "
MOMENT: Final = "%Y-%m-%dT%H:%M:%SZ"
"""How times are written in both: UTC and all alike, so that text order is time order."""


class Station(TypedDict):
    code: str
    description: str


class Title(TypedDict):
    """A notice in another language, as a list shows it."""

    language: str
    title: str


class Notice(Title):
    job_title: str
    description: str
    recruitment_type: str


class VacancyDocument(TypedDict):
    """A vacancy as its page and the API show it; times are UTC, ISO 8601.

    language: of the notice that came first; translations: the others. merged_into: where it is found instead.
    absorbed: the vacancies that are found here instead. Documents from before one opening was one vacancy have none.
    """

    id: str
    status: State
    extended: bool
    reason: str
    job_opening_number: str
    source: str
    language: str
    title: str
    job_title: str
    description: str
    network: str
    family: str
    category: str
    level: str
    duty_stations: list[Station]
    department: str
    recruitment_type: str
    opens_at: str
    closes_at: str
    questions: list[dict[str, Any]]
    version: int
    translations: NotRequired[list[Notice]]
    merged_into: NotRequired[str]
    absorbed: NotRequired[list[str]]


class ResultDocument(TypedDict):
    """A vacancy as a list of results, or a feed, shows it."""

    id: str
    status: State
    job_opening_number: str
    source: str
    language: str
    title: str
    level: str
    category: str
    department: str
    duty_stations: list[Station]
    posted: str
    opens_at: str
    closes_at: str
    updated_at: str
    translations: NotRequired[list[Title]]
    absorbed: NotRequired[list[str]]


class Searched(TypedDict):
    """What one notice is found by.

    text: its stems in order, passages parted by a bar, so that no phrase reaches across. heading: the title's.
    """

    text: str
    heading: str


class SearchDocument(ResultDocument, Searched):
    """The same, and what it is found by; translated: the notices in other languages, by language."""

    facets: dict[str, list[str]]
    translated: NotRequired[dict[str, Searched]]


def _vacancy(document: VacancyDocument | None, event: Recorded[Any]) -> VacancyDocument | None:
    match event.data:
        case VacancyPublished() | VacancyAmended() as content:
            known = document or {"id": event.key, "status": "open", "extended": False, "reason": ""}
            return cast("VacancyDocument", {**known, **content.model_dump(mode="json", exclude={"organisation"})})
        case DeadlineExtended() as later if document:
            return {**document, "closes_at": _text(later.closes_at), "extended": True}
        case VacancyClosed() if document:
            return {**document, "status": "closed"}
        case VacancyCancelled(reason=reason) if document:
            return {**document, "status": "cancelled", "reason": reason}
        case VacancyMerged(into=into) if document:
            return {**document, "merged_into": str(into)}
        case _:
            return document


def _search(document: SearchDocument | None, event: Recorded[Any]) -> SearchDocument | None:
    at = _text(event.at)
    match event.data:
        case VacancyPublished() | VacancyAmended() as content:
            return _found_by(event.key, content, document["status"] if document else "open", at)
        case DeadlineExtended() as later if document:
            return {**document, "closes_at": _text(later.closes_at), "updated_at": at}
        case VacancyClosed() if document:
            return {**document, "status": "closed", "updated_at": at}
        case VacancyCancelled() if document:
            return {**document, "status": "cancelled", "updated_at": at}
        case VacancyMerged():
            return None
        case _:
            return document


def _found_by(key: str, content: VacancyContent, status: State, updated_at: str) -> SearchDocument:
    notice = notice_of(content)
    own, *others = content.notices
    return {
        "id": key,
        "status": status,
        "job_opening_number": content.job_opening_number,
        "source": content.source,
        "language": content.language,
        "title": content.title,
        "level": content.level,
        "category": content.category,
        "department": content.department,
        "duty_stations": [{"code": s.code, "description": s.description} for s in content.duty_stations],
        "posted": notice.posted.isoformat(),
        "opens_at": _text(content.opens_at),
        "closes_at": _text(content.closes_at),
        "updated_at": updated_at,
        "facets": {name: sorted(values) for name, values in notice.facets.items()},
        "translations": cast("list[Title]", content.titles),
        "absorbed": [str(key) for key in content.absorbed],
        **_searched(notice, own),
        "translated": {other.language: _searched(notice, other) for other in others},
    }


def _searched(notice: found.Notice, words: Translation) -> Searched:
    language = words.language
    return {
        "text": BETWEEN_PASSAGES.join(" ".join(passage) for passage in notice.stems[language]),
        "heading": " ".join(stems(words.title, language)),
    }


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime(MOMENT)


VACANCIES = Projection[VacancyDocument]("vacancies", PUBLISHED.events, by_key, _vacancy)
SEARCH = Projection[SearchDocument]("search", PUBLISHED.events, by_key, _search)
