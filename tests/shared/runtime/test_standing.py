"""Which services work: as each says itself, in time whatever the others do, and asked once for many readers."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from shared.runtime.standing import KEPT_FOR, Standing


class Site:
    """Services that say that they are ready, that they are not, or nothing at all."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        self.asked.append(scope["path"])
        if scope["path"] == "/silent/readyz":
            await asyncio.Event().wait()
        status = 503 if scope["path"] == "/stopping/readyz" else 200
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b"the database does not answer"})


@pytest.fixture
async def site() -> AsyncIterator[tuple[Site, httpx.AsyncClient]]:
    there = Site()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=there), base_url="http://here.test") as client:
        yield there, client


async def test_each_is_ready_that_says_so_in_time(site: tuple[Site, httpx.AsyncClient]) -> None:
    _, client = site
    async with httpx.AsyncClient(base_url="http://127.0.0.1:1") as nobody:
        clients = {"ready": client, "stopping": client, "silent": client, "gone": nobody}
        found = await Standing(clients, patience=0.05).ready()
    assert found == {"ready": True, "stopping": False, "silent": False, "gone": False}


async def test_one_answer_serves_whoever_asks_meanwhile(site: tuple[Site, httpx.AsyncClient]) -> None:
    there, client = site
    now = 100.0
    standing = Standing({"ready": client, "stopping": client}, clock=lambda: now)
    await asyncio.gather(*(standing.ready() for _ in range(50)))
    assert there.asked == ["/ready/readyz", "/stopping/readyz"]
    now += KEPT_FOR
    await standing.ready()
    assert there.asked == 2 * ["/ready/readyz", "/stopping/readyz"]
