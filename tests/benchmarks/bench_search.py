"""Searching among so many vacancies: our index, tantivy's own calls, PostgreSQL's full text, and the whole answer."""

import asyncio
import logging
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path
from statistics import median, quantiles
from typing import Final
from uuid import uuid4

import httpx
import orjson
import uvloop

from deploy.local.servers import Servers, servers
from services.site import SITE, chosen, prepare
from services.vacancies.projections.query import Search
from services.vacancies.use_cases.index import SEARCHED
from shared.kafka.topics import create_topics
from shared.ops.context import Context, entered
from shared.ops.settings import Settings
from shared.runtime.host import run_services
from shared.runtime.kernel import Kernel, open_database
from shared.store.appending import NO_STREAM, Write
from shared.store.database import Pool
from shared.vocabulary.search import Criteria
from tests.benchmarks.notices import ASKED, FIRST, Notices
from tests.benchmarks.rivals import PostgresText, Tantivy
from tests.benchmarks.table import Row, show
from tests.vacancies.values import published

COUNTS: Final = (10_000, 100_000)
"""A million takes some minutes to write: `python -m tests.benchmarks.bench_search 1000000`."""
ROUNDS, REQUESTS, NEWS = 9, 20, 20
BATCH: Final = 5_000
AIM, FOUND_MS, GIGABYTE = 2.0, 300.0, 1e9
ANSWER_MS: Final[Mapping[int, float]] = {1_000_000: 60.0}
"""The aims: times tantivy's own calls; until a vacancy is found; bytes; milliseconds of an answer, elsewhere 20."""
SEARCHES: Final[Mapping[str, Criteria]] = {
    "all": Criteria(),
    **{words: Criteria(keywords=words) for words in ASKED},
    "two facets": Criteria(families=("ECO",), levels=("P-3", "P-4")),
    "water, a facet": Criteria(keywords="water", levels=("P-3", "P-4")),
}


async def rows(where: Servers, counts: Sequence[int] = COUNTS) -> Sequence[Row]:
    notices = Notices()
    return [row for count in counts for row in await _among(where, notices, count)]


async def _among(where: Servers, notices: Notices, count: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        settings = _settings(where, folder)
        services = chosen(["vacancies"])
        await prepare(services, settings)
        await create_topics(settings, [service.published for service in services])
        async with _database(settings) as pool:
            await _write(pool, notices, count)
            await pool.execute("analyze documents")
            rival = PostgresText(pool)
            await rival.prepare()
            begun = time.perf_counter()
            async with run_services(SITE, services, settings) as host:
                kernel = host.processes["vacancies"].kernel
                while not kernel.indexes[0].ready:  # noqa: ASYNC110 - nobody here could set an event
                    await asyncio.sleep(0.05)
                built, place = time.perf_counter() - begun, Path(folder, "vacancies", "search", "1", "1")
                asking = await _asking(kernel, count, Tantivy(str(place)), rival)
                async with httpx.AsyncClient(transport=httpx.ASGITransport(app=host), base_url=ORIGIN) as client:
                    answering = await _answering(client, count)
                news = await _news(kernel, count)
        return [*asking, *answering, news, *_index(count, built, place)]


ORIGIN: Final = "http://bench.test"


def _settings(where: Servers, folder: str) -> Settings:
    name = f"bench-{uuid4().hex}"
    return Settings(
        environment="test", database_url=where.database_url, database_prefix=name, kafka=where.kafka,
        topic_prefix=name, indexes=folder,
    )  # fmt: skip


@asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[Pool]:
    pool = await open_database(settings, "vacancies", 2, "-bench")
    try:
        yield pool
    finally:
        await pool.close()


async def _write(pool: Pool, notices: Notices, count: int) -> None:
    """Into the view, as if it had folded their events."""
    made = notices.documents(count)
    while batch := [("search", 1, key, orjson.dumps(document).decode()) for key, document in islice(made, BATCH)]:
        await pool.copy_records_to_table("documents", records=batch, columns=["view", "generation", "key", "document"])


async def _asking(kernel: Kernel, count: int, theirs: Tantivy, rival: PostgresText) -> list[Row]:
    """Page and counts, by search, with the library's own calls in turns; PostgreSQL is asked once in a while."""
    found = []
    for name, criteria in SEARCHES.items():
        search = Search(criteria, FIRST)
        mine, other, sql = [], [], []
        for number in range(ROUNDS):
            mine.append(await _timed(lambda: kernel.ask(SEARCHED, lambda index: index.found(search))))  # noqa: B023
            other.append(await _timed(lambda: asyncio.to_thread(theirs.answer, criteria)))  # noqa: B023
            if number < 3:
                sql.append(await _timed(lambda: rival.answer(criteria)))  # noqa: B023
        ratio = median(mine) / median(other)
        what = f"{count:,}: {name}"
        found += [
            Row(what, _ms(median(mine)), "tantivy", _ms(median(other)), ratio, f"≤ {AIM:g}", ratio <= AIM),
            Row("", _ms(median(mine)), "PostgreSQL", _ms(median(sql)), median(mine) / median(sql)),
        ]
    return found


async def _answering(client: httpx.AsyncClient, count: int) -> list[Row]:
    """Whole answers, all searches and orders mixed."""
    aim, sorts, found = ANSWER_MS.get(count, 20.0), ("newest", "relevance", "deadline"), []
    for path in ("/vacancies/api/vacancies", "/vacancies"):
        times = []
        for criteria in SEARCHES.values():
            for number in range(REQUESTS):
                params = [*criteria.items(), ("sort", sorts[number % len(sorts)])]
                times.append(await _timed(lambda: _get(client, path, params)))  # noqa: B023
        p95 = quantiles(times, n=20)[-1]
        taken = f"{_ms(median(times))}, {_ms(p95)}"
        found.append(Row(f"{count:,}: {path}, median, p95", taken, aim=f"≤ {aim:g} ms", met=p95 * 1000 <= aim))
    return found


async def _get(client: httpx.AsyncClient, path: str, params: Sequence[tuple[str, str]]) -> None:
    answer = await client.get(path, params=[*params])
    assert answer.status_code == 200, answer.text


async def _news(kernel: Kernel, count: int) -> Row:
    """From a notice's commit until a search of somebody else finds it."""
    times = []
    for number in range(NEWS):
        key, word = str(uuid4()), f"zone{count}x{number}"
        search = Search(Criteria(keywords=word), FIRST, everything=True)
        await kernel.store.append([Write(f"vacancy-{key}", NO_STREAM, [published(title=f"Officer {word}")])])
        begun = time.perf_counter()
        with entered(Context()):
            while not await kernel.ask(SEARCHED, lambda index: index.rows(search)):  # noqa: ASYNC110, B023
                await asyncio.sleep(0.002)
        times.append(time.perf_counter() - begun)
    worst = max(times) * 1000
    what = f"{count:,}: until found, median and longest"
    return Row(what, f"{_ms(median(times))}, {worst:.0f} ms", aim=f"≤ {FOUND_MS:g} ms", met=worst <= FOUND_MS)


def _index(count: int, built: float, place: Path) -> list[Row]:
    size = sum(path.stat().st_size for path in place.iterdir())
    return [
        Row(f"{count:,}: built from the view", f"{built:.1f} s"),
        Row(f"{count:,}: on disk", f"{size / 1e6:,.0f} MB", aim="≤ 1 GB", met=size <= GIGABYTE),
    ]


async def _timed(work: Callable[[], Awaitable[object]]) -> float:
    """Seconds."""
    begun = time.perf_counter()
    await work()
    return time.perf_counter() - begun


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.1f} ms"


def main(counts: Sequence[int]) -> None:
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with servers(Path(folder), durable=True) as where:
            show(uvloop.run(rows(where, counts)))


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or COUNTS)
