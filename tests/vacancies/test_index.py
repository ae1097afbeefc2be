"""How a process keeps its index: it follows the view, and is built anew where it cannot."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import given as forall
from hypothesis import settings as settled_by
from hypothesis import strategies as st

from services.vacancies.events import (
    DeadlineExtended,
    VacancyAmended,
    VacancyCancelled,
    VacancyClosed,
    VacancyEvent,
    VacancyMerged,
    VacancyPublished,
)
from services.vacancies.main import SERVICE
from services.vacancies.projections import SEARCH
from services.vacancies.projections.query import Search
from services.vacancies.projections.vacancies import ResultDocument
from services.vacancies.use_cases import searching
from services.vacancies.use_cases.index import SEARCHED, VacancyIndex
from shared.kafka.rebuild import rebuild_own
from shared.model.errors import Unavailable
from shared.model.message import Position
from shared.model.testing import NOON, recorded
from shared.ops.context import Context, WriteToken, entered
from shared.ops.settings import Settings
from shared.processing.handlers import ViewHandler
from shared.processing.indexing import Indexing
from shared.processing.own_views import OwnViews
from shared.processing.subscription import Subscription
from shared.runtime.kernel import Kernel
from shared.runtime.process import ServiceProcess
from shared.store.appending import ANY, Write
from shared.store.codec import Codec
from shared.store.database import all_migrations, migrate, open_pool
from shared.store.documents import read_documents
from shared.vocabulary.search import Criteria
from tests.shared.waiting import running, settled
from tests.vacancies.test_search import key, published
from tests.vacancies.values import LATER

SEARCHES = [
    Search(Criteria(keywords=words), NOON, everything, sort, size=100)
    for words in ("", "droit", '"de droit"')
    for everything in (True, False)
    for sort in ("newest", "relevance", "deadline")
]

amended = published.map(lambda event: VacancyAmended.model_validate({**event.model_dump(), "version": 2}))
ends = st.sampled_from([LATER, VacancyClosed(), VacancyCancelled(), VacancyMerged(into=UUID(key(0)))])
happenings = st.lists(st.tuples(st.integers(0, 5), published | amended | ends), max_size=30)


def answers(index: VacancyIndex) -> list[Any]:
    return [index.found(search) for search in SEARCHES]


def anew(documents: dict[str, Any]) -> list[Any]:
    """What an index says into which these documents were put at once."""
    index = VacancyIndex()
    index.put(documents)
    index.commit("all")
    return answers(index)


@settled_by(max_examples=100)
@forall(happened=happenings, together=st.integers(1, 5))
def test_whatever_happens_in_whatever_order_the_index_is_as_one_built_anew(
    happened: list[tuple[int, VacancyEvent]], together: int
) -> None:
    index, documents = VacancyIndex(), dict[str, Any]()
    index.commit("empty")
    for begin in range(0, len(happened), together):
        touched = dict[str, Any]()
        for number, event in happened[begin : begin + together]:
            document = SEARCH.evolve(documents.get(key(number)), recorded(event, f"vacancy-{key(number)}"))
            documents[key(number)] = touched[key(number)] = document
        index.put(touched)
        index.commit(f"{begin}")
    assert answers(index) == anew(documents)


class Vacancies:
    """The service's store and view on a database of the test's own, and processes that keep an index of it."""

    def __init__(self, kernel: Kernel, folder: Path) -> None:
        self.kernel, self.folder = kernel, folder
        self.processes: list[Indexing[VacancyIndex]] = []
        own_views = OwnViews(kernel.pool, kernel.views.folded)
        self.subscription = Subscription(kernel.store, Codec(()), own_views, "epoch", kernel.metrics)

    def process(self, **changes: Any) -> Indexing[VacancyIndex]:
        """One that keeps an index below the folder; it ends with the test."""
        index = replace(SEARCHED, **changes)
        self.processes.append(Indexing(index, self.kernel.store, self.kernel.views, self.folder))
        return self.processes[-1]

    async def happens(self, number: int, *events: VacancyEvent) -> Position:
        written = await self.kernel.store.append([Write(f"vacancy-{key(number)}", ANY, list(events))])
        await settled(self.kernel.pool)
        return written[-1].position

    async def fold(self, view: Any = SEARCH) -> None:
        while await self.subscription.advance(ViewHandler(view)):
            pass

    async def is_right(self, indexing: Indexing[VacancyIndex]) -> None:
        """It holds the view's documents and nothing else, having caught up."""
        while await indexing.advance():
            pass
        keys = [row["key"] for row in await self.kernel.pool.fetch("select key from documents where view = 'search'")]
        documents = await read_documents(self.kernel.pool, SEARCH, keys)
        assert await indexing.ask(answers) == anew(documents)


@pytest.fixture
async def vacancies(database: str, settings: Settings, tmp_path: Path) -> AsyncIterator[Vacancies]:
    await migrate(database, all_migrations("vacancies"))
    pool = await open_pool(database, 4, "test")
    vacancies = Vacancies(Kernel(SERVICE, settings, pool), tmp_path)
    yield vacancies
    for each in vacancies.processes:
        await each.close()
    await pool.close()


def notice(title: str, **changes: Any) -> VacancyPublished:
    from tests.vacancies.values import published  # noqa: PLC0415 - the other is a strategy

    return published(title=title, **changes)


@pytest.fixture
async def three(vacancies: Vacancies) -> Vacancies:
    """With three vacancies in the view."""
    for number in range(3):
        await vacancies.happens(number, notice(f"Droit {number}"))
    await vacancies.fold()
    return vacancies


async def test_it_is_built_and_then_follows_all_that_the_view_folds(three: Vacancies) -> None:
    indexing = three.process()
    assert not indexing.ready
    await three.is_right(indexing)
    await three.happens(3, notice("De droit"))
    await three.happens(0, LATER)
    await three.happens(1, VacancyMerged(into=UUID(key(0))))
    await three.fold()
    await three.is_right(indexing)
    await three.happens(2, VacancyCancelled())
    await three.fold()
    await three.is_right(indexing)


def folders(vacancies: Vacancies) -> list[str]:
    return sorted(str(each.relative_to(vacancies.folder)) for each in vacancies.folder.glob("*/[0-9]*"))


async def test_what_a_former_process_left_is_used(three: Vacancies) -> None:
    first = three.process()
    await three.is_right(first)
    (three.folder / "1" / "1" / "former").touch()
    await first.close()
    await three.happens(0, VacancyAmended.model_validate({**notice("Droit de la mer").model_dump(), "version": 2}))
    await three.fold()
    await three.is_right(three.process())
    assert (three.folder / "1" / "1" / "former").exists()


async def test_two_processes_that_share_a_folder_do_not_meet(three: Vacancies) -> None:
    one, other = three.process(), three.process()
    await three.is_right(one)
    await three.is_right(other)
    assert folders(three) == ["1/1", "2/1"]
    assert await one.ask(answers) == await other.ask(answers)


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def with_a_bit_turned(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 0xFF
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [cut_short, with_a_bit_turned, Path.unlink])
@pytest.mark.parametrize("which", ["meta.json", "*.term", "*.idx", "*.pos", "*.fast", "*.store"])
async def test_a_damaged_index_is_built_anew(three: Vacancies, damage: Callable[[Path], Any], which: str) -> None:
    first = three.process()
    await three.is_right(first)
    await first.close()
    place = three.folder / "1" / "1"
    (place / "former").touch()
    damaged = [*place.glob(which)]
    assert damaged
    for path in damaged:
        damage(path)
    await three.is_right(three.process())
    assert not (place / "former").exists()


async def test_an_index_of_another_make_is_built_anew(three: Vacancies) -> None:
    first = three.process()
    await three.is_right(first)
    await first.close()
    await three.is_right(three.process(version=SEARCHED.version + 1))
    assert folders(three) == ["1/2"]


async def test_what_a_build_left_that_came_to_no_end_goes(three: Vacancies) -> None:
    (three.folder / "1" / "7").mkdir(parents=True)
    await three.is_right(three.process())
    assert folders(three) == ["1/1"]


async def test_documents_from_before_there_was_an_index_are_indexed_as_they_are(three: Vacancies) -> None:
    """Their words stood there once more, texts and titles between blanks, and none had a translation."""
    await three.is_right(three.process())
    indexed = await three.processes[0].ask(answers)
    await three.kernel.pool.execute(
        "update documents set document = document - 'translated' || jsonb_build_object('words', '[]'::jsonb,"
        " 'text', ' ' || (document->>'text') || ' ', 'heading', ' ' || (document->>'heading') || ' ')"
    )
    await three.is_right(three.process())
    assert await three.processes[1].ask(answers) == indexed


async def test_a_result_carries_what_a_list_shows_and_no_more(three: Vacancies) -> None:
    await three.is_right(three.kernel.indexes[0])
    page = await searching.page(three.kernel, Search(Criteria(), NOON))
    assert [set(row) for row in page.vacancies] == [set(ResultDocument.__annotations__)] * 3


async def test_a_rebuilt_view_is_indexed_anew(three: Vacancies) -> None:
    indexing = three.process()
    await three.is_right(indexing)
    await three.kernel.pool.execute('update documents set document = document || \'{"status": "closed"}\'')
    await rebuild_own(three.subscription, SEARCH, lambda _: None)
    await three.is_right(indexing)
    assert len(await indexing.ask(lambda index: index.rows(Search(Criteria(), NOON)))) == 3


@pytest.mark.parametrize("follows", [False, True])
async def test_a_view_that_is_rebuilt_while_it_is_read_is_read_anew(three: Vacancies, follows: bool) -> None:
    loop = asyncio.get_running_loop()
    due: list[Any] = []

    class Meanwhile(VacancyIndex):
        def put(self, documents: Any) -> None:
            super().put(documents)
            while due:
                asyncio.run_coroutine_threadsafe(due.pop(), loop).result()

    indexing = three.process(open=Meanwhile)
    if follows:
        await three.is_right(indexing)
        await three.happens(0, VacancyCancelled())
        await three.fold()
    due.append(rebuild_own(three.subscription, SEARCH, lambda _: None))
    assert await indexing.advance()
    assert indexing.ready == follows
    if follows:
        assert len(await indexing.ask(lambda index: index.rows(Search(Criteria(), NOON)))) == 3
    await three.is_right(indexing)


async def test_a_store_that_was_set_back_is_indexed_anew_however_far_it_went_since(three: Vacancies) -> None:
    await three.kernel.pool.execute("create table kept as select * from events")
    indexing = three.process()
    await three.happens(3, notice("Lost"))
    await three.happens(0, VacancyCancelled())
    await three.fold()
    await three.is_right(indexing)
    await three.kernel.pool.execute("delete from events where id not in (select id from kept)")
    await three.kernel.pool.execute("delete from streams where stream not in (select stream from kept)")
    await three.kernel.pool.execute("delete from documents")
    await three.kernel.pool.execute("delete from checkpoints")
    await three.fold()
    await three.happens(4, notice("Other"), VacancyClosed(), LATER)
    await three.fold()
    await three.is_right(indexing)


async def test_what_was_parked_is_indexed_once_it_goes_on(three: Vacancies) -> None:
    def fails(document: Any, event: Any) -> Any:
        if isinstance(event.data, DeadlineExtended):
            raise TypeError("poison")
        return SEARCH.evolve(document, event)

    indexing = three.process()
    await three.happens(0, LATER, VacancyClosed())
    await three.happens(1, VacancyClosed())
    await three.fold(replace(SEARCH, evolve=fails))
    await three.is_right(indexing)
    assert await three.subscription.resume(ViewHandler(SEARCH), f"vacancy-{key(0)}")
    await three.is_right(indexing)


async def test_what_was_parked_when_the_process_ended_is_indexed_by_the_next(three: Vacancies) -> None:
    def fails(document: Any, event: Any) -> Any:
        raise ValueError("poison")

    indexing = three.process()
    await three.happens(0, VacancyClosed())
    await three.fold(replace(SEARCH, evolve=fails))
    await three.is_right(indexing)
    await indexing.close()
    assert await three.subscription.resume(ViewHandler(SEARCH), f"vacancy-{key(0)}")
    await three.is_right(three.process())


async def test_a_process_is_ready_once_it_has_its_index_and_says_how_far_it_is(three: Vacancies) -> None:
    process = ServiceProcess(three.kernel, "test")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(process.app), base_url="http://test") as client:
        answer = await client.get("/vacancies/readyz")
        assert (answer.status_code, answer.text) == (503, "an index is being built")
        assert (await client.get("/vacancies/api/vacancies")).status_code == 503
        await three.is_right(three.kernel.indexes[0])
        assert (await client.get("/vacancies/readyz")).status_code == 200
        assert (await client.get("/vacancies/api/vacancies")).json()["total"] == 3
        told = (await client.get("/vacancies/metrics")).text
        behind = re.search(
            r'^postulo_index_behind_seconds{index="search",service="vacancies"} (.+)$', told, re.MULTILINE
        )
        assert behind
        assert 0 <= float(behind[1]) < 60


async def test_while_it_is_being_built_nobody_is_answered(three: Vacancies) -> None:
    with pytest.raises(Unavailable):
        await three.process().ask(answers)


async def test_whoever_wrote_is_answered_with_it_and_waits_for_it(
    three: Vacancies, request: pytest.FixtureRequest
) -> None:
    indexing = three.process()
    await three.is_right(indexing)
    position = await three.happens(3, notice("Droit"))
    search = Search(Criteria(keywords="droit"), NOON)
    with entered(Context(wrote={"vacancies": WriteToken(position)})) as context:
        assert len(await indexing.ask(lambda index: index.rows(search))) == 3
        assert context.stale
    await three.fold()
    request.getfixturevalue("patient")
    async with running(indexing.run()):
        with entered(Context(wrote={"vacancies": WriteToken(position)})) as context:
            assert len(await indexing.ask(lambda index: index.rows(search))) == 4
            assert not context.stale


async def test_what_is_asked_wrongly_is_refused_and_harms_no_index(three: Vacancies) -> None:
    process = three.process()
    await three.is_right(process)
    with pytest.raises((ValueError, OverflowError, RuntimeError)):
        await process.ask(lambda index: index.found(replace(SEARCHES[0], page=10**17)))
    assert process.ready
    await three.is_right(process)
