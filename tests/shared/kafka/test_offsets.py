"""Where a service goes on reading, given what its tables and Kafka say."""

from collections.abc import Mapping
from uuid import UUID

import pytest
from aiokafka import TopicPartition

from shared.kafka.offsets import CONSUMED, Kept, believe, keep, kept, to_rewind
from shared.store.event_store import Store

A, B = TopicPartition("postulo.things.counter.v1", 0), TopicPartition("postulo.things.counter.v1", 1)
FORMER, NOW = UUID(int=1), UUID(int=2)
IDS = {A.topic: NOW}


@pytest.mark.parametrize(
    ("kept", "committed", "expected"),
    [
        (None, {A: 7}, {}),
        ({}, {A: 7}, {A: 0}),
        ({A: Kept(7, NOW)}, {A: 7}, {}),
        ({A: Kept(9, NOW)}, {A: 7}, {}),
        ({A: Kept(5, NOW)}, {A: 7}, {A: 5}),
        ({B: Kept(5, NOW)}, {A: 7, B: 5}, {A: 0}),
        ({A: Kept(900, FORMER)}, {}, {}),
        ({A: Kept(900, FORMER)}, {A: 7}, {A: 0}),
        ({A: Kept(5, FORMER)}, {A: 7}, {A: 0}),
        ({A: Kept(5)}, {A: 7}, {A: 5}),
        ({A: Kept(9)}, {A: 7}, {}),
        ({A: Kept(5, NOW), B: Kept(1, NOW)}, {A: 7, B: 1}, {A: 5}),
    ],
    ids=[
        "an upgraded database has kept nothing yet", "a database that is new", "both agree",
        "Kafka was not told of the last batch",
        "the database was restored from a backup", "a backup from before the first event of a partition",
        "a topic that was made anew and of which nothing was handled",
        "a backup from before the topic was made anew, when it was longer",
        "a backup from before the topic was made anew, when it was shorter",
        "a backup of a version that noted no topics", "a version that noted no topics", "each partition by itself",
    ],
)  # fmt: skip
def test_the_tables_count_where_the_group_is_ahead_of_them(
    kept: Mapping[TopicPartition, Kept] | None,
    committed: Mapping[TopicPartition, int],
    expected: Mapping[TopicPartition, int],
) -> None:
    assert to_rewind([A, B], kept, committed, IDS) == expected


async def test_what_a_version_before_has_kept_is_of_the_topic_that_is_there_then(store: Store) -> None:
    before = """insert into consumed (topic, partition, next) values ($1, $2, $3)
        on conflict (topic, partition) do update set next = excluded.next"""
    await store.pool.execute(before, *A, 5)
    assert await kept(store.pool) == {A: Kept(5, None)}
    for there in (FORMER, NOW):
        await believe(store.pool, CONSUMED, {A.topic: there})
        assert await kept(store.pool) == {A: Kept(5, FORMER)}
    await store.pool.execute(before, *A, 6)
    assert await kept(store.pool) == {A: Kept(6, FORMER)}


async def test_offsets_are_kept_with_their_topic_as_far_as_it_is_known(store: Store) -> None:
    for ids, expected in (({}, None), ({A.topic: FORMER}, FORMER), (IDS, NOW), ({}, NOW)):
        await keep(store.pool, CONSUMED, {A: 5, B: 6}, ids)
        assert await kept(store.pool) == {A: Kept(5, expected), B: Kept(6, expected)}
