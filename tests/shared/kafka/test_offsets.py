"""Where a service goes on reading, given what its tables and Kafka say."""

import pytest
from aiokafka import TopicPartition

from shared.kafka.offsets import to_rewind

A, B = TopicPartition("postulo.things.counter.v1", 0), TopicPartition("postulo.things.counter.v1", 1)


@pytest.mark.parametrize(
    ("kept", "committed", "expected"),
    [
        (None, {A: 7}, {}),
        ({}, {A: 7}, {A: 0}),
        ({A: 7}, {A: 7}, {}),
        ({A: 9}, {A: 7}, {}),
        ({A: 5}, {A: 7}, {A: 5}),
        ({B: 5}, {A: 7, B: 5}, {A: 0}),
        ({A: 900}, {}, {}),
        ({A: 5, B: 1}, {A: 7, B: 1}, {A: 5}),
    ],
    ids=[
        "an upgraded database has kept nothing yet", "a database that is new", "both agree",
        "Kafka was not told of the last batch",
        "the database was restored from a backup", "a backup from before the first event of a partition",
        "a topic that was made anew", "each partition by itself",
    ],
)  # fmt: skip
def test_the_tables_count_where_the_group_is_ahead_of_them(
    kept: dict[TopicPartition, int] | None, committed: dict[TopicPartition, int], expected: dict[TopicPartition, int]
) -> None:
    assert to_rewind([A, B], kept, committed) == expected
