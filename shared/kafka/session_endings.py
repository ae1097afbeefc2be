"""Ended sessions, heard by every process at once: a broadcast, so no consumer group and no offsets."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from aiokafka.errors import KafkaError

from shared.kafka.connection import KafkaRefused, appearing, reader
from shared.kafka.lineages import Lineages
from shared.kafka.topics import partitions_of
from shared.ops.settings import Settings
from shared.ops.waiting import Waiting

Drop = Callable[[UUID], None]


async def hear_endings(
    settings: Settings, topic: str, ended: str, lineages: Lineages, drop: Drop, *, waiting: Waiting | None = None
) -> None:
    """Drops every session that ends from now on, as events of type `ended` say, until cancelled.

    Waits while there is no broker; raises KafkaRefused if a setting is wrong.
    """
    waiting = waiting or Waiting("hearing of ended sessions")
    while True:
        try:
            await _hear(settings, topic, ended, lineages, drop, waiting=waiting)
        except KafkaRefused:
            raise
        except (KafkaError, OSError, TimeoutError) as error:
            await waiting.after(error, partial(appearing, settings), of="Kafka")


async def _hear(
    settings: Settings, topic: str, ended: str, lineages: Lineages, drop: Drop, *, waiting: Waiting
) -> None:
    async with reader(settings, auto_offset_reset="latest") as consumer:
        partitions = await partitions_of(consumer, [topic])
        if not partitions:
            raise KafkaError(f"topic {topic} is not there yet")
        consumer.assign(partitions)
        waiting.over()
        async for record in consumer:
            for event in await lineages.genuine([record]):
                if event.type == ended:
                    drop(UUID(event.stream.partition("-")[2]))
