"""The HTTP server of a host: whoever waits for what may happen is answered before it stops."""

import asyncio
import time
from typing import Any, Final

import uvicorn

from shared.runtime.host import Host

LOOK_SECONDS: Final = 0.1


class Server(uvicorn.Server):
    """uvicorn waits for requests under way; those that wait themselves would hold the stop up, and fail with it.

    leaving_seconds: how long what still comes is answered before that, so that gateways send nothing more.
    """

    def __init__(self, config: uvicorn.Config, leaving_seconds: float = 0.0) -> None:
        super().__init__(config)
        self._leaving_seconds = leaving_seconds

    async def shutdown(self, sockets: Any = None) -> None:
        if isinstance(app := self.config.app, Host):
            app.leave()
            ends = time.monotonic() + self._leaving_seconds
            while time.monotonic() < ends and not self.force_exit:  # noqa: ASYNC110 - uvicorn tells it so only
                await asyncio.sleep(LOOK_SECONDS)
            app.wind_up()
        await super().shutdown(sockets)
