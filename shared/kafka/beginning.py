"""Where a consumer begins to read the partitions that it was given: its tables count, wherever Kafka has its group."""

from collections.abc import Collection
from typing import Any, NamedTuple

import structlog
from aiokafka import TopicPartition

from shared.kafka.offsets import CONSUMED, Offsets, TopicIds, believe, keep, kept, to_rewind
from shared.kafka.topics import ids_now
from shared.store.database import Pool

log = structlog.get_logger(__name__)


class Beginning(NamedTuple):
    """The offset at which to begin each partition, and the ids of the topics that these are of."""

    offsets: Offsets
    topic_ids: TopicIds


async def beginning(consumer: Any, pool: Pool, assigned: Collection[TopicPartition]) -> Beginning:
    """Where the group stands by Kafka, and where it is ahead of the tables, as after a restore, where these stand."""
    found = await consumer._coordinator.fetch_committed_offsets(assigned)  # noqa: SLF001 - all at once
    committed = {each: found[each].offset if each in found else 0 for each in assigned}
    topic_ids = await ids_now(consumer, {each.topic for each in assigned})
    await believe(pool, CONSUMED, topic_ids)
    if (handled := await kept(pool)) is None:
        await keep(pool, CONSUMED, committed, topic_ids)
    earlier = to_rewind(assigned, handled, committed, topic_ids)
    begins = await consumer.beginning_offsets(list(earlier)) if earlier else {}
    earlier = {each: max(offset, begins[each]) for each, offset in earlier.items() if begins[each] < committed[each]}
    for partition, offset in earlier.items():
        where = f"{partition.topic}/{partition.partition}"
        log.warning("read again: the database is older", partition=where, after=offset, was=committed[partition])
    return Beginning(committed | earlier, topic_ids)
