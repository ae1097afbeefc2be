"""Other services' events from Kafka: FastStream batches, offsets committed by hand after the database transactions."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Final

import structlog
from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import KafkaAckableMessage

from shared.kafka.beginning import beginning
from shared.kafka.connection import appearing
from shared.kafka.lag import Behind, Lag
from shared.kafka.lineages import Lineages
from shared.kafka.offsets import CONSUMED, TopicIds, first_offsets, keep, next_offsets
from shared.ops.logs import safe_message
from shared.ops.tasks import told_to_end
from shared.ops.waiting import Backoff, Telling, Until, Waiting, first_of
from shared.ops.wakeup import Wakeup
from shared.processing.answering import answering, answers
from shared.processing.handlers import Handler
from shared.processing.subscription import BATCH, Subscription
from shared.processing.transient import transient
from shared.store.codec import Raw
from shared.store.keys import KeyAwaited

log = structlog.get_logger(__name__)

STOPPING: Final = 0.2
"""Seconds within which a wait notices that the consumer is being stopped."""
FEW: Final = 20
"""So many events of a batch are told one by one."""
HOLDING: Final = 5.0
"""Seconds after which records that had to wait are looked at again."""
SOON: Final = 0.05
"""Seconds after which a batch is tried again first: whoever was faster is done by then."""
PATIENCE: Final = 120.0
"""Seconds a batch is retried before its partitions are rewound, well within max_poll_interval_ms."""
BEGINNING: Final = 10.0
"""Seconds for finding out where to begin, before it is tried again."""
ASKING: Final = 2.0
"""Seconds within which Kafka says where topics end, for the one who asks how far behind we are."""


async def _parse(records: tuple[Any, ...]) -> KafkaAckableMessage:
    return KafkaAckableMessage(body=b"", headers={}, raw_message=records, message_id="", consumer=None)


async def _decode(message: KafkaAckableMessage) -> Any:
    return message.raw_message


class Consumer:
    """One consumer group: every handler gets every event of the topics, each in its own transaction."""

    patience = PATIENCE

    def __init__(
        self, broker: KafkaBroker, group: str, topics: Iterable[str], subscription: Subscription, lineages: Lineages
    ) -> None:
        self.subscription, self.lineages, self.handlers = subscription, lineages, list[Handler]()
        self.backoff, self._telling = Backoff(), Telling()
        self._since: float | None = None
        self._topic_ids: TopicIds = {}
        self._beginning: asyncio.Task[None] | None = None
        self.behind, self._begins, self._ends = Lag(), dict[TopicPartition, int](), dict[TopicPartition, int]()
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
            listener=Assignments(self),
        )
        self.subscriber(self.take)

    def busy_for(self) -> float:
        """Seconds since the batch at hand was begun; 0 between batches."""
        return 0.0 if self._since is None else time.monotonic() - self._since

    @property
    def _consumer(self) -> Any:
        """FastStream's own, None before the start."""
        return self.subscriber.consumer

    async def lag(self) -> dict[TopicPartition, Behind]:
        """How far each partition that is assigned now is ahead of what was handled; by what Kafka said last, where it
        does not answer.
        """
        if not self._consumer:
            return {}
        sure = False
        if assigned := list(self._consumer.assignment()):
            with suppress(KafkaError, OSError, TimeoutError):
                async with asyncio.timeout(ASKING):
                    self._begins |= await self._consumer.beginning_offsets(assigned)
                    self._ends |= await self._consumer.end_offsets(assigned)
                sure = True
        now = self._consumer.assignment() if self._consumer else ()
        return self.behind.now(now, self._begins, self._ends, sure=sure)

    def failed(self) -> tuple[KafkaError | None, int]:
        """What reading raised last, and how often in a row."""
        return self._consumer.failed if self._consumer else (None, 0)

    def begin(self, assigned: Collection[TopicPartition]) -> None:
        """Reads these partitions once it is known up to where the tables have handled them.

        They are paused before aiokafka fetches from where Kafka remembers the group to be, and it is found out beside
        the rebalance: Kafka hears nothing of a member whose listener takes its time, and puts it out.
        """
        self._consumer.pause(*assigned)
        self.subscriber.add_task(self._begin, (assigned,))
        self._beginning = self.subscriber.tasks[-1]

    def leave(self, revoked: Collection[TopicPartition]) -> None:
        """Whoever has these partitions next begins where they were committed."""
        if self._beginning:
            self._beginning.cancel()
        self.behind.forget(revoked)

    async def _begin(self, assigned: Collection[TopicPartition]) -> None:
        consumer, waiting = self._consumer, Waiting("beginning to read", backoff=Backoff(SOON))
        while consumer is self._consumer:
            try:
                async with asyncio.timeout(BEGINNING):
                    await self._go_on(consumer, assigned)
            except Exception as error:  # noqa: BLE001 - whatever it was, no event may be passed over
                await waiting.after(error, self._until(error))
            else:
                waiting.over()
                consumer.resume(*assigned)
                break

    async def _go_on(self, consumer: Any, assigned: Collection[TopicPartition]) -> None:
        """Goes on from what the tables have handled, where Kafka remembers the group to be further.

        Said also where both agree: a batch of before the rebalance may have been committed since aiokafka asked.
        """
        offsets, self._topic_ids = await beginning(consumer, self.subscription.store.pool, assigned)
        self.behind.begins(offsets)
        for partition, offset in offsets.items():
            consumer.seek(partition, offset)

    async def take(self, records: Any) -> None:
        """Handles a batch, then commits exactly its offsets; rewinds the partitions if the failure lasts."""
        self._since = time.monotonic()
        self.behind.takes(records)
        try:
            await self._take(records)
        finally:
            self._since = None

    async def _take(self, records: Any) -> None:
        try:
            taken, waiting = await self.lineages.sift(records)
            raws = [self._counted(raw) for raw in taken]
            if raws:
                await self._deliver(raws)
        except (Exception, asyncio.CancelledError) as error:  # Whatever it was, no event may be passed over.
            if told_to_end(error):
                raise
            if self.subscriber.running and self._telling.worth(type(error)):
                log.error("rewinding", error=safe_message(error))
            self._rewind(first_offsets(records))
            pause = min(self.patience, self.backoff.pause())
            await first_of(asyncio.sleep(pause), self._stopped(), self._until(error)())
        else:
            self.backoff.reset()
            _tell(raws)
            handled = [record for record in records if record.topic not in waiting]
            self.behind.has_done(handled)
            if done := next_offsets(handled):
                await self._commit(done)
            self._hold([record for record in records if record.topic in waiting])

    async def _deliver(self, raws: Sequence[Raw]) -> None:
        """Has each handler take these events, also where another fails; reactions once every view has folded them: else
        they would miss in it what has just happened. Raises what failed first.
        """
        deadline = time.monotonic() + self.patience
        for appends in (False, True):
            handlers = [handler for handler in self.handlers if handler.appends is appends]
            failures = [error for each in handlers if (error := await self._failure(each, raws, deadline))]
            if failures:
                raise failures[0]

    async def _failure(self, handler: Handler, raws: Sequence[Raw], deadline: float) -> Exception | None:
        """What kept this handler from taking these events, if anything did; raises it where it keeps them all."""
        deliver, over = partial(self.subscription.deliver, handler, raws), partial(self._is_over, deadline)
        arrived = self.subscription.store.keys.arrived
        try:
            await persist(deliver, handler.title, over, arrived, self._answering_or_stopped)
        except Exception as error:
            if not await answers(self.subscription.store.pool):
                raise
            return error
        return None

    def _is_over(self, deadline: float) -> bool:
        return time.monotonic() > deadline or not self.subscriber.running

    def _hold(self, records: Sequence[Any]) -> None:
        """Has these records come again in a while; what is on other topics goes on meanwhile."""
        if records:
            offsets = first_offsets(records)
            topics = sorted({record.topic for record in records})
            if self._telling.worth(tuple(topics)):
                log.warning("held until their service has announced its store", topics=topics)
            self._rewind(offsets)
            held = self._consumer.assignment().intersection(offsets)
            self._consumer.pause(*held)
            asyncio.get_running_loop().call_later(HOLDING, self._let_go, held)

    def _let_go(self, partitions: Iterable[TopicPartition]) -> None:
        if self._consumer and self._beginning and self._beginning.done():  # Else that resumes all.
            self._consumer.resume(*self._consumer.assignment().intersection(partitions))

    def _until(self, error: BaseException) -> Until:
        """What returns when that is there again which was away."""
        return partial(appearing, self.lineages.settings) if isinstance(error, KafkaError) else self._answering

    async def _answering(self) -> None:
        await answering(self.subscription.store.pool)

    async def _answering_or_stopped(self) -> None:
        await first_of(self._answering(), self._stopped())

    async def _stopped(self) -> None:
        """FastStream says it nowhere else, and waits for the batch at hand."""
        while self.subscriber.running:  # noqa: ASYNC110 - as it says
            await asyncio.sleep(STOPPING)

    async def _commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        try:
            await keep(self.subscription.store.pool, CONSUMED, offsets, self._topic_ids)
            await self._consumer.commit(dict(offsets))
        except Exception as error:
            if not (isinstance(error, KafkaError) or transient(error)):
                raise
            log.warning("offsets not committed: the batch comes again and changes nothing", error=safe_message(error))

    def _rewind(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Has these records come again; partitions that went to another member come again there."""
        for partition in self._consumer.assignment().intersection(offsets):
            self._consumer.seek(partition, offsets[partition])

    def _counted(self, raw: Raw) -> Raw:
        if not self.subscription.foreign.knows(raw.type):
            self.subscription.metrics.unknown.labels(raw.source).inc()
        return raw


class Assignments(ConsumerRebalanceListener):  # type: ignore[misc]
    """Tells a consumer which partitions it has."""

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        self._consumer.leave(revoked)

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        self._consumer.begin(assigned)


def _tell(raws: Sequence[Raw]) -> None:
    """A line an event, so that the log tells which service heard of what; of many at once, how many."""
    if len(raws) > FEW:
        log.info("handled many", events=len(raws))
        return
    for raw in raws:
        log.info("handled", event_type=raw.type, stream=raw.stream, id=str(raw.id), correlation=str(raw.correlation))


async def persist(
    deliver: Callable[[], Awaitable[None]], title: str, over: Callable[[], bool], arrived: Wakeup, there: Until
) -> None:
    """Tries until it works, with growing pauses. Raises TimeoutError once it is over, and what is not transient.

    over: whether to give up. arrived: fires when keys were learnt, for which an event may have waited. there: returns
    when another try is worth it: the database answers that did not.
    """
    backoff, telling = Backoff(SOON), Telling()
    while True:
        seen, pause = arrived.count, backoff.pause()
        try:
            return await deliver()
        except Exception as error:
            if not transient(error):
                raise
            if over():
                raise TimeoutError(title) from error
            usual = isinstance(error, KeyAwaited) and pause < 1  # A key and the first event that needs it race.
            if not usual and telling.worth(type(error)):
                log.warning("waiting", handler=title, error=safe_message(error))
        if pause < 1:  # Whoever was faster is done by then: no question is worth it.
            await arrived.wait(seen, pause)
        elif await first_of(arrived.wait(seen, pause), there()) == 1:
            backoff.reset()
