"""The relay: what the store holds goes to Kafka, in order, by one leader a service; the events table is the outbox.

A failed publish means unknown, never no: the checkpoint moves only after every acknowledgement, so what may have been
lost is sent again, with the same ids. A Kafka that lost its data is noticed and filled again from the store. Records
bear the lineage of their store: what somebody else wrote to its topics is counted and passed over.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final
from uuid import uuid4

import asyncpg
import orjson
import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.structs import RecordMetadata

from shared.kafka.cloudevents import from_record, lineage_of
from shared.kafka.connection import KafkaRefused, client, explained, reader
from shared.kafka.keys import KeyTeller, tell_again
from shared.kafka.lineages import announcement, read_between
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
REACHES: Final = (1, 100)
"""So many records at the end of a partition are looked at for one of our own, the more if others wrote after it."""


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
        self.keys = KeyTeller(store, published, settings)
        self._outgoing = Outgoing(published)
        self._topics = {kind: published.topic(kind[1], settings.topic_prefix) for kind in self._outgoing.kinds}
        self._lineage = ""
        self._passed_over: dict[TopicPartition, int] = {}

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
        """The fencing token if this process may publish now, else None.

        After a leader of a version that knew of no lineage it begins anew, since nobody takes what that one published.
        """
        token: int | None = await self.store.pool.fetchval(
            "update relay set holder = $1, token = token + 1, lineage_token = token + 1,"
            " transaction = case when lineage_token = token then transaction else '0' end,"
            " position = case when lineage_token = token then position else 0 end,"
            " acknowledged = case when lineage_token = token then acknowledged else '{}' end,"
            " expires = now() + $2 * interval '1 second'"
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
            self._lineage = await self.store.lineage()
            await self._compare_with_kafka(token)
            self.metrics.leader.set(1)
            await self._follow(producer, token)
        finally:
            await producer.stop()
            await self._step_down(token)

    async def _follow(self, producer: AIOKafkaProducer, token: int) -> None:
        """Publishes whatever is appended. That another process leads shows when the checkpoint moves: early enough."""
        after, acknowledged = await self._checkpoint(token)
        await self._announce(producer, acknowledged)
        compared = time.monotonic()
        while True:
            seen = self.store.appended.count
            await self.keys.tell(producer)
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

    async def _announce(self, producer: AIOKafkaProducer, acknowledged: dict[str, int]) -> None:
        key, headers, value = announcement(self.published, self._lineage)
        topic = self.published.lineage_topic(self.settings.topic_prefix)
        _acknowledge(await producer.send_and_wait(topic, value, key=key, headers=headers), acknowledged)

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
                topic, key=raw.stream.encode(), value=self._outgoing.value(raw),
                headers=self._outgoing.headers(raw, self._lineage, self.settings.public_url),
                timestamp_ms=int(min(raw.at.timestamp(), now) * 1000),
            )
            for raw, topic in leaving
        ]  # fmt: skip
        for metadata in await asyncio.gather(*sent):
            _acknowledge(metadata, acknowledged)

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
        async with reader(self.settings) as consumer, asyncio.timeout(COMPARING):
            await self._compare(consumer, acknowledged)

    async def _compare(self, consumer: AIOKafkaConsumer, acknowledged: dict[str, int]) -> None:
        prefix = self.settings.topic_prefix
        announced = self.published.lineage_topic(prefix)
        partitions = await partitions_of(consumer, {*self.published.topics(prefix), announced})
        begins, ends = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
        known = {f"{partition.topic}/{partition.partition}": end for partition, end in ends.items()}
        for name, offset in acknowledged.items():
            if offset >= known.get(name, 0):
                raise KafkaLost(f"{name} had reached {offset} and ends before {known.get(name, 0)} now")
        looked_at = {p: end for p, end in ends.items() if end > begins[p] and p.topic != announced}
        for reach in REACHES:
            starts = {p: max(begins[p], end - reach) for p, end in looked_at.items()}
            tails = await read_between(consumer, starts, looked_at)
            found = {partition: await self._after_ours(tail) for partition, tail in tails.items()}
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
        if lineage_of(record) != self._lineage:
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
                self.metrics.untrusted.inc(len(new))
                where = f"{partition.topic}/{partition.partition}/{new[0]}"
                log.warning("records that this service did not write are passed over", first=where, count=len(new))


def _acknowledge(metadata: RecordMetadata, acknowledged: dict[str, int]) -> None:
    """Keeps the offset that Kafka gave; raises KafkaLost if it had given it before."""
    name = f"{metadata.topic}/{metadata.partition}"
    if 0 <= metadata.offset <= acknowledged.get(name, -1):
        raise KafkaLost(f"{name} had reached {acknowledged[name]} and is at {metadata.offset} now")
    acknowledged[name] = max(metadata.offset, acknowledged.get(name, -1))


async def republish(store: Store) -> None:
    """Publishes everything again from the start, with the same ids; whoever leads now has to begin anew."""
    await tell_again(store)
    await store.pool.execute(
        "update relay set transaction = '0', position = 0, acknowledged = '{}', expires = now(),"
        " token = token + 1, lineage_token = token + 1"
    )
