"""The search's index: it finds exactly what `matches` says, as alerts do, counts it, and pages through it in order."""

import itertools
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck
from hypothesis import given as forall
from hypothesis import settings as settled
from hypothesis import strategies as st

from services.alerts.domain.matching import SearchIndex
from services.vacancies.domain.days import closing
from services.vacancies.events import (
    DutyStation,
    Translation,
    VacancyCancelled,
    VacancyClosed,
    VacancyEvent,
    VacancyPublished,
    notice_of,
)
from services.vacancies.projections import SEARCH
from services.vacancies.projections.query import Page, Search, Sort, bookmark_of, page_of
from services.vacancies.use_cases.index import VacancyIndex
from shared.model.testing import NOON, history
from shared.vocabulary.search import FACETS, LANGUAGES, Criteria, matches, occurs, phrases
from shared.vocabulary.words import stems

WORDS = ["économiste", "Economists", "droit", "droits", "de", "cœur", "|", "развития", "والتنمية", "经济事务", "事务"]
CODES = ["A", "B", "C"]
DAYS = [date(2026, 11, 10) + timedelta(days=n) for n in range(5)]

word = st.sampled_from(WORDS)
text = st.lists(word, min_size=1, max_size=8).map(" ".join)
phrase = st.lists(word, max_size=3).map(lambda words: f'"{" ".join(words)}"')
asked = st.sampled_from([("A",), ("A", "B"), ("B", "Z"), ("Z",)])
coded = [name for name in FACETS if name != "languages"]
criteria = st.builds(
    lambda keywords, days, languages, facets: Criteria(
        keywords=keywords, posted_since=days, languages=languages, **facets
    ),
    st.lists(word | phrase, max_size=2).map(" ".join),
    st.sampled_from([None, None, None, *DAYS]),
    st.sampled_from([(), (), (), ("en",), ("ru",), ("en", "fr", "ar")]),
    st.dictionaries(st.sampled_from(coded), asked, max_size=2),
)
code = st.sampled_from([*CODES, ""])
stations = st.builds(DutyStation, code=st.sampled_from(CODES), description=word)
published = st.builds(
    VacancyPublished,
    job_opening_number=word,
    language=st.sampled_from(LANGUAGES),
    source=st.sampled_from(["inspira", "galaxy"]),
    title=text,
    description=text.map(lambda words: f"<p>{words}</p>"),
    duty_stations=st.lists(st.builds(DutyStation, code=st.sampled_from(CODES), description=word), max_size=3).map(
        tuple
    ),
    opens_at=st.sampled_from(DAYS).map(lambda day: datetime(day.year, day.month, day.day, 14, tzinfo=UTC)),
    closes_at=st.sampled_from([*DAYS, *(day + timedelta(days=30) for day in DAYS)]).map(closing),
    **dict.fromkeys(["network", "family", "category", "level", "department"], code),
)


def translated(pair: tuple[VacancyPublished, tuple[str, str] | None]) -> VacancyPublished:
    """The same with a notice in its other language, if there is one."""
    vacancy, words = pair
    if words is None:
        return vacancy
    language = LANGUAGES[LANGUAGES.index(vacancy.language) - 1]
    other = Translation(language=language, title=words[0], description=words[1])
    return vacancy.model_copy(update={"translations": (other,)})


published = st.tuples(published, st.none() | st.tuples(text, text)).map(translated)
endings = st.sampled_from([(), (), (), (VacancyClosed(),), (VacancyCancelled(),)])
Past = tuple[VacancyPublished, tuple[VacancyEvent, ...]]
vacancies = st.lists(st.tuples(published, endings), max_size=8)

sorts: st.SearchStrategy[Sort] = st.sampled_from(["newest", "deadline", "relevance"])

real = settled(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def key(number: int) -> str:
    """Keys of which some share the bits that are part of a rank, and some do not."""
    return str(UUID(int=number % 3 << 120 | number))


class Held:
    """An index in memory, and the documents that are in it."""

    def __init__(self, pasts: Sequence[Past] = ()) -> None:
        self.index, self.documents = VacancyIndex(), dict[str, Any]()
        self.hold(pasts)

    def hold(self, pasts: Sequence[Past], first: int = 0, but: Collection[int] = ()) -> None:
        """These vacancies too, under the keys of the numbers from the first on, less some of them."""
        put: dict[str, Any] = {}
        for number, (published, rest) in enumerate(pasts, first):
            events = history(f"vacancy-{key(number)}", published, *rest)
            put[key(number)] = None if number in but else reduce(SEARCH.evolve, events, None)
        self.put(put)

    def put(self, documents: dict[str, Any]) -> None:
        self.documents |= documents
        self.index.put(documents)
        self.index.commit("so far")

    def turned_to(self, search: Search) -> Page:
        there = {key: document for key, document in self.documents.items() if document is not None}
        return page_of(search, self.index.rows(search), there)

    def found(self, search: Search) -> list[str]:
        return [row["id"] for row in self.turned_to(search).vacancies]


def meant(pasts: Sequence[Past], wanted: Criteria, everything: bool) -> set[str]:
    return {
        key(number)
        for number, (first, rest) in enumerate(pasts)
        if matches(wanted, notice_of(first)) and (everything or (not rest and first.closes_at >= NOON))
    }


def hits(wanted: Criteria, vacancy: VacancyPublished) -> int:
    """How many words and phrases stand in the title, in the language in which it is the most."""
    titles = {notice.language: tuple(stems(notice.title, notice.language)) for notice in vacancy.notices}
    return max(
        sum(occurs(phrase, titles.get(language, ())) for phrase in phrases(wanted.keywords, language))
        for language in LANGUAGES
    )


def ordered(pasts: Sequence[Past], wanted: Criteria, sort: Sort, found: Iterable[str]) -> list[str]:
    """As their order says, one by one."""

    def place(found: str) -> tuple[float, ...]:
        vacancy = pasts[UUID(found).int % 2**32][0]
        newest = -vacancy.opens_at.timestamp()
        if sort == "deadline":
            return (vacancy.closes_at.timestamp(),)
        return (-hits(wanted, vacancy), newest) if sort == "relevance" else (newest,)

    return sorted(found, key=lambda each: (place(each), each))


@real
@forall(pasts=vacancies, wanted=st.lists(criteria, min_size=1, max_size=5), everything=st.booleans(), sort=sorts)
def test_the_index_finds_what_a_search_means_in_its_order_as_alerts_do(
    pasts: list[Past], wanted: list[Criteria], everything: bool, sort: Sort
) -> None:
    held, saved = Held(pasts), SearchIndex()
    for number, one in enumerate(wanted):
        saved.add(str(number), one)
        keys = held.found(Search(one, NOON, everything, sort, size=100))
        assert keys == ordered(pasts, one, sort, meant(pasts, one, everything))
    told = [saved.match(notice_of(first)) for first, _ in pasts]
    for number, one in enumerate(wanted):
        found = held.found(Search(one, NOON, everything=True, size=100))
        assert set(found) == {key(place) for place, searches in enumerate(told) if str(number) in searches}


@real
@forall(pasts=vacancies, wanted=criteria)
def test_counts_say_how_many_each_value_would_show(pasts: list[Past], wanted: Criteria) -> None:
    _, (total, facets) = Held(pasts).index.found(Search(wanted, NOON, everything=True))
    assert total == len(meant(pasts, wanted, everything=True))
    assert facets.keys() == set(FACETS)
    for name in FACETS:
        values = {value for first, _ in pasts for value in notice_of(first).facets[name]}
        each = {
            value: len(meant(pasts, wanted.model_copy(update={name: (value,)}), everything=True)) for value in values
        }
        assert facets[name] == {value: number for value, number in each.items() if number}


@real
@forall(pasts=vacancies, size=st.integers(1, 4), sort=sorts)
def test_pages_together_are_the_whole_result_in_order(pasts: list[Past], size: int, sort: Sort) -> None:
    held, wanted = Held(pasts), Criteria(keywords="droit")
    whole = held.found(Search(wanted, NOON, everything=True, sort=sort, size=100))
    pages = [
        held.found(Search(wanted, NOON, everything=True, sort=sort, page=page, size=size))
        for page in range(1, len(whole) + 2)
    ]
    assert [key for page in pages for key in page] == whole


@real
@forall(pasts=vacancies, size=st.integers(1, 4), sort=sorts, change=st.tuples(vacancies, st.sets(st.integers(0, 7))))
def test_turning_pages_shows_all_that_stayed_once_whatever_comes_and_goes(
    pasts: list[Past], size: int, sort: Sort, change: tuple[list[Past], set[int]]
) -> None:
    come, gone = change
    held = Held(pasts)
    first = Search(Criteria(keywords="droit"), NOON, everything=True, sort=sort, size=size)
    whole = held.found(replace(first, size=100))
    page = held.turned_to(first)
    held.hold(pasts, but=gone)
    held.hold(come, len(pasts))
    seen = [row["id"] for row in page.vacancies]
    while page.after:
        page = held.turned_to(replace(first, after=bookmark_of(page.after, sort)))
        seen += [row["id"] for row in page.vacancies]
    stayed = set(whole) - {key(number) for number in gone}
    assert [each for each in seen if each in stayed] == [each for each in whole if each in stayed]
    assert len(seen) == len(set(seen))


@real
@forall(pasts=vacancies, size=st.integers(1, 4), sort=sorts, wanted=criteria)
def test_turning_back_shows_the_same_pages(pasts: list[Past], size: int, sort: Sort, wanted: Criteria) -> None:
    held = Held(pasts)
    first = Search(wanted, NOON, everything=True, sort=sort, size=size)
    pages = [held.turned_to(first)]
    while pages[-1].after:
        pages.append(held.turned_to(replace(first, after=bookmark_of(pages[-1].after, sort))))
    assert pages[0].before == ""
    for earlier, later in itertools.pairwise(pages):
        back = held.turned_to(replace(first, before=bookmark_of(later.before, sort)))
        assert back == earlier


def vacancy(**changes: Any) -> Past:
    facts = {"network": "A", "family": "A", "category": "A", "level": "A", "department": "A", "description": ""}
    opens_at, closes_at = datetime(2026, 11, 10, 14, tzinfo=UTC), closing(date(2026, 12, 1))
    notice = {"job_opening_number": "1", "language": "en", "title": "x", "duty_stations": (), **facts}
    return VacancyPublished(**{**notice, "opens_at": opens_at, "closes_at": closes_at, **changes}), ()


def test_results_are_sorted_as_asked() -> None:
    later, sooner = closing(date(2026, 12, 9)), closing(date(2026, 11, 30))
    new = datetime(2026, 11, 20, tzinfo=UTC)
    held = Held([
        vacancy(title="Statistics", description="trade and data", closes_at=later),
        vacancy(title="Trade statistics", closes_at=sooner),
        vacancy(title="Data", description="trade", opens_at=new),
    ])  # fmt: skip
    wanted = Criteria(keywords="trade")
    assert held.found(Search(wanted, NOON, sort="newest")) == [key(2), key(0), key(1)]
    assert held.found(Search(wanted, NOON, sort="deadline")) == [key(1), key(2), key(0)]
    assert held.found(Search(wanted, NOON, sort="relevance")) == [key(1), key(2), key(0)]


@pytest.mark.rule("R45")
def test_a_vacancy_is_found_until_the_last_second_of_its_day() -> None:
    held = Held([vacancy(closes_at=closing(date(2026, 11, 1)))])
    last = datetime(2026, 11, 2, 4, 59, 59, 999_999, tzinfo=UTC)
    assert held.found(Search(Criteria(), last)) == [key(0)]
    assert held.found(Search(Criteria(), last + timedelta(microseconds=1))) == []
    assert held.found(Search(Criteria(), last + timedelta(days=1), everything=True)) == [key(0)]
