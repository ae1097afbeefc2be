"""The events of all services as they arrive on Kafka."""

import asyncio
from collections.abc import Callable

from aiokafka import AIOKafkaConsumer

from services.site import chosen
from shared.kafka.cloudevents import from_record
from shared.kafka.connection import client
from shared.kafka.topics import partitions_of
from shared.ops.settings import Settings


async def watch(settings: Settings, seen: Callable[[str], None], ready: asyncio.Event) -> None:
    """Says every event of every service that arrives on Kafka from now on."""
    topics = {topic for each in chosen(None) for topic in each.published.topics(settings.topic_prefix)}
    consumer = AIOKafkaConsumer(
        **client(settings.of_kafka_s_administrator()), enable_auto_commit=False, auto_offset_reset="latest"
    )
    await consumer.start()
    try:
        consumer.assign(await partitions_of(consumer, topics))
        await consumer.seek_to_end()
        ready.set()
        async for record in consumer:
            event = from_record(record)
            aggregate = event.stream.partition("-")[0]
            seen(f"[dim]      ⟵ {event.type} ({event.source}, {aggregate} version {event.version})[/dim]")
    finally:
        await consumer.stop()
