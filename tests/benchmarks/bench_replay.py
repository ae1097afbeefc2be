"""Folding a view of the service's own events from the start of its store."""

import time
from collections.abc import Sequence
from dataclasses import replace
from statistics import median
from typing import Any, TypedDict

from deploy.local.servers import Servers
from shared.model.message import Event, Recorded
from shared.model.projection import Projection, by_key
from shared.processing.handlers import ViewHandler
from shared.store.appending import Write
from shared.store.event_store import Store
from tests.benchmarks.bench_append import EVENT, PERSONAL, Noted
from tests.benchmarks.places import fresh_database
from tests.benchmarks.table import Row, faster
from tests.shared.things import Closed, Raised, open_store, subscription_on

EVENTS, STREAMS, ROUNDS, AIM = 50_000, 1_000, 3, 20_000


class Summary(TypedDict):
    """A counter's total and the time of its last raise."""

    total: int
    at: str


def fold(document: Summary | None, event: Recorded[Any]) -> Summary:
    much = event.data.by_much if isinstance(event.data, Raised | Noted) else 0
    return Summary(total=(document["total"] if document else 0) + much, at=event.at.isoformat())


SUMMARY: Projection[Summary] = Projection("summary", (Raised, Noted, Closed), by_key, fold)


async def rows(servers: Servers) -> Sequence[Row]:
    async with (
        fresh_database(servers) as one, fresh_database(servers) as other,
        open_store(one, more=[Noted]) as plain, open_store(other) as sealed,
    ):  # fmt: skip
        await fill(plain, EVENT)
        await fill(sealed, PERSONAL)
        rates = [(await replay(plain, number), await replay(sealed, number)) for number in range(ROUNDS)]
    rate = median(each for each, _ in rates)
    what = f"replay of {EVENTS:,} events into a view of {STREAMS:,} documents"
    return [
        Row(what, f"{rate:,.0f}/s", "", "", rate / AIM, f"≥ {AIM:,}/s", rate >= AIM),
        faster("replay with personal data", [each for _, each in rates], "without", [each for each, _ in rates], 0.75),
    ]


async def fill(store: Store, event: Event) -> None:
    """The streams interleaved, as they would be in life."""
    each = EVENTS // STREAMS
    for version in range(0, each, 10):
        for first in range(0, STREAMS, 50):
            streams = range(first, first + 50)
            await store.append([Write(f"counter-{stream}", version, [event] * 10) for stream in streams])


async def replay(store: Store, number: int) -> float:
    handler = ViewHandler(replace(SUMMARY, name=f"summary_{number}"))
    subscription = subscription_on(store)
    begun, read = time.perf_counter(), 0
    while count := await subscription.advance(handler):
        read += count
    assert read == EVENTS
    return read / (time.perf_counter() - begun)
