"""Running services: the declaration of one, the kernel its doors receive, and the house that runs several at once."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from typing import Annotated, Any, Final, NamedTuple, TypeVar, cast

import httpx
import structlog
import typer
from fastapi import APIRouter, Depends, FastAPI, Request
from faststream.kafka import KafkaBroker

from shared import execution, http
from shared.auth import Sessions
from shared.codec import Codec
from shared.consumer import Consumer, start_broker
from shared.database import Connection, Pool, open_pool
from shared.decider import AnyDecider, Decider
from shared.endings import hear_endings
from shared.epoch import check_epoch
from shared.errors import N_, Conflict
from shared.handlers import Handler, Memories, ReactionHandler, ViewHandler
from shared.health import health_routes
from shared.mail import Mailer
from shared.message import START, Command, Published, Recorded
from shared.metrics import Metrics
from shared.parking import said
from shared.projection import AnyProjection
from shared.reaction import Do, Reaction, TimerRule
from shared.relay import Relay
from shared.scope import Wrote, WroteEvent, current
from shared.settings import Settings
from shared.store import Store, WrongVersion, pause_before_retry
from shared.subscription import Subscription, follow, transient
from shared.tasks import Tasks
from shared.timers import Timers
from shared.views import Views
from shared.web.environment import Web
from shared.web.kept import KeptForms
from shared.web.mails import render_mail

log = structlog.get_logger(__name__)
S = TypeVar("S")
Also = Callable[[Connection], Awaitable[None]]

ATTEMPTS: Final = 6


@dataclass(frozen=True)
class Service:
    """What a service is made of; its main.py is one such declaration."""

    name: str
    published: Published
    deciders: Sequence[AnyDecider] = ()
    projections: Sequence[AnyProjection] = ()
    reactions: Sequence[Reaction] = ()
    timers: Sequence[TimerRule] = ()
    consumes: Sequence[Published] = ()
    routers: Sequence[APIRouter] = ()
    commands: typer.Typer | None = None
    on_start: "Callable[[Kernel], Awaitable[None]] | None" = None

    def __post_init__(self) -> None:
        listeners: list[AnyProjection | Reaction] = [*self.projections, *self.reactions]
        for listener in listeners:
            self.is_own(listener)
        if stray := set(self.published.events) - self.own_events:
            raise TypeError(f"{self.name} publishes what no decider has: {sorted(event.__name__ for event in stray)}")

    @property
    def own_events(self) -> frozenset[type]:
        return frozenset(event for decider in self.deciders for event in decider.events)

    def is_own(self, listener: AnyProjection | Reaction) -> bool:
        """Whether it listens to the service's own events; raises TypeError if to both, or to some that never come."""
        heard = self.own_events.union(*(published.events for published in self.consumes))
        if stray := set(listener.on) - heard:
            names = sorted(event.__name__ for event in stray)
            raise TypeError(f"{self.name}: {listener.name} listens to {names}: no decider here has them, and no service"
                            " that is consumed publishes them")  # fmt: skip
        own = set(listener.on) & self.own_events
        if own and own != set(listener.on):
            raise TypeError(
                f"{self.name}: {listener.name} listens to own and to other services' events; make two of it"
            )
        return bool(own)

    def topics(self, prefix: str = "postulo") -> set[str]:
        """The topics that its views and reactions need."""
        listeners: list[AnyProjection | Reaction] = [*self.projections, *self.reactions]
        wanted = {event for listener in listeners if not self.is_own(listener) for event in listener.on}
        return {topic for published in self.consumes for topic in published.topics(prefix, wanted)}


class Written(NamedTuple):
    """What a command led to; empty when everything was so already."""

    events: tuple[Recorded[Any], ...]


class Kernel:
    """What the doors of one service receive: commands in, documents out."""

    def __init__(self, service: Service, settings: Settings, pool: Pool) -> None:
        self.service, self.settings, self.pool = service, settings, pool
        self.metrics = Metrics(service.name)
        self.store = Store(pool, Codec(service.own_events, service.published.upcasters), service.name, self.metrics)
        self.views = Views(pool, service.name, service.consumes, service.topics())

    async def execute(self, decider: AnyDecider, key: object, command: Command, *, also: Also | None = None) -> Written:
        """Carries out one command. Raises what the rule refuses with, or Conflict when others are faster every time."""
        return await self.execute_all(Do(decider, key, command), also=also)

    async def execute_all(self, *steps: Do, also: Also | None = None) -> Written:
        """Carries out commands on several aggregates in one atomic append, decided in order on each.

        also: rows that are not events, written in the same transaction after the append.
        """
        for attempt in range(ATTEMPTS):
            try:
                events = await self._attempt(steps, also)
            except WrongVersion:
                await pause_before_retry(attempt)
                continue
            self._remember(events)
            return Written(events)
        raise Conflict.because(N_("Somebody else changed this at the same moment. Reload the page and try again"))

    async def _attempt(self, steps: Sequence[Do], also: Also | None) -> tuple[Recorded[Any], ...]:
        if also is None:
            return await execution.execute(self.store, steps)
        async with self.pool.acquire() as connection, connection.transaction():
            events = await execution.execute(self.store, steps, connection)
            await also(connection)
        self.store.appended.fire()
        return events

    def _remember(self, events: Sequence[Recorded[Any]]) -> None:
        if events:
            published = self.service.published.events
            leaving = {
                event.stream: WroteEvent(event.category, event.id) for event in events if type(event.data) in published
            }
            wrote, name = current().wrote, self.service.name
            before = wrote.pop(name, Wrote(START))
            position = max(before.position, *(event.position for event in events))
            wrote[name] = Wrote(position, (*before.events, *leaving.values()))

    async def state(self, decider: Decider[Any, S, Any], key: object) -> S:
        """The aggregate's state; the initial one if nothing happened yet."""
        stream = decider.stream(key)
        loaded = await self.store.load(stream)
        return decider.fold(event.data for event in loaded.streams[stream])

    async def now(self) -> datetime:
        """The database's clock, the one that decides deadlines."""
        return cast(datetime, await self.pool.fetchval("select clock_timestamp()"))

    def render(self, template: str, language: str, params: Mapping[str, Any]) -> execution.Rendered:
        """A mail's subject, text and HTML; `public_url` is known to every template."""
        return render_mail(template, language, {"public_url": self.settings.public_url, **params}, self._web)

    @cached_property
    def _web(self) -> Web:
        return Web.of(self.service.name)


def _kernel(request: Request) -> Kernel:
    return cast(Kernel, request.app.state.kernel)


KernelDep = Annotated[Kernel, Depends(_kernel)]


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
        for name, work in (("timers", self.timers.fire_due), ("mail", self.mailer.send_due), ("parking", self._resume)):
            self.tasks.start(name, partial(self._repeat, work, poll))

    async def _consume(self) -> None:
        try:
            await start_broker(self.broker)
            await asyncio.Event().wait()
        finally:
            await self.broker.stop()

    async def _resume(self) -> int:
        return await self.subscription.resume_due([*self.own, *self.foreign])

    async def _repeat(self, work: Callable[[], Awaitable[int]], poll: float) -> None:
        """Does it as long as there is something to do, then waits for a commit of this process or the next poll."""
        folded = self.kernel.views.folded
        while True:
            seen = folded.count
            try:
                if await work():
                    continue
            except Exception as error:
                if not transient(error):
                    raise
                log.warning("waiting", service=self.kernel.service.name, error=said(error))
            await folded.wait(seen, poll)

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


async def with_kernel(service: Service, settings: Settings, work: Callable[[Kernel], Awaitable[S]]) -> S:
    """Runs an operator's command on a service's kernel, without its loops."""
    pool = await open_pool(settings.database(service.name), 2, f"postulo-{service.name}-command")
    try:
        return await work(Kernel(service, settings, pool))
    finally:
        await pool.close()
