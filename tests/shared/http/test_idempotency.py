"""Idempotency-Key: a key stands for one request of one actor, and for one at a time, in however many processes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import UploadFile
from pydantic import BaseModel

from shared.http import KeyNeeded, RequestId, api_router, create
from shared.model.errors import Conflict, NotFound
from shared.store.database import Pool, open_pool
from shared.store.requests import Requests
from tests.shared.web.site import TEMPLATES, Known, browser

ORDERS, FILES = "/sample/api/orders", "/sample/api/files"
TYPE = "urn:postulo:problem:"


class Order(BaseModel):
    title: str
    ends: Literal["well", "refused", "badly", "late"] = "well"


class Shop:
    """An application with doors that take a key, as one process of a service runs it."""

    def __init__(self, pool: Pool) -> None:
        self.pool, self.closed = pool, False
        self.begun, self.go = asyncio.Event(), asyncio.Event()
        self.files: list[UploadFile] = []
        self.states: list[Any] = []
        self.app = create("sample", templates=TEMPLATES)
        self.app.state.sessions, self.app.state.requests = Known(), Requests(pool)
        self.app.include_router(self._router())

    def _router(self) -> Any:
        router = api_router("sample")

        @router.post("/orders", status_code=201)
        async def order(body: Order, id: RequestId) -> dict[str, UUID]:  # noqa: A002
            self.begun.set()
            if self.closed or body.ends == "refused":
                raise Conflict.because("This has changed in the meantime")
            if body.ends == "badly":
                raise RuntimeError("broken")
            if body.ends == "late":
                await self.go.wait()
            return {"id": id}

        @router.post("/files", status_code=201)
        async def upload(file: UploadFile, id: RequestId) -> dict[str, Any]:  # noqa: A002
            self.files.append(file)
            if await file.read() == b"unwanted":
                raise NotFound.because("Page not found")
            return {"id": id}

        @router.post("/keyed", status_code=201, dependencies=[KeyNeeded])
        async def keyed(body: Order, id: RequestId) -> dict[str, Any]:  # noqa: A002
            return {"id": id, "title": body.title}

        return router

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Notes what is known of the requests at the moment at which an answer leaves."""

        async def noted(message: Any) -> None:
            if message["type"] == "http.response.start":
                self.states.append([tuple(row) for row in await self.pool.fetch(STATES)])
            await send(message)

        await self.app(scope, receive, noted)


LATE, BADLY = {"title": "x", "ends": "late"}, {"title": "x", "ends": "badly"}
STATES = "select done, running_until is not null from requests order by at"
DONE = (True, False)


async def send(shop: Shop, key: str, path: str = ORDERS, client: str = "hr", **options: Any) -> httpx.Response:
    options = options or {"json": {"title": "x"}}
    who = {"authorization": f"Bearer {client}"} if client else {}
    headers = {**who, "idempotency-key": key}
    async with browser(shop) as sender:
        return await sender.post(path, headers=headers, **options)


@asynccontextmanager
async def opened(database: str, days_ahead: int = 0) -> AsyncIterator[Shop]:
    pool = await open_pool(database, 4, "test", days_ahead=days_ahead)
    try:
        yield Shop(pool)
    finally:
        await pool.close()


@pytest.fixture
async def shop(database: str) -> AsyncIterator[Shop]:
    async with opened(database) as process:
        yield process


@pytest.fixture
async def twin(database: str) -> AsyncIterator[Shop]:
    """Another process of the same service."""
    async with opened(database) as process:
        yield process


def refused(answer: httpx.Response, status: int, reason: str, said: str) -> None:
    """The whole problem document."""
    told = answer.json()
    errors = [{"field": "idempotency-key", "pointer": None, "message": said}]
    expected = {"type": TYPE + reason, "status": status, "title": told["title"], "detail": said, "errors": errors}
    assert (answer.status_code, told) == (status, {**expected, "reference": answer.headers["x-correlation-id"]})
    assert answer.headers["content-type"] == "application/problem+json"


REUSED = (422, "idempotency-key-reused", "This idempotency key was used for another request")
IN_USE = (
    409,
    "idempotency-key-in-use",
    "The request with this idempotency key is still being carried out. Ask again in a moment",
)


async def test_the_same_key_gives_the_same_id_to_the_same_actor(shop: Shop) -> None:
    async def created(key: str, client: str = "") -> str:
        answer = await send(shop, key, client=client)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    for client in ("", "hr"):
        assert await created("one", client) == await created("one", client)
        assert await created("one", client) != await created("two", client)
        assert await created("", client) != await created("", client)
    assert len({await created("one", client) for client in ("", "hr", "other")}) == 3


async def test_a_visitor_s_key_is_not_remembered_since_it_may_be_another_visitor_s_too(shop: Shop) -> None:
    answers = [await send(shop, "one", client="", json={"title": title}) for title in ("x", "y")]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert await shop.pool.fetchval("select count(*) from requests") == 0


async def test_a_key_has_at_most_255_characters(shop: Shop) -> None:
    assert (await send(shop, "k" * 255)).status_code == 201
    answer = await send(shop, "k" * 256)
    said = "idempotency-key can have at most 255 characters"
    refused(answer, 422, "invalid-input", said)


@pytest.mark.parametrize("headers", [{}, {"idempotency-key": ""}], ids=["missing", "empty"])
async def test_where_a_key_is_needed_a_request_without_one_is_400(shop: Shop, headers: dict[str, str]) -> None:
    async with browser(shop) as sender:
        answer = await sender.post("/sample/api/keyed", json={"title": 1}, headers=headers)
    said = "Send the header Idempotency-Key: this operation is carried out once for each key"
    refused(answer, 400, "idempotency-key-missing", said)
    assert (await send(shop, "one", "/sample/api/keyed")).json()["title"] == "x"


OTHERWISE: dict[str, dict[str, Any]] = {
    "another value": {"json": {"title": "y"}},
    "one more field": {"json": {"title": "x", "ends": "well"}},
    "another query": {"json": {"title": "x"}, "params": {"a": "b"}},
}


@pytest.mark.parametrize("other", OTHERWISE.values(), ids=OTHERWISE)
async def test_a_key_that_was_used_for_another_request_is_refused(shop: Shop, other: dict[str, Any]) -> None:
    first = await send(shop, "one")
    refused(await send(shop, "one", **other), *REUSED)
    again = await send(shop, "one")
    assert (again.status_code, again.json()) == (201, first.json())


async def test_a_form_is_the_same_whatever_line_its_parts_are_drawn_with(shop: Shop) -> None:
    async def upload(content: bytes, name: str = "map.png") -> httpx.Response:
        return await send(shop, "one", FILES, files={"file": (name, content)})

    first, again = await upload(b"a" * 2_500_000), await upload(b"a" * 2_500_000)
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert first.request.headers["content-type"] != again.request.headers["content-type"]
    refused(await upload(b"a" * 2_499_999 + b"b"), *REUSED)
    refused(await upload(b"a" * 2_500_000, "plan.png"), *REUSED)


async def test_what_was_uploaded_is_closed_and_read_from_its_beginning(shop: Shop) -> None:
    assert (await send(shop, "one", FILES, files={"file": b"unwanted"})).status_code == 404
    assert (await send(shop, "two", FILES, files={"file": b"wanted"})).status_code == 201
    assert (await send(shop, "two", FILES, client="", files={"file": b"wanted"})).status_code == 201
    assert [file.file.closed for file in shop.files] == [True, True, True]


async def test_a_request_is_over_before_its_answer_leaves(shop: Shop) -> None:
    answers = [await send(shop, "one") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert shop.states == [[DONE]] * 3


async def test_a_request_that_is_still_carried_out_is_in_use_in_every_process(shop: Shop, twin: Shop) -> None:
    running = asyncio.create_task(send(shop, "one", json=LATE))
    await shop.begun.wait()
    for process in (shop, twin):
        refused(await send(process, "one", json=LATE), *IN_USE)
        refused(await send(process, "one"), *REUSED)
        assert (await send(process, "one", client="other")).status_code == 201
    shop.go.set()
    twin.go.set()
    first, again = await running, await send(twin, "one", json=LATE)
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())


async def test_of_many_at_once_in_two_processes_one_is_carried_out(shop: Shop, twin: Shop) -> None:
    """The one waits until all others are answered."""
    running = {asyncio.create_task(send(process, "one", json=LATE)) for process in (shop, twin) * 4}
    while len(running) > 1:
        over, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        for answer in over:
            refused(answer.result(), *IN_USE)
    shop.go.set()
    twin.go.set()
    assert [(await task).status_code for task in running] == [201]


async def test_a_process_that_went_away_holds_a_key_for_its_time_only(shop: Shop, twin: Shop) -> None:
    running = asyncio.create_task(send(shop, "one", json=LATE))
    await shop.begun.wait()
    [until] = await shop.pool.fetch("select running_until - at as left from requests")
    assert 9 < until["left"].total_seconds() < 11
    twin.go.set()
    await shop.pool.execute("update requests set running_until = clock_timestamp()")
    again = await send(twin, "one", json=LATE)
    assert again.status_code == 201
    shop.go.set()
    assert (await running).json() == again.json()


async def test_what_is_cancelled_holds_its_key_no_longer_but_keeps_it(shop: Shop) -> None:
    running = asyncio.create_task(send(shop, "one", json=LATE))
    await shop.begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    refused(await send(shop, "one"), *REUSED)
    shop.go.set()
    assert (await send(shop, "one", json=LATE)).status_code == 201


@pytest.mark.parametrize(
    ("wrong", "status"), [({"title": "x", "ends": "refused"}, 409), ({"title": 1}, 422)], ids=["a rule", "its shape"]
)
async def test_what_was_refused_leaves_its_key_to_the_corrected_request(
    shop: Shop, wrong: dict[str, Any], status: int
) -> None:
    assert (await send(shop, "one", json=wrong)).status_code == status
    assert shop.states == [[]]
    assert [(await send(shop, "one")).status_code for _ in range(2)] == [201, 201]
    refused(await send(shop, "one", json=wrong), *REUSED)


async def test_what_failed_may_be_half_done_so_its_key_is_for_no_other_request(shop: Shop) -> None:
    assert [(await send(shop, "one", json=BADLY)).status_code for _ in range(2)] == [500, 500]
    assert shop.states == [[DONE], [DONE]]
    refused(await send(shop, "one"), *REUSED)


async def test_a_retry_that_is_refused_gives_the_key_of_what_was_done_to_nobody(shop: Shop) -> None:
    first = await send(shop, "one")
    shop.closed = True
    assert (await send(shop, "one")).status_code == 409
    shop.closed = False
    refused(await send(shop, "one", json={"title": "y"}), *REUSED)
    assert (await send(shop, "one")).json() == first.json()


async def test_after_thirty_days_a_key_is_as_new(shop: Shop) -> None:
    await send(shop, "one")
    await shop.pool.execute("update requests set at = at - interval '30 days'")
    assert (await send(shop, "one", json={"title": "y", "ends": "refused"})).status_code == 409
    assert shop.states[-1] == []
    assert (await send(shop, "one", json={"title": "y"})).status_code == 201
    refused(await send(shop, "one"), *REUSED)


async def test_the_days_are_those_of_a_clock_that_was_moved_for_a_trial(database: str, shop: Shop) -> None:
    await send(shop, "one")
    async with opened(database, days_ahead=40) as later:
        assert (await send(later, "one", json={"title": "y"})).status_code == 201
        refused(await send(later, "one"), *REUSED)


async def test_keys_are_forgotten_after_thirty_days_by_themselves(shop: Shop) -> None:
    sql = "insert into requests (id, fingerprint, at) values ($1, $2, clock_timestamp() - $3 * interval '1 day')"
    for days in (29, 30, 31, 60):
        await shop.pool.execute(sql, uuid4(), b"", days)
    await send(shop, "one")
    left = "select extract(day from clock_timestamp() - at)::int from requests order by at"
    assert [row[0] for row in await shop.pool.fetch(left)] == [29, 0]


async def test_nothing_of_a_request_or_its_key_can_be_read_from_what_is_remembered(shop: Shop) -> None:
    for key in ("one", "two"):
        await send(shop, key)
    rows = await shop.pool.fetch("select fingerprint, requests::text as whole from requests")
    assert [len(row["fingerprint"]) for row in rows] == [32, 32]
    assert len({row["fingerprint"] for row in rows}) == 2
    assert not [row for row in rows if "one" in row["whole"] or "two" in row["whole"]]


def test_the_documentation_says_what_a_key_is(shop: Shop) -> None:
    [parameter] = shop.app.openapi()["paths"]["/sample/api/keyed"]["post"]["parameters"]
    assert (parameter["name"], parameter["in"], parameter["required"]) == ("idempotency-key", "header", True)
    assert "(422)" in parameter["description"]
    assert "(409)" in parameter["description"]
