"""The host: several services in one process behind one application, and how their doors learn who is asking."""

import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any, Final

import httpx
import structlog
from starlette.types import Message, Send

from shared.auth import Sessions
from shared.auth.tokens import issuer_at
from shared.kafka.lineages import Lineages
from shared.kafka.session_endings import hear_endings
from shared.ops.context import working_for
from shared.ops.settings import Settings
from shared.ops.tasks import Tasks
from shared.runtime.declaration import Service, Site
from shared.runtime.kernel import Kernel, open_database, sealer_of
from shared.runtime.process import ServiceProcess
from shared.runtime.standing import standing_of_site
from shared.store.database import Pool, Replaced
from shared.store.epoch import check_epoch
from shared.store.keys import Keys

log = structlog.get_logger(__name__)


class Host:
    """Several services in one process behind one ASGI application, composed by path prefix like the gateway does.

    outdated: what the process remembers is no longer true, so that it can answer nobody and has to start anew.
    """

    def __init__(self, processes: Mapping[str, ServiceProcess], home: str) -> None:
        self.processes, self.home, self.leaving, self.outdated = processes, home, False, False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        prefix = scope.get("path", "/").removeprefix("/").partition("/")[0]
        found = self.processes.get(prefix) or self._at(scope.get("path", "")) or self.processes.get(self.home)
        send = partial(_last_answers, send) if self.leaving else send
        await (found or next(iter(self.processes.values()))).app(scope, receive, send)

    def leave(self) -> None:
        """From now on, whoever is answered is asked to go elsewhere."""
        self.leaving = True
        for process in self.processes.values():
            process.kernel.leaving = True

    def end(self, service: str, why: str) -> None:
        """Ends this process as its supervisor would, which starts it anew; once, for the next signal would kill it."""
        if not self.outdated:
            self.outdated = True
            log.error("ends, to start anew: the database was replaced", service=service, why=why)
            signal.raise_signal(signal.SIGTERM)

    def wind_up(self) -> None:
        """Answers whoever waits for what may happen, since the process is about to stop."""
        for process in self.processes.values():
            process.kernel.stopping = True
            process.kernel.store.appended.fire()

    def _at(self, path: str) -> ServiceProcess | None:
        return next((each for each in self.processes.values() if path in each.kernel.service.addresses), None)


_LEAVING: Final = [(b"connection", b"close"), (b"x-envoy-immediate-health-check-fail", b"true")]


async def _last_answers(send: Send, message: Message) -> None:
    """No further request comes on this connection, and Envoy sends none to this process."""
    if message["type"] == "http.response.start":
        message = {**message, "headers": [*message.get("headers", ()), *_LEAVING]}
    await send(message)


@asynccontextmanager
async def run_services(site: Site, services: Sequence[Service], settings: Settings) -> AsyncIterator[Host]:
    """Runs these services of the site until the block ends. Their databases are migrated, their topics created."""
    async with AsyncExitStack() as stack:
        processes: dict[str, ServiceProcess] = {}
        host = Host(processes, site.home)
        opened = [
            (service, *await stack.enter_async_context(_database(service, settings, partial(host.end, service.name))))
            for service in services
        ]
        sessions = await stack.enter_async_context(_sessions(host, site, services, settings))
        here = {service.name for service in services}
        standing = await stack.enter_async_context(standing_of_site(site.names, here, host, settings))
        for service, pool, epoch in opened:
            process = ServiceProcess(Kernel(service, settings, pool), epoch)
            processes[service.name] = process
            process.app.state.sessions, process.app.state.standing = sessions, standing
            stack.push_async_callback(process.stop)
            with working_for(service.name):
                if service.on_start:
                    await service.on_start(process.kernel)
                await process.start()
        yield host


@asynccontextmanager
async def _database(service: Service, settings: Settings, replaced: Replaced) -> AsyncIterator[tuple[Pool, str]]:
    """The service's pool and its epoch. What is there is looked at first: nothing starts on what is not its own."""
    pool = await open_database(settings, service.name, settings.database_connections, replaced=replaced)
    try:
        epoch = await check_epoch(pool)
        await Keys(pool, sealer_of(settings)).check()
        yield pool, epoch
    finally:
        await pool.close()


@asynccontextmanager
async def _sessions(host: Host, site: Site, services: Sequence[Service], settings: Settings) -> AsyncIterator[Sessions]:
    """Resolves sessions by asking the service that keeps them: in this process if it is here, else over the network."""
    keeper = site.sessions
    local = any(service.name == keeper.name for service in services)
    transport = httpx.ASGITransport(app=host) if local else None
    base = settings.public_url if local else settings.identity_url or settings.public_url
    async with httpx.AsyncClient(transport=transport, base_url=base, timeout=5) as client:
        sessions, tasks = Sessions(client, issuer_at(settings.public_url)), Tasks("sessions")
        settings = settings.of_service(services[0].name)
        topic, lineages = keeper.topic(settings.topic_prefix), Lineages(settings, [keeper.published])
        tasks.start("endings", lambda: hear_endings(settings, topic, keeper.ended.__name__, lineages, sessions.drop))
        try:
            yield sessions
        finally:
            await tasks.stop()
