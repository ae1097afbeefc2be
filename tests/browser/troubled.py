"""Applications in trouble, so that their pages can be looked at: broken, resting, and tried too often by a network."""

from itertools import count
from typing import Any, Final

from fastapi import FastAPI

from services.identity.use_cases.attempts import tried
from services.site import service
from shared.http import create
from shared.runtime.kernel import Kernel
from shared.store.database import open_pool
from tests.platform import Kit

GUESSER: Final = "10.78.0.1"


class FromElsewhere:
    """The application as it looks from other networks: one address, or one of its own for every request."""

    def __init__(self, application: Any, address: str = "") -> None:
        self.application, self.address, self.numbers = application, address, count()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        number = next(self.numbers)
        address = self.address or f"10.{77 + number // 62_500}.{number // 250 % 250}.{number % 250 + 1}"
        await self.application({**scope, "client": (address, 50_000)}, receive, send)


def broken() -> FastAPI:
    """The Careers pages without what they stand on: whoever needs it gets 500."""
    application = create("careers")
    for router in service("careers").routers:
        application.include_router(router)
    return application


async def resting(platform: Kit) -> FastAPI:
    """The vacancies' pages while their database is away: 503."""
    pool = await open_pool(platform.settings.database("vacancies"), 1, "resting")
    await pool.close()
    application = create("vacancies")
    application.state.kernel = Kernel(service("vacancies"), platform.settings, pool)
    for router in service("vacancies").routers:
        application.include_router(router)
    return application


async def crowded(platform: Kit) -> FromElsewhere:
    """The platform for a network that has guessed so much that its next turn is an hour away: 429."""
    network = tried("", GUESSER).network
    sql = """insert into attempts (key, failures, turn) values ($1, 100, now() + interval '1 hour')
        on conflict (key) do nothing"""
    await platform.service("identity").kernel.pool.execute(sql, network)
    return FromElsewhere(platform.host, GUESSER)
