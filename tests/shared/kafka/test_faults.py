"""A broker of the test's own, frozen and killed: commands go on, everything arrives once Kafka is back."""

import asyncio
import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.local import kafka
from deploy.local.processes import Program
from shared.kafka.relay import HastyProducer
from shared.ops.settings import Settings
from shared.processing.handlers import ViewHandler
from shared.store.appending import Write
from shared.store.event_store import Store
from tests.shared.kafka.records import drained, event_id, listening, records_of, relay_of
from tests.shared.things import TOTALS, Raised, documents, subscription_on
from tests.shared.waiting import equals, eventually, running, told_once

# aiokafka leaves a connection open that is being made when its client is stopped; the collector closes it, and says so.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


class Broker:
    """A Kafka that can be frozen, thawed, killed and brought back at the same address."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.program, self.address = kafka.start(folder)

    def send(self, number: int) -> None:
        os.kill(self.program.process.pid, number)

    def freeze(self) -> None:
        self.send(signal.SIGSTOP)

    def thaw(self) -> None:
        self.send(signal.SIGCONT)

    def kill(self) -> None:
        self.send(signal.SIGKILL)
        self.program.process.wait()

    async def come_back(self) -> None:
        settings = self.folder.resolve() / "server.properties"
        self.program = Program("Kafka", kafka.java("kafka.Kafka", settings), self.folder / "again.log")
        await eventually(lambda: kafka.would_create_topics(self.address), "the broker is back", patience=120)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    broker = Broker(tmp_path_factory.mktemp("kafka"))
    yield broker
    broker.thaw()
    kafka.stop(broker.folder)
    gc.collect()


@pytest.fixture
def own(settings: Settings, broker: Broker) -> Settings:
    return settings.model_copy(update={"kafka": broker.address})


async def raised(store: Store, first: int, last: int) -> None:
    for number in range(first, last + 1):
        await store.append([Write("counter-1", number - 1, [Raised(by_much=number)])])


def total(last: int) -> dict[str, Any]:
    return {"1": {"total": sum(range(last + 1)), "versions": list(range(1, last + 1))}}


async def test_while_kafka_is_frozen_commands_go_on_and_afterwards_everything_arrives_in_order(
    store: Store, other: Store, own: Settings, broker: Broker
) -> None:
    async with running(relay_of(store, own).run()), listening(own, subscription_on(other), [ViewHandler(TOTALS)]):
        await raised(store, 1, 5)
        await equals(total(5), lambda: documents(other.pool), "the first events are in the view")
        broker.freeze()
        async with asyncio.timeout(10):
            await raised(store, 6, 60)
        assert await documents(other.pool) == total(5)
        broker.thaw()
        await equals(total(60), lambda: documents(other.pool), "every event is in the view, once and in order")


async def test_a_relay_stops_at_once_while_kafka_is_frozen_and_the_next_one_sends_what_is_missing(
    store: Store, own: Settings, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(HastyProducer, "patience", 60.0)
    await raised(store, 1, 3)
    async with told_once(relay_of(store, own).run(), 9):  # Less than a request waits for its answer.
        await drained(store)
        broker.freeze()
        await raised(store, 4, 9)
        await eventually(lambda: _is_held_up(store), "a batch waits for its acknowledgement")
    broker.thaw()
    async with running(relay_of(store, own).run()):
        await drained(store)
    seen = list(dict.fromkeys(event_id(record) for record in await records_of(own)))
    assert seen == [event.id for event in (await store.load("counter-1")).streams["counter-1"]]


async def test_a_service_that_runs_or_starts_while_kafka_is_down_catches_up_when_it_is_back(
    store: Store, other: Store, own: Settings, broker: Broker
) -> None:
    async with running(relay_of(store, own).run()), listening(own, subscription_on(other), [ViewHandler(TOTALS)]):
        await raised(store, 1, 2)
        await equals(total(2), lambda: documents(other.pool), "the first events are in the view")
        broker.kill()
        await raised(store, 3, 20)
        late = relay_of(store, own)
        async with running(late.run()):
            await raised(store, 21, 30)
            await broker.come_back()
            await equals(total(30), lambda: documents(other.pool), "every event is in the view, once and in order")
            await drained(store)


async def _is_held_up(store: Store) -> bool:
    """The relay's checkpoint has been behind the store's end for two seconds."""
    row = await store.pool.fetchrow(
        "select (transaction, position) < ($1, $2), (select max(at) from events) < now() - interval '2 seconds'"
        " from relay", *await store.head()
    )  # fmt: skip
    return row is not None and all(row)
