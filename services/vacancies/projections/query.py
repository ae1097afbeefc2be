"""What can be asked of the search: one page of results in an order, and where in that order a page begins or ends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal, NamedTuple
from uuid import UUID

from services.vacancies.events import state_at
from services.vacancies.projections.vacancies import MOMENT, ResultDocument, VacancyDocument
from shared.vocabulary.search import Criteria

Sort = Literal["newest", "deadline", "relevance"]
Bookmark = tuple[str | int, ...]
"""Where a result stands in its order: what it is sorted by, then its key."""

MOST_PAGES: Final = 10_000
BETWEEN: Final = "~"
LONGEST: Final = 100


@dataclass(frozen=True)
class Search:
    """A search at a moment. everything: closed and cancelled vacancies too. page counts from 1.

    keys: only vacancies with these ids; all without any.
    after, before: the page that follows or precedes this result, whatever came or went since; it goes before `page`.
    """

    criteria: Criteria
    now: datetime
    everything: bool = False
    sort: Sort = "newest"
    page: int = 1
    size: int = 20
    after: Bookmark | None = None
    before: Bookmark | None = None
    keys: tuple[str, ...] = ()

    @property
    def place(self) -> Bookmark | None:
        """Where the page begins or, backwards, ends."""
        return self.after or self.before

    @property
    def backwards(self) -> bool:
        return self.after is None and self.before is not None


class Row(NamedTuple):
    """A result: the vacancy's key, and where it stands in the order asked for."""

    key: str
    bookmark: Bookmark


class Counts(NamedTuple):
    """How many vacancies are found, and how many each value of a facet would show, the other facets as they are."""

    total: int
    facets: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Likeness:
    """What others are compared with: a vacancy's own key, family, level, duty stations, and titles by language."""

    key: str
    family: str
    level: str
    stations: frozenset[str]
    titles: Mapping[str, str]

    @classmethod
    def of(cls, document: VacancyDocument) -> "Likeness":
        titles = {each["language"]: each["title"] for each in document.get("translations", ())}
        stations = frozenset(station["code"] for station in document["duty_stations"])
        titles |= {document["language"]: document["title"]}
        return cls(document["id"], document["family"], document["level"], stations, titles)


class Alike(NamedTuple):
    """The keys of vacancies that are alike, the most alike first; and how many of the family and level are elsewhere.

    elsewhere: by duty station, those with the most first.
    """

    keys: list[str]
    elsewhere: dict[str, int]


class Page(NamedTuple):
    """A page of results. `before`, `after`: bookmarks in text of its first and last, if there are pages beyond."""

    vacancies: list[ResultDocument]
    before: str
    after: str


def page_of(search: Search, rows: Sequence[Row], documents: Mapping[str, ResultDocument]) -> Page:
    """The page of these results: one more than it holds if there are more, from its end on where it goes backwards.

    A vacancy that has no document any more, since it became part of another a moment ago, is left out.
    """
    more, found = len(rows) > search.size, list(rows[: search.size])
    if search.backwards:
        found.reverse()
    earlier = more if search.backwards else search.after is not None or search.page > 1
    later = search.backwards or more
    vacancies = [documents[row.key] for row in found if row.key in documents]
    return Page(vacancies, _written(found[:1] if earlier else []), _written(found[-1:] if later else []))


def _written(rows: Sequence[Row]) -> str:
    return BETWEEN.join(map(str, rows[0].bookmark)) if rows else ""


def bookmark_of(text: str, sort: Sort) -> Bookmark | None:
    """The bookmark that this text holds for this order; None for anything else."""
    *values, key = text[:LONGEST].split(BETWEEN)
    if not _is_key(key):
        return None
    match sort, values:
        case (("newest" | "deadline"), [str(moment)]) if _is_moment(moment):
            return moment, key
        case "relevance", [hits, moment] if hits.isascii() and hits.isdecimal() and len(hits) < 5:
            return (int(hits), moment, key) if _is_moment(moment) else None
    return None


def _is_key(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _is_moment(text: str) -> bool:
    try:
        return datetime.strptime(text, MOMENT).strftime(MOMENT) == text  # noqa: DTZ007 - it ends in Z
    except ValueError:
        return False


def is_open(document: Mapping[str, Any], now: datetime) -> bool:
    """Whether this vacancy, as either view shows it, is still open."""
    return state_at(document["status"], datetime.fromisoformat(document["closes_at"]), now) == "open"


def moment(instant: datetime) -> str:
    """A time as both views write it."""
    return instant.astimezone(UTC).strftime(MOMENT)
