"""Whose records are taken: each bears the name of the store that it comes from, and each service announces its store.

A service's relay announces on a topic of its own before it publishes, so whatever it wrote can be known by reading that
topic to its end. What bears no name that was announced was written by somebody else, or before stores had names; it is
counted and passed over.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid5

import orjson
import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from shared.kafka.cloudevents import Headers, from_record, header_of, lineage_of
from shared.kafka.connection import reader
from shared.kafka.topics import partitions_of
from shared.model.message import Published
from shared.ops.settings import Settings
from shared.store.codec import Raw

log = structlog.get_logger(__name__)

Name = tuple[str, str]
"""A topic, and the store that a record on it says it is from."""

ANNOUNCED: Final = "StoreAnnounced"
READING: Final = 30.0
"""Seconds for reading what is announced."""
TELL_EVERY: Final = 60.0
"""Seconds between two lines of the log about the same topic."""
LOOK_EVERY: Final = 1.0
"""Seconds before a name that was looked for in vain is looked for again."""
MOST_NAMES: Final = 1000
_NAMES: Final = UUID("0e5c0c2e-5f0f-5c7c-8d3a-6f5b1c9f4f10")


class NothingAnnounced(KafkaError):  # type: ignore[misc]
    """Records say which store they are from, and their service has announced none yet: they may be genuine."""


class Sifted(NamedTuple):
    """What a service has published, and the topics of which that cannot be known yet: their records have to wait."""

    taken: list[Raw]
    waiting: frozenset[str]


def announcement(published: Published, lineage: str) -> tuple[bytes, Headers, bytes]:
    """The key, the headers and the value of the record that announces a store."""
    headers = {
        "ce_specversion": "1.0",
        "ce_id": str(uuid5(_NAMES, lineage)),
        "ce_source": f"/postulo/{published.service}",
        "ce_type": ANNOUNCED,
        "ce_time": datetime.now(UTC).isoformat(),
        "ce_subject": lineage,
        "ce_lineage": lineage,
        "content-type": "application/json",
    }
    return lineage.encode(), [(name, value.encode()) for name, value in headers.items()], orjson.dumps({})


class Lineages:
    """The stores that these services have announced, learnt when a record bears a name that is not known yet.

    count: is told of how many records were passed over.
    """

    def __init__(
        self, settings: Settings, services: Iterable[Published], count: Callable[[int], object] = lambda _: None
    ) -> None:
        self.settings, self._count, prefix = settings, count, settings.topic_prefix
        self._announced_on = {
            topic: service.lineage_topic(prefix) for service in services for topic in service.topics(prefix)
        }
        self._known: dict[str, set[str]] = {topic: set() for topic in self._announced_on.values()}
        self._told: dict[str, float] = {}
        self._looked_for: dict[Name, float] = {}

    async def sift(self, records: Sequence[Any]) -> Sifted:
        """The events among the records that their topic's service has published. Raises KafkaError."""
        named = [(record, (record.topic, lineage_of(record))) for record in records]
        unknown = {name for _, name in named if name[1] and not self._knows(name)}
        waiting = frozenset(await self._look_for(unknown) if unknown else ())
        self._pass_over([record for record, name in named if not self._knows(name) and record.topic not in waiting])
        taken = [from_record(record) for record, name in named if self._knows(name) and record.topic not in waiting]
        return Sifted(taken, waiting)

    async def genuine(self, records: Sequence[Any]) -> list[Raw]:
        """The same where nothing can wait: raises NothingAnnounced instead."""
        taken, waiting = await self.sift(records)
        if waiting:
            raise NothingAnnounced(f"the store of {', '.join(sorted(waiting))} is not announced yet")
        return taken

    async def _look_for(self, unknown: Collection[Name]) -> list[str]:
        """Learns what is announced now; returns the topics of whose service nothing is.

        An announcement comes before what bears its name, so one name need not be looked for again at once.
        """
        now = time.monotonic()
        due = [name for name in unknown if now - self._looked_for.get(name, -LOOK_EVERY) >= LOOK_EVERY]
        if due:
            await self._learn({self._announced_on[topic] for topic, _ in due})
        if len(self._looked_for) > MOST_NAMES:
            self._looked_for.clear()
        nothing = [topic for topic, _ in unknown if not self._known[self._announced_on[topic]]]
        self._looked_for.update((name, now) for name in due if name[0] not in nothing)
        return nothing

    def _knows(self, name: Name) -> bool:
        topic, lineage = name
        return lineage in self._known[self._announced_on[topic]]

    async def _learn(self, topics: Collection[str]) -> None:
        """Reads what is announced on these topics, to their ends of now. Raises KafkaError where it cannot be read."""
        async with reader(self.settings) as consumer, asyncio.timeout(READING):
            partitions = await partitions_of(consumer, topics)
            if missing := {*topics} - {partition.topic for partition in partitions}:
                raise KafkaError(f"{', '.join(sorted(missing))} is not there, or may not be read")
            begins, ends = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
            for partition, found in (await read_between(consumer, begins, ends)).items():
                announced = {lineage_of(record) for record in found if header_of(record, "ce_type") == ANNOUNCED}
                self._known[partition.topic] |= announced - {""}

    def _pass_over(self, records: Sequence[Any]) -> None:
        if records:
            self._count(len(records))
        for record in records:
            if time.monotonic() - self._told.get(record.topic, -TELL_EVERY) >= TELL_EVERY:
                self._told[record.topic] = time.monotonic()
                place = f"{record.topic}/{record.partition}/{record.offset}"
                log.warning("records that the topic's service did not write are passed over", first=place)


async def read_between(
    consumer: AIOKafkaConsumer, begins: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
) -> dict[TopicPartition, list[Any]]:
    """The records of each partition from one offset to before another."""
    partitions = [partition for partition, end in ends.items() if end > begins[partition]]
    if partitions:
        consumer.assign(partitions)
    for partition in partitions:
        consumer.seek(partition, begins[partition])
    found: dict[TopicPartition, list[Any]] = {partition: [] for partition in partitions}
    for partition in partitions:
        while await consumer.position(partition) < ends[partition]:
            found[partition] += (await consumer.getmany(partition, timeout_ms=500)).get(partition, [])
    return {partition: [r for r in records if r.offset < ends[partition]] for partition, records in found.items()}
