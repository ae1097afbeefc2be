"""While Kafka is away: every loop waits longer each time, says little, and goes on as soon as it is there again."""

import asyncio
import gc
import logging
from collections.abc import Awaitable, Callable
from types import CoroutineType
from typing import Any

import pytest

from deploy.local.processes import free_port
from shared.kafka import connection
from shared.kafka.connection import appearing
from shared.kafka.consumer import Consumer
from shared.kafka.joining import broker_of, start_broker
from shared.kafka.keys import KeyReader
from shared.kafka.lineages import Lineages
from shared.kafka.session_endings import hear_endings
from shared.ops.settings import Settings
from shared.ops.waiting import FIRST, Backoff, Waiting
from shared.store.event_store import Store
from tests.shared.kafka.forwarding import forwarding
from tests.shared.kafka.records import relay_of
from tests.shared.logged import logged
from tests.shared.things import PUBLISHED, subscription_on
from tests.shared.waiting import eventually, running

MINUTE = 60.0


class Minute:
    """A minute that passes only while somebody sleeps in it; then it stands still."""

    def __init__(self) -> None:
        self.now, self.over = 0.0, asyncio.Event()

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        if self.now >= MINUTE:
            self.over.set()
            await asyncio.Event().wait()
        await asyncio.sleep(0)

    def waiting(self, what: str, chance: Callable[[], float]) -> Waiting:
        return Waiting(what, backoff=Backoff(chance=chance), clock=self, sleep=self.sleep)


def loops_of(
    store: Store, settings: Settings, waiting: Callable[[str], Waiting]
) -> list[Callable[[], Awaitable[None]]]:
    """Every loop of a service that speaks to Kafka."""
    relay, lineages = relay_of(store, settings), Lineages(settings, [PUBLISHED])
    relay.waiting = waiting("relay")
    reader = KeyReader(store, [PUBLISHED], settings, erase=_nobody)
    reader.waiting = waiting("keys")
    broker = broker_of(settings, logger=logging.getLogger("faststream"), log_level=logging.DEBUG, apply_types=False)
    Consumer(broker, "group", ["topic"], subscription_on(store), lineages)
    endings = waiting("endings")
    return [
        relay.run,
        reader.run,
        lambda: start_broker(broker, settings, waiting("consumer")),
        lambda: hear_endings(settings, "topic", "Ended", lineages, lambda _: None, waiting=endings),
    ]


async def _nobody(_: Any) -> None:
    """Erases nobody."""


@pytest.mark.parametrize("luck", [0.0, 1.0])
async def test_without_kafka_a_service_writes_at_most_sixty_lines_a_minute(
    store: Store, settings: Settings, luck: float
) -> None:
    away = settings.model_copy(update={"kafka": f"127.0.0.1:{free_port()}", "poll_seconds": 0.0})
    minutes = list[Minute]()

    def waiting(what: str) -> Waiting:
        minutes.append(Minute())
        return minutes[-1].waiting(what, lambda: luck)

    with logged("INFO") as lines:
        async with running(*(loop() for loop in loops_of(store, away, waiting))):
            await asyncio.gather(*(minute.over.wait() for minute in minutes))
    assert len(minutes) == 4
    assert 4 <= len(lines.getvalue().splitlines()) <= 60
    gc.collect()


async def test_a_wait_ends_when_a_broker_takes_connections_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "LOOKING", (0.01, 0.01))
    port, slept = free_port(), asyncio.Event()

    async def never(_: float) -> None:
        slept.set()
        await asyncio.Event().wait()

    later, waits = settings.model_copy(update={"kafka": f"127.0.0.1:{port}"}), Waiting("relay", sleep=never)
    for _ in range(9):
        waits.backoff.pause()
    pausing = asyncio.create_task(waits.after(TimeoutError(), lambda: appearing(later)))
    await slept.wait()
    assert not pausing.done()
    async with forwarding(port, settings.kafka):
        await pausing
    assert waits.backoff.pause() <= 2 * FIRST


async def test_a_broker_that_takes_connections_and_is_not_well_is_not_taken_for_one_that_came_back(
    settings: Settings,
) -> None:
    looking = asyncio.create_task(appearing(settings))
    await eventually(lambda: _waits(looking), "it has looked")
    assert not looking.done()
    looking.cancel()


async def _waits(task: "asyncio.Task[None]") -> bool:
    """Whether the innermost of its coroutines waits for an event, not for a pause to end or a connection."""
    awaited: Any = task.get_coro()
    while isinstance(getattr(awaited, "cr_await", None), CoroutineType):
        awaited = awaited.cr_await
    return "Event.wait" in str(getattr(awaited, "__qualname__", ""))
