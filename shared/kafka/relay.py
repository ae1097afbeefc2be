"""The relay: what the store holds goes to Kafka, in order, by one leader a service; the events table is the outbox.

A failed publish means unknown, never no: the checkpoint moves only after every acknowledgement, so what may have been
lost is sent again, with the same ids. A Kafka that lost its data is noticed and filled again from the store.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Final
from uuid import uuid4

import asyncpg
import orjson
import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from shared.kafka.cloudevents import from_record, headers_of
from shared.kafka.connection import KafkaRefused, client, explained
from shared.kafka.outgoing import Outgoing
from shared.kafka.topics import create_topics, partitions_of
from shared.model.message import Position, Published
from shared.ops.logs import safe_message
from shared.ops.metrics import Metrics
from shared.ops.settings import Settings
from shared.processing.transient import transient
from shared.store.codec import Raw
from shared.store.event_store import Store

log = structlog.get_logger(__name__)

BATCH: Final = 1000
REFUSAL_PAUSE: Final = 30.0
COMPARING: Final = 30.0
COMPARE_EVERY: Final = 10.0
"""Seconds between two looks, while idle, at whether Kafka still holds what it acknowledged."""


class StoreIsOlder(Exception):
    """Kafka holds events that the store does not: the store was restored from a backup older than Kafka."""


class KafkaLost(Exception):
    """Kafka no longer holds what it had acknowledged: it was emptied, or its topics were made anew."""


class LeadershipLost(Exception):
    """Another process leads now; what this one has in flight is a duplicate, which consumers absorb."""


class HastyProducer(AIOKafkaProducer):  # type: ignore[misc]
    """Stops without sending what is pending: that would overtake what failed, and without a broker never end."""

    async def stop(self) -> None:
        self._closed, sending = True, self._sender.sender_task
        if sending is not None:
            sending.cancel()
        await self.client.close()
        if sending is not None:
            sending.cancel()  # Once more: at the first it only begins to wait for the requests under way.
            await asyncio.wait([sending], timeout=5)


class Relay:
    """Publishes one service's PUBLISHED events. `published` counts the acknowledged ones for the metrics."""

    compare_every = COMPARE_EVERY

    def __init__(self, store: Store, published: Published, settings: Settings, metrics: Metrics) -> None:
        self.store, self.published, self.settings, self.metrics = store, published, settings, metrics
        self.holder = str(uuid4())
        self._topics = {
            (event.__name__, category): published.topic(category, settings.topic_prefix)
            for category, events in published.aggregates.items()
            for event in events
        }
        self._value = Outgoing(published).value

    async def run(self) -> None:
        """Leads whenever nobody else does, until cancelled."""
        while True:
            try:
                if token := await self._lead():
                    await self._publish_as_leader(token)
            except LeadershipLost:
                log.warning("relay: another process leads now")
            except KafkaLost as error:
                log.warning("Kafka lost what it had: publishing everything again", reason=str(error))
                await republish(self.store)
            except (StoreIsOlder, KafkaRefused) as error:
                log.error("relay refuses to publish", reason=str(error))
                await asyncio.sleep(REFUSAL_PAUSE)
            except (KafkaError, OSError, TimeoutError) as error:
                log.warning("relay waits for Kafka", error=safe_message(error))
            except Exception as error:
                if not transient(error):
                    raise
                log.warning("relay waits for the database", error=safe_message(error))
            self.metrics.leader.set(0)
            await asyncio.sleep(self.settings.poll_seconds)

    async def _lead(self) -> int | None:
        """The fencing token if this process may publish now, else None."""
        token: int | None = await self.store.pool.fetchval(
            "update relay set holder = $1, token = token + 1, expires = now() + $2 * interval '1 second'"
            " where expires < now() or holder = $1 returning token",
            self.holder, self.settings.lease_seconds,
        )  # fmt: skip
        return token

    async def _publish_as_leader(self, token: int) -> None:
        producer = HastyProducer(
            **client(self.settings), enable_idempotence=True, acks="all", linger_ms=0,
            client_id=f"postulo-relay-{self.published.service}", request_timeout_ms=10_000,
        )  # fmt: skip
        try:
            await explained(producer.start(), self.settings)
            await create_topics(self.settings, [self.published])
            await self._compare_with_kafka(token)
            self.metrics.leader.set(1)
            await self._follow(producer, token)
        finally:
            await producer.stop()
            await self._step_down(token)

    async def _follow(self, producer: AIOKafkaProducer, token: int) -> None:
        """Publishes whatever is appended. That another process leads shows when the checkpoint moves: early enough."""
        after, acknowledged = await self._checkpoint(token)
        compared = time.monotonic()
        while True:
            seen = self.store.appended.count
            if raws := await self.store.read(after, BATCH):
                await self._publish(producer, raws, acknowledged)
                after = raws[-1].position
                await self._move(token, after, acknowledged)
            if time.monotonic() - compared > self.compare_every:
                await self._compare_with_kafka(token)
                compared = time.monotonic()
            if time.monotonic() - self._renewed > self.settings.lease_seconds / 3:
                await self._move(token, after, acknowledged)
            await self.store.wait_for_more(after, seen, self.settings.poll_seconds)

    async def _step_down(self, token: int) -> None:
        """Lets the next process lead at once, instead of when the lease is over."""
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
            await self.store.pool.execute("update relay set expires = now() where token = $1", token)

    async def _publish(self, producer: AIOKafkaProducer, raws: Sequence[Raw], acknowledged: dict[str, int]) -> None:
        leaving = [(raw, topic) for raw in raws if (topic := self._topic(raw))]
        await self._send(producer, leaving, acknowledged)
        self.metrics.published.inc(len(leaving))

    def _topic(self, raw: Raw) -> str | None:
        return self._topics.get((raw.type, raw.stream.partition("-")[0]))

    async def _send(
        self, producer: AIOKafkaProducer, leaving: Sequence[tuple[Raw, str]], acknowledged: dict[str, int]
    ) -> None:
        """One by one with the stream as key, then all acknowledgements: a batch call uses one partition for all.

        A broker takes no record from the future, in which a trial's events may be; `ce_time` says when it was.
        """
        now = time.time()
        sent = [
            await producer.send(
                topic, key=raw.stream.encode(), value=self._value(raw), headers=headers_of(raw, self.published.service),
                timestamp_ms=int(min(raw.at.timestamp(), now) * 1000),
            )
            for raw, topic in leaving
        ]  # fmt: skip
        for metadata in await asyncio.gather(*sent):
            name = f"{metadata.topic}/{metadata.partition}"
            if 0 <= metadata.offset <= acknowledged.get(name, -1):
                raise KafkaLost(f"{name} had reached {acknowledged[name]} and is at {metadata.offset} now")
            acknowledged[name] = max(metadata.offset, acknowledged.get(name, -1))

    async def _checkpoint(self, token: int) -> tuple[Position, dict[str, int]]:
        """The position after which to publish, and the last offset known of each partition; raises LeadershipLost."""
        row = await self.store.pool.fetchrow(
            "select transaction, position, acknowledged::text from relay where token = $1", token
        )
        if row is None:
            raise LeadershipLost
        return Position(row[0], row[1]), orjson.loads(row[2])

    _renewed = 0.0

    async def _move(self, token: int, position: Position, acknowledged: dict[str, int]) -> None:
        """Moves the checkpoint and renews the lease; raises LeadershipLost. What a crash loses is sent again."""
        self._renewed = time.monotonic()
        status = await self.store.pool.execute(
            "update relay set transaction = $2, position = $3, acknowledged = $4,"
            " expires = now() + $5 * interval '1 second'"
            " from (select set_config('synchronous_commit', 'off', true)) as without_waiting_for_the_disk"
            " where token = $1",
            token, *position, orjson.dumps(acknowledged).decode(), self.settings.lease_seconds,
        )  # fmt: skip
        if status != "UPDATE 1":
            raise LeadershipLost

    async def _compare_with_kafka(self, token: int) -> None:
        """Starts anew if Kafka lost what it acknowledged; raises StoreIsOlder if it holds what the store does not."""
        _, acknowledged = await self._checkpoint(token)
        consumer = AIOKafkaConsumer(**client(self.settings), enable_auto_commit=False)
        try:
            await explained(consumer.start(), self.settings)
            async with asyncio.timeout(COMPARING):
                await self._compare(consumer, acknowledged)
        finally:
            await consumer.stop()

    async def _compare(self, consumer: AIOKafkaConsumer, acknowledged: dict[str, int]) -> None:
        partitions = await partitions_of(consumer, self.published.topics(self.settings.topic_prefix))
        begins, ends = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
        known = {f"{partition.topic}/{partition.partition}": end for partition, end in ends.items()}
        for name, offset in acknowledged.items():
            if offset >= known.get(name, 0):
                raise KafkaLost(f"{name} had reached {offset} and ends before {known.get(name, 0)} now")
        await self._look_for_strangers(consumer, [p for p in partitions if ends[p] > begins[p]], ends)

    async def _look_for_strangers(
        self, consumer: AIOKafkaConsumer, partitions: Sequence[TopicPartition], ends: dict[TopicPartition, int]
    ) -> None:
        if not partitions:
            return
        consumer.assign(partitions)
        for partition in partitions:
            consumer.seek(partition, ends[partition] - 1)
        for partition in partitions:
            last = from_record(await consumer.getone(partition))
            if last.source == self.published.service and await self.store.find(last.stream, last.version) != last.id:
                raise StoreIsOlder(
                    f"{partition.topic}/{partition.partition} ends with event {last.id} ({last.stream} version "
                    f"{last.version}), which the store does not hold. Restore a newer backup, or delete the topics of "
                    f"{self.published.service} and run `python -m services republish {self.published.service}`"
                )


async def republish(store: Store) -> None:
    """Publishes everything again from the start, with the same ids; whoever leads now has to begin anew."""
    await store.pool.execute(
        "update relay set transaction = '0', position = 0, acknowledged = '{}', token = token + 1, expires = now()"
    )
