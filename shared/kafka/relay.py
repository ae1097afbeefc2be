"""The relay: what the store holds goes to Kafka, in order, by one leader a service; the events table is the outbox.

A failed publish means unknown, never no: the checkpoint moves only after every acknowledgement, so what may have been
lost is sent again, with the same ids. A Kafka that lost its data is noticed and filled again from the store. Records
bear the lineage of their store: what somebody else wrote to its topics is counted and passed over.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

import orjson
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.structs import RecordMetadata
from opentelemetry.trace import SpanKind

from shared.kafka.connection import KafkaRefused, appearing, client, explained
from shared.kafka.keys import KeyTeller, tell_again
from shared.kafka.leadership import Leadership, LeadershipLost, raise_if_fenced
from shared.kafka.lineages import announcement
from shared.kafka.losses import CONFIRMED, Lost, Unsure, Verdict
from shared.kafka.outgoing import Outgoing
from shared.kafka.tails import StoreIsOlder, Tails
from shared.kafka.topics import create_topics
from shared.kafka.watch import Watch
from shared.model.message import Position, Published
from shared.ops.metrics import Metrics
from shared.ops.settings import Settings
from shared.ops.waiting import Waiting
from shared.processing.answering import answering
from shared.processing.transient import transient
from shared.store.codec import Raw
from shared.store.event_store import Store

log = structlog.get_logger(__name__)

BATCH: Final = 1000
REFUSAL_PAUSE: Final = 30.0
LOOK_EVERY: Final = 2.0
"""Seconds between two looks at whether the topics are still those that were written to."""
LOOK_AGAIN: Final = 0.3
"""Seconds after which it is asked again what was not certain, so that what is gone is confirmed soon."""
COMPARE_EVERY: Final = 10.0
"""Seconds between two looks at whether their partitions are as long as what Kafka acknowledged."""


class KafkaLost(Exception):
    """Kafka no longer holds what it had acknowledged: it was emptied, or its topics were made anew."""


class KafkaUnsure(KafkaError):  # type: ignore[misc]
    """Brokers say nothing certain of what they hold: it may be there, so nothing is published again."""


class HastyProducer(AIOKafkaProducer):  # type: ignore[misc]
    """Stops without sending what is pending: that would overtake what failed, and without a broker never end."""

    patience = 5.0

    async def stop(self) -> None:
        self._closed, sending = True, self._sender.sender_task
        if sending is not None:
            sending.cancel()
        await self.client.close()
        if sending is not None:
            sending.cancel()  # Once more: at the first it only begins to wait for the requests under way.
            await asyncio.wait([sending], timeout=self.patience)


class Relay:
    """Publishes one service's PUBLISHED events. `published` counts the acknowledged ones for the metrics."""

    look_every, look_again, compare_every = LOOK_EVERY, LOOK_AGAIN, COMPARE_EVERY
    producer = HastyProducer

    def __init__(self, store: Store, published: Published, settings: Settings, metrics: Metrics) -> None:
        self.store, self.published, self.settings, self.metrics = store, published, settings, metrics
        self.leadership = Leadership(store.pool, settings.lease_seconds)
        self.keys = KeyTeller(store, published, settings)
        self.tails = Tails(store, published, settings, metrics.untrusted.inc)
        self._outgoing = Outgoing(published)
        self._topics = {kind: published.topic(kind[1], settings.topic_prefix) for kind in self._outgoing.kinds}
        self.waiting = Waiting("relay")
        self._lineage = ""

    async def run(self) -> None:
        """Leads whenever nobody else does, until cancelled."""
        while True:
            try:
                if token := await self.leadership.take():
                    await self._publish_as_leader(token)
            except LeadershipLost:
                log.warning("relay: another process leads now")
            except KafkaLost as error:
                log.warning("Kafka lost what it had: publishing everything again", reason=str(error))
                await republish(self.store)
            except (StoreIsOlder, KafkaRefused) as error:
                log.error("relay refuses to publish", reason=str(error))
                await asyncio.sleep(REFUSAL_PAUSE)
            except KafkaError as error:
                await self.waiting.after(error, partial(appearing, self.settings), of="Kafka")
            except Exception as error:
                if not transient(error):
                    raise
                await self.waiting.after(error, partial(answering, self.store.pool), of="the database")
            await asyncio.sleep(self.settings.poll_seconds)

    async def _publish_as_leader(self, token: int) -> None:
        prefix = self.settings.topic_prefix
        producer = self.producer(
            **client(self.settings), enable_idempotence=True, acks="all", linger_ms=0,
            client_id=f"postulo-relay-{self.published.service}", request_timeout_ms=10_000,
        )  # fmt: skip
        lease = asyncio.ensure_future(self.leadership.keep(token))
        try:
            await explained(producer.start(), self.settings)
            await create_topics(self.settings, [self.published])
            self._lineage = await self.store.lineage()
            watch = Watch({*self.published.topics(prefix), self.published.lineage_topic(prefix)})
            after, acknowledged = await self._checkpoint(token)
            await self._make_sure(producer.client, watch, acknowledged)
            await self._announce(producer, acknowledged)
            self.waiting.over()
            self.metrics.leader.set(1)
            await self._follow(producer, token, watch, after, acknowledged, lease=lease)
        finally:
            self.metrics.leader.set(0)
            lease.cancel()
            await producer.stop()
            await asyncio.gather(lease, return_exceptions=True)
            await self.leadership.give_up(token)

    async def _follow(
        self, producer: HastyProducer, token: int, watch: Watch, after: Position, acknowledged: dict[str, int], *,
        lease: asyncio.Future[None],
    ) -> None:  # fmt: skip
        """Publishes whatever is appended, until the lease is not renewed or the checkpoint does not move any more: that
        another process leads is noticed early enough.
        """
        due = compared = time.monotonic()
        more, seen, poll = True, 0, self.settings.poll_seconds
        while not lease.done():
            if more:
                seen = self.store.appended.count
                after = await self._publish_next(producer, token, after, acknowledged)
            if (looked := time.monotonic()) >= due:
                ends = looked - compared >= self.compare_every
                due = looked + await self._look(producer.client, watch, acknowledged, ends=ends)
                compared = looked if ends else compared
            wait = partial(self.store.wait_for_more, after) if more else self.store.appended.wait
            more = await wait(seen, poll)  # Once it is seen that there is no more, nothing is asked before a wake-up.
        lease.result()

    async def _publish_next(
        self, producer: HastyProducer, token: int, after: Position, acknowledged: dict[str, int]
    ) -> Position:
        """Publishes the next batch, if there is one; returns up to where everything is published."""
        raws = await self.store.read(after, BATCH)
        await self.keys.tell(producer)  # Of all that was read: a key is kept with the first event that needs it.
        if not raws:
            return after
        await self._publish(producer, raws, acknowledged)
        await self._move(token, raws[-1].position, acknowledged)
        return raws[-1].position

    async def _look(self, client: Any, watch: Watch, acknowledged: Mapping[str, int], *, ends: bool) -> float:
        """Raises KafkaLost; returns the seconds until the next look. What is not certain stops nobody."""
        found = await watch.look(client, acknowledged, ends=ends)
        _raise_if_lost(found)
        if isinstance(found, Unsure):
            return self.look_again
        if longer := {place: end for place, end in watch.ends.items() if end > acknowledged.get(_name(place), -1) + 1}:
            await self.tails.look_at(longer)
        return min(self.look_every, self.compare_every)

    async def _make_sure(self, client: Any, watch: Watch, acknowledged: Mapping[str, int]) -> None:
        """Raises KafkaLost if Kafka lost what it acknowledged, StoreIsOlder if it holds what the store does not, and
        KafkaUnsure while it does not say.
        """
        found = await watch.look(client, acknowledged, ends=True)
        for _ in range(CONFIRMED):
            if not isinstance(found, Unsure):
                break
            await asyncio.sleep(self.look_again)
            found = await watch.look(client, acknowledged, ends=True)
        _raise_if_lost(found)
        if isinstance(found, Unsure):
            raise KafkaUnsure(found.why)
        await self.tails.look_at(watch.ends)

    async def _announce(self, producer: AIOKafkaProducer, acknowledged: dict[str, int]) -> None:
        key, headers, value = announcement(self.published, self._lineage)
        topic = self.published.lineage_topic(self.settings.topic_prefix)
        _acknowledge(await producer.send_and_wait(topic, value, key=key, headers=headers), acknowledged)

    async def _publish(self, producer: AIOKafkaProducer, raws: Sequence[Raw], acknowledged: dict[str, int]) -> None:
        leaving = [(raw, topic) for raw in raws if (topic := self._topic(raw))]
        if self.store.tracing is None:
            await self._send(producer, leaving, acknowledged)
        else:
            of = [(raw.trace, raw.type) for raw, _ in leaving]
            with self.store.tracing.spans("publish", of, {"messaging.system": "kafka"}, SpanKind.PRODUCER):
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

    async def _move(self, token: int, position: Position, acknowledged: dict[str, int]) -> None:
        """Moves the checkpoint; raises LeadershipLost. What a crash loses is sent again."""
        status = await self.store.pool.execute(
            "update relay set transaction = $2, position = $3, acknowledged = $4"
            " from (select set_config('synchronous_commit', 'off', true)) as without_waiting_for_the_disk"
            " where token = $1",
            token, *position, orjson.dumps(acknowledged).decode(),
        )  # fmt: skip
        raise_if_fenced(status)


def _raise_if_lost(found: Verdict) -> None:
    if isinstance(found, Lost):
        raise KafkaLost(found.why)


def _name(place: Any) -> str:
    """How the checkpoint names a partition."""
    return f"{place.topic}/{place.partition}"


def _acknowledge(metadata: RecordMetadata, acknowledged: dict[str, int]) -> None:
    """Keeps the offset that Kafka gave; raises KafkaLost if it had given it before."""
    name = _name(metadata)
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
