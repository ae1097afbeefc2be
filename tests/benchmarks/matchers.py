"""Three ways to find the saved searches that a vacancy fits, each measured over the same searches and vacancies.

Times are milliseconds of the processor, the median over the vacancies, so that a busy machine counts little. Memory is
what the process grew by; so each measurement wants a process of its own.
"""

import gc
from array import array
from collections.abc import Callable, Sequence
from itertools import islice, pairwise
from statistics import median
from time import process_time
from typing import Any, NamedTuple

import psutil
from mokaccino import Document, Percolator, Query

from services.alerts.domain import SearchIndex
from shared.vocabulary.search import FACETS, Criteria, Notice, matches, phrases
from tests.benchmarks.saved_searches import notices, searches

ROUNDS = 3
ASKED = 10_000
"""How many searches are asked each in turn; more are reckoned from these."""


class Measured(NamedTuple):
    """`answers`: for each vacancy the numbers of the searches, ascending. `named_ms`: with their ids in place of them.

    adds: searches taken in a second.
    """

    answers: list["array[int]"]
    ms: float
    named_ms: float = 0.0
    megabytes: float = 0.0
    adds: float = 0.0


def index(count: int) -> Measured:
    """Ours."""
    before, began, built = _resident(), process_time(), SearchIndex()
    for number, criteria in enumerate(searches(count)):
        built.add(f"{number:08x}-0000-4000-8000-{number:012x}", criteria)
    adds, held, published = count / (process_time() - began), _resident() - before, notices()
    ms = timed(lambda notice: built.find(notice).to_array(), published)
    named = timed(built.match, published)
    return Measured([built.find(notice).to_array() for notice in published], ms, named, held, adds)


def percolator(count: int) -> Measured:
    """The percolator in Rust, given everything that helps it.

    Queries and documents are made outside its time, a document has those two-word phrases only that some query asks
    for, and it is measured in its optimized form but weighed before, when it is smaller.
    """
    before, began, built = _resident(), process_time(), Percolator()
    asked: set[str] = set()
    for number, criteria in enumerate(searches(count)):
        built.add_query_id(_query(criteria, asked), number)
    adds, held, published = count / (process_time() - began), _resident() - before, notices()
    built = built.optimized()
    documents = [_document(notice, asked) for notice in published]
    ms = timed(built.percolate_list, documents)
    return Measured([array("I", sorted(built.percolate_list(each))) for each in documents], ms, 0.0, held, adds)


def in_turn(count: int, vacancies: int = 3) -> Measured:
    """The meaning of a search, asked of each; of some, evenly spread, when there are many."""
    step = max(1, count // ASKED)
    wanted = {number * step: each for number, each in enumerate(islice(searches(count), 0, None, step))}
    published = notices()[:vacancies]

    def ask(notice: Notice) -> "array[int]":
        return array("I", [number for number, criteria in wanted.items() if matches(criteria, notice)])

    return Measured([ask(notice) for notice in published], step * timed(ask, published))


def timed(work: Callable[[Any], object], items: Sequence[Any]) -> float:
    """Milliseconds an item, the median, after a round to warm up."""
    times = []
    for number in range(ROUNDS + 1):
        for item in items:
            began = process_time()
            work(item)
            times.append((number, process_time() - began))
    return 1e3 * median(time for number, time in times if number)


def _resident() -> float:
    gc.collect()
    return float(psutil.Process().memory_info().rss) / 1e6


def _query(criteria: Criteria, asked: set[str]) -> Any:
    """The same in the percolator's terms; adds the phrases that it asks for."""
    parts = [_one_of(name, criteria.facet(name)) for name in FACETS if criteria.facet(name)]
    for phrase in phrases(criteria.keywords, "en"):
        parts.append(Query.from_kv("words", " ".join(phrase)))
        if len(phrase) > 1:
            asked.add(" ".join(phrase))
    if criteria.posted_since:
        parts.append(Query.from_kge("posted", criteria.posted_since.toordinal()))
    return Query.from_and(parts) if len(parts) > 1 else parts[0] if parts else Query.from_kv("any", "vacancy")


def _one_of(name: str, values: tuple[str, ...]) -> Any:
    each = [Query.from_kv(name, value) for value in values]
    return Query.from_or(each) if len(each) > 1 else each[0]


def _document(notice: Notice, asked: set[str]) -> Any:
    document = Document()
    document.add_value("any", "vacancy")
    document.add_value("posted", str(notice.posted.toordinal()))
    pairs = {" ".join(pair) for passages in notice.stems.values() for passage in passages for pair in pairwise(passage)}
    for term in frozenset().union(*notice.words.values()) | (pairs & asked):
        document.add_value("words", term)
    for name, values in notice.facets.items():
        for value in values:
            document.add_value(name, value)
    return document
