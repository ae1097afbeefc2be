"""Ended sessions, heard by every process at once: a broadcast, so no consumer group and no offsets."""

from collections.abc import Callable
from uuid import UUID

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from shared.kafka.cloudevents import from_record
from shared.kafka.connection import client, explained
from shared.kafka.topics import partitions_of
from shared.ops.settings import Settings


async def hear_endings(settings: Settings, topic: str, ended: str, drop: Callable[[UUID], None]) -> None:
    """Drops every session that ends from now on, as events of type `ended` say; raises KafkaError without a broker."""
    consumer = AIOKafkaConsumer(**client(settings), enable_auto_commit=False, auto_offset_reset="latest")
    try:
        await explained(consumer.start(), settings)
        partitions = await partitions_of(consumer, [topic])
        if not partitions:
            raise KafkaError(f"topic {topic} is not there yet")
        consumer.assign(partitions)
        async for record in consumer:
            event = from_record(record)
            if event.type == ended:
                drop(UUID(event.stream.partition("-")[2]))
    finally:
        await consumer.stop()
