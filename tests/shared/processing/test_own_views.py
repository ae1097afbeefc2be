"""Own views, as reactions to others' events and timers find them: with all that was written before, however late."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest

from shared.model.message import Recorded
from shared.model.reaction import Do, Effect, Known, Memory, Need, Reaction, Schedule, TimerRule
from shared.ops.metrics import Metrics
from shared.ops.wakeup import Wakeup
from shared.processing.handlers import Handler, ReactionHandler, ViewHandler
from shared.processing.memories import Memories
from shared.processing.own_views import OwnViews
from shared.processing.subscription import Subscription
from shared.processing.timers import Timers
from shared.store.appending import Write
from shared.store.codec import Codec, Raw
from shared.store.event_store import Store
from tests.shared.processing.test_subscription import all_of, foreign
from tests.shared.processing.test_timers import PAST, schedule
from tests.shared.things import COUNTER, MIRROR, TOTALS, Raise, Raised, raised, render
from tests.shared.waiting import eventually

SEEN = COUNTER.stream("seen")


def tell(known: Known) -> Iterable[Effect]:
    """Says what the view holds of the counter."""
    total = known.get(TOTALS, "mine")
    return [Do(COUNTER, "seen", Raise(by_much=total["total"] if total else -1))]


def needs(_: Any) -> list[Need]:
    return [Need(TOTALS, "mine")]


LOOK = Reaction("look", (Raised,), lambda _, known: tell(known), needs)
RING = TimerRule("ring", lambda _, known: tell(known), needs)
RINGS = Schedule("ring", PAST, "ring")


def add(sums: list[int], event: Recorded[Any]) -> None:
    sums.append(event.data.by_much)


AMOUNTS = Memory("amounts", (Raised,), list, add, lambda _: (), lambda _: [])
RECALL = Reaction(
    "recall", (Raised,), lambda _, known: [Do(COUNTER, "seen", Raise(by_much=sum(known.memory(AMOUNTS))))],
    memories=(AMOUNTS,),
)  # fmt: skip


class Folded(Wakeup):
    """Counts who has waited for it."""

    waits = 0

    async def wait(self, seen: int, patience: float) -> bool:
        self.waits += 1
        return await super().wait(seen, patience)


def subscription_of(store: Store) -> tuple[Subscription, Folded]:
    """Whose reactions wait for the totals, and what they wait for."""
    folded = Folded()
    views = OwnViews(store.pool, folded, [ViewHandler(TOTALS).naming])
    views.patience = 60.0  # A transaction of another test may hold all readers of the cluster back.
    return Subscription(store, Codec(COUNTER.events), views, "test", Metrics("things")), folded


def handler_of(store: Store, reaction: Reaction) -> Handler:
    return ReactionHandler(reaction, store, render, Memories(store, reaction.memories))


async def elsewhere(store: Store) -> list[Raw]:
    """An event of another service."""
    await raised(store, "counter-theirs", 1)
    return await foreign(store)


async def fold(subscription: Subscription) -> None:
    await all_of(subscription, ViewHandler(TOTALS))


async def said(store: Store) -> list[int]:
    return [event.data.by_much for event in (await store.load(SEEN)).streams.get(SEEN, ())]


async def waiting(folded: Folded) -> bool:
    return bool(folded.waits)


async def test_a_reaction_to_another_service_finds_what_the_views_have_yet_to_fold(store: Store) -> None:
    (subscription, folded), raws = subscription_of(store), await elsewhere(store)
    await raised(store, "counter-mine", 5)
    delivery = asyncio.ensure_future(subscription.deliver(handler_of(store, LOOK), raws))
    await eventually(lambda: waiting(folded), "the reaction waits")
    await fold(subscription)
    await delivery
    assert await said(store) == [5]


@pytest.mark.parametrize(("reaction", "told"), [(LOOK, 7), (RECALL, 8)], ids=["in its view", "in its memory"])
async def test_it_finds_what_was_still_being_written_when_the_event_came(
    store: Store, reaction: Reaction, told: int
) -> None:
    """Its transaction had begun, so that its time is before that of the event, and nobody could see it yet."""
    (subscription, folded), raws = subscription_of(store), await elsewhere(store)
    await fold(subscription)
    async with store.pool.acquire() as connection:
        async with connection.transaction():
            await store.append([Write("counter-mine", 0, [Raised(by_much=7)])], connection=connection)
            delivery = asyncio.ensure_future(subscription.deliver(handler_of(store, reaction), raws))
            await eventually(lambda: waiting(folded), "the reaction waits")
        await eventually(lambda: subscription.advance(ViewHandler(TOTALS)), "it is folded")
    await delivery
    assert await said(store) == [told]


async def test_what_is_written_meanwhile_is_not_waited_for(store: Store) -> None:
    """Else a service that is written to all the time would never react."""
    (subscription, folded), raws = subscription_of(store), await elsewhere(store)
    await raised(store, "counter-mine", 5)
    delivery = asyncio.ensure_future(subscription.deliver(handler_of(store, LOOK), raws))
    await eventually(lambda: waiting(folded), "the reaction waits")
    until = await store.head()
    await raised(store, "counter-later", 1)
    assert await subscription.advance(ViewHandler(TOTALS), until=until)
    await delivery
    assert await said(store) == [5]


async def test_views_that_stay_behind_put_the_event_off_and_park_nothing(store: Store) -> None:
    (subscription, _), raws = subscription_of(store), await elsewhere(store)
    subscription.own_views.patience = 0.01
    with pytest.raises(TimeoutError, match="own views"):
        await subscription.deliver(handler_of(store, LOOK), raws)
    assert await store.pool.fetchval("select (select count(*) from parked) + (select count(*) from handled)") == 0
    subscription.own_views.patience = 60.0
    await fold(subscription)
    await subscription.deliver(handler_of(store, LOOK), raws)
    assert await said(store) == [-1]


async def test_who_looks_at_nothing_or_hears_of_nothing_waits_for_nobody(store: Store) -> None:
    (subscription, folded), raws = subscription_of(store), await elsewhere(store)
    await subscription.deliver(handler_of(store, MIRROR), raws)
    await subscription.deliver(ViewHandler(TOTALS), raws)
    await subscription.deliver(handler_of(store, LOOK), [raw._replace(type="Closed") for raw in raws])
    assert not folded.waits


async def test_what_was_parked_waits_too_before_it_is_tried_again(store: Store) -> None:
    (subscription, folded), raws = subscription_of(store), await elsewhere(store)

    def fail(_: Recorded[Any], __: Known) -> list[Effect]:
        raise LookupError

    await fold(subscription)
    await subscription.deliver(handler_of(store, Reaction("look", (Raised,), fail, needs)), raws)
    await raised(store, "counter-mine", 5)
    again = asyncio.ensure_future(subscription.resume(handler_of(store, LOOK), "counter-theirs"))
    await eventually(lambda: waiting(folded), "it waits")
    await fold(subscription)
    assert await again
    assert await said(store) == [5]


async def test_a_timer_that_looks_finds_it_too(store: Store) -> None:
    subscription, folded = subscription_of(store)
    await raised(store, "counter-mine", 5)
    await schedule(store, RINGS)
    fired = asyncio.ensure_future(Timers(store, render, (RING,), subscription.own_views).fire_due())
    await eventually(lambda: waiting(folded), "the timer waits")
    await fold(subscription)
    assert await fired == 1
    assert await said(store) == [5]


async def test_a_timer_that_looks_at_nothing_waits_for_nobody_and_the_other_is_free_to_be_tried_again(
    store: Store,
) -> None:
    subscription, _ = subscription_of(store)
    subscription.own_views.patience = 0.01
    await raised(store, "counter-mine", 5)
    await schedule(store, RINGS, Schedule("blind", PAST, "blind"))
    blind = TimerRule("blind", lambda _, __: [Do(COUNTER, "seen", Raise(by_much=100))])
    timers = Timers(store, render, (RING, blind), subscription.own_views)
    with pytest.raises(TimeoutError, match="own views"):
        await timers.fire_due()
    assert await said(store) == [100]
    subscription.own_views.patience = 60.0
    await fold(subscription)
    assert await timers.fire_due() == 1
    assert await said(store) == [100, 5]
