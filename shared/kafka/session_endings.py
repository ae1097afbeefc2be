"""Ended sessions, heard by every process at once: a broadcast, so no consumer group and no offsets."""

from collections.abc import Callable
from uuid import UUID

from aiokafka.errors import KafkaError

from shared.kafka.connection import reader
from shared.kafka.lineages import Lineages
from shared.kafka.topics import partitions_of
from shared.ops.settings import Settings


async def hear_endings(
    settings: Settings, topic: str, ended: str, lineages: Lineages, drop: Callable[[UUID], None]
) -> None:
    """Drops every session that ends from now on, as events of type `ended` say; raises KafkaError without a broker."""
    async with reader(settings, auto_offset_reset="latest") as consumer:
        partitions = await partitions_of(consumer, [topic])
        if not partitions:
            raise KafkaError(f"topic {topic} is not there yet")
        consumer.assign(partitions)
        async for record in consumer:
            for event in await lineages.genuine([record]):
                if event.type == ended:
                    drop(UUID(event.stream.partition("-")[2]))
