"""Ended sessions, heard by every process at once: a broadcast, so no consumer group and no offsets."""

from uuid import UUID

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from shared.auth import Sessions
from shared.cloudevents import from_record
from shared.settings import Settings
from shared.topics import partitions_of


async def hear_endings(settings: Settings, sessions: Sessions) -> None:
    """Drops every session that ends from now on; raises KafkaError while no broker answers."""
    topic = f"{settings.topic_prefix}.identity.session.v1"
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka, enable_auto_commit=False, auto_offset_reset="latest")
    await consumer.start()
    try:
        partitions = await partitions_of(consumer, [topic])
        if not partitions:
            raise KafkaError(f"topic {topic} is not there yet")
        consumer.assign(partitions)
        async for record in consumer:
            event = from_record(record)
            if event.type == "SessionEnded":
                sessions.drop(UUID(event.stream.partition("-")[2]))
    finally:
        await consumer.stop()
