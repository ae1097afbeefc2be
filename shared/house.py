"""Services at work: the loops of one, and the house that runs several of them in a process behind one application."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

import httpx
import structlog
from fastapi import FastAPI
from faststream.kafka import KafkaBroker

from shared import http
from shared.auth import Sessions
from shared.codec import Codec
from shared.consumer import Consumer, start_broker
from shared.database import open_pool
from shared.endings import hear_endings
from shared.epoch import check_epoch
from shared.handlers import Handler, Memories, ReactionHandler, ViewHandler
from shared.health import health_routes
from shared.mail import Mailer
from shared.parking import said
from shared.relay import Relay
from shared.runtime import Kernel, Service
from shared.settings import Settings
from shared.signal import Signal
from shared.subscription import Subscription, follow, transient
from shared.tasks import Tasks
from shared.timers import Timers
from shared.web.kept import KeptForms

log = structlog.get_logger(__name__)


class Running:
    """One service at work: its application, its loops, its consumer."""

    def __init__(self, kernel: Kernel, epoch: str) -> None:
        service, settings = kernel.service, kernel.settings
        self.kernel, self.tasks = kernel, Tasks(service.name)
        foreign = Codec(
            (event for published in service.consumes for event in published.events),
            {key: upcaster for published in service.consumes for key, upcaster in published.upcasters.items()},
        )
        self.subscription = Subscription(kernel.store, foreign, kernel.views.folded, epoch, kernel.metrics)
        memories = Memories(kernel.store)
        self.own: list[Handler] = [ViewHandler(view) for view in service.projections if service.is_own(view)]
        self.foreign: list[Handler] = [ViewHandler(view) for view in service.projections if not service.is_own(view)]
        for reaction in service.reactions:
            handler = ReactionHandler(reaction, kernel.store, kernel.render, memories)
            (self.own if service.is_own(reaction) else self.foreign).append(handler)
        self.relay = Relay(kernel.store, service.published, settings, kernel.metrics)
        self.timers = Timers(kernel.store, kernel.render, service.timers)
        self.mailer = Mailer(kernel.pool, settings, kernel.metrics)
        self.kept_forms = KeptForms(kernel.pool)
        self.broker, self.consumer = self._consumer()
        self.app = self._application()

    def _consumer(self) -> tuple[KafkaBroker, Consumer | None]:
        service, settings = self.kernel.service, self.kernel.settings
        broker = KafkaBroker(
            settings.kafka, client_id=f"postulo-{service.name}", logger=logging.getLogger("faststream"),
            log_level=logging.DEBUG, apply_types=False, allow_auto_create_topics=False, graceful_timeout=10,
        )  # fmt: skip
        topics = service.topics(settings.topic_prefix)
        if not topics:
            return broker, None
        consumer = Consumer(broker, f"{settings.topic_prefix}.{service.name}", topics, self.subscription)
        consumer.handlers = self.foreign
        return broker, consumer

    def _application(self) -> FastAPI:
        app = http.create(self.kernel.service.name)
        app.state.kernel, app.state.kept_forms = self.kernel, self.kept_forms
        for router in (health_routes(self), *self.kernel.service.routers):
            app.include_router(router)
        return app

    async def start(self) -> None:
        """Starts the loops; each is restarted if it fails."""
        await self.subscription.begin_at_head([handler for handler in self.own if handler.appends])
        poll = self.kernel.settings.poll_seconds
        self.tasks.start("own events", lambda: follow(self.subscription, self.own, poll))
        if self.kernel.service.published.aggregates:
            self.tasks.start("relay", self.relay.run)
        if self.consumer:
            self.tasks.start("consumer", self._consume)
        self.tasks.start("kept forms", self.kept_forms.forget_old)
        appended = self.kernel.store.appended  # Mails and timers are queued with events, or by what reacts to them.
        self.tasks.start("timers", partial(self._repeat, self.timers.fire_due, appended, poll))
        self.tasks.start("mail", partial(self._repeat, self.mailer.send_due, appended, poll))
        by_the_clock = Signal()  # Nobody fires it: what is parked comes due with time alone.
        self.tasks.start("parking", partial(self._repeat, self._resume, by_the_clock, poll))

    async def _consume(self) -> None:
        try:
            await start_broker(self.broker)
            await asyncio.Event().wait()
        finally:
            await self.broker.stop()

    async def _resume(self) -> int:
        return await self.subscription.resume_due([*self.own, *self.foreign])

    async def _repeat(self, work: Callable[[], Awaitable[int]], signal: Signal, poll: float) -> None:
        """Does it as long as there is something to do, then waits for the signal or the next poll."""
        while True:
            seen = signal.count
            try:
                if await work():
                    continue
            except Exception as error:
                if not transient(error):
                    raise
                log.warning("waiting", service=self.kernel.service.name, error=said(error))
            await signal.wait(seen, poll)

    async def stop(self) -> None:
        """Drains the consumer, ends the loops, closes the pool."""
        await self.tasks.stop()
        await self.kernel.pool.close()


class House:
    """Several services in one process behind one ASGI application, composed by path prefix like the gateway does."""

    def __init__(self, running: Mapping[str, Running]) -> None:
        self.running = running

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        prefix = scope.get("path", "/").split("/", 2)[1]
        running = self.running.get(prefix) or self.running.get("careers") or next(iter(self.running.values()))
        await running.app(scope, receive, send)


@asynccontextmanager
async def open_house(services: Sequence[Service], settings: Settings) -> AsyncIterator[House]:
    """Runs these services until the block ends. Their databases must be migrated and their topics created."""
    async with AsyncExitStack() as stack:
        running: dict[str, Running] = {}
        house = House(running)
        sessions = await stack.enter_async_context(_sessions(house, services, settings))
        for service in services:
            dsn = settings.database(service.name)
            pool = await open_pool(dsn, settings.database_connections, f"postulo-{service.name}")
            running[service.name] = one = Running(Kernel(service, settings, pool), await check_epoch(pool))
            one.app.state.sessions = sessions
            stack.push_async_callback(one.stop)
            if service.on_start:
                await service.on_start(one.kernel)
            await one.start()
        yield house


@asynccontextmanager
async def _sessions(house: House, services: Sequence[Service], settings: Settings) -> AsyncIterator[Sessions]:
    """Resolves sessions by asking identity: in this process if it runs here, else over the network."""
    local = any(service.name == "identity" for service in services)
    transport = httpx.ASGITransport(app=house) if local else None
    base = settings.public_url if local else settings.identity_url or settings.public_url
    async with httpx.AsyncClient(transport=transport, base_url=base, timeout=5) as client:
        sessions, tasks = Sessions(client), Tasks("sessions")
        tasks.start("endings", lambda: hear_endings(settings, sessions))
        try:
            yield sessions
        finally:
            await tasks.stop()
