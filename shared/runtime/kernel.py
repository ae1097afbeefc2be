"""The kernel that the doors of a service receive: commands in, documents out."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple, TypeVar, cast

from fastapi import Depends, Request

from shared.files.inspecting import Inspector, scanner_of
from shared.files.parsing import Parsers
from shared.model.decider import AnyDecider, Decider
from shared.model.errors import N_, Conflict, Refused
from shared.model.local_index import E, LocalIndex
from shared.model.message import START, Command, Recorded
from shared.model.projection import Projection
from shared.model.reaction import Do, Send
from shared.ops.context import WriteToken, WrittenEvent, current
from shared.ops.metrics import Metrics
from shared.ops.misconfigured import Misconfigured
from shared.ops.sealing import Sealer
from shared.ops.settings import Settings
from shared.ops.tracing import Tracing, tracing_of
from shared.processing import execution
from shared.processing.indexing import Indexing
from shared.processing.memories import Files
from shared.runtime.declaration import Service
from shared.runtime.rules import rules_of
from shared.store.appending import WrongVersion, pause_before_retry
from shared.store.codec import Codec
from shared.store.current import current_document
from shared.store.database import Also, Connection, Pool, Replaced, open_pool
from shared.store.documents import Views
from shared.store.erasing import erase
from shared.store.event_store import Store
from shared.store.keys import KeyAwaited, Keys
from shared.store.snapshots import States
from shared.web.environment import Web
from shared.web.mails import render_mail

S = TypeVar("S")
D = TypeVar("D", bound=Mapping[str, Any])

ATTEMPTS: Final = 6


class Written(NamedTuple):
    """What a command led to; empty when everything was so already."""

    events: tuple[Recorded[Any], ...]


class Kernel:
    """What the doors of one service receive: commands in, documents out."""

    def __init__(self, service: Service, settings: Settings, pool: Pool, tracing: Tracing | None = None) -> None:
        self.service, self.settings, self.pool = service, settings, pool
        self.tracing = tracing or tracing_of(settings, service.name)
        self.metrics = Metrics(service.name, publishes=bool(service.published.aggregates))
        codec = Codec(service.own_events, service.published.upcasters)
        self.keys = Keys(pool, self.sealer, service.published.subjects)
        self.store = Store(
            pool, codec, self.keys, service.name, self.metrics, tracing=self.tracing, rules=rules_of(service.deciders)
        )
        self.views = Views(pool, service.name, service.consumes, service.topics(), service.own_events)
        self.indexes = [Indexing(each, self.store, self.views, self._folder_of(each)) for each in service.indexes]

    async def mail(self, connection: Connection, message: Send) -> None:
        """Queues a mail in the caller's transaction: one with a secret in it, which cannot come from an event."""
        caused = execution.Caused(current(), [message])
        await execution.carry_out(connection, self.store, self.render, [caused], current().actor)

    def _folder_of(self, index: LocalIndex[Any]) -> Path | None:
        place = self.settings.indexes
        return Path(place, self.service.name, index.view.name) if place else None

    def memory_files(self) -> Files | None:
        """Where the service's memories are kept from one start to the next; None where nothing is."""
        place = self.settings.indexes
        if not (place and self.service.memories):
            return None
        return Files(Path(place, self.service.name, "memories"), self.sealer, self.store.snapshots.rules)

    async def ask(self, index: LocalIndex[E], work: Callable[[E], S]) -> S:
        """What this work finds in an index of this process, in a thread of its own: what this context wrote is there,
        as in a view. Raises Unavailable while it is being built.
        """
        indexing: Indexing[E] = next(each for each in self.indexes if each.index is index)
        return await indexing.ask(work)

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
            except KeyAwaited as error:
                await self.keys.wait_for(error.subjects)
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
                event.stream: WrittenEvent(event.category, event.id)
                for event in events
                if type(event.data) in published
            }
            wrote, name = current().wrote, self.service.name
            before = wrote.pop(name, WriteToken(START))
            position = max(before.position, *(event.position for event in events))
            wrote[name] = WriteToken(position, (*before.events, *leaving.values()))

    async def state(self, decider: Decider[Any, S, Any], key: object) -> S:
        """The aggregate's state; the initial one if nothing happened yet."""
        return (await self.states((decider, key))).state(decider, key)

    async def states(self, *aggregates: tuple[AnyDecider, object]) -> States:
        """What these aggregates are, and the database's clock, in one round trip."""
        return await self.store.states(aggregates)

    async def current(
        self, view: Projection[D], decider: AnyDecider, key: object, document_key: object = None
    ) -> D | None:
        """The document of one aggregate as it is now, however far the view is behind and whichever process wrote.

        document_key: where the view keeps it, if not under the aggregate's id.
        """
        kept_under = str(key if document_key is None else document_key)
        found = await current_document(self.store, view, decider.stream(key), kept_under)
        current().versions[decider.category] = found.version
        return cast("D | None", found.document)

    async def erase(self, erased: Mapping[str, datetime], *, told: bool) -> None:
        """Erases these subjects, and has the store say so of its own, where it was restored from before that.

        erased: since when they are. told: whether the other services know. One that the store does not hold, because it
        is older still, has nothing to say.
        """
        async with self.pool.acquire() as connection, connection.transaction():
            for subject, at in sorted(erased.items()):
                known = told or not self.keys.is_own(subject)
                await erase(connection, subject, at, told=known, forgets=self.service.forgets)
        self.keys.forget(erased)
        for subject in sorted(filter(self.keys.is_own, erased)):
            category, _, key = subject.partition("-")
            if says := self.service.on_erased.get(category):
                with suppress(Refused):
                    await self.execute_all(says(key))

    leaving = stopping = False
    """Whether the process is about to stop: nobody is made to wait for what may happen any more."""

    def setting(self, name: str) -> str:
        """What the operator set for a setting that the service declares, or its default. KeyError for another."""
        default = self.service.settings[name].default
        return self.settings.of_services.get(name, default)

    async def now(self) -> datetime:
        """The database's clock, the one that decides deadlines."""
        return cast(datetime, await self.pool.fetchval("select clock_timestamp()"))

    @cached_property
    def sealer(self) -> Sealer:
        """What encrypts the secrets that this service must be able to read again."""
        return sealer_of(self.settings)

    @cached_property
    def parsers(self) -> Parsers:
        """What reads the files that strangers upload."""
        return Parsers()

    @cached_property
    def inspector(self) -> Inspector:
        """What such a file has to pass before it is accepted."""
        return Inspector(self.parsers, scanner_of(self.settings.scanner))

    async def close(self) -> None:
        """Ends what the kernel keeps open: indexes, parsers, the pool and the sending of spans."""
        for index in self.indexes:
            await index.close()
        await self.parsers.close()
        await self.pool.close()
        if self.tracing is not None:
            await asyncio.to_thread(self.tracing.close)

    def render(self, template: str, language: str, params: Mapping[str, Any]) -> execution.Rendered:
        """A mail's subject, text and HTML; `public_url` is known to every template."""
        return render_mail(template, language, {"public_url": self.settings.public_url, **params}, self._web)

    @cached_property
    def _web(self) -> Web:
        return Web.of(self.service.name)


def _kernel(request: Request) -> Kernel:
    return cast(Kernel, request.app.state.kernel)


KernelDep = Annotated[Kernel, Depends(_kernel)]


def sealer_of(settings: Settings) -> Sealer:
    """What encrypts under this site's master key, and opens what the one before or the next one has sealed."""
    return Sealer(settings.master_key, settings.master_key_before, settings.master_key_next)


async def open_database(
    settings: Settings, service: str, connections: int, suffix: str = "", replaced: Replaced = lambda _: None
) -> Pool:
    """A pool on a service's database; a new connection takes the password that its file holds then.

    replaced: is told where the database behind the address becomes another one.
    """
    password = partial(_password, settings, service) if settings.database_passwords else None
    name = f"postulo-{service}{suffix}"
    return await open_pool(
        settings.database(service), connections, name, password, days_ahead=settings.days_ahead, replaced=replaced
    )


def _password(settings: Settings, service: str) -> str:
    """Raises ConnectionError while its file cannot be read, as is a connection that fails: it may be on its way."""
    try:
        return settings.database_password(service) or ""
    except Misconfigured as error:
        raise ConnectionError(str(error)) from error


async def with_kernel(service: Service, settings: Settings, work: Callable[[Kernel], Awaitable[S]]) -> S:
    """Runs an operator's command on a service's kernel, without its loops, and without a login for Kafka."""
    pool = await open_database(settings, service.name, 2, "-command")
    kernel = Kernel(service, settings, pool)
    try:
        return await work(kernel)
    finally:
        await kernel.close()
