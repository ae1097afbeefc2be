"""The HTTP server of a host: whoever waits for what may happen is answered before it stops."""

from typing import Any

import uvicorn

from shared.runtime.host import Host


class Server(uvicorn.Server):
    """uvicorn waits for requests under way; those that wait themselves would hold the stop up, and fail with it."""

    async def shutdown(self, sockets: Any = None) -> None:
        if isinstance(app := self.config.app, Host):
            app.wind_up()
        await super().shutdown(sockets)
