"""Which services of the site work, as one of them finds out by asking all: at once, and not too often."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final, cast

import httpx
from starlette.requests import Request

from shared.ops.settings import Settings

PATIENCE: Final = 0.7
"""Seconds within which a service that works says so: whoever asks for a page has it in a second."""

KEPT_FOR: Final = 3.0
"""Seconds for which an answer serves everybody, however many ask."""


class Standing:
    """Asks each service through its client whether it is ready."""

    def __init__(
        self,
        clients: Mapping[str, httpx.AsyncClient],
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clients, self._patience, self._clock = clients, patience, clock
        self._known: tuple[float, Mapping[str, bool]] | None = None
        self._asking = asyncio.Lock()

    async def ready(self) -> Mapping[str, bool]:
        """By the name of each service: whether it is ready."""
        async with self._asking:
            if self._known is None or self._clock() - self._known[0] >= KEPT_FOR:
                answers = await asyncio.gather(*(self._is_ready(*each) for each in self._clients.items()))
                self._known = self._clock(), dict(zip(self._clients, answers, strict=True))
            return self._known[1]

    async def _is_ready(self, name: str, client: httpx.AsyncClient) -> bool:
        try:
            async with asyncio.timeout(self._patience):
                return (await client.get(f"/{name}/readyz")).status_code == httpx.codes.OK
        except (httpx.HTTPError, OSError):
            return False


@asynccontextmanager
async def standing_of_site(
    names: Collection[str], here: Collection[str], application: Any, settings: Settings
) -> AsyncIterator[Standing]:
    """Services of this process are asked in it, the others where identity is asked: through the gateway."""
    async with AsyncExitStack() as stack:
        inside = httpx.AsyncClient(transport=httpx.ASGITransport(app=application), base_url=settings.public_url)
        outside = httpx.AsyncClient(base_url=settings.identity_url or settings.public_url)
        for client in (inside, outside):
            await stack.enter_async_context(client)
        yield Standing({name: inside if name in here else outside for name in names})


def standing(request: Request) -> Standing:
    """That of the process that answers."""
    return cast(Standing, request.app.state.standing)
