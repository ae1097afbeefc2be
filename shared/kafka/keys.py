"""Subjects' keys on Kafka: each service tells ours the keys that it made and whom it erased, on a compacted topic.

A key travels encrypted under the master key, so nobody else can read or forge one. That somebody is erased is proven by
the master key too: a record of anybody else's erases nobody.
"""

import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from shared.kafka.connection import KafkaRefused, appearing, reader
from shared.kafka.offsets import KEYS, NOTHING, TopicIds, all_kept, believe, keep, next_offsets
from shared.kafka.topics import ids_now, partitions_of
from shared.model.message import Published
from shared.ops.settings import Settings
from shared.ops.waiting import Waiting
from shared.processing.answering import answering
from shared.processing.transient import transient
from shared.store.event_store import Store

PROOF: Final = "erased subject"
ERASED: Final = "erased/"
"""Before a subject in the key of the record that says since when it is erased, which outlives compaction."""
BATCH: Final = 1000
PAUSE_MS: Final = 500
LOOK_AGAIN: Final = 10.0
"""Seconds after which the topics are read again from their beginning for a key that was asked for and has not come."""
WATCH_EVERY: Final = 10.0
"""Seconds between two looks at whether the topics are still those that are read."""

_UNTOLD: Final = """(select subject, wrapped, null as erased_at from subject_keys where not sent limit 1000)
    union all (select subject, null, erased_at from erased_subjects where not sent limit 1000)"""
_SENT: Final = (
    ("update subject_keys set sent = true where subject = any($1)", False),
    ("update erased_subjects set sent = true where subject = any($1)", True),
)
_UNSENT: Final = (
    "update subject_keys set sent = false where sent and split_part(subject, '-', 1) = any($1)",
    "update erased_subjects set sent = false where sent and split_part(subject, '-', 1) = any($1)",
)
_ERASED: Final = "select subject from erased_subjects where subject = any($1)"

Record = tuple[str, bytes | None]
Erase = Callable[[Mapping[str, datetime]], Awaitable[None]]


class KeyTeller:
    """Tells the other services what they must know of this service's subjects; the relay's leader runs it."""

    def __init__(self, store: Store, published: Published, settings: Settings) -> None:
        self.store, self.topic = store, published.keys_topic(settings.topic_prefix)
        self.tells = bool(published.subjects)

    async def tell(self, producer: AIOKafkaProducer) -> None:
        """Publishes what was not told yet, keys before the events that need them are. Raises KafkaError."""
        while self.tells and (untold := await self.store.pool.fetch(_UNTOLD)):
            records = [record for row in untold for record in self._records(*row)]
            for sending in [await producer.send(self.topic, key=key.encode(), value=value) for key, value in records]:
                await sending
            for sql, of_erased in _SENT:
                done = [row["subject"] for row in untold if of_erased == (row["erased_at"] is not None)]
                await self.store.pool.execute(sql, done)

    def _records(self, subject: str, wrapped: bytes | None, erased_at: datetime | None) -> list[Record]:
        if erased_at is None:
            return [(subject, wrapped)]
        return [(subject, None), (f"{ERASED}{subject}", self._told(subject, erased_at))]

    def _told(self, subject: str, at: datetime) -> bytes:
        return self.store.keys.sealer.sealed(PROOF, at.isoformat().encode(), subject)


async def tell_again(store: Store) -> None:
    """Has everything told anew, to a Kafka that lost it or under another master key."""
    for sql in _UNSENT:
        await store.pool.execute(sql, sorted(store.keys.own))


class KeyReader:
    """Keeps a service's keys up with what all services tell, from where its own tables stand.

    erase: erases those whom another service, or this one before it was restored, said to be erased since then.
    """

    def __init__(
        self, store: Store, services: Iterable[Published], settings: Settings, erase: Erase,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self.store, self.settings, self._erase, self._clock = store, settings, erase, clock
        self.topics = sorted({each.keys_topic(settings.topic_prefix) for each in services if each.subjects})
        self.waiting = Waiting("reading keys")
        self._read_to: dict[TopicPartition, int] = {}
        self._topic_ids: TopicIds = {}
        self._looked = 0.0

    async def run(self) -> None:
        """Reads until cancelled: what is known of keys already goes on while Kafka or the database is away.

        Raises KafkaRefused, and what is no weather.
        """
        while True:
            try:
                await self._read()
            except KafkaRefused:
                raise
            except KafkaError as error:
                await self.waiting.after(error, partial(appearing, self.settings), of="Kafka")
            except Exception as error:
                if not transient(error):
                    raise
                await self.waiting.after(error, partial(answering, self.store.pool), of="the database")

    async def _read(self) -> None:
        """Reads until one of the topics was made anew."""
        async with reader(self.settings, auto_offset_reset="earliest") as consumer:
            partitions = await partitions_of(consumer, self.topics)
            self._topic_ids = await ids_now(consumer, self.topics)
            if not {each.topic for each in partitions} == self._topic_ids.keys() == set(self.topics):
                raise KafkaError(f"{', '.join(self.topics)}: not all are there yet")
            consumer.assign(partitions)
            await self._go_on(consumer, partitions)
            self.waiting.over()
            await self._follow(consumer, partitions)

    async def _follow(self, consumer: AIOKafkaConsumer, partitions: Sequence[TopicPartition]) -> None:
        watched = self._clock()
        while True:
            batches = await consumer.getmany(timeout_ms=PAUSE_MS, max_records=BATCH)
            records = [record for batch in batches.values() for record in batch]
            if records:
                await self._learn(records)
            elif await self._is_to_look_again():
                await consumer.seek_to_beginning(*partitions)
            if self._clock() - watched > WATCH_EVERY:
                if not await self._are_the_same(consumer):
                    return
                watched = self._clock()

    async def _are_the_same(self, consumer: AIOKafkaConsumer) -> bool:
        """Whether the topics are still those that are read, as long as brokers say nothing else."""
        with suppress(KafkaError):
            return await ids_now(consumer, self.topics) == self._topic_ids
        return True

    async def _is_to_look_again(self) -> bool:
        """Whether a key has been missing for long, and for twice as long as when the topics were read again last: one
        that is on none of them has them read ever more seldom.
        """
        now, missing = self._clock(), self.store.keys.missing.items()
        due = {subject for subject, since in missing if now - since > max(LOOK_AGAIN, 2 * (self._looked - since))}
        if not due or not await self.store.keys.still_miss(due):
            return False
        self._looked = now
        return True

    async def _go_on(self, consumer: AIOKafkaConsumer, partitions: Sequence[TopicPartition]) -> None:
        """From where the tables stand; from the beginning of what is shorter than they have read, or another topic."""
        await believe(self.store.pool, KEYS, self._topic_ids)
        known = await all_kept(self.store.pool, KEYS)
        ends = await consumer.end_offsets(partitions)
        begins = await consumer.beginning_offsets(partitions)
        for partition in partitions:
            after = known.get(partition, NOTHING).next_in(self._topic_ids[partition.topic])
            self._read_to[partition] = after if begins[partition] <= after <= ends[partition] else begins[partition]
            consumer.seek(partition, self._read_to[partition])

    async def _learn(self, records: Sequence[Any]) -> None:
        """What they tell, and how far they were read. What nobody of ours told teaches nothing."""
        if erased := await self._newly_erased(records):
            await self._erase(erased)  # Before it is noted that this was read: if it breaks off, it is read again.
        told = [_told(record) for record in records]
        keys = [(name, value) for name, value in told if value is not None and not name.startswith(ERASED)]
        read = {place: max(after, self._read_to[place]) for place, after in next_offsets(records).items()}
        async with self.store.pool.acquire() as connection, connection.transaction():
            await self.store.keys.learn(connection, keys)
            await keep(connection, KEYS, read, self._topic_ids)
        self._read_to |= read
        self.store.keys.arrived.fire()

    async def _newly_erased(self, records: Sequence[Any]) -> dict[str, datetime]:
        """Who is erased by what they tell, and since when; where it was read before, only who is not erased here."""
        new, again = dict[str, datetime](), dict[str, datetime]()
        for record in records:
            name, value = _told(record)
            subject = name.removeprefix(ERASED)
            if name.startswith(ERASED) and value is not None and (at := self._since(subject, value)):
                (again if record.offset < self._read_to[_place(record)] else new)[subject] = at
        known = {row["subject"] for row in await self.store.pool.fetch(_ERASED, list(again))} if again else set()
        return {subject: at for subject, at in again.items() if subject not in known} | new

    def _since(self, subject: str, value: bytes) -> datetime | None:
        """Since when the subject is erased, if one of our services said so."""
        told = self.store.keys.sealer.opened(PROOF, value, subject)
        return datetime.fromisoformat(told.decode()) if told else None


def _told(record: Any) -> Record:
    return (record.key or b"").decode(errors="replace"), record.value


def _place(record: Any) -> TopicPartition:
    return TopicPartition(record.topic, record.partition)
