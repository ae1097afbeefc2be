"""Handlers: effect, mark and checkpoint are one; duplicates change nothing; a failing event is parked in order."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from shared.kafka.rebuild import rebuild_own
from shared.model.message import Position, Recorded
from shared.model.projection import Projection
from shared.model.reaction import Do, Known, Need, Reaction
from shared.ops.metrics import Metrics
from shared.processing.blame import Again, Blame
from shared.processing.handlers import Handler, ReactionHandler, ViewHandler
from shared.processing.memories import Memories
from shared.processing.subscription import BATCH, Subscription, follow
from shared.store.appending import ANY, Write, WrongVersion
from shared.store.codec import Codec, Raw
from shared.store.database import Pool
from shared.store.event_store import Store
from shared.store.folding import HandlerName
from tests.shared.things import (
    COUNTER,
    MIRROR,
    TOTALS,
    Raise,
    Raised,
    Total,
    documents,
    fold_total,
    mails,
    own_views,
    raised,
    render,
    subscription_on,
)  # fmt: skip
from tests.shared.waiting import eventually, running, settled


class Failing(ViewHandler):
    """A view whose folding fails on events that raise by 666, until mended."""

    mended = False

    def __init__(self, view: Projection[Total]) -> None:
        super().__init__(replace(view, evolve=self.evolve))

    def evolve(self, document: Total | None, event: Recorded[Any]) -> Total:
        if not self.mended and getattr(event.data, "by_much", 0) == 666:
            raise ValueError("cannot fold 666")
        return fold_total(document, event)


class Dying(ReactionHandler):
    """A reaction whose process dies after its effects, before the commit, once."""

    died = False

    async def apply(self, connection: Any, name: HandlerName, events: Sequence[Recorded[Any]]) -> None:
        await super().apply(connection, name, events)
        if not self.died:
            self.died = True
            raise asyncio.CancelledError


async def all_of(subscription: Subscription, handler: Handler) -> None:
    while await subscription.advance(handler):
        pass


async def foreign(store: Store) -> list[Raw]:
    """The store's events as they would arrive from another service."""
    return [raw._replace(source="elsewhere") for raw in await store.read()]


async def test_a_view_of_own_events_holds_every_event_once_and_in_order(store: Store) -> None:
    subscription, handler = subscription_on(store), ViewHandler(TOTALS)
    for number in range(30):
        await raised(store, f"counter-{number % 3}", number)
        await subscription.advance(handler, 4)
    await all_of(subscription, handler)
    assert await documents(store.pool) == {
        str(k): {"total": sum(range(k, 30, 3)), "versions": list(range(1, 11))} for k in range(3)
    }


async def test_two_processes_advancing_the_same_handler_fold_nothing_twice(store: Store) -> None:
    await raised(store, "counter-1", *range(1, 101))
    one, two = subscription_on(store), subscription_on(store)
    handler = ViewHandler(TOTALS)

    async def advance(subscription: Subscription) -> None:
        while await subscription.advance(handler, 7):
            pass

    await asyncio.gather(advance(one), advance(two))
    assert (await documents(store.pool))["1"] == {"total": 5050, "versions": list(range(1, 101))}


async def test_every_event_delivered_three_times_changes_a_view_once(store: Store) -> None:
    await raised(store, "counter-1", 1, 2, 3)
    subscription, raws = subscription_on(store), await foreign(store)
    for batch in (raws, raws[1:], raws + raws):
        await subscription.deliver(ViewHandler(TOTALS), batch)
    assert (await documents(store.pool))["1"] == {"total": 6, "versions": [1, 2, 3]}


async def test_every_event_delivered_three_times_has_its_effects_once(store: Store) -> None:
    await raised(store, "counter-1", 1, 2, 3)
    subscription, raws = subscription_on(store), await foreign(store)
    handler = ReactionHandler(MIRROR, store, render, Memories(store))
    for _ in range(3):
        await subscription.deliver(handler, raws)
    mirrored = (await store.load("counter-mirror-of-1")).streams["counter-mirror-of-1"]
    assert [event.data for event in mirrored] == [Raised(by_much=amount) for amount in (1, 2, 3)]
    assert [event.causation for event in mirrored] == [raw.id for raw in raws]
    assert sorted(await mails(store.pool)) == sorted(raw.id for raw in raws)


async def test_a_consumer_killed_between_effect_and_commit_leaves_nothing_and_does_it_once_afterwards(
    store: Store,
) -> None:
    await raised(store, "counter-1", 1, 2)
    subscription, raws = subscription_on(store), await foreign(store)
    handler = Dying(MIRROR, store, render, Memories(store))
    with pytest.raises(asyncio.CancelledError):
        await subscription.deliver(handler, raws)
    assert await mails(store.pool) == []
    assert (await store.load("counter-mirror-of-1")).version("counter-mirror-of-1") == 0
    await subscription.deliver(handler, raws)
    await subscription.deliver(handler, raws)
    assert len(await mails(store.pool)) == 2
    assert (await store.load("counter-mirror-of-1")).version("counter-mirror-of-1") == 2


@pytest.mark.parametrize("own", [True, False])
async def test_a_poison_event_is_parked_and_its_stream_resumes_in_order_while_others_flow(
    store: Store, own: bool
) -> None:
    await raised(store, "counter-bad", 1, 666, 3)
    await raised(store, "counter-good", 10, 20)
    subscription, handler = subscription_on(store), Failing(TOTALS)
    await feed(subscription, handler, own)
    assert await documents(store.pool) == {
        "bad": {"total": 1, "versions": [1]}, "good": {"total": 30, "versions": [1, 2]}
    }  # fmt: skip
    await raised(store, "counter-bad", 4)
    await raised(store, "counter-good", 30)
    await feed(subscription, handler, own)
    assert await documents(store.pool) == {
        "bad": {"total": 1, "versions": [1]}, "good": {"total": 60, "versions": [1, 2, 3]}
    }  # fmt: skip
    assert not await subscription.resume(handler, "counter-bad")
    handler.mended = True
    assert await subscription.resume(handler, "counter-bad")
    assert (await documents(store.pool))["bad"] == {"total": 674, "versions": [1, 2, 3, 4]}
    assert await store.pool.fetchval("select count(*) from parked") == 0
    await feed(subscription, handler, own)
    await feed(subscription, handler, own)
    assert (await documents(store.pool))["bad"] == {"total": 674, "versions": [1, 2, 3, 4]}


async def test_of_two_processes_that_fail_on_an_event_neither_parks_the_one_behind_it(store: Store) -> None:
    """One has parked it before the other is ready to."""
    await raised(store, "counter-bad", 666)
    await raised(store, "counter-good", 10)
    one, two, handler = subscription_on(store), subscription_on(store), Failing(TOTALS)

    class Slower(Blame):
        async def failing(self, error: Exception, again: Again, patience: float) -> Exception | None:
            found = await super().failing(error, again, patience)
            assert await one.advance(handler, 1) == 1
            return found

    two.blame = Slower(store)
    await two.advance(handler, 1)
    assert [row[0] for row in await store.pool.fetch("select stream from parked")] == ["counter-bad"]
    await all_of(two, handler)
    assert await documents(store.pool) == {"good": {"total": 10, "versions": [1]}}
    assert [row[0] for row in await store.pool.fetch("select stream from parked")] == ["counter-bad"]


async def test_a_parked_event_is_tried_again_by_itself_with_growing_pauses_then_waits_for_unpark(store: Store) -> None:
    await raised(store, "counter-bad", 666, 2)
    subscription, handler = subscription_on(store), Failing(TOTALS)
    await all_of(subscription, handler)
    pauses = []
    while (due := await _head_due(store)) is not None:
        pauses.append(due)
        await store.pool.execute("update parked set due = now() where due is not null")
        await subscription.resume_due([handler])
    assert pauses == sorted(pauses)
    assert len(pauses) == 5
    assert sum(pauses) < 60
    await store.pool.execute("update parked set due = now() where attempts > 0")
    handler.mended = True
    await subscription.resume_due([handler])
    assert (await documents(store.pool))["bad"] == {"total": 668, "versions": [1, 2]}


async def test_what_no_handler_here_tries_again_keeps_nothing_else_waiting(store: Store) -> None:
    await raised(store, "counter-bad", 666, 2)
    subscription, handler = subscription_on(store), Failing(TOTALS)
    await all_of(subscription, handler)
    await store.pool.execute("""insert into parked
        select name, 'counter-' || n, version, gen_random_uuid(), source, type, schema_version, data, correlation,
            causation, actor, trace, at, transaction, position, error, attempts, now() - interval '1 hour', parked_at
        from parked, unnest('{reaction:gone,view:totals:2}'::text[]) as name, generate_series(1, 2000) as n
        where attempts > 0""")
    await store.pool.execute("update parked set due = now() where handler = 'view:totals:1' and attempts > 0")
    handler.mended = True
    assert await subscription.resume_due([ViewHandler(TOTALS, 7), handler]) == 1
    assert await documents(store.pool) == {"bad": {"total": 668, "versions": [1, 2]}}
    assert await subscription.resume_due([]) == 0


class OneFetch:
    """A pool that is asked once."""

    def __init__(self, pool: Pool) -> None:
        self.pool, self.asked = pool, 0

    async def fetch(self, *query: Any) -> Any:
        self.asked += 1
        return await self.pool.fetch(*query)


async def test_looking_for_what_is_due_takes_one_query_of_however_many_handlers(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = OneFetch(store.pool)
    monkeypatch.setattr(store, "pool", pool)
    handlers = [Failing(TOTALS), *(ViewHandler(TOTALS, generation) for generation in range(2, 50))]
    assert await subscription_on(store).resume_due(handlers) == 0
    assert pool.asked == 1


async def test_an_event_from_the_future_is_parked_and_an_unknown_field_ignored(store: Store) -> None:
    await raised(store, "counter-1", 1)
    (raw,) = await foreign(store)
    newer = raw._replace(schema_version=2, version=2, id=raw.correlation)
    richer = raw._replace(stream="counter-2", data='{"by_much": 5, "colour": "blue"}', id=raw.id)
    subscription = subscription_on(store)
    await subscription.deliver(ViewHandler(TOTALS), [newer, richer])
    assert await documents(store.pool) == {"2": {"total": 5, "versions": [1]}}
    assert "newer" in await store.pool.fetchval("select error from parked")


async def test_data_that_are_no_json_are_parked_and_nothing_else_is_held_up(store: Store) -> None:
    await raised(store, "counter-1", 1)
    (raw,) = await foreign(store)
    rubbish = raw._replace(data=b"\x00\xff{", stream="counter-2", id=raw.correlation)
    await subscription_on(store).deliver(ViewHandler(TOTALS), [rubbish, raw])
    assert await documents(store.pool) == {"1": {"total": 1, "versions": [1]}}
    assert await store.pool.fetchval("select stream from parked") == "counter-2"


async def test_a_view_rebuilt_beside_the_live_one_equals_it_and_takes_its_place(store: Store) -> None:
    subscription, handler = subscription_on(store), ViewHandler(TOTALS)
    for number in range(20):
        await raised(store, f"counter-{number % 4}", number)
    await all_of(subscription, handler)
    live = await documents(store.pool)
    during: list[int] = []

    def progress(count: int) -> None:
        during.append(count)

    await raised(store, "counter-1", 1000)
    assert await rebuild_own(subscription, TOTALS, progress) == 2
    await all_of(subscription, handler)
    rebuilt = await documents(store.pool, generation=2)
    assert sum(during) == 21
    assert rebuilt.pop("1")["total"] == live.pop("1")["total"] + 1000
    assert rebuilt == live
    assert await documents(store.pool, generation=1) == {}


async def test_reactions_and_direct_commands_on_one_stream_keep_its_order(store: Store) -> None:
    """The mirror's stream is written by the reaction and, at any version, by others at the same time."""
    subscription = subscription_on(store)
    handler = ReactionHandler(MIRROR, store, render, Memories(store))
    for number in range(10):
        await raised(store, "counter-1", number)

    async def others() -> None:
        written = 0
        while written < 10:
            with suppress(WrongVersion):
                written += len(await store.append([Write("counter-mirror-of-1", ANY, [Raised(by_much=100)])]))

    async def advance() -> None:
        read = 1
        while read:
            with suppress(WrongVersion):
                read = await subscription.advance(handler, 2)

    await asyncio.gather(others(), advance())
    await settled(store.pool)
    await advance()
    await settled(store.pool)
    order = [raw.version for raw in await store.read() if raw.stream == "counter-mirror-of-1"]
    assert order == list(range(1, 21))


async def feed(subscription: Subscription, handler: Handler, own: bool) -> None:
    if own:
        await all_of(subscription, handler)
    else:
        await subscription.deliver(handler, await foreign(subscription.store))


async def _head_due(store: Store) -> float | None:
    due: float | None = await store.pool.fetchval(
        "select extract(epoch from due - now())::float8 from parked where attempts > 0"
    )
    return due


def test_the_codec_reads_what_it_wrote() -> None:
    codec = Codec(COUNTER.events)
    assert codec.data("Raised", 1, Raised(by_much=2).model_dump_json()) == Raised(by_much=2)


async def test_a_reaction_finds_in_its_view_what_has_just_happened(store: Store) -> None:
    """Events come between the moment in which the view has caught up and that in which the reaction looks."""

    class Busy(Subscription):
        left = 5

        async def advance(self, handler: Handler, limit: int = BATCH, until: Position | None = None) -> int:
            read = await super().advance(handler, limit, until)
            if not handler.appends and self.left:
                self.left -= 1
                await raised(store, f"counter-late{self.left}", 1)
            return read

    def echo(event: Recorded[Any], known: Known) -> list[Do]:
        if known.get(TOTALS, event.key) is None:
            raise LookupError(event.key)
        return [] if event.key == "echo" else [Do(COUNTER, "echo", Raise(by_much=event.data.by_much))]

    reaction = Reaction("echo", (Raised,), echo, lambda event: [Need(TOTALS, event.key)])
    handler = ReactionHandler(reaction, store, render, Memories(store))
    subscription = Busy(store, Codec(COUNTER.events), own_views(store), "test", Metrics("things"))
    await raised(store, "counter-first", 1)
    async with running(follow(subscription, [ViewHandler(TOTALS), handler], 0.05)):
        await eventually(lambda: _echoed(store, 6), "each is echoed")
    assert await store.pool.fetchval("select count(*) from parked") == 0


async def test_a_rush_of_events_does_not_keep_reactions_from_their_turn(store: Store) -> None:
    """Whenever the view looks, more than a batch has been appended behind what it is to fold."""

    async def rush() -> None:
        await store.append([Write(f"counter-{uuid4()}", 0, [Raised(by_much=1)] * (BATCH + 1))])

    class Rushed(Subscription):
        rushes, left_at_first = 6, -1

        async def advance(self, handler: Handler, limit: int = BATCH, until: Position | None = None) -> int:
            if handler.appends and self.left_at_first < 0:
                self.left_at_first = self.rushes
            elif not handler.appends and self.rushes:
                self.rushes -= 1
                await rush()
            return await super().advance(handler, limit, until)

    quiet = Reaction("quiet", (Raised,), lambda _event, _known: [])
    subscription = Rushed(store, Codec(COUNTER.events), own_views(store), "test", Metrics("things"))
    await rush()
    handlers: list[Handler] = [ViewHandler(TOTALS), ReactionHandler(quiet, store, render, Memories(store))]
    async with running(follow(subscription, handlers, 0.05)):
        await eventually(lambda: _begun(subscription), "the reaction's first turn")
    assert subscription.left_at_first > 0


async def _begun(subscription: Any) -> bool:
    return bool(subscription.left_at_first >= 0)


async def _echoed(store: Store, times: int) -> bool:
    return (await store.load("counter-echo")).version("counter-echo") == times
