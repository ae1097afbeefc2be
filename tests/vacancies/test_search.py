"""The search in SQL, on a real PostgreSQL: it finds exactly what `matches` says, counts it, and pages through it."""

import itertools
import os
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck
from hypothesis import given as forall
from hypothesis import settings as settled
from hypothesis import strategies as st

from deploy.local.servers import Servers
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
from services.vacancies.projections.query import Page, Query, Search, Sort, bookmark_of, counts, page_of, results, tally
from shared.model.testing import NOON, history
from shared.store.database import all_migrations, create_database, migrate, open_pool
from shared.store.documents import Views
from shared.vocabulary.search import FACETS, Criteria, matches
from tests.conftest import WORKER, named

WORDS = ["économiste", "Economists", "droit", "droits", "de", "cœur", "|"]
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
    st.sampled_from([(), (), (), ("en",), ("en", "fr")]),
    st.dictionaries(st.sampled_from(coded), asked, max_size=2),
)
code = st.sampled_from([*CODES, ""])
stations = st.builds(DutyStation, code=st.sampled_from(CODES), description=word)
published = st.builds(
    VacancyPublished,
    job_opening_number=word,
    language=st.sampled_from(["en", "fr"]),
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
    other = Translation(language="fr" if vacancy.language == "en" else "en", title=words[0], description=words[1])
    return vacancy.model_copy(update={"translations": (other,)})


published = st.tuples(published, st.none() | st.tuples(text, text)).map(translated)
endings = st.sampled_from([(), (), (), (VacancyClosed(),), (VacancyCancelled(),)])
Past = tuple[VacancyPublished, tuple[VacancyEvent, ...]]
vacancies = st.lists(st.tuples(published, endings), max_size=8)

sorts: st.SearchStrategy[Sort] = st.sampled_from(["newest", "deadline", "relevance"])

real = settled(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@pytest.fixture(scope="module")
async def views(servers: Servers) -> AsyncIterator[Views]:
    """The views of a database of this module's own."""
    dsn = named(servers.database_url, f"search_{WORKER}_{os.getpid()}")
    await create_database(dsn)
    await migrate(dsn, all_migrations("vacancies"))
    pool = await open_pool(dsn, 2, "test")
    yield Views(pool, "vacancies")
    await pool.close()


async def hold(
    views: Views, pasts: Sequence[Past], name: str = "", *, but: Collection[int] = (), keep: bool = False
) -> None:
    """The search's documents are those of these vacancies, under the keys 00, 01 and so on, less some of them."""
    keys, documents = [], []
    for number, (first, rest) in enumerate(pasts):
        document = None
        for event in history(f"vacancy-{name}{number:02}", first, *rest):
            document = SEARCH.evolve(document, event)
        if number not in but:
            keys.append(f"{name}{number:02}")
            documents.append(orjson.dumps(document).decode())
    if not keep:
        await views.pool.execute("delete from documents")
    await views.pool.execute(
        "insert into documents (view, generation, key, document)"
        " select 'search', 1, key, document from unnest($1::text[], $2::jsonb[]) as d (key, document)",
        keys,
        documents,
    )


async def fetch(views: Views, query: Query) -> list[Any]:
    return await views.fetch(SEARCH, query.sql, *query.args)


async def turned_to(views: Views, search: Search) -> Page:
    return page_of(search, await fetch(views, results(search)))


async def found(views: Views, search: Search) -> list[str]:
    return [row["id"] for row in (await turned_to(views, search)).vacancies]


def meant(pasts: Sequence[Past], wanted: Criteria, everything: bool) -> set[str]:
    return {
        f"{number:02}"
        for number, (first, rest) in enumerate(pasts)
        if matches(wanted, notice_of(first)) and (everything or (not rest and first.closes_at >= NOON))
    }


@real
@forall(pasts=vacancies, wanted=st.lists(criteria, min_size=1, max_size=5), everything=st.booleans())
async def test_sql_finds_what_a_search_means(
    views: Views, pasts: list[Past], wanted: list[Criteria], everything: bool
) -> None:
    await hold(views, pasts)
    for one in wanted:
        for sort in ("newest", "deadline", "relevance"):
            keys = await found(views, Search(one, NOON, everything, sort, size=100))
            assert len(keys) == len(set(keys))
            assert set(keys) == meant(pasts, one, everything)


@real
@forall(pasts=vacancies, wanted=criteria)
async def test_counts_say_how_many_each_value_would_show(views: Views, pasts: list[Past], wanted: Criteria) -> None:
    await hold(views, pasts)
    total, facets = tally(await fetch(views, counts(Search(wanted, NOON, everything=True))))
    assert total == len(meant(pasts, wanted, everything=True))
    for name in FACETS:
        values = {value for first, _ in pasts for value in notice_of(first).facets[name]}
        each = {
            value: len(meant(pasts, wanted.model_copy(update={name: (value,)}), everything=True)) for value in values
        }
        assert facets[name] == {value: number for value, number in each.items() if number}


@real
@forall(pasts=vacancies, size=st.integers(1, 4), sort=sorts)
async def test_pages_together_are_the_whole_result_in_order(
    views: Views, pasts: list[Past], size: int, sort: Sort
) -> None:
    await hold(views, pasts)
    wanted = Criteria(keywords="droit")
    whole = await found(views, Search(wanted, NOON, everything=True, sort=sort, size=100))
    pages = [
        await found(views, Search(wanted, NOON, everything=True, sort=sort, page=page, size=size))
        for page in range(1, len(whole) + 2)
    ]
    assert [key for page in pages for key in page] == whole


@real
@forall(pasts=vacancies, size=st.integers(1, 4), sort=sorts, change=st.tuples(vacancies, st.sets(st.integers(0, 7))))
async def test_turning_pages_shows_all_that_stayed_once_whatever_comes_and_goes(
    views: Views, pasts: list[Past], size: int, sort: Sort, change: tuple[list[Past], set[int]]
) -> None:
    come, gone = change
    await hold(views, pasts)
    first = Search(Criteria(keywords="droit"), NOON, everything=True, sort=sort, size=size)
    whole = await found(views, replace(first, size=100))
    page = await turned_to(views, first)
    await hold(views, pasts, but=gone)
    await hold(views, come, "new", keep=True)
    seen = [row["id"] for row in page.vacancies]
    while page.after:
        page = await turned_to(views, replace(first, after=bookmark_of(page.after, sort)))
        seen += [row["id"] for row in page.vacancies]
    stayed = {key for key in whole if int(key) not in gone}
    assert [key for key in seen if key in stayed] == [key for key in whole if key in stayed]
    assert len(seen) == len(set(seen))


@real
@forall(pasts=vacancies, size=st.integers(1, 4), sort=sorts)
async def test_turning_back_shows_the_same_pages(views: Views, pasts: list[Past], size: int, sort: Sort) -> None:
    await hold(views, pasts)
    first = Search(Criteria(), NOON, everything=True, sort=sort, size=size)
    pages = [await turned_to(views, first)]
    while pages[-1].after:
        pages.append(await turned_to(views, replace(first, after=bookmark_of(pages[-1].after, sort))))
    assert pages[0].before == ""
    for earlier, later in itertools.pairwise(pages):
        back = await turned_to(views, replace(first, before=bookmark_of(later.before, sort)))
        assert back == earlier


@pytest.mark.parametrize(
    "text", ["", "~", "x", "~~~", "a~b~c", "-1~2026~k", "99999~2026~k", "\N{ARABIC-INDIC DIGIT ONE}~2026~k"]
)
def test_what_is_no_bookmark_is_none(text: str) -> None:
    assert bookmark_of(text, "relevance") is None
    assert bookmark_of(text, "newest") is None


def vacancy(**changes: Any) -> Past:
    facts = {"network": "A", "family": "A", "category": "A", "level": "A", "department": "A", "description": ""}
    opens_at, closes_at = datetime(2026, 11, 10, 14, tzinfo=UTC), closing(date(2026, 12, 1))
    notice = {"job_opening_number": "1", "language": "en", "title": "x", "duty_stations": (), **facts}
    return VacancyPublished(**{**notice, "opens_at": opens_at, "closes_at": closes_at, **changes}), ()


async def test_results_are_sorted_as_asked(views: Views) -> None:
    later, sooner = closing(date(2026, 12, 9)), closing(date(2026, 11, 30))
    new = datetime(2026, 11, 20, tzinfo=UTC)
    await hold(
        views,
        [
            vacancy(title="Statistics", description="trade and data", closes_at=later),
            vacancy(title="Trade statistics", closes_at=sooner),
            vacancy(title="Data", description="trade", opens_at=new),
        ],
    )
    wanted = Criteria(keywords="trade")
    assert await found(views, Search(wanted, NOON, sort="newest")) == ["02", "00", "01"]
    assert await found(views, Search(wanted, NOON, sort="deadline")) == ["01", "02", "00"]
    assert await found(views, Search(wanted, NOON, sort="relevance")) == ["01", "02", "00"]


@pytest.mark.rule("R45")
async def test_a_vacancy_is_found_until_the_last_second_of_its_day(views: Views) -> None:
    await hold(views, [vacancy(closes_at=closing(date(2026, 11, 1)))])
    last = datetime(2026, 11, 2, 4, 59, 59, 999_999, tzinfo=UTC)
    assert await found(views, Search(Criteria(), last)) == ["00"]
    assert await found(views, Search(Criteria(), last + timedelta(microseconds=1))) == []
    assert await found(views, Search(Criteria(), last + timedelta(days=1), everything=True)) == ["00"]


async def test_a_result_carries_what_a_list_shows_and_no_more(views: Views) -> None:
    await hold(views, [vacancy(duty_stations=(DutyStation(code="A", description="Geneva"),))])
    [row] = (await turned_to(views, Search(Criteria(), NOON))).vacancies
    assert row["duty_stations"] == [{"code": "A", "description": "Geneva"}]
    assert not {"words", "text", "heading", "facets", "translated"} & set(row)


async def test_words_can_be_looked_up_in_their_index(views: Views) -> None:
    """With the other ways to the documents taken away and what was written counted, which sway the planner's choice."""
    await hold(views, [vacancy(title=f"Officer {number}") for number in range(1500)])
    await views.pool.execute("vacuum analyze documents")
    query = results(Search(Criteria(keywords="officer 7"), NOON, everything=True))
    view = "select * from documents where view = $1 and generation = 1"
    sql = f"explain with documents_of_view as not materialized ({view}) {query.sql}"
    async with views.pool.acquire() as connection:
        changing = connection.transaction()
        await changing.start()
        await connection.execute("alter table documents drop constraint documents_pkey")
        await connection.execute("drop index search_closes_at")
        await connection.execute("set local enable_seqscan = off")
        plan = "\n".join(row[0] for row in await connection.fetch(sql, "search", *query.args))
        await changing.rollback()
    assert all(
        f"Bitmap Index Scan on {index}" in plan for index in ("search_words", "search_words_en", "search_words_fr")
    )
