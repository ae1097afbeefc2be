"""Rebuilding a view beside the live one, and switching to it once it holds everything that the live one holds."""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.kafka.connection import reader
from shared.kafka.consumer import PATIENCE, persist
from shared.kafka.lineages import Lineages
from shared.kafka.topics import partitions_of
from shared.model.projection import AnyProjection
from shared.processing.answering import answering
from shared.processing.generations import NextGeneration, next_generation
from shared.processing.handlers import ViewHandler
from shared.processing.subscription import BATCH, Subscription
from shared.store.codec import Raw
from shared.store.database import Connection
from shared.store.folding import HandlerName

log = structlog.get_logger(__name__)

Progress = Callable[[int], None]

QUIET: Final = 10.0
"""Seconds after all but the latest has been read, after which is said what is waited for."""
LOOKS: Final = 1.0
"""Seconds at least between two looks whether nothing is missing: the live view stands still for each."""
SHARE: Final = 10
"""So many times as long as a look took passes before the next."""
WAITS: Final = (
    "rebuild waits for events that the view has handled and Kafka does not hold: `republish` who says them, or, where "
    "its store does not hold them any more either, `reconcile`"
)


async def rebuild_own(subscription: Subscription, view: AnyProjection, progress: Progress) -> int:
    """Folds the service's whole store into the next generation and switches; returns that generation.

    Raises Misconfigured while another command rebuilds the view.
    """
    async with next_generation(subscription, view) as handler:
        while True:
            while read := await _advanced(subscription, handler):
                progress(read)
            if await _switch(subscription, handler, _caught_up_own):
                return handler.former + 1


async def _advanced(subscription: Subscription, handler: NextGeneration) -> int:
    handler.alone()
    return await subscription.advance(handler, BATCH)


async def rebuild_foreign(
    subscription: Subscription, view: AnyProjection, topics: set[str], lineages: Lineages, progress: Progress
) -> int:
    """Folds the service's topics from their beginning into the next generation and switches; returns that generation.

    topics: all that the service listens to, since the live view has a mark for every event on them.

    Ends only when every event that the live view has handled was read again, and says so where it has to wait for some.
    Raises Misconfigured while another command rebuilds the view.
    """
    async with (
        next_generation(subscription, view) as handler,
        reader(lineages.settings, auto_offset_reset="earliest") as consumer,
    ):
        partitions = await partitions_of(consumer, topics)
        consumer.assign(partitions)
        reached = await consumer.beginning_offsets(partitions)
        for partition, begin in reached.items():
            consumer.seek(partition, begin)
        behind, said, look = time.monotonic(), False, 0.0
        while True:
            batches = await consumer.getmany(timeout_ms=500, max_records=BATCH)
            if records := [record for batch in batches.values() for record in batch]:
                await _delivered(subscription, handler, await lineages.genuine(records))
                progress(len(records))
            reached |= {partition: batch[-1].offset + 1 for partition, batch in batches.items()}
            now = time.monotonic()
            if _left(consumer, reached) >= BATCH:
                behind = now
            elif now >= look:
                if await _switch(subscription, handler, _caught_up_foreign):
                    return handler.former + 1
                look = time.monotonic() + max(LOOKS, SHARE * (time.monotonic() - now))
            if not said and now - behind > QUIET:
                said = True
                log.warning(WAITS, service=subscription.store.source, view=view.name)


def _left(consumer: AIOKafkaConsumer, reached: Mapping[TopicPartition, int]) -> int:
    """So many more records Kafka is known to hold: on a site at work there are always some."""
    return sum(max((consumer.highwater(partition) or 0) - offset, 0) for partition, offset in reached.items())


async def _delivered(subscription: Subscription, handler: NextGeneration, raws: Sequence[Raw]) -> None:
    """As a consumer does it: an event may be here before its key, which the service that runs learns. Raises what was
    the matter for PATIENCE seconds.
    """

    async def deliver() -> None:
        handler.alone()
        await subscription.deliver(handler, raws)

    store, deadline = subscription.store, time.monotonic() + PATIENCE
    there = partial(answering, store.pool)
    try:
        await persist(deliver, handler.title, lambda: time.monotonic() > deadline, store.keys.arrived, there)
    except TimeoutError as late:
        raise late.__cause__ or late from None


async def _switch(subscription: Subscription, handler: NextGeneration, caught_up: Callable[..., Any]) -> bool:
    """Under the lock that the live view needs for every batch: makes the new generation live if nothing is missing."""
    async with subscription.exclusively(ViewHandler(handler.view)) as (connection, old):
        handler.alone()
        if not await caught_up(connection, old, HandlerName.of_view(handler.view.name, handler.former + 1)):
            return False
        await connection.execute(
            "insert into views (view, live) values ($1, $2) on conflict (view) do update set live = $2",
            handler.view.name, handler.former + 1,
        )  # fmt: skip
    return True


async def _caught_up_own(connection: Connection, old: str, new: str) -> bool:
    return bool(await connection.fetchval(
        "select coalesce((select (n.transaction, n.position) >= (o.transaction, o.position)"
        " from checkpoints o left join checkpoints n on n.handler = $2 where o.handler = $1), true)", old, new
    ))  # fmt: skip


async def _caught_up_foreign(connection: Connection, old: str, new: str) -> bool:
    missing = await connection.fetchval(
        "select exists"
        " (select event from handled where handler = $1 except"
        " (select event from handled where handler = $2 union all select id from parked where handler = $2))",
        old, new,
    )  # fmt: skip
    return not missing
