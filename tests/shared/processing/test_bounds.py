"""What is too much at once is handled in parts, or set aside where it can be seen; what a new reaction begins with."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from shared.kafka.relay import BATCH
from shared.model.message import START, Event, Recorded
from shared.processing.handlers import ReactionHandler, ViewHandler
from shared.processing.memories import Memories
from shared.store.appending import Write
from shared.store.codec import Codec
from shared.store.database import Connection
from shared.store.event_store import MOST_BYTES, Store
from shared.store.folding import HandlerName
from tests.shared.things import COUNTER, MIRROR, TOTALS, Raised, documents, mails, raised, render, subscription_on
from tests.shared.waiting import settled


class Slow(ViewHandler):
    """A view that has time for three events in a transaction, and for none that raises by 666."""

    at_once = False

    async def apply(self, connection: Connection, name: HandlerName, events: Sequence[Recorded[Any]]) -> None:
        if len(events) > 3 or any(event.data.by_much == 666 for event in events):
            raise TimeoutError
        await super().apply(connection, name, events)


@pytest.mark.parametrize("own", [True, False])
async def test_what_is_too_much_for_one_transaction_is_handled_in_parts_and_one_event_that_is_gets_parked(
    store: Store, own: bool
) -> None:
    await raised(store, "counter-1", *range(1, 12))
    await raised(store, "counter-2", 666, 5)
    subscription = subscription_on(store)
    subscription.patience = 0.0
    if own:
        while await subscription.advance(Slow(TOTALS)):
            pass
    else:
        await subscription.deliver(Slow(TOTALS), [raw._replace(source="elsewhere") for raw in await store.read()])
    assert await documents(store.pool) == {"1": {"total": 66, "versions": list(range(1, 12))}}
    parked = await store.pool.fetch("select version, attempts from parked order by version")
    assert [tuple(row) for row in parked] == [(1, 1), (2, 0)]


async def test_a_batch_ends_where_it_would_fill_the_memory_and_nothing_is_skipped(store: Store) -> None:
    large = "".join(chr(0x4E00 + number % 20_000) for number in range(150_000))
    for number in range(30):
        await store.append([Write("counter-1", number, [Raised(by_much=number, note=large)])])
    await settled(store.pool)
    position, seen, batches = START, [], 0
    while raws := await store.read(position, BATCH):
        position, batches = raws[-1].position, batches + 1
        seen += [raw.version for raw in raws]
    assert seen == list(range(1, 31))
    assert batches > 1, f"{MOST_BYTES} bytes are less than 30 such events"


async def test_a_new_reaction_of_a_running_system_begins_with_the_next_event(store: Store) -> None:
    await raised(store, "counter-1", 1, 2)
    subscription = subscription_on(store)
    while await subscription.advance(ViewHandler(TOTALS)):
        pass
    handler = ReactionHandler(MIRROR, store, render, Memories(store))
    await subscription.begin_at_head([handler])
    await raised(store, "counter-1", 3)
    await subscription.advance(handler)
    assert len(await mails(store.pool)) == 1


async def test_a_new_reaction_that_wants_the_past_too_begins_with_it(store: Store) -> None:
    await raised(store, "counter-1", 1, 2)
    subscription = subscription_on(store)
    while await subscription.advance(ViewHandler(TOTALS)):
        pass
    handler = ReactionHandler(replace(MIRROR, from_the_first=True), store, render, Memories(store))
    await subscription.begin_at_head([handler])
    await subscription.advance(handler)
    assert len(await mails(store.pool)) == 2


async def test_a_reaction_of_a_new_system_begins_with_the_first_event(store: Store) -> None:
    await raised(store, "counter-1", 1, 2)
    subscription = subscription_on(store)
    handler = ReactionHandler(MIRROR, store, render, Memories(store))
    await subscription.begin_at_head([handler])
    await subscription.advance(handler)
    assert len(await mails(store.pool)) == 2


class Moved(Event):
    """What a counter's move was called before it had a direction."""

    schema_version = 2
    steps: int
    direction: str


def with_direction(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "direction": "up"}


def test_an_event_of_an_older_version_is_lifted_by_its_upcaster() -> None:
    codec = Codec((Moved, *COUNTER.events), {("Moved", 1): with_direction})
    assert codec.data("Moved", 1, '{"steps": 3}') == Moved(steps=3, direction="up")
