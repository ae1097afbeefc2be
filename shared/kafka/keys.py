"""Subjects' keys on Kafka: each service tells ours the keys that it made and whom it erased, on a compacted topic.

A key travels encrypted under the master key, so nobody else can read or forge one. That somebody is erased is proven by
the master key too: a record of anybody else's erases nobody.
"""

import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from shared.kafka.connection import reader
from shared.kafka.topics import partitions_of
from shared.model.message import Published
from shared.ops.settings import Settings
from shared.store.erasing import Forgets, erase, nothing_more
from shared.store.event_store import Store

log = structlog.get_logger(__name__)

PROOF: Final = "erased subject"
ERASED: Final = "erased/"
"""Before a subject in the key of the record that says since when it is erased, which outlives compaction."""
BATCH: Final = 1000
PAUSE_MS: Final = 500
LOOK_AGAIN: Final = 10.0
"""Seconds after which the topics are read again from their beginning, while a key is wanted that was not there."""

_UNSENT_KEYS: Final = "select subject, wrapped from subject_keys where not sent order by subject limit 1000"
_UNSENT_ERASED: Final = "select subject, erased_at from erased_subjects where not sent order by subject limit 1000"
_SENT: Final = (
    "update subject_keys set sent = true where subject = any($1)",
    "update erased_subjects set sent = true where subject = any($1)",
)
_UNSENT: Final = (
    "update subject_keys set sent = false where sent and split_part(subject, '-', 1) = any($1)",
    "update erased_subjects set sent = false where sent and split_part(subject, '-', 1) = any($1)",
)
_OFFSETS: Final = "select topic, partition, next from key_offsets"
_READ_TO: Final = """insert into key_offsets (topic, partition, next)
    select * from unnest($1::text[], $2::int[], $3::bigint[])
    on conflict (topic, partition) do update set next = excluded.next"""


class KeyTeller:
    """Tells the other services what they must know of this service's subjects; the relay's leader runs it."""

    def __init__(self, store: Store, published: Published, settings: Settings) -> None:
        self.store, self.topic = store, published.keys_topic(settings.topic_prefix)
        self.tells = bool(published.subjects)

    async def tell(self, producer: AIOKafkaProducer) -> None:
        """Publishes what was not told yet, keys before the events that need them are. Raises KafkaError."""
        while self.tells:
            keys = await self.store.pool.fetch(_UNSENT_KEYS)
            erased = await self.store.pool.fetch(_UNSENT_ERASED)
            if not keys and not erased:
                return
            records: list[tuple[bytes, bytes | None]]
            records = [(subject.encode(), bytes(wrapped)) for subject, wrapped in keys]
            for subject, at in erased:
                records += [(subject.encode(), None), (f"{ERASED}{subject}".encode(), self._told(subject, at))]
            for sending in [await producer.send(self.topic, key=key, value=value) for key, value in records]:
                await sending
            for sql, rows in zip(_SENT, (keys, erased), strict=True):
                await self.store.pool.execute(sql, [row["subject"] for row in rows])

    def _told(self, subject: str, at: datetime) -> bytes:
        return self.store.keys.sealer.sealed(PROOF, at.isoformat().encode(), subject)


async def tell_again(store: Store) -> None:
    """Has everything told anew, to a Kafka that lost it or under another master key."""
    for sql in _UNSENT:
        await store.pool.execute(sql, sorted(store.keys.own))


class KeyReader:
    """Keeps a service's keys up with what all services tell, from where its own tables stand.

    say: has the store say of its own subjects that they are erased.
    """

    def __init__(
        self, store: Store, services: Iterable[Published], settings: Settings,
        say: Callable[[Iterable[str]], Awaitable[None]], forgets: Forgets = nothing_more,
    ) -> None:  # fmt: skip
        self.store, self.settings, self._say, self._forgets = store, settings, say, forgets
        self.topics = sorted({each.keys_topic(settings.topic_prefix) for each in services if each.subjects})

    async def run(self) -> None:
        """Reads until cancelled. Raises KafkaError, and what the database raises."""
        async with reader(self.settings, auto_offset_reset="earliest") as consumer:
            partitions = await partitions_of(consumer, self.topics)
            if {each.topic for each in partitions} != set(self.topics):
                raise KafkaError(f"{', '.join(self.topics)}: not all are there yet")
            consumer.assign(partitions)
            await self._go_on(consumer, partitions)
            wanted, looked = self.store.keys.wanted.count, time.monotonic()
            while True:
                batches = await consumer.getmany(timeout_ms=PAUSE_MS, max_records=BATCH)
                records = [record for batch in batches.values() for record in batch]
                if records:
                    await self._learn(records)
                elif wanted != self.store.keys.wanted.count and time.monotonic() - looked > LOOK_AGAIN:
                    wanted, looked = self.store.keys.wanted.count, time.monotonic()
                    await consumer.seek_to_beginning(*partitions)

    async def _go_on(self, consumer: AIOKafkaConsumer, partitions: Sequence[TopicPartition]) -> None:
        """From where the tables stand; from the beginning on a Kafka that has less than they have read."""
        known = {(topic, number): after for topic, number, after in await self.store.pool.fetch(_OFFSETS)}
        ends = await consumer.end_offsets(partitions)
        begins = await consumer.beginning_offsets(partitions)
        for partition in partitions:
            after = known.get((partition.topic, partition.partition), 0)
            consumer.seek(partition, after if begins[partition] <= after <= ends[partition] else begins[partition])

    async def _learn(self, records: Sequence[Any]) -> None:
        """What they tell, and how far they were read. What nobody of ours told teaches nothing."""
        keys, erased = list[tuple[str, bytes]](), dict[str, datetime]()
        for record in records:
            name, value = (record.key or b"").decode(errors="replace"), record.value
            if not name.startswith(ERASED):
                keys += [(name, value)] if value is not None else []
            elif value is not None and (at := self._since(subject := name.removeprefix(ERASED), value)):
                erased[subject] = at
        await self._erase(erased)
        read = {TopicPartition(record.topic, record.partition): record.offset + 1 for record in records}
        async with self.store.pool.acquire() as connection, connection.transaction():
            await self.store.keys.learn(connection, keys)
            await connection.execute(
                _READ_TO, [each.topic for each in read], [each.partition for each in read], list(read.values())
            )
        self.store.keys.arrived.fire()

    async def _erase(self, erased: Mapping[str, datetime]) -> None:
        """Before it is noted that this was read: if it breaks off, it is read again."""
        if not erased:
            return
        async with self.store.pool.acquire() as connection, connection.transaction():
            for subject, at in sorted(erased.items()):
                await erase(connection, subject, at, forgets=self._forgets)
        self.store.keys.forget(erased)
        await self._say(subject for subject in sorted(erased) if subject.partition("-")[0] in self.store.keys.own)

    def _since(self, subject: str, value: bytes) -> datetime | None:
        """Since when the subject is erased, if one of our services said so."""
        told = self.store.keys.sealer.opened(PROOF, value, subject)
        return datetime.fromisoformat(told.decode()) if told else None
