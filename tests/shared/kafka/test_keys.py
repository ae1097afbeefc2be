"""Subjects' keys on Kafka: told before the events that need them, gone with whoever is erased, ours alone believed."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from shared.kafka.keys import ERASED, PROOF, KeyReader, KeyTeller
from shared.kafka.relay import Relay
from shared.kafka.topics import create_topics
from shared.model.message import Published
from shared.ops.metrics import Metrics
from shared.ops.sealing import Sealer
from shared.ops.settings import Settings
from shared.store.appending import ANY, Write
from shared.store.codec import Raw
from shared.store.event_store import Store
from shared.store.keys import KeyAwaited
from tests.shared.kafka.records import admin, delete_topics, deleted, drained, records_of, relay_of
from tests.shared.kafka.records import topic as topic_of
from tests.shared.keys import erase_all
from tests.shared.things import PUBLISHED, Raised
from tests.shared.waiting import PATIENCE, equals, eventually, running

NOTE = "Kanarienvogel"
SUBJECT = "counter-1"


def reader_of(store: Store, settings: Settings, published: Published = PUBLISHED) -> KeyReader:
    return KeyReader(store, [published], settings, partial(erase_all, store))


def topic(settings: Settings) -> str:
    return PUBLISHED.keys_topic(settings.topic_prefix)


async def all_told(store: Store, settings: Settings) -> None:
    """All that the store holds is told."""
    async with running(relay_of(store, settings).run()):
        await drained(store)


async def noted(store: Store, stream: str = SUBJECT) -> None:
    await store.append([Write(stream, ANY, [Raised(by_much=1, note=NOTE)])])


async def erased(store: Store, subject: str = SUBJECT) -> None:
    await erase_all(store, {subject: datetime.now(UTC)}, told=False)
    store.appended.fire()


async def knows(store: Store, subject: str = SUBJECT) -> str:
    """Whether the key is there, the subject erased, or nothing known."""
    found = await store.keys.find([subject])
    return "nothing" if subject not in found else "erased" if found[subject] is None else "key"


async def test_keys_and_erasures_reach_whoever_listens(store: Store, foreign: Store, settings: Settings) -> None:
    await noted(store)
    async with running(relay_of(store, settings).run()):
        await drained(store)
        async with running(reader_of(foreign, settings).run()):
            await equals("key", lambda: knows(foreign), "the key is learnt")
            await erased(store)
            await eventually(lambda: _gone(foreign), "the erasure is learnt")
            foreign.keys.forget([SUBJECT])
            assert await knows(foreign) == "erased"
            assert await foreign.pool.fetchval("select erased_at from erased_subjects") == (
                await store.pool.fetchval("select erased_at from erased_subjects")
            )
    found = [(record.key.decode(), record.value) for record in await records_of(settings, topic(settings))]
    assert [key for key, _ in found] == [SUBJECT, SUBJECT, f"{ERASED}{SUBJECT}"]
    assert found[1][1] is None
    assert NOTE.encode() not in b"".join(record.value for record in await records_of(settings) if record.value)


async def _told(store: Store) -> bool:
    return bool(await store.pool.fetchval("select bool_and(sent) from erased_subjects"))


async def _gone(store: Store) -> bool:
    return bool(await store.pool.fetchval("select exists (select from erased_subjects)"))


async def test_a_key_is_told_before_the_event_that_needs_it(store: Store, settings: Settings) -> None:
    seen: list[bool] = []

    class Watched(Relay):
        """Looks, before it sends events, whether their keys are told."""

        async def _send(self, producer: Any, leaving: Sequence[tuple[Raw, str]], *args: Any) -> None:
            told = "select bool_and(sent) from subject_keys where subject = any($1)"
            seen.append(await self.store.pool.fetchval(told, [raw.stream for raw, _ in leaving]))
            await super()._send(producer, leaving, *args)

    class Late(KeyTeller):
        """As soon as everything is told, somebody comes in."""

        async def tell(self, producer: Any) -> None:
            await super().tell(producer)
            if not seen:
                await noted(store, "counter-2")

    await noted(store)
    relay = Watched(store, PUBLISHED, settings, Metrics("things"))
    relay.keys = Late(store, PUBLISHED, settings)
    async with running(relay.run()):
        await eventually(lambda: _published(settings, 2), "both are published")
        await drained(store)
    assert set(seen) == {True}


async def _published(settings: Settings, count: int) -> bool:
    return len(await records_of(settings)) == count


async def test_who_is_erased_while_the_key_is_being_told_is_told_too(store: Store, settings: Settings) -> None:
    class Erasing(KeyTeller):
        """Somebody is erased between the reading and the noting of what was told."""

        def _records(self, *row: Any) -> Any:
            erasing.append(asyncio.ensure_future(erased(store)) if not erasing else None)
            return super()._records(*row)

    erasing: list[Any] = []
    await noted(store)
    relay = relay_of(store, settings)
    relay.keys = Erasing(store, PUBLISHED, settings)
    async with running(relay.run()):
        await eventually(lambda: _told(store), "it is told")
    found = [record.key.decode() for record in await records_of(settings, topic(settings))]
    assert found[-1] == f"{ERASED}{SUBJECT}"


async def test_what_a_stranger_writes_erases_nobody_and_teaches_nothing(
    store: Store, foreign: Store, settings: Settings
) -> None:
    await noted(store)
    await all_told(store, settings)
    stranger = Sealer("another master key")
    forged: list[tuple[str, bytes | None]] = [
        (SUBJECT, None),
        (f"{ERASED}{SUBJECT}", b"2026-11-23T00:00:00+00:00"),
        (f"{ERASED}{SUBJECT}", stranger.sealed(PROOF, b"2026-11-23T00:00:00+00:00", SUBJECT)),
        (f"{ERASED}{SUBJECT}", store.keys.sealer.sealed(PROOF, b"2026-11-23T00:00:00+00:00", "counter-2")),
        (SUBJECT, b"k" * 60),
        ("counter-9", b""),
    ]
    async with AIOKafkaProducer(bootstrap_servers=settings.kafka) as producer:
        for key, value in forged:
            await producer.send_and_wait(topic(settings), value, key=key.encode())
    async with running(reader_of(foreign, settings).run()):
        await equals(7, lambda: _read_to(foreign), "everything is read")
    assert await knows(foreign) == "key"
    assert await foreign.pool.fetchval("select count(*) from subject_keys") == 1
    await noted(foreign, SUBJECT)
    assert [event.data.note for event in (await foreign.load(SUBJECT)).streams[SUBJECT]] == [NOTE]


async def _read_to(store: Store) -> int:
    return int(await store.pool.fetchval("select coalesce(sum(next), 0) from key_offsets"))


async def test_a_restored_backup_learns_again_what_it_had_learnt_since(
    store: Store, foreign: Store, settings: Settings
) -> None:
    await noted(store)
    async with running(relay_of(store, settings).run()):
        await drained(store)
        async with running(reader_of(foreign, settings).run()):
            await equals("key", lambda: knows(foreign), "the key is learnt")
        backup = [dict(row) for row in await foreign.pool.fetch("select * from subject_keys")]
        offsets = [tuple(row) for row in await foreign.pool.fetch("select * from key_offsets")]
        await erased(store)
        async with running(reader_of(foreign, settings).run()):
            await eventually(lambda: _gone(foreign), "the erasure is learnt")
        await foreign.pool.execute("truncate erased_subjects, subject_keys, key_offsets")
        for row in backup:
            await foreign.pool.execute("insert into subject_keys values ($1, $2, $3)", *row.values())
        await foreign.pool.executemany("insert into key_offsets values ($1, $2, $3, $4)", offsets)
        async with running(reader_of(foreign, settings).run()):
            await eventually(lambda: _gone(foreign), "the erasure is learnt again")
    assert await foreign.pool.fetchval("select count(*) from subject_keys") == 0


async def test_the_owner_restored_from_a_backup_says_again_that_somebody_is_erased(
    store: Store, settings: Settings
) -> None:
    again: list[str] = []

    async def erase(found: Mapping[str, datetime]) -> None:
        again.extend(found)
        await erase_all(store, found)

    await noted(store)
    wrapped = await store.pool.fetchval("select wrapped from subject_keys")
    async with running(relay_of(store, settings).run()):
        await erased(store)
        await equals(
            0, lambda: store.pool.fetchval("select count(*) from erased_subjects where not sent"), "it is told"
        )
    await store.pool.execute("truncate erased_subjects, key_offsets")
    await store.pool.execute("insert into subject_keys values ($1, $2)", SUBJECT, wrapped)
    async with running(KeyReader(store, [PUBLISHED], settings, erase).run()):
        await eventually(lambda: asyncio.sleep(0, again), "the store is to say it")
        await eventually(lambda: _gone(store), "it knows")
    assert again == [SUBJECT]
    assert await store.pool.fetchval("select count(*) from subject_keys") == 0


async def test_a_kafka_that_lost_everything_is_told_everything_again(
    store: Store, foreign: Store, settings: Settings
) -> None:
    await noted(store)
    await noted(store, "counter-2")
    relay = relay_of(store, settings)
    relay.compare_every = 0.1
    async with running(relay.run()):
        await drained(store)
        async with running(reader_of(foreign, settings).run()):
            await equals("key", lambda: knows(foreign), "the key is learnt")
        await erased(store, "counter-2")
        await equals(
            0, lambda: store.pool.fetchval("select count(*) from erased_subjects where not sent"), "it is told"
        )
    await delete_topics(settings)
    async with running(relay_of(store, settings).run()):
        await eventually(lambda: _told_again(settings), "it is told again")
        async with running(reader_of(foreign, settings).run()):
            await equals("erased", lambda: knows(foreign, "counter-2"), "the erasure is learnt from the new topic")


async def _told_again(settings: Settings) -> Any:
    return {SUBJECT, f"{ERASED}counter-2"} <= set(await _names(settings))


async def _names(settings: Settings) -> list[str]:
    return [record.key.decode() for record in await records_of(settings, topic(settings))]


async def test_a_topic_that_was_made_anew_is_read_from_its_beginning_however_long_it_is(
    store: Store, foreign: Store, settings: Settings
) -> None:
    """One was erased before Kafka was lost, and one while it was away."""
    await noted(store)
    await noted(store, "counter-2")
    async with running(relay_of(store, settings).run()):
        await drained(store)
        await erased(store, "counter-2")
        await eventually(lambda: _told(store), "it is told")
        async with running(reader_of(foreign, settings).run()):
            await equals(4, lambda: _read_to(foreign), "everything is read")
    await deleted(settings, topic_of(settings), topic(settings))
    await erased(store)
    async with running(relay_of(store, settings).run()):
        again = [SUBJECT, "counter-2", f"{ERASED}{SUBJECT}", f"{ERASED}counter-2"]
        await equals(sorted(again), partial(_sorted, settings), "it is told again")
        async with running(reader_of(foreign, settings).run()):
            await equals("erased", lambda: knows(foreign), "the erasure is learnt from the new topic")


async def _sorted(settings: Settings) -> list[str]:
    return sorted(await _names(settings))


async def test_a_topic_that_is_made_anew_while_it_is_read_is_read_from_its_beginning(
    store: Store, foreign: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.kafka.keys.WATCH_EVERY", 0.0)
    await noted(store)
    await all_told(store, settings)
    reader = reader_of(foreign, settings)
    async with running(reader.run()):
        await equals(1, lambda: _read_to(foreign), "the key is read")
        await foreign.pool.execute("truncate subject_keys")
        await foreign.pool.execute("update key_offsets set topic_id = $1", UUID(int=1))
        reader._topic_ids = {topic(settings): UUID(int=1)}
        await equals(1, lambda: foreign.pool.fetchval("select count(*) from subject_keys"), "it is read again")


async def test_offsets_of_a_version_before_are_of_the_topic_that_is_there(
    store: Store, foreign: Store, settings: Settings
) -> None:
    await noted(store)
    await all_told(store, settings)
    await foreign.pool.execute("insert into key_offsets (topic, partition, next) values ($1, 0, 1)", topic(settings))
    reader = Watched(foreign, [PUBLISHED], settings, partial(erase_all, foreign))
    async with running(reader.run()):
        await reader.has_had_time()
    assert reader.learnt == []
    assert await foreign.pool.fetchval("select topic_id from key_offsets") == reader._topic_ids[topic(settings)]


async def test_a_key_that_is_wanted_and_was_passed_over_is_looked_for_again(
    store: Store, foreign: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.kafka.keys.LOOK_AGAIN", 0.0)
    await noted(store)
    await all_told(store, settings)
    await foreign.pool.execute("insert into key_offsets values ($1, 0, 1)", topic(settings))
    async with running(reader_of(foreign, settings).run()):
        await foreign.keys.wait_for([SUBJECT], PATIENCE)
    assert await knows(foreign) == "key"


class Watched(KeyReader):
    """Tells what was read, and how often there was nothing more to read."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.learnt, self.idle = list[str](), 0

    async def _learn(self, records: Sequence[Any]) -> None:
        self.learnt += [record.key.decode() for record in records]
        await super()._learn(records)

    async def _is_to_look_again(self) -> bool:
        self.idle += 1
        return await super()._is_to_look_again()

    async def has_had_time(self) -> None:
        """Returns once the reader could have begun to read everything again."""
        seen = self.idle
        await eventually(lambda: asyncio.sleep(0, self.idle > seen + 1), "there is nothing more to read, twice")


async def test_a_key_that_comes_after_it_was_asked_for_has_nothing_read_again(
    store: Store, foreign: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key and the first event that needs it race every day."""
    monkeypatch.setattr("shared.kafka.keys.LOOK_AGAIN", 0.0)

    class Overtaken(Watched):
        """Whoever listens asks for the last key just before it is learnt."""

        async def _learn(self, records: Sequence[Any]) -> None:
            if "counter-4" in {record.key.decode() for record in records}:
                with pytest.raises(KeyAwaited):
                    await foreign.keys.ciphers(["counter-4"])
                with pytest.raises(KeyAwaited):
                    await foreign.keys.wait_for(["counter-4"], 0.0)
            await super()._learn(records)

    reader = Overtaken(foreign, [PUBLISHED], settings, partial(erase_all, foreign))
    for number in range(1, 4):
        await noted(store, f"counter-{number}")
    async with running(relay_of(store, settings).run(), reader.run()):
        await equals(3, lambda: asyncio.sleep(0, len(reader.learnt)), "the first keys are learnt")
        await noted(store, "counter-4")
        await eventually(lambda: asyncio.sleep(0, "counter-4" in reader.learnt), "the last key is read")
        await reader.has_had_time()
    assert sorted(reader.learnt) == [f"counter-{number}" for number in range(1, 5)]


async def test_reading_again_does_only_what_was_passed_over(
    store: Store, foreign: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, 5):
        await noted(store, f"counter-{number}")
    async with running(relay_of(store, settings).run()):
        await drained(store)
        for number in (1, 2):
            await erased(store, f"counter-{number}")
        await eventually(lambda: _told(store), "it is told")
    async with running(reader_of(foreign, settings).run()):
        await equals(8, lambda: _read_to(foreign), "everything is read")
    written = "select format('%s %s', xmin, xmax) from subject_keys where subject = 'counter-3'"
    before = await foreign.pool.fetchval(written)
    await foreign.pool.execute("delete from erased_subjects where subject = 'counter-2'")
    await foreign.pool.execute("delete from subject_keys where subject = 'counter-4'")
    monkeypatch.setattr("shared.kafka.keys.LOOK_AGAIN", 0.0)
    again: list[str] = []

    async def erase(found: Mapping[str, datetime]) -> None:
        again.extend(found)
        await erase_all(foreign, found)

    reader = Watched(foreign, [PUBLISHED], settings, erase)
    async with running(reader.run()):
        await foreign.keys.wait_for(["counter-4"], PATIENCE)
        await eventually(lambda: asyncio.sleep(0, len(reader.learnt) >= 8), "everything is read again")
        await reader.has_had_time()
    assert again == ["counter-2"]
    assert await foreign.pool.fetchval(written) == before
    assert await _read_to(foreign) == 8


async def test_who_was_erased_when_it_broke_off_is_heard_of_again(
    store: Store, foreign: Store, settings: Settings
) -> None:
    """The store may not have said so yet."""
    again: list[str] = []

    async def erase(found: Mapping[str, datetime]) -> None:
        again.extend(found)
        await erase_all(foreign, found)
        if len(again) == 1:
            raise OSError("the database went away")

    await noted(store)
    async with running(relay_of(store, settings).run()):
        await drained(store)
        await erased(store)
        await eventually(lambda: _told(store), "it is told")
    async with running(KeyReader(foreign, [PUBLISHED], settings, erase).run()):
        await equals(3, lambda: _read_to(foreign), "everything is read")
    assert again == [SUBJECT, SUBJECT]


async def test_for_a_key_that_never_comes_the_topics_are_read_ever_more_seldom(
    foreign: Store, settings: Settings
) -> None:
    after = list[int]()
    reader = KeyReader(foreign, [PUBLISHED], settings, partial(erase_all, foreign), clock=lambda: passed)
    foreign.keys.missing[SUBJECT] = 0
    for passed in range(0, 3600, 5):
        if passed == 1000:
            foreign.keys.missing["counter-2"] = passed
        if await reader._is_to_look_again():
            after.append(passed)
    assert after == [15, 35, 75, 155, 315, 635, 1015, 1035, 1075, 1155, 1315, 1635, 2275, 3555]


async def test_what_was_replaced_on_the_topic_is_compacted_away_within_a_day(settings: Settings) -> None:
    await create_topics(settings, [PUBLISHED])
    async with admin(settings) as asking:
        set_so = await eventually(partial(_configuration, asking, topic(settings)), "the broker knows the topic")
    assert (set_so["cleanup.policy"], int(set_so["max.compaction.lag.ms"])) == ("compact", 24 * 3600 * 1000)


async def _configuration(asking: Any, name: str) -> dict[str, str]:
    """Empty for a moment after the topic was made."""
    [answer] = await asking.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])
    return {name: value for _, _, _, _, entries in answer.resources for name, value, *_ in entries}
