"""Room for bodies: large ones wait unread, in order, and not for ever; small ones and their readers wait for nobody."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from shared.http.room import BUSY, SMALL, Room
from shared.model.errors import Unavailable
from tests.shared.web.site import browser, site

LARGE = 1_500_000


class Upload:
    """A body of `LARGE` bytes that comes when it is let, and remembers whether it was asked for."""

    def __init__(self) -> None:
        self.asked, self.let = asyncio.Event(), asyncio.Event()

    async def body(self) -> AsyncIterator[bytes]:
        self.asked.set()
        await self.let.wait()
        yield b'{"title": "' + b"x" * (LARGE - 13) + b'"}'

    async def sent(self, client: httpx.AsyncClient) -> httpx.Response:
        headers = {"content-type": "application/json", "content-length": str(LARGE)}
        return await client.post("/sample/api/notes", content=self.body(), headers=headers)


@pytest.fixture
def patience() -> float:
    return 60.0


@pytest.fixture
async def client(patience: float, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    """Of a site with room for one large body."""
    monkeypatch.setattr("shared.http.guards.Room", lambda: Room(2_000_000, patience))
    async with browser(site()) as found:
        yield found


async def test_large_bodies_wait_unread_in_their_order_and_small_ones_do_not(client: httpx.AsyncClient) -> None:
    first, second = Upload(), Upload()
    answers = [asyncio.create_task(first.sent(client))]
    await first.asked.wait()
    answers.append(asyncio.create_task(second.sent(client)))
    small = await client.post("/sample/api/notes", json={"title": "small"})
    assert (small.status_code, small.json()["title"]) == (200, "small")
    assert (await client.get("/sample/form")).status_code == 200
    assert not second.asked.is_set()
    first.let.set()
    await second.asked.wait()
    second.let.set()
    assert [(await answer).status_code for answer in answers] == [200, 200]


@pytest.mark.parametrize("patience", [0.05])
async def test_who_waits_for_too_long_is_told_when_to_come_back(client: httpx.AsyncClient) -> None:
    first, second = Upload(), Upload()
    answer = asyncio.create_task(first.sent(client))
    await first.asked.wait()
    refused = await second.sent(client)
    problem = refused.json()
    assert (refused.status_code, problem["type"]) == (503, "urn:postulo:problem:unavailable")
    assert (problem["detail"], refused.headers["retry-after"].isdecimal()) == (BUSY, True)
    assert not second.asked.is_set()
    page = await client.post(
        "/sample/form", content=b"x" * LARGE, headers={"content-type": "application/x-www-form-urlencoded"}
    )
    assert (page.status_code, page.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert BUSY in page.text
    first.let.set()
    assert (await answer).status_code == 200
    second.let.set()
    assert (await second.sent(client)).status_code == 200, "all the room is back"


@pytest.mark.parametrize("patience", [0.05])
async def test_a_body_of_unknown_length_takes_as_much_as_it_may_have(client: httpx.AsyncClient) -> None:
    first = Upload()
    answer = asyncio.create_task(
        client.post("/sample/api/notes", content=first.body(), headers={"content-type": "application/json"})
    )
    await first.asked.wait()
    refused = await client.post("/sample/api/notes", json={"title": "x" * SMALL})
    assert refused.status_code == 503
    first.let.set()
    assert (await answer).status_code == 200


async def test_whoever_gives_up_waiting_leaves_the_room_to_the_next() -> None:
    room, order = Room(10 * SMALL), list[str]()

    async def take(name: str, size: int) -> None:
        async with room.taken(size):
            order.append(name)

    async with room.taken(9 * SMALL):
        gone = asyncio.create_task(take("gone", 10 * SMALL))
        next_one = asyncio.create_task(take("next", 5 * SMALL))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.wait([gone])
    await next_one
    assert order == ["next"]
    with pytest.raises(Unavailable):
        async with room.taken(10 * SMALL), Room(SMALL, 0).taken(2 * SMALL):
            pass
    await take("last", 10 * SMALL)
    assert order == ["next", "last"]
