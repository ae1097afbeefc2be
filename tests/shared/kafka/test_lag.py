"""How far a consumer says it is behind: from its first partition on, truly, and of nothing that is another's."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from aiokafka import TopicPartition

from shared.kafka.consumer import Consumer
from shared.kafka.lag import Behind, Lag
from shared.kafka.topics import create_topics
from shared.ops.metrics import Metrics
from shared.ops.settings import Settings
from shared.processing.handlers import ViewHandler
from shared.runtime.health import show_lag
from shared.store.event_store import Store
from tests.shared.kafka.records import listening, publish
from tests.shared.kafka.test_consumer import raised, totals
from tests.shared.things import PUBLISHED, TOTALS, documents, subscription_on
from tests.shared.waiting import equals, eventually

PLACE = TopicPartition("things", 0)


@dataclass(frozen=True)
class Record:
    offset: int
    written: float
    topic: str = PLACE.topic
    partition: int = PLACE.partition

    @property
    def timestamp(self) -> float:
        return self.written * 1000


def lag_at(now: list[float]) -> Lag:
    lag = Lag(lambda: now[0])
    lag.begins({PLACE: 3})
    return lag


def behind(lag: Lag, end: int) -> Behind:
    return lag.now([PLACE], {}, {PLACE: end})[PLACE]


def test_what_is_left_counts_from_the_next_record_on() -> None:
    lag = lag_at([100])
    assert behind(lag, 3) == (0, 0)
    assert behind(lag, 8) == (5, 0)
    lag.has_done([Record(3, 90), Record(4, 95)])
    assert behind(lag, 8) == (3, 5)


def test_a_partition_whose_first_records_kafka_has_dropped_is_behind_by_what_there_is() -> None:
    lag = Lag(lambda: 100)
    lag.begins({PLACE: 0})
    assert lag.now([PLACE], {PLACE: 90}, {PLACE: 100})[PLACE].records == 10
    assert lag.now([PLACE], {PLACE: 90}, {}, sure=False) == {PLACE: (0, 0)}


def test_the_record_at_hand_waits_since_it_was_written() -> None:
    now = [100.0]
    lag = lag_at(now)
    lag.takes([Record(3, 40), Record(4, 80)])
    assert behind(lag, 5) == (2, 60)
    now[0] = 130
    assert behind(lag, 5) == (2, 90)


def test_a_record_after_a_long_silence_does_not_wait_since_the_one_before_it() -> None:
    now = [100.0]
    lag = lag_at(now)
    lag.has_done([Record(3, 40)])
    now[0] = 5000
    assert behind(lag, 4) == (0, 0)
    now[0] = 5010
    assert behind(lag, 5) == (1, 10)


def test_while_kafka_does_not_answer_nothing_is_taken_for_caught_up() -> None:
    now = [100.0]
    lag = lag_at(now)
    lag.takes([Record(3, 40)])
    assert lag.now([PLACE], {}, {PLACE: 3}, sure=False) == {PLACE: (0, 0)}
    assert behind(lag, 4) == (1, 60)


def test_of_a_partition_that_went_to_another_member_nothing_is_kept() -> None:
    lag = lag_at([100])
    lag.takes([Record(3, 40)])
    lag.forget([PLACE])
    lag.begins({PLACE: 9})
    assert behind(lag, 10) == (1, 0)


class Shown:
    """What /metrics says of a consumer."""

    def __init__(self, consumer: Consumer) -> None:
        self.consumer, self.metrics = consumer, Metrics("things")

    async def records(self, name: str = "postulo_consumer_lag") -> dict[str, float]:
        """By partition."""
        show_lag(self.metrics, await self.consumer.lag())
        samples = [sample for family in self.metrics.registry.collect() for sample in family.samples]
        return {each.labels["partition"]: each.value for each in samples if each.name == name}

    async def seconds(self) -> dict[str, float]:
        return await self.records("postulo_consumer_lag_seconds")

    async def partitions(self) -> set[str]:
        return set(await self.records())


class Stuck(Consumer):
    """Has its batch at hand for ever."""

    async def _take(self, _: Any) -> None:
        await asyncio.Event().wait()


def nothing(settings: Settings) -> dict[str, float]:
    return {str(number): 0.0 for number in range(settings.topic_partitions)}


async def test_lag_is_there_before_a_first_batch_although_nothing_was_ever_said(
    other: Store, settings: Settings
) -> None:
    async with listening(settings, subscription_on(other), []) as consumer:
        shown = Shown(consumer)
        await equals(nothing(settings), shown.records, "every partition is there")
        assert await shown.seconds() == nothing(settings)


async def test_what_waited_before_the_start_is_behind_though_no_batch_is_done(
    store: Store, other: Store, settings: Settings
) -> None:
    await create_topics(settings, [PUBLISHED])
    await publish(settings, await raised(store, 10, 3))
    async with listening(settings, subscription_on(other), [], Stuck) as consumer:
        shown = Shown(consumer)

        async def all_wait() -> bool:
            return sum((await shown.records()).values()) == 30 and max((await shown.seconds()).values()) > 0

        await eventually(all_wait, "all that was said waits")


async def test_what_was_handled_is_behind_no_more(store: Store, other: Store, settings: Settings) -> None:
    await create_topics(settings, [PUBLISHED])
    await publish(settings, await raised(store, 10, 3))
    async with listening(settings, subscription_on(other), [ViewHandler(TOTALS)]) as consumer:
        shown = Shown(consumer)
        await equals(totals(10, 3), lambda: documents(other.pool), "every event is in the view")
        await equals(nothing(settings), shown.records, "all is handled")


async def test_partitions_that_went_to_another_member_are_shown_by_that_one_alone(
    other: Store, settings: Settings
) -> None:
    async with AsyncExitStack() as members:
        first = Shown(await members.enter_async_context(listening(settings, subscription_on(other), [])))
        everything = set(nothing(settings))
        await equals(everything, first.partitions, "the first member has all of them")
        second = Shown(await members.enter_async_context(listening(settings, subscription_on(other), [])))

        async def parted() -> bool:
            one, two = await first.partitions(), await second.partitions()
            return bool(one and two) and not one & two and one | two == everything

        await eventually(parted, "each shows its own")
