"""Where a service goes on reading: what its own tables have read counts, wherever Kafka remembers its group to be.

A database that was restored from a backup is behind its group, and would never learn what others said meanwhile. The
tables know which topic they mean: one that was made anew has the name of the one before, and other offsets.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple
from uuid import UUID

from aiokafka import TopicPartition

from shared.store.database import Connection, Pool

Read = Literal["consumed", "key_offsets"]
"""The table that says how far events were read, or keys."""
CONSUMED: Final[Read] = "consumed"
KEYS: Final[Read] = "key_offsets"

_KEEP: Final = """insert into {0} (topic, partition, next, topic_id)
    select * from unnest($1::text[], $2::int[], $3::bigint[], $4::uuid[])
    on conflict (topic, partition) do update set next = excluded.next,
        topic_id = coalesce(excluded.topic_id, {0}.topic_id)"""
_KEPT: Final = "select topic, partition, next, topic_id from {0}"
_BELIEVE: Final = """update {0} set topic_id = there.id from unnest($1::text[], $2::uuid[]) as there (topic, id)
    where {0}.topic = there.topic and {0}.topic_id is null"""
_EVER: Final = "select exists (select from handled)"

Offsets = Mapping[TopicPartition, int]
TopicIds = Mapping[str, UUID]
"""By the names of the topics that are there."""


class Kept(NamedTuple):
    """The next offset of a partition by the tables, and the id of its topic; None if a version before has kept it."""

    next: int
    topic_id: UUID | None = None

    def next_in(self, topic_id: UUID | None) -> int:
        """Where to go on in the topic that is there: another than the tables mean begins at its beginning."""
        return self.next if self.topic_id in (None, topic_id) else 0


NOTHING: Final = Kept(0)


def to_rewind(
    assigned: Collection[TopicPartition], kept: Mapping[TopicPartition, Kept] | None, committed: Offsets, ids: TopicIds
) -> dict[TopicPartition, int]:
    """Of these partitions, those whose group is ahead of the tables, and the offsets to go on from.

    kept: by the tables; None where they did not keep any yet: Kafka is believed then. committed: the next offsets by
    Kafka. ids: of the topics that it has.
    """
    if kept is None:
        return {}
    handled = {partition: kept.get(partition, NOTHING).next_in(ids.get(partition.topic)) for partition in assigned}
    return {partition: at for partition, at in handled.items() if at < committed.get(partition, 0)}


async def keep(where: Pool | Connection, read: Read, offsets: Offsets, ids: TopicIds) -> None:
    """Notes up to where everything was read, also where it is less than what was noted: topics may be made anew."""
    rows = [(place.topic, place.partition, offset, ids.get(place.topic)) for place, offset in sorted(offsets.items())]
    if rows:
        await where.execute(_KEEP.format(read), *map(list, zip(*rows, strict=True)))


async def believe(pool: Pool, read: Read, ids: TopicIds) -> None:
    """What a version before has kept is taken to be of the topics that are there."""
    await pool.execute(_BELIEVE.format(read), list(ids), list(ids.values()))


async def all_kept(pool: Pool, read: Read) -> dict[TopicPartition, Kept]:
    rows = await pool.fetch(_KEPT.format(read))
    return {TopicPartition(topic, partition): Kept(after, topic_id) for topic, partition, after, topic_id in rows}


async def kept(pool: Pool) -> dict[TopicPartition, Kept] | None:
    """Of events; None for tables that have handled some and kept no offsets: they are of a version before."""
    found = await all_kept(pool, CONSUMED)
    return None if not found and await pool.fetchval(_EVER) else found


def next_offsets(records: Sequence[Any]) -> dict[TopicPartition, int]:
    """What to commit once these records are done: a partition's last offset plus one."""
    return {TopicPartition(record.topic, record.partition): record.offset + 1 for record in records}


def first_offsets(records: Sequence[Any]) -> dict[TopicPartition, int]:
    """Where to rewind to so that these records come again."""
    return {TopicPartition(record.topic, record.partition): record.offset for record in reversed(records)}
