"""Both documents of a vacancy: `VACANCIES` shows it, `SEARCH` finds it (migrations/0001_search.sql has the indexes)."""

from datetime import UTC, datetime
from typing import Any, Final, TypedDict, cast

from services.vacancies.events import (
    PUBLISHED,
    DeadlineExtended,
    State,
    VacancyAmended,
    VacancyCancelled,
    VacancyClosed,
    VacancyContent,
    VacancyPublished,
    notice_of,
)
from shared.model.message import Recorded
from shared.model.projection import Projection, by_key
from shared.vocabulary.words import stems

BETWEEN_PASSAGES: Final = " | "
MOMENT: Final = "%Y-%m-%dT%H:%M:%SZ"
"""How times are written in both: UTC and all alike, so that text order is time order."""


class Station(TypedDict):
    code: str
    description: str


class VacancyDocument(TypedDict):
    """A vacancy as its page and the API show it; times are UTC, ISO 8601."""

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


class SearchDocument(ResultDocument):
    """The same, and what it is found by.

    words: its stems, each once. text: the stems in order, passages parted by a bar, for phrases. heading: the title's.
    """

    facets: dict[str, list[str]]
    words: list[str]
    text: str
    heading: str


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
        case _:
            return document


def _found_by(key: str, content: VacancyContent, status: State, updated_at: str) -> SearchDocument:
    notice = notice_of(content)
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
        "words": sorted(notice.words),
        "text": spaced(BETWEEN_PASSAGES.join(" ".join(passage) for passage in notice.stems)),
        "heading": spaced(" ".join(stems(content.title, content.language))),
    }


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime(MOMENT)


def spaced(words: str) -> str:
    """Words with a space at either end, so that " a b " is found in it only as whole words."""
    return f" {words} "


VACANCIES = Projection[VacancyDocument]("vacancies", PUBLISHED.events, by_key, _vacancy)
SEARCH = Projection[SearchDocument]("search", PUBLISHED.events, by_key, _search)
