"""The search as SQL over `documents_of_view`: one page of results, and how many there are by facet and value.

`shared.search.matches` says what it means; tests/vacancies/test_search.py proves that both agree.
"""
# ruff: noqa: S608 - only names of ours are put into the text; every value is a parameter.

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal, NamedTuple

from services.vacancies.projections.vacancies import MOMENT, ResultDocument, spaced
from shared.vocabulary.search import FACETS, LANGUAGES, Criteria, phrases

Sort = Literal["newest", "deadline", "relevance"]
Bookmark = tuple[str | int, ...]
"""Where a result stands in its order: what it is sorted by, then its key."""

SHOWN: Final = "document - '{facets,words,text,heading,translated}'::text[]"
CLOSES_AT: Final = """((document->>'closes_at') collate "C")"""
OPENS_AT: Final = """((document->>'opens_at') collate "C")"""


MOST_PAGES: Final = 10_000
BETWEEN: Final = "~"
LONGEST: Final = 100


class Query(NamedTuple):
    """SQL and its parameters, which count from $2."""

    sql: str
    args: tuple[Any, ...]


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


@dataclass
class _Args:
    values: list[Any] = field(default_factory=list)

    def __call__(self, value: Any) -> str:
        self.values.append(value)
        return f"${len(self.values) + 1}"


def results(search: Search) -> Query:
    """Rows of `key`, `document` and `bookmark` (JSON text), in an order that does not depend on the page.

    One more than a page, to know whether there is another; backwards before a bookmark. See `page_of`.
    """
    args = _Args()
    conditions = [*_common(search, args), *(_facet(search.criteria, name, args) for name in FACETS)]
    order = _order(search, args)
    place = search.after or search.before
    if place:
        conditions.append(_beyond(order, place, bool(search.after), args))
    by = ", ".join(f"{expression} {_way(falls != bool(search.before))}" for expression, falls in order)
    offset = 0 if place else (search.page - 1) * search.size
    sql = (
        f"select key, ({SHOWN})::text as document, json_build_array({', '.join(e for e, _ in order)})::text as bookmark"
        f" from documents_of_view where {' and '.join(conditions)}"
        f" order by {by} limit {args(search.size + 1)} offset {args(offset)}"
    )
    return Query(sql, tuple(args.values))


def counts(search: Search) -> Query:
    """Rows of `facet`, `value`, `found`: how many vacancies each value would show, the other facets as they are.

    The row of facet "" is the number of all results.
    """
    args = _Args()
    common = " and ".join(_common(search, args))
    passes = ", ".join(f"{_facet(search.criteria, name, args)} as passes_{name}" for name in FACETS)
    parts = [f"select '' as facet, '' as value, count(*) as found from base where {_all_but('')}"]
    parts += [
        f"select '{name}', value, count(*) from base, jsonb_array_elements_text(facets->'{name}') as value"
        f" where {_all_but(name)} group by value"
        for name in FACETS
    ]
    rows = f"select document->'facets' as facets, {passes} from documents_of_view where {common}"
    return Query(f", base as materialized ({rows}) {' union all '.join(parts)}", tuple(args.values))


class Page(NamedTuple):
    """A page of results. `before`, `after`: bookmarks in text of its first and last, if there are pages beyond."""

    vacancies: list[ResultDocument]
    before: str
    after: str


def page_of(search: Search, rows: Iterable[Any]) -> Page:
    """What `results` found, in order."""
    found = list(rows)
    more, found = len(found) > search.size, found[: search.size]
    if search.before:
        found.reverse()
    earlier = more if search.before else bool(search.after) or search.page > 1
    later = bool(search.before) or more
    vacancies = [json.loads(row["document"]) for row in found]
    return Page(vacancies, _written(found[:1] if earlier else []), _written(found[-1:] if later else []))


def _written(rows: Sequence[Any]) -> str:
    return BETWEEN.join(map(str, json.loads(rows[0]["bookmark"]))) if rows else ""


def bookmark_of(text: str, sort: Sort) -> Bookmark | None:
    """The bookmark that this text holds for this order; None for anything else."""
    *values, key = text[:LONGEST].split(BETWEEN)
    match sort, values:
        case (("newest" | "deadline"), [str(moment)]) if moment:
            return moment, key
        case "relevance", [hits, moment] if hits.isascii() and hits.isdecimal() and len(hits) < 5 and moment:
            return int(hits), moment, key
    return None


def is_open(document: Mapping[str, Any], now: datetime) -> bool:
    """Whether this vacancy, as either view shows it, is still open: until the last second of its closing day (R45)."""
    return bool(document["status"] == "open" and document["closes_at"] >= _moment(now))


def tally(rows: Iterable[Any]) -> tuple[int, dict[str, dict[str, int]]]:
    """What `counts` counted: all results, and by facet the number for each value."""
    facets: dict[str, dict[str, int]] = {name: {} for name in FACETS}
    total = 0
    for row in rows:
        if row["facet"]:
            facets[row["facet"]][row["value"]] = row["found"]
        else:
            total = row["found"]
    return total, facets


def _moment(now: datetime) -> str:
    return now.astimezone(UTC).strftime(MOMENT)


def _all_but(facet: str) -> str:
    return " and ".join(f"passes_{name}" for name in FACETS if name != facet)


def _common(search: Search, args: _Args) -> Iterator[str]:
    """Everything but the facets. The view is named once more, so that its partial indexes serve any plan."""
    yield "view = 'search'"
    if search.keys:
        yield f"key = any({args(list(search.keys))}::text[])"
    if not search.everything:
        yield f"document->>'status' = 'open' and {CLOSES_AT} >= {args(_moment(search.now))}"
    if search.criteria.posted_since:
        yield f"document->>'posted' >= {args(search.criteria.posted_since.isoformat())}"
    if phrases(search.criteria.keywords, LANGUAGES[0]):
        yield f"({' or '.join(_keywords(search.criteria.keywords, language, args) for language in LANGUAGES)})"


def _keywords(keywords: str, language: str, args: _Args) -> str:
    """Whether they all occur in the notice in this language, be it the first one or a translation."""
    asked = phrases(keywords, language)
    words = args(sorted({word for phrase in asked for word in phrase}))
    phrased = [args(spaced(" ".join(phrase))) for phrase in asked if len(phrase) > 1]
    held = (
        [f"{notice}->'words' @> to_jsonb({words}::text[])", *(_stands(notice, "text", phrase) for phrase in phrased)]
        for notice in _notices(language)
    )
    first, translation = map(" and ".join, held)
    return f"({_in(language)} and {first} or {translation})"


def _notices(language: str) -> tuple[str, str]:
    """Where the notice in this language stands in a document: as its first one, or as a translation."""
    return "document", f"document->'translated'->'{language}'"


def _in(language: str) -> str:
    return f"document->>'language' = '{language}'"


def _stands(notice: str, where: str, phrase: str) -> str:
    return f"strpos({notice}->>'{where}', {phrase}) > 0"


def _facet(criteria: Criteria, name: str, args: _Args) -> str:
    asked = criteria.facet(name)
    return f"document->'facets'->'{name}' ?| {args(list(asked))}::text[]" if asked else "true"


_Order = list[tuple[str, bool]]
"""Expressions to sort by, each with whether it falls; the key comes last."""


def _order(search: Search, args: _Args) -> _Order:
    match search.sort:
        case "deadline":
            return [(CLOSES_AT, False), ("key", False)]
        case "relevance":
            return [(_hits(search.criteria, args), True), (OPENS_AT, True), ("key", False)]
        case "newest":
            return [(OPENS_AT, True), ("key", False)]


def _hits(criteria: Criteria, args: _Args) -> str:
    """How many of the words and phrases stand in the title, in the language in which it is the most."""
    counted = (" + ".join(_in_title(criteria, language, args)) for language in LANGUAGES)
    return f"greatest({', '.join(filter(None, counted)) or '0::int'})"


def _in_title(criteria: Criteria, language: str, args: _Args) -> Iterator[str]:
    for phrase in phrases(criteria.keywords, language):
        first, translation = (
            _stands(notice, "heading", args(spaced(" ".join(phrase)))) for notice in _notices(language)
        )
        yield f"coalesce({_in(language)} and {first} or {translation}, false)::int"


def _way(falls: bool) -> str:
    return "desc" if falls else "asc"


def _beyond(order: _Order, place: Bookmark, after: bool, args: _Args) -> str:
    """Whether a row comes after the place in this order, or before it."""
    condition = "false"
    for (expression, falls), value in reversed([*zip(order, place, strict=True)]):
        given = f"{args(value)}::{'int' if isinstance(value, int) else 'text'}"
        beyond = "<" if falls == after else ">"
        condition = f"({expression} {beyond} {given} or {expression} = {given} and {condition})"
    return condition
