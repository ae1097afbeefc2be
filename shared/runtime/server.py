"""The HTTP server of a host: whoever waits for what may happen is answered before it stops."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import uvicorn
from uvicorn.server import HANDLED_SIGNALS

from shared.runtime.host import Host

LOOK_SECONDS: Final = 0.1


class Server(uvicorn.Server):
    """uvicorn waits for requests under way; those that wait themselves would hold the stop up, and fail with it.

    leaving_seconds: how long what still comes is answered before that, so that gateways send nothing more.
    """

    def __init__(self, config: uvicorn.Config, leaving_seconds: float = 0.0) -> None:
        super().__init__(config)
        self._leaving_seconds = leaving_seconds

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """A signal ends the serving, no more: uvicorn would raise it anew then, which would kill the process before it
        has tidied up. One that comes after that does kill it.
        """
        loop = asyncio.get_running_loop()
        for number in HANDLED_SIGNALS:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in HANDLED_SIGNALS:
                loop.remove_signal_handler(number)

    async def shutdown(self, sockets: Any = None) -> None:
        if isinstance(app := self.config.app, Host):
            app.leave()
            ends = time.monotonic() + self._leaving_seconds
            while time.monotonic() < ends and not (self.force_exit or app.outdated):  # noqa: ASYNC110 - uvicorn tells it so only
                await asyncio.sleep(LOOK_SECONDS)
            app.wind_up()
        await super().shutdown(sockets)
