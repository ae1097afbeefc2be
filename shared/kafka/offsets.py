"""Where a service goes on reading: what its own tables have handled counts, wherever Kafka remembers its group to be.

A database that was restored from a backup is behind its group, and would never learn what others said meanwhile.
"""

from collections.abc import Collection, Mapping
from typing import Final

from aiokafka import TopicPartition

from shared.store.database import Pool

_KEEP: Final = """insert into consumed (topic, partition, next)
    select * from unnest($1::text[], $2::int[], $3::bigint[])
    on conflict (topic, partition) do update set next = excluded.next"""
_KEPT: Final = "select topic, partition, next from consumed"
_EVER: Final = "select exists (select from handled)"

Offsets = Mapping[TopicPartition, int]


def to_rewind(
    assigned: Collection[TopicPartition], kept: Offsets | None, committed: Offsets
) -> dict[TopicPartition, int]:
    """Of these partitions, those whose group is ahead of the tables, and the offsets to go on from.

    kept: the next offsets by the tables; None where they did not keep them yet: Kafka is believed then. committed: by
    Kafka.
    """
    if kept is None:
        return {}
    handled = {partition: kept.get(partition, 0) for partition in assigned}
    return {partition: at for partition, at in handled.items() if at < committed.get(partition, 0)}


async def keep(pool: Pool, offsets: Offsets) -> None:
    """Notes up to where everything was handled, also where it is less than what was noted: topics may be made anew."""
    rows = [(partition.topic, partition.partition, offset) for partition, offset in sorted(offsets.items())]
    if rows:
        await pool.execute(_KEEP, *map(list, zip(*rows, strict=True)))


async def kept(pool: Pool) -> dict[TopicPartition, int] | None:
    """None for tables that have handled events and kept no offsets: they are of a version before."""
    rows = await pool.fetch(_KEPT)
    if not rows and await pool.fetchval(_EVER):
        return None
    return {TopicPartition(row["topic"], row["partition"]): row["next"] for row in rows}
