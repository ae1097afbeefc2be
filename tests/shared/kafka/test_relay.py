"""The relay on real Kafka: in order, nothing missing, whatever dies, sleeps or loses its data."""

import asyncio
import json
from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from shared.kafka.asking import TopicsRequest
from shared.kafka.cloudevents import from_record
from shared.kafka.leadership import Leadership, LeadershipLost
from shared.kafka.losses import CONFIRMED
from shared.kafka.relay import HastyProducer, Relay, republish
from shared.kafka.tails import StoreIsOlder
from shared.kafka.topics import create_topics
from shared.model.message import START, Position, new_id
from shared.ops.context import Context, entered
from shared.ops.metrics import Metrics
from shared.ops.settings import Settings
from shared.ops.waiting import Waiting
from shared.store.appending import Write
from shared.store.event_store import Store
from tests.shared.kafka.answers import EMPTY
from tests.shared.kafka.records import (
    delete_topics,
    deleted,
    drained,
    event_id,
    header,
    records_of,
    relay_of,
    topic,
)  # fmt: skip
from tests.shared.logged import logged
from tests.shared.things import PUBLISHED, Closed, Raised
from tests.shared.waiting import equals, eventually, running, settled, told_once


class Dying(Relay):
    """Its process dies after the acknowledgements, before the checkpoint moves."""

    async def _move(self, *_: Any) -> None:
        raise asyncio.CancelledError


class Unkept(Leadership):
    """Is not renewed, as that of a process that sleeps."""

    async def keep(self, *_: int) -> None:
        await asyncio.Event().wait()


class Sleeping(Relay):
    """Its process falls asleep with a batch in its hands, before or after sending it, until woken."""

    before = False

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.leadership = Unkept(self.store.pool, self.settings.lease_seconds)
        self.asleep, self.woken, self.lost = asyncio.Event(), asyncio.Event(), False

    async def _sleep(self) -> None:
        self.asleep.set()
        await self.woken.wait()

    async def _send(self, *args: Any) -> None:
        if self.before:
            await self._sleep()
        await super()._send(*args)

    async def _move(self, token: int, position: Position, acknowledged: dict[str, int]) -> None:
        if not self.before:
            await self._sleep()
        try:
            await super()._move(token, position, acknowledged)
        except LeadershipLost:
            self.lost = True
            raise


class SleepingBefore(Sleeping):
    before = True


class Held(Relay):
    """Its process is awake, and for one step of its work takes as long as the test wants."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.step, self.held, self.free = "", asyncio.Event(), asyncio.Event()

    async def _hold(self, step: str) -> None:
        if step == self.step and not self.held.is_set():
            self.held.set()
            await self.free.wait()

    async def _make_sure(self, *args: Any) -> None:
        await self._hold("begin")
        await super()._make_sure(*args)

    async def _send(self, *args: Any) -> None:
        await self._hold("batch")
        await super()._send(*args)


class Forgetful(HastyProducer):
    """Its broker knows of nothing, so many times, when it is asked about topics."""

    times = 0

    async def start(self) -> None:
        await super().start()
        right = self.client.send

        async def send(node: Any, request: Any, **options: Any) -> Any:
            if isinstance(request, TopicsRequest) and Forgetful.times > 0:
                Forgetful.times -= 1
                return EMPTY
            return await right(node, request, **options)

        self.client.send = send


async def raised(store: Store, streams: int, rounds: int, first: int = 1) -> list[UUID]:
    """`rounds` events on each of `streams` streams; returns their ids in the store's order."""
    ids = []
    for number in range(first, first + rounds):
        writes = [Write(f"counter-{stream}", number - 1, [Raised(by_much=number)]) for stream in range(streams)]
        ids += [event.id for event in await store.append(writes)]
    await settled(store.pool)
    return ids


def first_occurrences(records: Sequence[Any]) -> dict[str, list[int]]:
    """For each stream the versions in the order in which its partition first shows them."""
    seen: dict[str, list[int]] = {}
    for record in records:
        versions = seen.setdefault(header(record, "ce_subject"), [])
        if (version := int(header(record, "ce_sequence"))) not in versions:
            versions.append(version)
    return seen


def in_order(streams: int, versions: int) -> dict[str, list[int]]:
    return {f"counter-{stream}": list(range(1, versions + 1)) for stream in range(streams)}


async def test_every_stream_keeps_its_order_over_many_streams_and_partitions(store: Store, settings: Settings) -> None:
    await raised(store, 40, 10)
    async with running(relay_of(store, settings).run()):
        await raised(store, 40, 10, first=11)
        await drained(store)
    records = await records_of(settings)
    assert len(records) == 800
    assert first_occurrences(records) == in_order(40, 20)
    partitions = {(record.key.decode(), record.partition) for record in records}
    assert len(partitions) == 40
    assert len({partition for _, partition in partitions}) == settings.topic_partitions


async def test_a_thin_event_leaves_its_personal_fields_in_the_store(store: Store, settings: Settings) -> None:
    await store.append([Write("counter-1", 0, [Raised(by_much=7, note="Élodie"), Closed()])])
    redacting = Relay(store, PUBLISHED._replace(redacted=(Raised,)), settings, Metrics("things"))
    async with running(redacting.run()):
        await drained(store)
    first, second = await records_of(settings)
    assert json.loads(first.value) == {"by_much": 7}
    assert (header(second, "ce_type"), json.loads(second.value)) == ("Closed", {})
    kept, _ = await store.read(START, 2)
    assert json.loads(kept.data).keys() == {"by_much", "personal"}
    [read] = await store.keys.decoded(store.codec, [kept])
    assert read.data == Raised(by_much=7, note="Élodie")


async def test_an_event_on_kafka_is_a_cloudevent_in_binary_mode(store: Store, settings: Settings) -> None:
    scope = Context(
        causation=new_id(), actor="candidate:7", trace="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    )
    with entered(scope):
        (event,) = await store.append([Write("counter-1", 0, [Raised(by_much=7, note="Élodie")])])
    async with running(relay_of(store, settings).run()):
        await drained(store)
    (record,) = await records_of(settings)
    assert {name: value.decode() for name, value in record.headers} == {
        "ce_specversion": "1.0", "ce_id": str(event.id), "ce_source": "/postulo/things", "ce_type": "Raised",
        "ce_time": event.at.isoformat(), "ce_subject": "counter-1", "ce_schemaversion": "1",
        "ce_sequence": "00000000000000000001",
        "ce_dataschema": f"{settings.public_url}/things/schemas/Raised/1.json",
        "ce_dataref": f"{settings.public_url}/things/api/counters/1",
        "ce_correlationid": str(scope.correlation), "ce_causationid": str(scope.causation), "ce_actor": "candidate:7",
        "ce_lineage": await store.pool.fetchval("select lineage from epoch"),
        "traceparent": scope.trace, "content-type": "application/json",
    }  # fmt: skip
    assert record.key == b"counter-1"
    assert json.loads(record.value).keys() == {"by_much", "personal"}
    [read] = await store.keys.decoded(store.codec, [from_record(record)])
    assert read.data == Raised(by_much=7, note="Élodie")


async def test_only_published_types_leave_and_the_checkpoint_passes_the_others(
    store: Store, settings: Settings
) -> None:
    await store.append([Write("secret-1", 0, [Raised(by_much=1)]), Write("counter-1", 0, [Raised(by_much=1)])])
    await store.append([Write("secret-1", 1, [Closed()])])
    async with running(relay_of(store, settings).run()):
        await drained(store)
    assert [header(record, "ce_subject") for record in await records_of(settings)] == ["counter-1"]


class Failing(Relay):
    """Fails in a way nobody foresaw, while it leads."""

    led: float | None = None

    async def _look(self, *_: Any, **__: Any) -> float:
        self.led = leads(self)
        raise RuntimeError("nobody foresaw this")


def leads(relay: Relay) -> float | None:
    return relay.metrics.registry.get_sample_value("postulo_relay_leader", {"service": "things"})


async def test_a_relay_that_fails_while_it_leads_says_that_it_leads_no_more(store: Store, settings: Settings) -> None:
    relay = relay_of(store, settings, Failing)
    with pytest.raises(RuntimeError, match="nobody foresaw"):
        await relay.run()
    assert (relay.led, leads(relay)) == (1, 0)


async def test_a_relay_killed_between_publish_and_checkpoint_sends_again_with_the_same_ids(
    store: Store, settings: Settings
) -> None:
    ids = await raised(store, 5, 4)
    with pytest.raises(asyncio.CancelledError):
        await relay_of(store, settings, Dying).run()
    assert len(await records_of(settings)) == 20
    async with running(relay_of(store, settings).run()):
        await drained(store)
    records = await records_of(settings)
    assert sorted(map(event_id, records)) == sorted(ids * 2)
    assert first_occurrences(records) == in_order(5, 4)


@pytest.mark.parametrize("kind", [Sleeping, SleepingBefore])
async def test_a_leader_that_slept_past_its_lease_is_fenced_off_and_every_stream_keeps_its_order(
    store: Store, settings: Settings, kind: type[Sleeping]
) -> None:
    ids = await raised(store, 6, 5)
    sleeper = relay_of(store, settings, kind)
    async with running(sleeper.run()):
        await sleeper.asleep.wait()
        lasting = settings.model_copy(update={"lease_seconds": 3600.0})
        async with running(relay_of(store, lasting).run()):
            await drained(store)
            ids += await raised(store, 6, 5, first=6)
            await drained(store)
            sleeper.woken.set()
            ids += await raised(store, 6, 2, first=11)
            await eventually(lambda: _value(sleeper.lost), "the sleeper notices that it leads no more")
            await drained(store)
    records = await records_of(settings)
    assert set(map(event_id, records)) == set(ids)
    assert len(records) == len(ids) + 30  # The sleeper's batch is there twice.
    assert first_occurrences(records) == in_order(6, 12)


@pytest.mark.parametrize("step", ["begin", "batch"])
async def test_a_leader_renews_its_lease_however_long_a_step_takes(store: Store, settings: Settings, step: str) -> None:
    """On a slow machine two leaders took turns at the same thousand events for ever."""
    ids = await raised(store, 6, 5)
    slow = relay_of(store, settings, Held)
    slow.step = step
    async with running(slow.run()):
        await slow.held.wait()
        for _ in range(3):
            ends = await store.pool.fetchval("select expires from relay")
            renewed = partial(store.pool.fetchval, "select expires > $1 from relay", ends)
            await eventually(renewed, "the lease is renewed")
        slow.free.set()
        await drained(store)
    assert sorted(map(event_id, await records_of(settings))) == sorted(ids)
    assert await store.pool.fetchval("select token from relay") == 1


async def test_a_leader_whose_lease_is_another_s_stops_without_an_event(store: Store, settings: Settings) -> None:
    relay = relay_of(store, settings)
    async with running(relay.run()):
        await eventually(lambda: _value(leads(relay)), "it leads")
        with logged("INFO") as log:
            await store.pool.execute("update relay set token = token + 1, holder = 'another', expires = 'infinity'")
            await eventually(lambda: _value(leads(relay) == 0), "it leads no more")
            await eventually(lambda: _value("another process leads now" in log.getvalue()), "it says so")


async def test_of_two_relays_one_publishes_and_the_other_takes_over_at_once_when_it_ends(
    store: Store, settings: Settings
) -> None:
    settings = settings.model_copy(update={"lease_seconds": 3600.0})
    first, second = relay_of(store, settings), relay_of(store, settings)
    async with running(second.run()):
        async with running(first.run()):
            ids = await raised(store, 3, 10)
            await drained(store)
        ids += await raised(store, 3, 10, first=11)
        await drained(store)
    records = await records_of(settings)
    assert sorted(map(event_id, records)) == sorted(ids)
    assert first_occurrences(records) == in_order(3, 20)


async def test_a_kafka_that_was_emptied_under_a_running_relay_is_filled_again_with_the_same_ids(
    store: Store, settings: Settings
) -> None:
    ids = await raised(store, 5, 4)
    relay = relay_of(store, settings)
    relay.compare_every = 0.1
    with logged("INFO") as lines:
        async with running(relay.run()):
            await drained(store)
            before = await records_of(settings)
            await deleted(settings, topic(settings))
            await eventually(lambda: _value("Kafka lost" in lines.getvalue()), "the relay notices")
            await equals(sorted(ids), lambda: _ids(settings), "everything is on Kafka again")
            await drained(store)
    again = await records_of(settings)
    assert [(r.key, r.value, r.headers) for r in again] == [(r.key, r.value, r.headers) for r in before]


async def at_once(_: float) -> None:
    await asyncio.sleep(0)


async def test_a_broker_that_answers_with_nothing_while_a_relay_runs_has_lost_nothing(
    store: Store, settings: Settings
) -> None:
    ids = await raised(store, 3, 4)
    relay = relay_of(store, settings)
    relay.producer, relay.look_every, relay.look_again, relay.compare_every = Forgetful, 0.0, 0.0, 0.0
    async with running(relay.run()):
        await drained(store)
        Forgetful.times = 5
        ids += await raised(store, 3, 1, first=5)
        await eventually(_forgotten, "the broker has answered with nothing")
        ids += await raised(store, 3, 1, first=6)
        await drained(store)
    assert await _ids(settings) == sorted(ids)


async def test_a_broker_that_answers_with_nothing_when_a_relay_begins_is_waited_for(
    store: Store, settings: Settings
) -> None:
    ids = await raised(store, 3, 4)
    async with running(relay_of(store, settings).run()):
        await drained(store)
    Forgetful.times = 3 * (1 + CONFIRMED)
    relay = relay_of(store, settings)
    relay.producer, relay.look_again, relay.waiting = Forgetful, 0.0, Waiting("relay", sleep=at_once)
    with logged("INFO") as lines:
        async with running(relay.run()):
            await eventually(_forgotten, "the broker has answered with nothing")
            ids += await raised(store, 3, 1, first=5)
            await drained(store)
    assert await _ids(settings) == sorted(ids)
    assert "knows of no cluster" in lines.getvalue()
    assert "Kafka lost" not in lines.getvalue()


async def test_topics_that_were_deleted_under_a_relay_are_noticed_by_a_look_at_the_metadata_and_said_once(
    store: Store, settings: Settings
) -> None:
    ids = await raised(store, 5, 4)
    relay = relay_of(store, settings)
    relay.look_every, relay.compare_every = 0.05, 1e9
    with logged("INFO") as lines:
        async with running(relay.run()):
            await drained(store)
            await deleted(settings, topic(settings), PUBLISHED.lineage_topic(settings.topic_prefix))
            await eventually(lambda: _value("Kafka lost" in lines.getvalue()), "the relay notices")
            await equals(sorted(ids), lambda: _ids(settings), "everything is on Kafka again")
            await drained(store)
    said = [line for line in lines.getvalue().splitlines() if "Kafka lost" in line]
    assert len(said) == 1
    assert "is gone" in said[0] or "was made anew" in said[0]


async def _forgotten() -> bool:
    return Forgetful.times == 0


async def test_a_kafka_that_was_emptied_while_no_relay_ran_is_filled_again(store: Store, settings: Settings) -> None:
    ids = await raised(store, 5, 4)
    async with running(relay_of(store, settings).run()):
        await drained(store)
    await delete_topics(settings)
    await create_topics(settings, [PUBLISHED])
    async with running(relay_of(store, settings).run()):
        await equals(sorted(ids), lambda: _ids(settings), "everything is on Kafka again")


async def test_topics_made_anew_between_two_batches_are_noticed_by_the_next_offset(
    store: Store, settings: Settings
) -> None:
    ids = await raised(store, 1, 20)
    relay = relay_of(store, settings)
    relay.look_every = relay.compare_every = 1e9
    async with running(relay.run()):
        await drained(store)
        await delete_topics(settings)
        await create_topics(settings, [PUBLISHED])
        ids += await raised(store, 1, 1, first=21)
        await eventually(lambda: _all_there(settings, ids), "everything is on Kafka again")


async def test_republishing_sends_the_whole_store_again_even_while_the_leader_is_in_the_middle_of_a_batch(
    store: Store, settings: Settings
) -> None:
    ids = await raised(store, 4, 5)
    sleeper = relay_of(store, settings, Sleeping)
    async with running(sleeper.run()):
        await sleeper.asleep.wait()
        await republish(store)
        sleeper.woken.set()
        await eventually(lambda: _value(sleeper.lost), "the leader has to begin anew")
        await drained(store)
    assert sorted(await _ids(settings)) == sorted(ids * 2)


async def test_a_store_older_than_kafka_is_noticed_and_nothing_is_published_until_the_topics_are_deleted(
    store: Store, settings: Settings
) -> None:
    ids = await raised(store, 1, 3)
    async with running(relay_of(store, settings).run()):
        await drained(store)
    await _restore_to_version(store, 2)
    (new,) = await store.append([Write("counter-0", 2, [Raised(by_much=99)])])
    relay = relay_of(store, settings)
    token = await eventually(relay.leadership.take, "the lease of the first relay is over")
    with pytest.raises(StoreIsOlder, match="version 3"):
        await relay._publish_as_leader(token)
    assert await _ids(settings) == sorted(ids)
    await delete_topics(settings)
    await republish(store)
    async with running(relay.run()):
        await equals([*ids[:2], new.id], lambda: _ids(settings), "the restored store is on Kafka")


async def test_a_relay_can_be_stopped_at_once_while_kafka_does_not_answer(store: Store, settings: Settings) -> None:
    await raised(store, 1, 1)
    async with told_once(relay_of(store, settings.model_copy(update={"kafka": "127.0.0.1:1"})).run(), 9):
        await eventually(lambda: _leads(store), "the relay tries to publish")


async def _value(value: Any) -> Any:
    return value


async def _leads(store: Store) -> bool:
    return bool(await store.pool.fetchval("select token > 0 from relay"))


async def _ids(settings: Settings) -> list[UUID]:
    return sorted(map(event_id, await records_of(settings)))


async def _all_there(settings: Settings, ids: Sequence[UUID]) -> bool:
    return set(ids) <= set(await _ids(settings))


async def _restore_to_version(store: Store, version: int) -> None:
    """The store as a backup from before the later events would restore it."""
    await store.pool.execute("delete from events where version > $1", version)
    await store.pool.execute("update streams set version = $1", version)
    head = await store.head()
    await store.pool.execute("update relay set transaction = $1, position = $2", *head)
