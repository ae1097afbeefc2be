"""How far a consumer is behind, by partition: in records, and in seconds."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from aiokafka import TopicPartition


class Behind(NamedTuple):
    """Records that wait, and for how many seconds the oldest of them has at most."""

    records: int
    seconds: float


class Lag:
    """Keeps for each partition the next record to handle, and a time before which that one was not written.

    That time is the record's own while it is at hand, else the latest moment at which nothing was left or at which the
    record before it was written. clock: seconds since 1970, as in records.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._next: dict[TopicPartition, int] = {}
        self._since: dict[TopicPartition, float] = {}

    def begins(self, offsets: Mapping[TopicPartition, int]) -> None:
        """These partitions are this member's now and go on from here."""
        self._next |= offsets
        self._since |= dict.fromkeys(offsets, self._clock())

    def forget(self, partitions: Iterable[TopicPartition]) -> None:
        for partition in partitions:
            self._next.pop(partition, None)
            self._since.pop(partition, None)

    def takes(self, records: Sequence[Any]) -> None:
        """A batch is at hand."""
        self._since |= {_place(record): record.timestamp / 1000 for record in reversed(records)}

    def has_done(self, records: Iterable[Any]) -> None:
        """These records need not come again."""
        for record in records:
            self._next[_place(record)] = record.offset + 1
            self._since[_place(record)] = record.timestamp / 1000

    def now(
        self,
        assigned: Collection[TopicPartition],
        begins: Mapping[TopicPartition, int],
        ends: Mapping[TopicPartition, int],
        *,
        sure: bool = True,
    ) -> dict[TopicPartition, Behind]:
        """Each of these partitions by what Kafka says, or if that is not sure, has said before; where it never has, as
        if nothing were left.
        """
        return {each: self._behind(each, begins.get(each, 0), ends.get(each, 0), sure=sure) for each in assigned}

    def _behind(self, partition: TopicPartition, begin: int, end: int, *, sure: bool) -> Behind:
        records = max(0, end - max(begin, self._next.get(partition, begin)))
        now = self._clock()
        if not records and sure:
            self._since[partition] = now
        return Behind(records, max(0.0, now - self._since.get(partition, now)) if records else 0.0)


def _place(record: Any) -> TopicPartition:
    return TopicPartition(record.topic, record.partition)
