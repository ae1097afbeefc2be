"""Topics: one an aggregate, named postulo.<service>.<aggregate>.v1, created here and never by accident."""

import asyncio
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final
from uuid import UUID

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete
from aiokafka.errors import KafkaError, for_code

from shared.kafka.asking import ask, ends_in
from shared.kafka.connection import client, explained, reader
from shared.kafka.losses import Gone, Said, Unknown
from shared.model.message import Published
from shared.ops.settings import Settings
from shared.ops.waiting import Backoff

CONFIG = {"retention.ms": "-1", "retention.bytes": "-1", "cleanup.policy": "delete"}
LATEST = {"cleanup.policy": "compact"}
"""Of topics where the last record of a key stands for those before."""
KEYS = {
    "cleanup.policy": "compact", "max.compaction.lag.ms": "86400000", "segment.ms": "3600000",
    "min.cleanable.dirty.ratio": "0.01",
}  # fmt: skip
"""Of topics from which what was replaced has to be gone within a day."""
TOPIC_EXISTS = 36
TRIES: Final = 10
"""So many times more, about a second apart, a broker is asked for what it does not know."""


async def create_topics(settings: Settings, published: Iterable[Published]) -> list[str]:
    """Creates the topics that are missing; returns their names. Raises KafkaError."""
    admin = AIOKafkaAdminClient(**client(settings))
    try:
        await explained(admin.start(), settings)
        there = set(await admin.list_topics())
        missing = [topic for each in published for topic in _topics(each, settings) if topic.name not in there]
        if missing:
            answer = await admin.create_topics(missing)
            for name, code, *_ in answer.topic_errors:
                if code not in (0, TOPIC_EXISTS):
                    raise _failure(name, code)
        return sorted(topic.name for topic in missing)
    finally:
        await admin.close()


def _topics(published: Published, settings: Settings) -> Iterator[NewTopic]:
    prefix, copies = settings.topic_prefix, settings.topic_replicas
    if published.aggregates:
        yield NewTopic(published.lineage_topic(prefix), 1, copies, topic_configs=LATEST)
    if published.subjects:
        yield NewTopic(published.keys_topic(prefix), 1, copies, topic_configs=KEYS)
    for name in sorted(published.topics(prefix)):
        yield NewTopic(name, settings.topic_partitions, copies, topic_configs=CONFIG)


async def partitions_of(consumer: AIOKafkaConsumer, topics: Collection[str]) -> list[TopicPartition]:
    """All partitions of these topics; none of a topic that is not there. aiokafka learns them only when told to."""
    for topic in topics:
        await consumer._client.add_topic(topic)  # noqa: SLF001 - there is no public way that keeps what it learns
    return [TopicPartition(topic, n) for topic in topics for n in sorted(consumer.partitions_for_topic(topic) or ())]


async def ends_of(settings: Settings, topics: Collection[str]) -> dict[TopicPartition, int]:
    """Where each partition of these topics ends; none of a topic that is surely not there. Raises KafkaError."""
    async with reader(settings) as consumer:
        said, backoff = await _asked(consumer, topics), Backoff(longest=1.0)
        for _ in range(TRIES):  # The leader of a topic that was made just now may not know it yet.
            if not any(isinstance(each, Unknown) for each in said.values()):
                break
            await asyncio.sleep(backoff.pause())
            said = await _asked(consumer, topics)
        return certain_ends(said)


async def _asked(consumer: AIOKafkaConsumer, topics: Collection[str]) -> Mapping[str, Said]:
    return await ask(consumer._client, topics, ends=True)  # noqa: SLF001 - the one connection it has


async def ids_now(consumer: AIOKafkaConsumer, topics: Collection[str]) -> dict[str, UUID]:
    """The ids of those of these topics that are there. Raises KafkaError."""
    return certain_ids(await ask(consumer._client, topics))  # noqa: SLF001 - the one connection it has


def certain_ids(said: Mapping[str, Said]) -> dict[str, UUID]:
    """The ids of the topics that are there, also where nobody leads a partition. Raises KafkaError if one is not known,
    which may be any then.
    """
    for topic, each in said.items():
        if isinstance(each, Unknown) and each.id is None:
            raise KafkaError(f"{topic}: {each.why}")
    return {topic: each.id for topic, each in said.items() if not isinstance(each, Gone) and each.id}


def certain_ends(said: Mapping[str, Said]) -> dict[TopicPartition, int]:
    """Where each partition ends. Raises KafkaError if that is not known of a topic, which may have any number then."""
    for topic, each in said.items():
        if isinstance(each, Unknown):
            raise KafkaError(f"{topic}: {each.why}")
    return ends_in(said)


async def delete_before(settings: Settings, offsets: Mapping[TopicPartition, int]) -> None:
    """Deletes what stands before these offsets. Raises KafkaError."""
    admin = AIOKafkaAdminClient(**client(settings))
    try:
        await explained(admin.start(), settings)
        await admin.delete_records({place: RecordsToDelete(offset) for place, offset in offsets.items() if offset})
    finally:
        await admin.close()


def _failure(name: str, code: int) -> KafkaError:
    return for_code(code)(f"topic {name} cannot be created")
