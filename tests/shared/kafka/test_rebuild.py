"""Views rebuilt beside the live one, from the store or from Kafka, while events arrive."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from structlog.testing import capture_logs

from shared.kafka.lineages import Lineages
from shared.kafka.rebuild import WAITS, Progress, rebuild_foreign, rebuild_own
from shared.kafka.topics import create_topics
from shared.ops.metrics import Metrics
from shared.ops.misconfigured import Misconfigured
from shared.ops.settings import Settings
from shared.processing.handlers import Handler, ViewHandler
from shared.processing.reconciling import forget_unsaid
from shared.processing.subscription import Subscription, follow
from shared.runtime.refusal import reason
from shared.store.appending import Write
from shared.store.codec import Codec, Raw
from shared.store.documents import Views
from shared.store.event_store import Store
from shared.store.keys import KeyAwaited
from tests.shared.kafka.records import committed, ends, listening, publish, relay_of, topic
from tests.shared.store.test_keys import noted, told
from tests.shared.things import COUNTER, PUBLISHED, TOTALS, Raised, documents, open_store, own_views, subscription_on
from tests.shared.waiting import PATIENCE, equals, eventually, running, settled

VIEW = ViewHandler(TOTALS)


async def raised(store: Store, first: int, last: int, streams: int = 5) -> None:
    for number in range(first, last + 1):
        await store.append([Write(f"counter-{k}", number - 1, [Raised(by_much=number)]) for k in range(streams)])


def totals(last: int, streams: int = 5) -> dict[str, Any]:
    return {str(k): {"total": sum(range(last + 1)), "versions": list(range(1, last + 1))} for k in range(streams)}


async def rebuilt(subscription: Subscription, settings: Settings, progress: Progress = lambda _: None) -> int:
    lineages = Lineages(settings, [PUBLISHED])
    return await rebuild_foreign(subscription, TOTALS, {topic(settings)}, lineages, progress)


async def test_a_foreign_view_rebuilt_while_events_arrive_equals_the_live_one_and_takes_its_place(
    store: Store, other: Store, settings: Settings
) -> None:
    subscription, folded = subscription_on(other), list[int]()
    async with running(relay_of(store, settings).run()), listening(settings, subscription, [VIEW]):
        await raised(store, 1, 20)
        await equals(totals(20), lambda: documents(other.pool), "the live view holds the first events")
        arriving = asyncio.create_task(raised(store, 21, 60))
        generation = await rebuilt(subscription, settings, folded.append)
        await arriving
        assert generation == 2
        await equals(totals(60), lambda: documents(other.pool, generation=2), "the rebuilt view goes on")
    assert sum(folded) >= 100
    assert await documents(other.pool, generation=1) == {}
    assert await Views(other.pool, "listener").get(TOTALS, "3") == totals(60)["3"]
    assert await other.pool.fetchval("select count(*) from handled where handler like '%:1'") == 0


async def test_a_rebuild_does_not_wait_for_an_event_that_it_has_parked(
    store: Store, other: Store, settings: Settings
) -> None:
    subscription = subscription_on(other)
    await raised(store, 1, 2, streams=1)
    await settled(store.pool)
    raws = await store.read()
    async with listening(settings, subscription, [VIEW]):
        await publish(settings, raws)
        await equals(await ends(settings), lambda: committed(settings), "everything was read")
    await other.pool.execute("insert into handled values ('view:totals:1', gen_random_uuid())")
    lost = await other.pool.fetchval(
        "select event from handled where handler = 'view:totals:1' and not event = any($1)", [raw.id for raw in raws]
    )
    newer = raws[1]._replace(id=lost, stream="counter-9", version=1, schema_version=2)
    await publish(settings, [newer])
    assert await rebuilt(subscription, settings) == 2
    assert await documents(other.pool, generation=2) == totals(2, streams=1)
    assert await other.pool.fetchval("select handler from parked") == "view:totals:2"


async def test_a_rebuild_waits_for_a_key_that_the_running_service_learns(
    store: Store, foreign: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    await noted(store)
    subscription, waited = subscription_on(foreign), list[str]()
    deliver = subscription.deliver

    async def before_its_key(handler: ViewHandler, raws: Sequence[Raw]) -> None:
        try:
            await deliver(handler, raws)
        except KeyAwaited as error:
            waited.append(str(error))
            await told(store, foreign)
            raise

    monkeypatch.setattr(subscription, "deliver", before_its_key)
    async with running(relay_of(store, settings).run()):
        await eventually(lambda: ends(settings), "the event is on Kafka")
        await rebuilt(subscription, settings)
    assert waited == ["the key of counter-1 has not come yet"]
    assert await documents(foreign.pool, generation=2) == {"1": {"total": 1, "versions": [1]}}


async def test_a_rebuild_says_for_what_it_waited_in_vain(
    store: Store, foreign: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.kafka.rebuild.PATIENCE", 0.0)
    await noted(store)
    subscription = subscription_on(foreign)
    async with running(relay_of(store, settings).run()):
        await eventually(lambda: ends(settings), "the event is on Kafka")
        with pytest.raises(KeyAwaited) as vain:
            await rebuilt(subscription, settings)
    said = "the key of counter-1 has not come yet: the service has to run, which learns it from Kafka"
    assert reason(vain.value) == said


async def test_a_rebuild_says_that_it_waits_for_what_kafka_does_not_hold_until_that_is_reconciled(
    store: Store, other: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.kafka.rebuild.QUIET", 0.0)
    await raised(store, 1, 2)
    subscription = subscription_on(other)
    async with running(relay_of(store, settings).run()), listening(settings, subscription, [VIEW]):
        await equals(totals(2), lambda: documents(other.pool), "the live view holds the events")
        await other.pool.execute("insert into handled values ('view:totals:1', gen_random_uuid())")
        with capture_logs() as said:
            rebuilding = asyncio.create_task(rebuilt(subscription, settings))
            waits = {"event": WAITS, "log_level": "warning", "service": "listener", "view": "totals"}
            await eventually(lambda: found(said, waits), "it says that it waits")
            assert not rebuilding.done()
            assert await forget_unsaid(other.pool, [store.pool]) == 1
            assert await rebuilding == 2
        assert said.count(waits) == 1
    assert await documents(other.pool, generation=2) == totals(2)


async def test_a_rebuild_ends_on_a_site_that_is_never_quiet(store: Store, other: Store, settings: Settings) -> None:
    subscription, last = subscription_on(other), 2
    async with running(relay_of(store, settings).run()), listening(settings, subscription, [VIEW]):
        await raised(store, 1, last)
        await equals(totals(last), lambda: documents(other.pool), "the live view holds the first events")
        rebuilding = asyncio.create_task(rebuilt(subscription, settings))
        async with asyncio.timeout(4 * PATIENCE):
            while not (await asyncio.wait([rebuilding], timeout=0.05))[0]:
                last += 1
                await raised(store, last, last)
        assert await rebuilding == 2
        await equals(totals(last), lambda: documents(other.pool, generation=2), "the rebuilt view goes on")


class Stopping(Subscription):
    """Stops before its second batch until it may go on."""

    batches = 0

    def __init__(self, store: Store) -> None:
        super().__init__(store, Codec(COUNTER.events), own_views(store), "test", Metrics("things"))
        self.stopped, self.may_go_on = asyncio.Event(), asyncio.Event()

    async def deliver(self, handler: Handler, raws: Sequence[Raw]) -> None:
        self.batches += 1
        if self.batches == 2:
            self.stopped.set()
            await self.may_go_on.wait()
        await super().deliver(handler, raws)


async def test_a_view_is_rebuilt_by_one_command_at_a_time(
    store: Store, second_database: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.kafka.rebuild.BATCH", 10)
    await raised(store, 1, 6)
    await settled(store.pool)
    refused = "totals is being rebuilt by another command: wait until that has ended, or end it"
    async with open_store(second_database, 2, "listener") as other:
        subscription = Stopping(other)
        async with listening(settings, subscription_on(other), [VIEW]):
            await publish(settings, await store.read())
            await equals(totals(6), lambda: documents(other.pool), "the live view holds the events")
        first = asyncio.create_task(rebuilt(subscription, settings))
        await subscription.stopped.wait()
        for second in (
            rebuilt(subscription_on(other), settings),
            rebuild_own(subscription_on(other), TOTALS, lambda _: None),
        ):
            with pytest.raises(Misconfigured) as error:
                await asyncio.wait_for(second, PATIENCE)
            assert reason(error.value) == refused
        subscription.may_go_on.set()
        assert await first == 2
        assert await documents(other.pool, generation=2) == totals(6)
        assert await rebuilt(subscription_on(other), settings) == 3


async def test_a_rebuild_whose_lock_has_gone_ends_and_the_next_one_begins_anew(
    store: Store, other: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.kafka.rebuild.BATCH", 10)
    await raised(store, 1, 6)
    await settled(store.pool)
    await create_topics(settings, [PUBLISHED])
    await publish(settings, await store.read())
    subscription = Stopping(other)
    first = asyncio.create_task(rebuilt(subscription, settings))
    await subscription.stopped.wait()
    await other.pool.execute("""select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'
        and database = (select oid from pg_database where datname = current_database())""")
    subscription.may_go_on.set()
    with pytest.raises(Misconfigured, match="run it again"):
        await first
    assert await rebuilt(subscription_on(other), settings) == 2
    assert await documents(other.pool, generation=2) == totals(6)


DELETIONS = """create table deletions (transaction xid8 default pg_current_xact_id(), rows bigint);
    create function note() returns trigger language plpgsql as $$
        begin insert into deletions (rows) select count(*) from gone; return null; end $$;"""
NOTED = """create trigger note after delete on {} referencing old table as gone
    for each statement execute function note()"""
MARKS = "insert into handled select 'view:totals:' || $1::int, gen_random_uuid() from generate_series(1, 10)"


async def test_former_generations_go_in_slices_also_those_that_a_run_left_which_broke_off(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.processing.generations.SLICE", 3)
    subscription = subscription_on(store)
    await raised(store, 1, 4)
    await settled(store.pool)
    while await subscription.advance(VIEW):
        pass
    await store.pool.execute(DELETIONS)
    for table in ("handled", "documents"):
        await store.pool.execute(NOTED.format(table))
    await store.pool.execute(MARKS, 1)
    async with running(reading(store, totals(4))):
        assert await rebuild_own(subscription, TOTALS, lambda _: None) == 2
        await store.pool.execute("insert into documents select view, 1, key, 1, document from documents")
        await store.pool.execute(MARKS, 1)
        with pytest.raises(ConnectionAbortedError):
            await rebuild_own(subscription, TOTALS, breaking_off)
        assert await documents(store.pool, generation=3) == totals(4)
        assert await rebuild_own(subscription, TOTALS, lambda _: None) == 3
    assert await documents(store.pool, generation=3) == totals(4)
    names = (
        "select generation::text from documents union select handler from checkpoints union select handler from handled"
    )
    assert {row[0] for row in await store.pool.fetch(names)} == {"3", "view:totals:3"}
    most = "select max(sum), sum(sum) from (select sum(rows) from deletions group by transaction) as each"
    assert tuple(await store.pool.fetchrow(most) or ()) == (3, 20 + 20)


def breaking_off(_: int) -> None:
    raise ConnectionAbortedError


async def reading(store: Store, expected: dict[str, Any]) -> None:
    """Fails as soon as the view shows anything else."""
    views = Views(store.pool, "things")
    while True:
        assert await views.many(TOTALS, expected) == expected
        await asyncio.sleep(0)


async def found(lines: Sequence[Any], line: Any) -> bool:
    return line in lines


async def test_an_own_view_rebuilt_while_commands_go_on_and_the_live_one_follows(database: str) -> None:
    async with open_store(database) as store:
        subscription = subscription_on(store)
        await raised(store, 1, 20)
        async with running(follow(subscription, [VIEW], 0.1)):
            commands = asyncio.create_task(raised(store, 21, 50))
            assert await rebuild_own(subscription_on(store), TOTALS, lambda _: None) == 2
            assert await rebuild_own(subscription_on(store), TOTALS, lambda _: None) == 3
            await commands
            await equals(totals(50), lambda: documents(store.pool, generation=3), "the rebuilt view goes on")
        assert await documents(store.pool, generation=1) == await documents(store.pool, generation=2) == {}


async def test_the_topics_of_things_are_named_after_their_aggregate(settings: Settings) -> None:
    assert topic(settings) == f"{settings.topic_prefix}.things.counter.v1"
    assert PUBLISHED.topics(settings.topic_prefix) == {topic(settings)}
