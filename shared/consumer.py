"""Other services' events from Kafka: FastStream batches, offsets committed by hand after the database transactions."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import Any, Final

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import KafkaAckableMessage

from shared.cloudevents import from_record
from shared.codec import Raw
from shared.handlers import Handler
from shared.parking import said
from shared.subscription import BATCH, Subscription, transient

log = structlog.get_logger(__name__)

PATIENCE: Final = (
    120.0  # seconds a batch is retried before its partitions are rewound, well within max_poll_interval_ms
)


class PatientConsumer(AIOKafkaConsumer):  # type: ignore[misc]
    """Waits for records instead of returning none: FastStream sleeps after an empty batch, delaying the next."""

    async def getmany(self, *partitions: Any, timeout_ms: int = 0, max_records: int | None = None) -> dict[Any, Any]:
        patience = max(timeout_ms, 1000)
        while not (records := await super().getmany(*partitions, timeout_ms=patience, max_records=max_records)):
            pass
        return dict(records)


async def _parse(records: tuple[Any, ...]) -> KafkaAckableMessage:
    return KafkaAckableMessage(body=b"", headers={}, raw_message=records, message_id="", consumer=None)  # type: ignore[arg-type]


async def _decode(message: KafkaAckableMessage) -> Any:
    return message.raw_message


class Consumer:
    """One consumer group: every handler gets every event of the topics, each in its own transaction."""

    def __init__(self, broker: KafkaBroker, group: str, topics: Iterable[str], subscription: Subscription) -> None:
        self.subscription, self.handlers = subscription, list[Handler]()
        self._since: float | None = None
        self._done: dict[TopicPartition, int] = {}
        self.subscriber = broker.subscriber(
            *sorted(topics),
            batch=True,
            group_id=group,
            ack_policy=AckPolicy.MANUAL,
            auto_offset_reset="earliest",
            max_records=BATCH,
            fetch_max_wait_ms=500,
            parser=_parse,
            decoder=_decode,
            title=group,
        )
        self.subscriber(self.take)

    def busy_for(self) -> float:
        """Seconds since the batch at hand was begun; 0 between batches."""
        return 0.0 if self._since is None else time.monotonic() - self._since

    def lag(self) -> dict[tuple[str, int], int]:
        """How many records each assigned partition is ahead of what was handled."""
        consumer = self.subscriber.consumer
        found = {}
        for partition in consumer.assignment() if consumer else ():
            end, done = consumer.highwater(partition), self._done.get(partition)
            if end is not None and done is not None:
                found[partition.topic, partition.partition] = end - done
        return found

    async def take(self, records: Any) -> None:
        """Handles a batch, then commits exactly its offsets; rewinds the partitions if the world stays broken."""
        self._since = time.monotonic()
        try:
            await self._take(records)
        finally:
            self._since = None

    async def _take(self, records: Any) -> None:
        consumer = self.subscriber.consumer
        raws = [self._counted(from_record(record)) for record in records]
        try:
            for handler in self.handlers:
                await persist(partial(self.subscription.deliver, handler, raws), handler.title)
        except TimeoutError:
            ends = first_offsets(records)
            log.error("rewinding", partitions=[str(partition) for partition in ends])
            for partition, offset in ends.items():
                consumer.seek(partition, offset)
            return
        self._done |= next_offsets(records)
        try:
            await consumer.commit(next_offsets(records))
        except KafkaError as error:
            log.warning("offsets not committed: the batch will come again and change nothing", error=said(error))

    def _counted(self, raw: Raw) -> Raw:
        if not self.subscription.foreign.knows(raw.type):
            self.subscription.metrics.unknown.labels(raw.source).inc()
        return raw


async def persist(deliver: Callable[[], Awaitable[None]], title: str, patience: float = PATIENCE) -> None:
    """Tries until it works, with growing pauses. Raises TimeoutError when patience ends, and what is not transient."""
    pause, waited = 0.05, 0.0
    while True:
        try:
            return await deliver()
        except Exception as error:
            if not transient(error):
                raise
            if waited > patience:
                raise TimeoutError(title) from error
            log.warning("waiting", handler=title, error=said(error))
        await asyncio.sleep(pause)
        waited, pause = waited + pause, min(pause * 2, 5.0)


def next_offsets(records: Sequence[Any]) -> dict[TopicPartition, int]:
    """What to commit once these records are done: a partition's last offset plus one."""
    return {TopicPartition(record.topic, record.partition): record.offset + 1 for record in records}


def first_offsets(records: Sequence[Any]) -> dict[TopicPartition, int]:
    """Where to rewind to so that these records come again."""
    return {TopicPartition(record.topic, record.partition): record.offset for record in reversed(records)}


async def start_broker(broker: KafkaBroker) -> None:
    """Starts the consumers; raises KafkaError while no broker answers."""
    await broker.connect()
    config = broker.config.broker_config
    config.builder = partial(PatientConsumer, **config.builder.keywords)
    await broker.start()
