"""Records that somebody else wrote are counted and passed over: by relay, consumers, rebuilds and for sessions."""

import asyncio
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from shared.kafka.connection import client
from shared.kafka.lineages import Lineages, NothingAnnounced
from shared.kafka.rebuild import rebuild_foreign
from shared.kafka.session_endings import hear_endings
from shared.kafka.tails import REACHES, StoreIsOlder
from shared.kafka.topics import create_topics
from shared.model.message import START, new_id
from shared.ops.settings import Settings
from shared.processing.handlers import ViewHandler
from shared.store.codec import Raw
from shared.store.event_store import Store
from tests.shared.kafka.records import (
    committed,
    delete_topics,
    deleted,
    drained,
    ends,
    event_id,
    header,
    listening,
    publish,
    publish_rubbish,
    records_of,
    relay_of,
    topic,
)
from tests.shared.things import PUBLISHED, TOTALS, documents, raised, subscription_on
from tests.shared.waiting import equals, eventually, running

VIEW = ViewHandler(TOTALS)
OTHERS = pytest.mark.parametrize("lineage", ["", "another-store"], ids=["anonymous", "of another store"])


def forged(*versions: int, stream: str = "counter-0") -> list[Raw]:
    data = b'{"by_much": 1000, "note": ""}'
    return [
        Raw(new_id(), stream, version, "Raised", 1, data, new_id(), None, "", "", datetime.now(UTC), START)
        for version in versions
    ]


def untrusted(metrics: Any) -> float:
    return float(metrics.untrusted._value.get())


async def lineage_of_store(store: Store) -> str:
    return str(await store.pool.fetchval("select lineage from epoch"))


@OTHERS
async def test_a_relay_goes_on_behind_what_somebody_else_wrote(store: Store, settings: Settings, lineage: str) -> None:
    await raised(store, "counter-0", 1, 2, 3)
    async with running(relay_of(store, settings).run()):
        await drained(store)
    await publish(settings, forged(4, 5), lineage=lineage, announced=False)
    relay = relay_of(store, settings)
    for amount in (4, 5):  # Led twice, it looks twice.
        async with running(relay.run()):
            await raised(store, "counter-0", amount)
            await drained(store)
    assert untrusted(relay.metrics) == 2, "each is counted once"
    assert {*await _stored(store)} < {*await _ids(settings)}
    assert {header(record, "ce_lineage") for record in await records_of(settings)} == {
        lineage, await lineage_of_store(store)
    }  # fmt: skip


@OTHERS
async def test_an_older_store_is_noticed_behind_what_somebody_else_wrote(
    store: Store, settings: Settings, lineage: str
) -> None:
    await raised(store, "counter-0", 1, 2, 3)
    async with running(relay_of(store, settings).run()):
        await drained(store)
    await publish(settings, forged(*range(4, 3 + REACHES[-1])), lineage=lineage, announced=False)
    await store.pool.execute("delete from events where version > 2")
    relay = relay_of(store, settings)
    token = await eventually(relay.leadership.take, "the lease of the first relay is over")
    async with asyncio.timeout(30):
        with pytest.raises(StoreIsOlder, match="version 3"):
            await relay._publish_as_leader(token)


async def test_a_transaction_that_somebody_else_ends_stops_no_relay(store: Store, settings: Settings) -> None:
    """Its end is a record that no consumer is shown."""
    await raised(store, "counter-0", 1)
    async with running(relay_of(store, settings).run()):
        await drained(store)
    producer = AIOKafkaProducer(**client(settings), transactional_id=f"{settings.topic_prefix}.somebody")
    await producer.start()
    for partition in range(settings.topic_partitions):
        await producer.begin_transaction()
        await producer.send_and_wait(topic(settings), b"{}", partition=partition)
        await (producer.abort_transaction() if partition else producer.commit_transaction())
    await producer.stop()
    relay = relay_of(store, settings)
    async with running(relay.run()):
        await raised(store, "counter-0", 2)
        await drained(store)
    assert untrusted(relay.metrics) == settings.topic_partitions


@OTHERS
async def test_consumers_and_rebuilds_take_nothing_that_its_service_did_not_write(
    store: Store, other: Store, settings: Settings, lineage: str
) -> None:
    subscription = subscription_on(other)
    async with running(relay_of(store, settings).run()), listening(settings, subscription, [VIEW]):
        await raised(store, "counter-0", 1)
        await drained(store)
        await publish(settings, forged(2, 3), lineage=lineage, announced=False)
        await raised(store, "counter-0", 2)
        await drained(store)
        await equals(await ends(settings), lambda: committed(settings), "everything was read")
        expected = {"0": {"total": 3, "versions": [1, 2]}}
        assert await documents(other.pool) == expected
        assert (untrusted(subscription.metrics), await other.pool.fetchval("select count(*) from parked")) == (2, 0)
        await rebuild_foreign(
            subscription, TOTALS, {topic(settings)}, Lineages(settings, [PUBLISHED]), lambda _: None
        )  # fmt: skip
        assert await documents(other.pool, generation=2) == expected


async def test_a_store_that_is_announced_later_is_taken_from_then_on(other: Store, settings: Settings) -> None:
    async with listening(settings, subscription_on(other), [VIEW]):
        await publish(settings, forged(1))
        await equals({"0": {"total": 1000, "versions": [1]}}, lambda: documents(other.pool), "the first is there")
        await publish(settings, forged(1, stream="counter-1"), lineage="the-next")
        await equals({"0", "1"}, lambda: _keys(other), "the next is there too")


async def test_what_names_a_store_waits_while_its_service_has_announced_none(settings: Settings) -> None:
    """Its announcement may be lost with Kafka's data, and the relay makes it again."""
    await create_topics(settings, [PUBLISHED])
    await publish(settings, forged(1), announced=False)
    lineages, records = Lineages(settings, [PUBLISHED]), await records_of(settings)
    with pytest.raises(NothingAnnounced, match="is not announced yet"):
        await lineages.genuine(records)
    await publish(settings, [])
    assert [raw.version for raw in await lineages.genuine(records)] == [1]


@pytest.mark.parametrize("name", ["", "another-store"], ids=["anonymous", "of no type"])
async def test_what_announces_nothing_lets_nobody_in(settings: Settings, name: str) -> None:
    await create_topics(settings, [PUBLISHED])
    await publish(settings, forged(1))
    headers = [("ce_lineage", name.encode())] if name else []
    await publish_rubbish(settings, [(b"{}", headers)], PUBLISHED.lineage_topic(settings.topic_prefix))
    await publish(settings, forged(2), lineage=name, announced=False)
    records = await records_of(settings)
    assert [raw.version for raw in await Lineages(settings, [PUBLISHED]).genuine(records)] == [1]


async def test_announcements_that_cannot_be_read_are_not_taken_for_none(settings: Settings) -> None:
    await create_topics(settings, [PUBLISHED])
    await publish(settings, forged(1))
    records, where = await records_of(settings), PUBLISHED.lineage_topic(settings.topic_prefix)
    await delete_topics(settings, where)
    with pytest.raises(KafkaError, match=r"things\.lineage\.v1 is not there, or may not be read"):
        await Lineages(settings, [PUBLISHED]).genuine(records)


async def test_a_topic_whose_service_has_announced_nothing_holds_up_no_other(
    other: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.kafka.consumer.HOLDING", 0.1)
    late = PUBLISHED._replace(service="late")
    subscription = subscription_on(other)
    async with listening(settings, subscription, [VIEW], published=(PUBLISHED, late)):
        await publish(settings, forged(1), published=late, announced=False)
        await publish(settings, forged(1, stream="counter-1"))
        await equals({"1"}, lambda: _keys(other), "the one is there")
        await publish(settings, [], published=late)
        await equals({"0", "1"}, lambda: _keys(other), "the other is there once its service has announced")
    assert untrusted(subscription.metrics) == 0


async def test_an_announcement_that_kafka_lost_is_made_again(store: Store, settings: Settings) -> None:
    await raised(store, "counter-0", 1)
    relay = relay_of(store, settings)
    relay.compare_every = 0.05
    async with running(relay.run()):
        await drained(store)
        there = len(await records_of(settings))
        await deleted(settings, PUBLISHED.lineage_topic(settings.topic_prefix))
        await eventually(lambda: _is_taken(settings, there), "its records are taken again")


async def test_what_left_before_stores_had_names_leaves_once_more(
    store: Store, other: Store, settings: Settings
) -> None:
    """Also after a process of the version before has led again, as while both run side by side."""
    await create_topics(settings, [PUBLISHED])
    await raised(store, "counter-0", 1, 2, 3)
    await publish(settings, await store.read(START, 10), lineage="", announced=False)
    name = await lineage_of_store(store)
    for times in (1, 2):
        await _led_by_the_version_before(store)
        async with running(relay_of(store, settings).run()):
            await equals([""] * 3 + [name] * 3 * times, lambda: _lineages(settings), "everything has left once more")
    assert await _ids(settings) == sorted(await _stored(store) * 3)
    async with listening(settings, subscription_on(other), [VIEW]):
        await equals({"0": {"total": 6, "versions": [1, 2, 3]}}, lambda: documents(other.pool), "each counts once")


async def test_nobody_else_ends_a_session(settings: Settings) -> None:
    """In one partition, so that the forgery is read before what ends the wait."""
    session, forgery, dropped = new_id(), new_id(), list[UUID]()
    settings = settings.model_copy(update={"topic_partitions": 1})
    await create_topics(settings, [PUBLISHED])
    await publish(settings, [])
    lineages = Looking(settings, [PUBLISHED])
    async with running(hear_endings(settings, topic(settings), "Raised", lineages, dropped.append)):
        await eventually(lambda: _ended(settings, session, forgery, dropped), "an ending is heard")
    assert {*dropped} == {session}


async def _ended(settings: Settings, session: UUID, forgery: UUID, dropped: Sequence[UUID]) -> bool:
    await publish(settings, forged(1, stream=f"session-{forgery}"), lineage="another-store", announced=False)
    await publish(settings, forged(1, stream=f"session-{session}"))
    await asyncio.sleep(0)
    return session in dropped


class Looking(Lineages):
    """Counts how often it reads what is announced."""

    looked = 0

    async def _learn(self, topics: Collection[str]) -> None:
        self.looked += 1
        await super()._learn(topics)


async def test_a_name_that_nobody_announced_is_not_looked_for_with_every_record(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.kafka.lineages.LOOK_EVERY", 3600.0)
    await create_topics(settings, [PUBLISHED])
    await publish(settings, forged(1))
    await publish(settings, forged(2), lineage="another-store", announced=False)
    lineages, records = Looking(settings, [PUBLISHED]), await records_of(settings)
    for _ in range(2):
        assert [raw.version for raw in await lineages.genuine(records)] == [1]
    assert lineages.looked == 1
    monkeypatch.setattr("shared.kafka.lineages.LOOK_EVERY", 0.0)
    await publish(settings, [], lineage="another-store")
    assert await _taken(lineages, records, 2)
    assert lineages.looked == 2


async def _led_by_the_version_before(store: Store) -> None:
    head = await store.head()
    await store.pool.execute(
        "update relay set token = token + 1, expires = now(), transaction = $1, position = $2", *head
    )


async def _lineages(settings: Settings) -> list[str]:
    return [header(record, "ce_lineage") for record in await records_of(settings)]


async def _is_taken(settings: Settings, before: int) -> bool:
    """Whether what has left since can be taken, as by somebody who knows of no store yet."""
    records = (await records_of(settings))[before:]
    try:
        return bool(records and await Lineages(settings, [PUBLISHED]).genuine(records))
    except NothingAnnounced:
        return False


async def _taken(lineages: Lineages, records: Sequence[Any], count: int) -> bool:
    return len(await lineages.genuine(records)) == count


async def _keys(store: Store) -> set[str]:
    return {*await documents(store.pool)}


async def _stored(store: Store) -> list[UUID]:
    return [raw.id for raw in await store.read(START, 100)]


async def _ids(settings: Settings) -> list[UUID]:
    return sorted(map(event_id, await records_of(settings)))
