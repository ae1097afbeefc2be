"""What stands at the ends of a service's topics: its own events, which its store has to hold, or what others wrote."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaTimeoutError

from shared.kafka.cloudevents import from_record, lineage_of
from shared.kafka.connection import reader
from shared.kafka.lineages import read_between
from shared.kafka.topics import partitions_of
from shared.model.message import Published
from shared.ops.settings import Settings
from shared.store.event_store import Store

log = structlog.get_logger(__name__)

READING: Final = 10.0
"""Seconds for reading what stands at the ends."""
REACHES: Final = (1, 100)
"""So many records at the end of a partition are looked at for one of our own, the more if others wrote after it."""


class StoreIsOlder(Exception):
    """Kafka holds events that the store does not: the store was restored from a backup older than Kafka."""


class Tails:
    """count: is told of how many records others wrote."""

    def __init__(self, store: Store, published: Published, settings: Settings, count: Callable[[int], object]) -> None:
        self.store, self.published, self.settings, self._count = store, published, settings, count
        self._passed_over: dict[TopicPartition, int] = {}

    async def look_at(self, ends: Mapping[TopicPartition, int]) -> None:
        """Raises StoreIsOlder if what stands there is ours and the store does not hold it, and KafkaError."""
        announced = self.published.lineage_topic(self.settings.topic_prefix)
        looked_at = {place: end for place, end in ends.items() if end and place.topic != announced}
        if looked_at:
            try:
                async with reader(self.settings) as consumer, asyncio.timeout(READING):
                    await self._compare(consumer, looked_at)
            except TimeoutError as error:
                raise KafkaTimeoutError(f"the ends of the topics were not read within {READING:.0f} s") from error

    async def _compare(self, consumer: AIOKafkaConsumer, ends: Mapping[TopicPartition, int]) -> None:
        await partitions_of(consumer, {place.topic for place in ends})
        begins = await consumer.beginning_offsets(list(ends))
        looked_at = {place: end for place, end in ends.items() if end > begins[place]}
        for reach in REACHES:
            starts = {place: max(begins[place], end - reach) for place, end in looked_at.items()}
            tails = await read_between(consumer, starts, looked_at)
            found = {place: await self._after_ours(tail) for place, tail in tails.items()}
            looked_at = {p: looked_at[p] for p, others in found.items() if len(others) == len(tails[p])}
            self._pass_over({p: others for p, others in found.items() if p not in looked_at or reach == REACHES[-1]})

    async def _after_ours(self, tail: Sequence[Any]) -> Sequence[Any]:
        """The records after the last that is ours; all of them if none is. Raises StoreIsOlder."""
        for index in range(len(tail), 0, -1):
            if await self._is_ours(tail[index - 1]):
                return tail[index:]
        return tail

    async def _is_ours(self, record: Any) -> bool:
        """Whether the store holds it. Raises StoreIsOlder for what bears its lineage and is not there."""
        event, name = from_record(record), self.published.service
        if event.source == name and await self.store.find(event.stream, event.version) == event.id:
            return True
        if lineage_of(record) != await self.store.lineage():
            return False
        raise StoreIsOlder(
            f"{record.topic}/{record.partition} ends with event {event.id} ({event.stream} version {event.version}), "
            f"which the store does not hold. Restore a newer backup, or delete the topics of {name} and run "
            f"`python -m services republish {name}`"
        )

    def _pass_over(self, found: Mapping[TopicPartition, Sequence[Any]]) -> None:
        """Counts and tells each record once."""
        for partition, records in found.items():
            new = [record.offset for record in records if record.offset > self._passed_over.get(partition, -1)]
            if new:
                self._passed_over[partition] = new[-1]
                self._count(len(new))
                where = f"{partition.topic}/{partition.partition}/{new[0]}"
                log.warning("records that this service did not write are passed over", first=where, count=len(new))
