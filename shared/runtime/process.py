"""One service at work: its application, its loops, its consumer."""

import logging
from collections.abc import Awaitable, Callable
from functools import cached_property, partial

from fastapi import APIRouter, FastAPI
from faststream.kafka import KafkaBroker

from shared import http
from shared.kafka.consumer import Consumer
from shared.kafka.joining import broker_of, consume
from shared.kafka.keys import KeyReader, tell_again
from shared.kafka.lineages import Lineages
from shared.kafka.relay import Relay
from shared.ops.settings import Settings
from shared.ops.signing import Signer
from shared.ops.tasks import Tasks
from shared.ops.waiting import Waiting
from shared.ops.wakeup import Wakeup
from shared.processing.answering import answering
from shared.processing.handlers import Handler, ReactionHandler, ViewHandler
from shared.processing.mail import Mailer
from shared.processing.memories import Memories
from shared.processing.own_views import OwnViews
from shared.processing.polling import SELDOM, Polling
from shared.processing.subscription import Subscription, follow
from shared.processing.timers import Timers
from shared.processing.transient import transient
from shared.runtime.declaration import Service
from shared.runtime.documents import document_routes
from shared.runtime.encrypting import make_first_keys
from shared.runtime.feed import feed_router
from shared.runtime.health import health_routes
from shared.runtime.kernel import Kernel
from shared.store.erasing import Erasures
from shared.store.requests import Requests
from shared.web.expired_forms import ExpiredForms


def doors_of(service: Service, settings: Settings) -> tuple[APIRouter, ...]:
    """The doors of a service: those that the kernel gives it stand before what takes any name for its own."""
    return (document_routes(service, settings), feed_router(service.published), *service.routers)


class ServiceProcess:
    """One service at work: its application, its loops, its consumer. Raises Misconfigured without a login for Kafka."""

    def __init__(self, kernel: Kernel, epoch: str) -> None:
        service = kernel.service
        self.settings = settings = kernel.settings.of_service(service.name)
        self.kernel, self.tasks = kernel, Tasks(service.name, kernel.metrics.restarts.inc)
        self.own: list[Handler] = [ViewHandler(view) for view in service.projections if service.is_own(view)]
        self.own_views = OwnViews(kernel.pool, kernel.views.folded, [view.naming for view in self.own])
        self.subscription = Subscription(kernel.store, service.foreign_codec(), self.own_views, epoch, kernel.metrics)
        self.lineages = Lineages(settings, service.consumes, kernel.metrics.untrusted.inc)
        self.memories = Memories(kernel.store, service.memories, kernel.memory_files())
        self.foreign: list[Handler] = [ViewHandler(view) for view in service.projections if not service.is_own(view)]
        for reaction in service.reactions:
            handler = ReactionHandler(reaction, kernel.store, kernel.render, self.memories, kernel.setting)
            (self.own if service.is_own(reaction) else self.foreign).append(handler)
        self.key_reader = KeyReader(kernel.store, service.key_makers, settings, partial(kernel.erase, told=True))
        self.erasures = Erasures(kernel.pool, service.forgets)
        self.relay = Relay(kernel.store, service.published, settings, kernel.metrics)
        self.timers = Timers(kernel.store, kernel.render, service.timers, self.own_views, kernel.setting)
        self.polling = Polling(kernel.store, self.timers, tells=self.relay.keys.tells)
        self.mailer = Mailer(kernel.pool, settings, kernel.metrics, tracing=kernel.tracing)
        self.expired_forms, self.requests = ExpiredForms(kernel.pool), Requests(kernel.pool)
        self.broker, self.consumer = self._consumer()

    def _consumer(self) -> tuple[KafkaBroker, Consumer | None]:
        service, settings = self.kernel.service, self.settings
        broker = broker_of(
            settings, client_id=f"postulo-{service.name}", logger=logging.getLogger("faststream"),
            log_level=logging.DEBUG, apply_types=False, graceful_timeout=10,
        )  # fmt: skip
        topics = service.topics(settings.topic_prefix)
        if not topics:
            return broker, None
        consumer = Consumer(broker, f"{settings.topic_prefix}.{service.name}", topics, self.subscription, self.lineages)
        consumer.handlers = self.foreign
        return broker, consumer

    @cached_property
    def app(self) -> FastAPI:
        """Made when it is first asked for: a command of an operator answers nobody."""
        app = http.create(self.kernel.service.name, signer=Signer(self.kernel.settings.master_key))
        app.state.kernel, app.state.expired_forms, app.state.requests = self.kernel, self.expired_forms, self.requests
        for router in (health_routes(self), *doors_of(self.kernel.service, self.kernel.settings)):
            app.include_router(router)
        return app

    async def start(self) -> None:
        """Starts the loops; each is restarted if it fails."""
        await make_first_keys(self.kernel)
        if self.kernel.settings.master_key_before and (await self.kernel.keys.wrap_anew()).anew:
            await tell_again(self.kernel.store)
        await self.subscription.begin_at_head([each for each in self.own if isinstance(each, ReactionHandler)])
        clock, poll = Wakeup(), self.kernel.settings.poll_seconds  # Nobody fires it.
        self.tasks.start("polling", partial(self._repeat, self.polling.look, clock, poll))
        self.tasks.start("own events", lambda: follow(self.subscription, self.own, SELDOM))
        for index in self.kernel.indexes:
            self.tasks.start(f"index of {index.index.view.name}", index.run)
        if self.kernel.service.published.aggregates:
            self.tasks.start("relay", self.relay.run)
        if self.consumer:
            self.tasks.start("consumer", partial(consume, self.broker, self.consumer, self.settings))
        if self.key_reader.topics:
            self.tasks.start("keys", self.key_reader.run)
        self.tasks.start("memories", self.memories.keep)
        self.tasks.start("expired forms", self.expired_forms.forget_old)
        appended = self.kernel.store.appended  # Mails and timers are queued with events, or by what reacts to them.
        self.tasks.start("timers", partial(self._repeat, self.timers.fire_due, appended, SELDOM))
        self.tasks.start("snapshots", partial(self._repeat, self.kernel.store.snapshots.write, appended, SELDOM))
        self.tasks.start("mail", partial(self._repeat, self.mailer.send_due, appended, SELDOM))
        self.tasks.start("parking", partial(self._repeat, self._resume, self.polling.due, SELDOM))
        self.tasks.start("erasures", partial(self._repeat, self._erase, self.polling.due, SELDOM))

    async def _erase(self) -> int:
        await self.kernel.keys.forget_erased()
        erased = await self.erasures.erase_due(self.own_views.views)
        if erased:
            self.kernel.keys.forget(erased)
            self.kernel.store.appended.fire()
        return len(erased)

    async def _resume(self) -> int:
        return await self.subscription.resume_due([*self.own, *self.foreign])

    async def _repeat(self, work: Callable[[], Awaitable[int | None]], wakeup: Wakeup, patience: float) -> None:
        """Does it as long as there was something to do, then waits for the wake-up, or for so many seconds."""
        waiting = Waiting("work")
        while True:
            seen = wakeup.count
            try:
                done = await work()
            except Exception as error:
                if not transient(error):
                    raise
                await waiting.after(error, partial(answering, self.kernel.pool), of="the database")
                continue
            waiting.over()
            if not done:
                await wakeup.wait(seen, patience)

    async def stop(self) -> None:
        """Finishes the mails under way, drains the consumer, ends the loops, closes the kernel."""
        await self.mailer.finish()
        await self.tasks.stop()
        self.memories.close()
        await self.kernel.close()
