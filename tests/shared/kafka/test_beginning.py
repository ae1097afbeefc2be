"""Where a consumer begins to read: nothing is passed over, whichever of its tables and Kafka is ahead or made anew."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any, cast

import pytest
from aiokafka import TopicPartition

from shared.kafka.consumer import Consumer
from shared.kafka.joining import start_broker
from shared.kafka.offsets import Kept, kept
from shared.kafka.topics import create_topics
from shared.ops.settings import Settings
from shared.ops.tasks import Tasks
from shared.store.codec import Raw
from shared.store.database import Pool
from shared.store.event_store import Store
from tests.shared.kafka.records import committed, delete_topics, ends, listening, member, publish
from tests.shared.kafka.test_consumer import VIEW, raised, totals
from tests.shared.things import PUBLISHED, documents, subscription_on
from tests.shared.waiting import equals, eventually

RESTORED = ("handled", "documents", "consumed")
"""What the backup brings back of a service that only listens."""


async def backed_up(store: Store) -> None:
    for table in RESTORED:
        await store.pool.execute(f"create table backup_of_{table} as table {table}")


async def put_back(store: Store) -> None:
    for table in RESTORED:
        await store.pool.execute(f"truncate {table}")
        await store.pool.execute(f"insert into {table} table backup_of_{table}")


async def read_to_its_end(store: Store, settings: Settings) -> None:
    """The group has committed, and the tables hold, all that is there."""
    async with listening(settings, subscription_on(store), [VIEW]):
        await equals(await ends(settings), lambda: committed(settings), "the offsets are committed")


async def test_a_database_from_a_backup_hears_again_what_was_said_since(
    store: Store, other: Store, settings: Settings
) -> None:
    """Also a service whose group Kafka remembers to be at the end."""
    await restored(store, other, settings, 20)
    async with listening(settings, subscription_on(other), [VIEW]):
        await equals(totals(20, 5), lambda: documents(other.pool), "what was said since is in the view")


async def restored(store: Store, other: Store, settings: Settings, streams: int) -> None:
    """The service that listens has two rounds of five from a backup, and its group has read them all."""
    await create_topics(settings, [PUBLISHED])
    await publish(settings, await raised(store, streams, 2))
    await read_to_its_end(other, settings)
    await backed_up(other)
    await publish(settings, await raised(store, streams, 3, first=3))
    await read_to_its_end(other, settings)
    await put_back(other)
    assert await documents(other.pool) == totals(streams, 2)


class Taking(Consumer):
    """Says when it has handled a batch."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.took = asyncio.Event()

    async def take(self, records: Any) -> None:
        await super().take(records)
        self.took.set()

    async def first_took_or_waits(self) -> bool:
        """Whether it has handled a batch, or takes none."""
        assigned = self._consumer.assignment()
        return self.took.is_set() or bool(assigned and self._consumer.paused() == assigned)


async def test_nothing_is_handled_before_it_is_known_where_to_begin(
    store: Store, other: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the database of a backup would count as being where the group is, and never hear what was said between."""
    await restored(store, other, settings, 1)
    await publish(settings, await raised(store, 1, 1, first=6))
    broker, taking = member(settings, subscription_on(other), [VIEW], Taking)
    consumer = cast(Taking, taking)

    async def late(pool: Pool) -> dict[TopicPartition, Kept] | None:
        await eventually(consumer.first_took_or_waits, "a batch was handled, if one can be")
        return await kept(pool)

    monkeypatch.setattr("shared.kafka.beginning.kept", late)
    await start_broker(broker, settings)
    await equals(totals(1, 6), lambda: documents(other.pool), "every event is in the view")
    await broker.stop()


async def test_a_member_that_waits_for_its_database_to_begin_stays_in_its_group_and_stops_when_told(
    other: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kafka is told of it meanwhile: aiokafka begins to when it has told us of our partitions."""
    tried = asyncio.Event()

    async def away(_: Pool) -> None:
        tried.set()
        raise ConnectionError

    monkeypatch.setattr("shared.kafka.beginning.kept", away)
    await create_topics(settings, [PUBLISHED])
    broker, consumer = member(settings, subscription_on(other), [VIEW])
    await start_broker(broker, settings)
    await tried.wait()
    await eventually(partial(_tells, consumer), "it tells Kafka that it is here")
    async with asyncio.timeout(Tasks.patience):
        await broker.stop()


async def _tells(consumer: Any) -> bool:
    return consumer.subscriber.consumer._coordinator._heartbeat_task is not None


class Halfway(Consumer):
    """Has its first batch in hand during a rebalance: it is committed after aiokafka asked where to go on, and before
    we do.
    """

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.in_hand, self.asked, self.done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def _commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        if not self.in_hand.is_set():
            self.in_hand.set()
            await self.asked.wait()
        await super()._commit(offsets)
        self.done.set()

    async def _go_on(self, consumer: Any, assigned: Collection[TopicPartition]) -> None:
        if self.in_hand.is_set():
            for partition in assigned:
                await consumer.position(partition)
            self.asked.set()
            await self.done.wait()
        await super()._go_on(consumer, assigned)


async def test_a_batch_in_hand_during_a_rebalance_hides_nothing_that_the_database_lacks(
    store: Store, other: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.kafka.consumer.BATCH", 1)
    await restored(store, other, settings, 1)
    async with listening(settings, subscription_on(other), [VIEW], Halfway) as consumer:
        await consumer.in_hand.wait()
        consumer.subscriber.consumer._coordinator.request_rejoin()
        await equals(totals(1, 5), lambda: documents(other.pool), "what was said since is in the view")


@pytest.mark.parametrize(
    ("copies", "order"),
    [(5, lambda raw: raw.version), (1, lambda raw: raw.stream)],
    ids=["of which the database had read more than there is now", "whose records stand elsewhere now"],
)
async def test_a_database_from_a_backup_of_before_a_topic_was_made_anew_hears_all_of_it(
    store: Store, other: Store, settings: Settings, copies: int, order: Callable[[Raw], Any]
) -> None:
    await create_topics(settings, [PUBLISHED])
    raws = await raised(store, 20, 2)
    await publish(settings, raws * copies)
    await read_to_its_end(other, settings)
    await backed_up(other)
    await delete_topics(settings)
    await create_topics(settings, [PUBLISHED])
    await publish(settings, sorted([*raws, *await raised(store, 20, 3, first=3)], key=order))
    await read_to_its_end(other, settings)
    await put_back(other)
    async with listening(settings, subscription_on(other), [VIEW]):
        await equals(totals(20, 5), lambda: documents(other.pool), "what was said since is in the view")
