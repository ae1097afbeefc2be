"""Consumers on real Kafka: every event once, whatever is killed, repeated, replayed, rubbish, away or rebalanced."""

import asyncio
import gc
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from typing import Any, cast
from uuid import UUID

import pytest
from aiokafka import TopicPartition

from deploy.local.processes import free_port
from shared.kafka import consumer as consuming
from shared.kafka.consumer import Consumer
from shared.kafka.joining import broker_of, start_broker
from shared.kafka.lineages import Lineages
from shared.kafka.offsets import Kept, kept
from shared.kafka.topics import create_topics
from shared.model.message import new_id
from shared.model.reaction import BrokenMemory
from shared.ops.settings import Settings
from shared.ops.tasks import Tasks
from shared.ops.waiting import Waiting
from shared.processing.handlers import ReactionHandler, ViewHandler
from shared.processing.memories import Memories
from shared.store.appending import Write
from shared.store.codec import Raw
from shared.store.database import Pool
from shared.store.event_store import Store
from shared.store.folding import Naming
from tests.shared.kafka.forwarding import forwarding
from tests.shared.kafka.records import (
    STORE,
    committed,
    delete_topics,
    drained,
    ends,
    listening,
    member,
    publish,
    publish_rubbish,
    records_of,
    relay_of,
    topic,
)  # fmt: skip
from tests.shared.things import (
    MIRROR,
    PUBLISHED,
    TOTALS,
    Raised,
    documents,
    mails,
    render,
    subscription_on,
)  # fmt: skip
from tests.shared.waiting import equals, eventually, running, settled

VIEW = ViewHandler(TOTALS)


async def raised(store: Store, streams: int, rounds: int, first: int = 1) -> list[Raw]:
    """`rounds` events on each of `streams` streams, as they will arrive at the other service."""
    for number in range(first, first + rounds):
        await store.append([Write(f"counter-{k}", number - 1, [Raised(by_much=number)]) for k in range(streams)])
    await settled(store.pool)
    raws = await store.read(limit=100_000)
    return [raw for raw in raws if raw.version >= first]


def totals(streams: int, versions: int) -> dict[str, Any]:
    return {
        str(k): {"total": sum(range(versions + 1)), "versions": list(range(1, versions + 1))} for k in range(streams)
    }


async def test_what_a_service_appends_is_in_another_services_view(
    store: Store, other: Store, settings: Settings
) -> None:
    async with running(relay_of(store, settings).run()), listening(settings, subscription_on(other), [VIEW]):
        await raised(store, 20, 5)
        await equals(totals(20, 5), lambda: documents(other.pool), "every event is in the view")


class Forgetful(Consumer):
    """Its process hangs between the database's commit and Kafka's, until it is killed."""

    reached: asyncio.Event

    async def _commit(self, *_: Any) -> None:
        self.reached.set()
        await asyncio.Event().wait()


async def test_a_consumer_killed_between_effect_and_commit_of_its_offsets_has_every_effect_once(
    store: Store, other: Store, settings: Settings
) -> None:
    subscription = subscription_on(other)
    reaction = ReactionHandler(MIRROR, other, render, Memories(other))
    await create_topics(settings, [PUBLISHED])
    raws = await raised(store, 2, 3)
    await publish(settings, raws)
    Forgetful.reached = asyncio.Event()
    async with listening(settings, subscription, [VIEW, reaction], Forgetful):
        await Forgetful.reached.wait()
    assert await committed(settings) == {}
    async with listening(settings, subscription, [VIEW, reaction]):
        await equals(await ends(settings), lambda: committed(settings), "the offsets are committed")
    assert await documents(other.pool) == totals(2, 3)
    assert sorted(await mails(other.pool)) == sorted(raw.id for raw in raws)
    assert (await other.load("counter-mirror-of-1")).version("counter-mirror-of-1") == 3


async def test_a_database_from_a_backup_hears_again_what_was_said_since(
    store: Store, other: Store, settings: Settings
) -> None:
    """Also a service whose group Kafka remembers to be at the end."""
    await restored(store, other, settings, 20)
    async with listening(settings, subscription_on(other), [VIEW]):
        await equals(totals(20, 5), lambda: documents(other.pool), "what was said since is in the view")


RESTORED = ("handled", "documents", "consumed")
"""What the backup brings back of a service that only listens."""


async def restored(store: Store, other: Store, settings: Settings, streams: int) -> None:
    """The service that listens has two rounds of five from a backup, and its group has read them all."""
    await create_topics(settings, [PUBLISHED])
    await publish(settings, await raised(store, streams, 2))
    async with listening(settings, subscription_on(other), [VIEW]):
        await equals(await ends(settings), lambda: committed(settings), "the offsets are committed")
    for table in RESTORED:
        await other.pool.execute(f"create table backup_of_{table} as table {table}")
    await publish(settings, await raised(store, streams, 3, first=3))
    async with listening(settings, subscription_on(other), [VIEW]):
        await equals(await ends(settings), lambda: committed(settings), "the offsets are committed")
    for table in RESTORED:
        await other.pool.execute(f"truncate {table}")
        await other.pool.execute(f"insert into {table} table backup_of_{table}")
    assert await documents(other.pool) == totals(streams, 2)


class Taking(Consumer):
    """Says when it has handled a batch."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.took = asyncio.Event()

    async def take(self, records: Any) -> None:
        await super().take(records)
        self.took.set()

    async def first_took_or_waits(self) -> bool:
        """Whether it has handled a batch, or takes none."""
        assigned = self._consumer.assignment()
        return self.took.is_set() or bool(assigned and self._consumer.paused() == assigned)


async def test_nothing_is_handled_before_it_is_known_where_to_begin(
    store: Store, other: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the database of a backup would count as being where the group is, and never hear what was said between."""
    await restored(store, other, settings, 1)
    await publish(settings, await raised(store, 1, 1, first=6))
    broker, taking = member(settings, subscription_on(other), [VIEW], Taking)
    consumer = cast(Taking, taking)

    async def late(pool: Pool) -> dict[TopicPartition, Kept] | None:
        await eventually(consumer.first_took_or_waits, "a batch was handled, if one can be")
        return await kept(pool)

    monkeypatch.setattr(consuming, "kept", late)
    await start_broker(broker, settings)
    await equals(totals(1, 6), lambda: documents(other.pool), "every event is in the view")
    await broker.stop()


async def test_a_member_that_waits_for_its_database_to_begin_stays_in_its_group_and_stops_when_told(
    other: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kafka is told of it meanwhile: aiokafka begins to when it has told us of our partitions."""
    tried = asyncio.Event()

    async def away(_: Pool) -> None:
        tried.set()
        raise ConnectionError

    monkeypatch.setattr(consuming, "kept", away)
    await create_topics(settings, [PUBLISHED])
    broker, consumer = member(settings, subscription_on(other), [VIEW])
    await start_broker(broker, settings)
    await tried.wait()
    await eventually(partial(_tells, consumer), "it tells Kafka that it is here")
    async with asyncio.timeout(Tasks.patience):
        await broker.stop()


async def _tells(consumer: Any) -> bool:
    return consumer.subscriber.consumer._coordinator._heartbeat_task is not None


class Halfway(Consumer):
    """Has its first batch in hand during a rebalance: it is committed after aiokafka asked where to go on, and before
    we do.
    """

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.in_hand, self.asked, self.done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def _commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        if not self.in_hand.is_set():
            self.in_hand.set()
            await self.asked.wait()
        await super()._commit(offsets)
        self.done.set()

    async def _go_on(self, consumer: Any, assigned: Collection[TopicPartition]) -> None:
        if self.in_hand.is_set():
            for partition in assigned:
                await consumer.position(partition)
            self.asked.set()
            await self.done.wait()
        await super()._go_on(consumer, assigned)


async def test_a_batch_in_hand_during_a_rebalance_hides_nothing_that_the_database_lacks(
    store: Store, other: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consuming, "BATCH", 1)
    await restored(store, other, settings, 1)
    async with listening(settings, subscription_on(other), [VIEW], Halfway) as consumer:
        await consumer.in_hand.wait()
        consumer.subscriber.consumer._coordinator.request_rejoin()
        await equals(totals(1, 5), lambda: documents(other.pool), "what was said since is in the view")


async def test_offsets_are_committed_at_exactly_the_last_plus_one(
    store: Store, other: Store, settings: Settings
) -> None:
    await create_topics(settings, [PUBLISHED])
    await publish(settings, await raised(store, 30, 4))
    async with listening(settings, subscription_on(other), [VIEW]):
        await equals(await ends(settings), lambda: committed(settings), "the offsets are committed")
        await publish(settings, await raised(store, 30, 1, first=5))
        await equals(await ends(settings), lambda: committed(settings), "the offsets are committed")
    assert sum((await committed(settings)).values()) == 150
    assert await documents(other.pool) == totals(30, 5)


async def test_every_event_delivered_three_times_is_handled_once(
    store: Store, other: Store, settings: Settings
) -> None:
    await create_topics(settings, [PUBLISHED])
    raws = await raised(store, 5, 4)
    reaction = ReactionHandler(MIRROR, other, render, Memories(other))
    await publish(settings, [raw for raw in raws for _ in range(3)])
    await publish(settings, raws)
    async with listening(settings, subscription_on(other), [VIEW, reaction]):
        await equals(await ends(settings), lambda: committed(settings), "everything was read")
    assert await documents(other.pool) == totals(5, 4)
    assert len(await mails(other.pool)) == 20


async def test_a_whole_topic_replayed_to_a_fresh_group_changes_nothing(
    store: Store, other: Store, settings: Settings
) -> None:
    async with running(relay_of(store, settings).run()):
        await raised(store, 5, 10)
        await drained(store)
    subscription, reaction = subscription_on(other), ReactionHandler(MIRROR, other, render, Memories(other))
    for group in ("first", "second"):
        async with listening(settings, subscription, [VIEW, reaction], group=group):
            await equals(await ends(settings), lambda: committed(settings, group), "everything was read")  # noqa: B023
        assert await documents(other.pool) == totals(5, 10)
        assert len(await mails(other.pool)) == 50
        assert (await other.load("counter-mirror-of-0")).version("counter-mirror-of-0") == 10


async def test_rubbish_on_a_topic_stops_nothing(store: Store, other: Store, settings: Settings) -> None:
    (raw,) = await raised(store, 1, 1)

    def like(**changes: bytes) -> list[tuple[str, bytes]]:
        fields = {
            "ce_id": str(new_id()).encode(), "ce_source": b"/postulo/things", "ce_type": b"Raised",
            "ce_time": b"2026-01-01T00:00:00+00:00", "ce_subject": b"counter-9", "ce_sequence": b"1",
            "ce_lineage": STORE.encode(),
        }  # fmt: skip
        return list((fields | changes).items())

    await create_topics(settings, [PUBLISHED])
    await publish_rubbish(settings, [
        (b"no headers", []),
        (None, []),
        (b"\xff\xfe", [("ce_id", b"\xff\xfe")]),
        (b"{}", like(ce_id=b"\xc3\x28")),
        (b"{}", like(ce_id=b"no uuid")),
        (b"{}", like(ce_sequence=b"many")),
        (b"{}", like(ce_sequence=b"9" * 40)),
        (b"{}", like(ce_schemaversion=b"70000")),
        (b"{}", like(ce_time=b"yesterday")),
        (b"{}", like(ce_time=b"0001-01-01T00:00:00+14:00")),
        (b"{}", like(ce_subject=b"counter-\x00")),
        (b"{}", like(ce_type=b"Unheard0f")),
        (b"", like(ce_subject=b"counter-empty")),
        (None, like(ce_subject=b"counter-tombstone")),
        (b"[" * 900_000, like(ce_subject=b"counter-huge")),
        (b'{"by_much": "\\u0000"}', like(ce_subject=b"counter-nul")),
        (b'{"by_much": 1e999}', like(ce_subject=b"counter-infinite")),
        (b'{"by_much": 1, "note": "\\ud800"}', like(ce_subject=b"counter-surrogate")),
    ])  # fmt: skip
    await publish(settings, [raw])
    async with listening(settings, subscription_on(other), [VIEW]):
        await equals(await ends(settings), lambda: committed(settings), "everything was read")
    assert await documents(other.pool) == totals(1, 1)
    parked = {row[0] for row in await other.pool.fetch("select stream from parked")}
    assert parked == {f"counter-{name}" for name in ("empty", "tombstone", "huge", "nul", "infinite", "surrogate")}


class Rewinding(Consumer):
    """Has little patience, and says when it has none left."""

    patience = 0.2

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.rewound = asyncio.Event()

    def _rewind(self, offsets: Mapping[TopicPartition, int]) -> None:
        super()._rewind(offsets)
        self.rewound.set()


async def test_a_database_that_is_away_has_the_partitions_rewound_and_nothing_is_lost(
    store: Store, other: Store, settings: Settings
) -> None:
    raws = await raised(store, 3, 4)
    async with listening(settings, subscription_on(other), [VIEW], Rewinding) as consumer:
        name = await other.pool.fetchval("select current_database()")
        await publish(settings, raws[:3])
        await equals(totals(3, 1), lambda: documents(other.pool), "the first events are in the view")
        await store.pool.execute(f'alter database "{name}" allow_connections false')
        await store.pool.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", name)
        await publish(settings, raws[3:])
        await consumer.rewound.wait()
        assert sum((await committed(settings)).values()) <= 3
        await store.pool.execute(f'alter database "{name}" allow_connections true')
        await equals(totals(3, 4), lambda: documents(other.pool), "every event is in the view")
        await equals(await ends(settings), lambda: committed(settings), "the offsets are committed")


class Bugged(ViewHandler):
    """A handler that breaks in a way nobody foresaw: even parking its event fails."""

    broken = True

    @property
    def naming(self) -> Naming:
        if self.broken:
            raise RuntimeError("nobody foresaw this")
        return super().naming


async def test_no_event_is_passed_over_whatever_a_handler_raises(
    store: Store, other: Store, settings: Settings
) -> None:
    await create_topics(settings, [PUBLISHED])
    raws = await raised(store, 1, 2)
    await publish(settings, raws[:1])
    handler = Bugged(TOTALS)
    async with listening(settings, subscription_on(other), [handler], Rewinding) as consumer:
        await consumer.rewound.wait()
        await publish(settings, raws[1:])
        consumer.rewound.clear()
        await consumer.rewound.wait()
        assert await committed(settings) == {}
        handler.broken = False
        await equals(totals(1, 2), lambda: documents(other.pool), "every event is in the view")


class Broken(ReactionHandler):
    """What it remembers cannot be trusted."""

    async def apply(self, *_: Any) -> None:
        raise BrokenMemory("counters: ValueError")


async def test_a_reaction_that_cannot_go_on_holds_up_no_other(store: Store, other: Store, settings: Settings) -> None:
    broken = Broken(replace(MIRROR, name="broken"), other, render, Memories(other))
    reaction = ReactionHandler(MIRROR, other, render, Memories(other))
    await create_topics(settings, [PUBLISHED])
    raws = await raised(store, 1, 2)
    await publish(settings, raws)
    async with listening(settings, subscription_on(other), [broken, reaction], Rewinding) as consumer:
        await equals(sorted(raw.id for raw in raws), lambda: _sorted_mails(other), "the other one has told of each")
        await consumer.rewound.wait()
        assert await committed(settings) == {}


async def test_reactions_wait_for_a_view_that_cannot_go_on(store: Store, other: Store, settings: Settings) -> None:
    """They would miss in it what has just happened; other views need not wait."""
    view, reaction = Bugged(TOTALS), ReactionHandler(MIRROR, other, render, Memories(other))
    another = ViewHandler(replace(TOTALS, name="others"))
    await create_topics(settings, [PUBLISHED])
    raws = await raised(store, 1, 2)
    await publish(settings, raws)
    async with listening(settings, subscription_on(other), [view, another, reaction], Rewinding) as consumer:
        await equals(totals(1, 2), lambda: documents(other.pool, "others"), "the other view has folded each")
        await consumer.rewound.wait()
        assert await mails(other.pool) == []
        view.broken = False
        await equals(sorted(raw.id for raw in raws), lambda: _sorted_mails(other), "the reaction has told of each")


async def _sorted_mails(store: Store) -> list[UUID]:
    return sorted(await mails(store.pool))


class Interrupted(Consumer):
    """Awaits once what a library has cancelled."""

    interrupted = False

    def _counted(self, raw: Raw) -> Raw:
        if not self.interrupted:
            self.interrupted = True
            raise asyncio.CancelledError
        return super()._counted(raw)


async def test_reading_goes_on_where_a_library_cancels_what_it_awaits(
    store: Store, other: Store, settings: Settings
) -> None:
    await create_topics(settings, [PUBLISHED])
    await publish(settings, await raised(store, 1, 2))
    async with listening(settings, subscription_on(other), [VIEW], Interrupted) as consumer:
        await equals(totals(1, 2), lambda: documents(other.pool), "every event is in the view")
    assert consumer.interrupted


async def test_members_that_come_and_go_while_events_flow_lose_nothing_and_do_nothing_twice(
    store: Store, other: Store, settings: Settings
) -> None:
    subscription = subscription_on(other)
    async with running(relay_of(store, settings).run()), listening(settings, subscription, [VIEW]):
        for member in range(2):
            async with listening(settings, subscription_on(other), [VIEW]) as joined:
                await raised(store, 10, 10, first=20 * member + 1)
                await eventually(lambda: _assigned(joined), "the new member has partitions")
                await raised(store, 10, 10, first=20 * member + 11)
        await equals(totals(10, 40), lambda: documents(other.pool), "every event is in the view, in order")
    marks = await other.pool.fetchval("select count(*) from handled")
    assert marks == 400 == len(await records_of(settings))


class Joined(Consumer):
    """Tells how many partitions it was given last."""

    given = 0

    def begin(self, assigned: Collection[TopicPartition]) -> None:
        super().begin(assigned)
        self.given = len(assigned)


async def test_topics_that_are_lost_and_made_again_are_read_soon(
    store: Store, other: Store, settings: Settings
) -> None:
    """As after a cluster was lost: whoever joins its group before the topics are made again has no partition."""
    async with listening(settings, subscription_on(other), [VIEW], Joined) as consumer:
        assert await eventually(partial(given, consumer), "it has joined")
        await delete_topics(settings)
        await equals(0, partial(given, consumer), "it has joined again, and has nothing")
        async with running(relay_of(store, settings).run()):
            await raised(store, 5, 3)
            await equals(totals(5, 3), lambda: documents(other.pool), "it reads what was made since")


@pytest.mark.parametrize(
    ("copies", "order"),
    [(5, lambda raw: raw.version), (1, lambda raw: raw.stream)],
    ids=["of which the database had read more than there is now", "whose records stand elsewhere now"],
)
async def test_a_database_from_a_backup_of_before_a_topic_was_made_anew_hears_all_of_it(
    store: Store, other: Store, settings: Settings, copies: int, order: Callable[[Raw], Any]
) -> None:
    await create_topics(settings, [PUBLISHED])
    raws = await raised(store, 20, 2)
    await publish(settings, raws * copies)
    async with listening(settings, subscription_on(other), [VIEW]):
        await equals(await ends(settings), lambda: committed(settings), "the offsets are committed")
    for table in RESTORED:
        await other.pool.execute(f"create table backup_of_{table} as table {table}")
    await delete_topics(settings)
    await create_topics(settings, [PUBLISHED])
    await publish(settings, sorted([*raws, *await raised(store, 20, 3, first=3)], key=order))
    async with listening(settings, subscription_on(other), [VIEW]):
        await equals(await ends(settings), lambda: committed(settings), "the new topic is read")
    for table in RESTORED:
        await other.pool.execute(f"truncate {table}")
        await other.pool.execute(f"insert into {table} table backup_of_{table}")
    async with listening(settings, subscription_on(other), [VIEW]):
        await equals(totals(20, 5), lambda: documents(other.pool), "what was said since is in the view")


async def given(consumer: Joined) -> int:
    return consumer.given


async def test_a_broker_that_does_not_answer_at_the_start_is_waited_for(other: Store, settings: Settings) -> None:
    await create_topics(settings, [PUBLISHED])
    port, tried = free_port(), list[float]()
    later = settings.model_copy(update={"kafka": f"127.0.0.1:{port}"})
    broker = broker_of(later, logger=None, apply_types=False, graceful_timeout=2)
    consumer = Consumer(broker, "somebody", [topic(settings)], subscription_on(other), Lineages(settings, [PUBLISHED]))
    async with AsyncExitStack() as stack:

        async def sleep(seconds: float) -> None:
            tried.append(seconds)
            if len(tried) == 3:
                await stack.enter_async_context(forwarding(port, settings.kafka))

        await start_broker(broker, later, Waiting("consumer", sleep=sleep))
        await eventually(lambda: _assigned(consumer), "the consumer has partitions")
        await broker.stop()
    assert len(tried) == 3
    gc.collect()


async def _assigned(consumer: Any) -> Sequence[Any]:
    return list(consumer.subscriber.consumer.assignment())
