"""What the kernel's tests see and do on Kafka: read topics to their end, publish, delete, follow with a group."""

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from faststream.kafka import KafkaBroker

from shared.kafka.cloudevents import headers_of
from shared.kafka.connection import client
from shared.kafka.consumer import Consumer
from shared.kafka.joining import broker_of, start_broker
from shared.kafka.lineages import Lineages, announcement
from shared.kafka.relay import Relay
from shared.kafka.topics import create_topics, partitions_of
from shared.model.message import Position, Published
from shared.ops.metrics import Metrics
from shared.ops.settings import Settings
from shared.processing.handlers import Handler
from shared.processing.subscription import Subscription
from shared.store.codec import Raw
from shared.store.event_store import Store
from tests.shared.things import PUBLISHED
from tests.shared.waiting import eventually, settled

STORE = "the-store-of-things"


def topic(settings: Settings, published: Published = PUBLISHED, category: str = "counter") -> str:
    return published.topic(category, settings.topic_prefix)


def header(record: Any, name: str) -> str:
    return str(dict(record.headers).get(name, b""), "utf-8")


def event_id(record: Any) -> UUID:
    return UUID(header(record, "ce_id"))


async def records_of(settings: Settings, name: str | None = None) -> list[Any]:
    """Every record of the topic, partition by partition, each in its order."""
    consumer = AIOKafkaConsumer(**client(settings), enable_auto_commit=False)
    await consumer.start()
    try:
        partitions = await partitions_of(consumer, [name or topic(settings)])
        begins, ends = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
        consumer.assign(partitions)
        for partition in partitions:
            consumer.seek(partition, begins[partition])
        records: list[Any] = []
        for partition in partitions:
            while await consumer.position(partition) < ends[partition]:
                records += (await consumer.getmany(partition, timeout_ms=500)).get(partition, [])
        return records
    finally:
        await consumer.stop()


async def publish(
    settings: Settings, raws: Iterable[Raw], lineage: str = STORE, *, announced: bool = True,
    published: Published = PUBLISHED,
) -> None:  # fmt: skip
    """Puts events on their topic as the relay does."""
    async with producer(settings) as sending:
        if announced:
            key, headers, value = announcement(published, lineage)
            await sending.send_and_wait(
                published.lineage_topic(settings.topic_prefix), value, key=key, headers=headers
            )  # fmt: skip
        for raw in raws:
            data = raw.data if isinstance(raw.data, bytes) else raw.data.encode()
            headers = headers_of(raw, published.service, lineage, settings.public_url)
            await sending.send(topic(settings, published), data, key=raw.stream.encode(), headers=headers)


async def publish_rubbish(
    settings: Settings, rubbish: Sequence[tuple[bytes | None, list[tuple[str, bytes]]]], name: str | None = None
) -> None:
    async with producer(settings) as sending:
        for value, headers in rubbish:
            await sending.send_and_wait(name or topic(settings), value, key=b"rubbish", headers=headers)


@asynccontextmanager
async def producer(settings: Settings) -> AsyncIterator[AIOKafkaProducer]:
    sending = AIOKafkaProducer(**client(settings))
    try:
        await sending.start()
        yield sending
    finally:
        await sending.stop()


async def delete_topics(settings: Settings, name: str | None = None) -> None:
    """Deletes the topic and waits until the broker has forgotten it."""
    where = name or topic(settings)
    await deleted(settings, where)

    async def gone() -> bool:
        async with admin(settings) as asking:
            return where not in await asking.list_topics()

    await eventually(gone, "the topic is deleted")


async def deleted(settings: Settings, *names: str) -> None:
    """Deletes these topics; a relay may make them anew at once."""
    async with admin(settings) as asking:
        await asking.delete_topics([*names])


@asynccontextmanager
async def admin(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    asking = AIOKafkaAdminClient(**client(settings))
    await asking.start()
    try:
        yield asking
    finally:
        await asking.close()


def relay_of(store: Store, settings: Settings, kind: type[Relay] = Relay, *, published: Published = PUBLISHED) -> Any:
    return kind(store, published, settings, Metrics("things"))


async def drained(store: Store) -> None:
    """Waits until the relay's checkpoint stands at the store's end."""
    await settled(store.pool)

    async def all_sent() -> bool:
        row = await store.pool.fetchrow("select transaction, position from relay")
        return row is not None and Position(*row) == await store.head() != (0, 0)

    await eventually(all_sent, "the relay has sent everything")


@asynccontextmanager
async def listening(
    settings: Settings, subscription: Subscription, handlers: Collection[Handler], kind: type[Consumer] = Consumer,
    group: str = "listeners", *, published: Sequence[Published] = (PUBLISHED,),
) -> AsyncIterator[Any]:  # fmt: skip
    """A member of a consumer group that hands the topic's events to these handlers, like a running service."""
    await create_topics(settings, published)
    broker, consumer = member(settings, subscription, handlers, kind, group, published=published)
    await start_broker(broker, settings)
    try:
        yield consumer
    finally:
        await broker.stop()


def member(
    settings: Settings, subscription: Subscription, handlers: Collection[Handler], kind: type[Consumer] = Consumer,
    group: str = "listeners", *, published: Sequence[Published] = (PUBLISHED,),
) -> tuple[KafkaBroker, Consumer]:  # fmt: skip
    """A consumer that hands the topic's events to these handlers, and its broker, which is to be started."""
    broker = broker_of(settings, logger=None, apply_types=False, graceful_timeout=2)
    lineages = Lineages(settings, published, subscription.metrics.untrusted.inc)
    consumer = kind(
        broker,
        f"{settings.topic_prefix}.{group}",
        [topic(settings, each) for each in published],
        subscription,
        lineages,
    )
    consumer.handlers = list(handlers)
    return broker, consumer


async def committed(settings: Settings, group: str = "listeners") -> dict[int, int]:
    """The offsets that the group has committed, by partition."""
    consumer = AIOKafkaConsumer(
        **client(settings), group_id=f"{settings.topic_prefix}.{group}", enable_auto_commit=False
    )
    await consumer.start()
    try:
        partitions = await partitions_of(consumer, [topic(settings)])
        consumer.assign(partitions)
        found = {partition.partition: await consumer.committed(partition) for partition in partitions}
        return {partition: offset for partition, offset in found.items() if offset is not None}
    finally:
        await consumer.stop()


async def ends(settings: Settings) -> dict[int, int]:
    """The end of each partition that holds anything: its last offset plus one."""
    consumer = AIOKafkaConsumer(**client(settings), enable_auto_commit=False)
    await consumer.start()
    try:
        offsets = await consumer.end_offsets(await partitions_of(consumer, [topic(settings)]))
        return {partition.partition: offset for partition, offset in offsets.items() if offset}
    finally:
        await consumer.stop()
