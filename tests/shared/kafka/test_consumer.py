"""Consumers on real Kafka: every event once, whatever is killed, repeated, replayed, rubbish, away or rebalanced."""

import asyncio
import gc
from collections.abc import Collection, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from aiokafka import TopicPartition
from structlog.testing import capture_logs

from deploy.local.processes import free_port
from shared.kafka.consumer import Consumer
from shared.kafka.joining import broker_of, start_broker
from shared.kafka.lineages import Lineages
from shared.kafka.topics import create_topics
from shared.model.message import new_id
from shared.model.reaction import BrokenMemory
from shared.ops.settings import Settings
from shared.ops.waiting import Waiting
from shared.processing.handlers import ReactionHandler, ViewHandler
from shared.processing.memories import Memories
from shared.store.appending import Write
from shared.store.codec import Raw
from shared.store.event_store import Store
from shared.store.folding import Naming
from shared.store.keys import KeyAwaited
from tests.shared.kafka.forwarding import forwarding
from tests.shared.kafka.records import (
    STORE,
    committed,
    delete_topics,
    drained,
    ends,
    listening,
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


class Awaiting(ViewHandler):
    """Its events wait for a key."""

    at_once = False

    async def apply(self, *_: Any) -> None:
        raise KeyAwaited(["counter-0"])


class Told(Consumer):
    """Notes how its batch ended, and when it waits for longer than for a race of a key and its event."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.waits, self.ended = asyncio.Event(), ""

    async def _answering(self) -> None:
        self.waits.set()
        await asyncio.Event().wait()

    async def take(self, records: Any) -> None:
        try:
            await super().take(records)
        except BaseException as error:
            self.ended = repr(error)
            raise
        self.ended = "by itself"


async def test_a_stop_waits_for_no_key_and_no_database(store: Store, other: Store, settings: Settings) -> None:
    """The batch comes again."""
    await create_topics(settings, [PUBLISHED])
    await publish(settings, await raised(store, 1, 1))
    with capture_logs() as said:
        async with listening(settings, subscription_on(other), [Awaiting(TOTALS)], Told) as consumer:
            await consumer.waits.wait()
    assert consumer.ended == "by itself"
    assert await committed(settings) == {}
    assert [line for line in said if line["log_level"] == "error"] == []


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
