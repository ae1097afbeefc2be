"""From a command's append over Kafka into another service's view, against a bare aiokafka round trip."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from statistics import median, quantiles
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from deploy.local.servers import Servers
from shared.kafka.topics import create_topics, partitions_of
from shared.ops.settings import Settings
from shared.processing.handlers import ViewHandler
from shared.store.appending import ANY, Write
from tests.benchmarks.bench_replay import SUMMARY
from tests.benchmarks.places import fresh_database
from tests.benchmarks.table import Row
from tests.shared.kafka.records import listening, relay_of, topic
from tests.shared.things import PUBLISHED, Raised, open_store, subscription_on
from tests.shared.waiting import running

BLOCKS, BLOCK, AIM = 8, 50, 5
EVENT = Raised(by_much=7)
"""One that leaves its service, and says nothing personal."""
Trip = Callable[[], Awaitable[None]]


async def rows(servers: Servers) -> Sequence[Row]:
    settings = Settings(environment="test", kafka=servers.kafka, topic_prefix=f"bench-{uuid4().hex}")
    async with through_the_kernel(servers, settings) as ours, bare(servers) as theirs:
        await timed(ours), await timed(theirs)
        trips = [(await timed(ours), await timed(theirs)) for _ in range(BLOCKS)]
    mine, raw = ([time for pair in trips for time in pair[side]] for side in (0, 1))
    ratio = median(mine) / median(raw)
    return [
        Row("append → Kafka → view, p50", ms(median(mine)), "aiokafka round trip, p50", ms(median(raw)), ratio,
            f"≤ {AIM}", ratio <= AIM),
        Row("append → Kafka → view, p99", ms(p99(mine)), "aiokafka round trip, p99", ms(p99(raw)),
            p99(mine) / p99(raw)),
    ]  # fmt: skip


async def timed(trip: Trip) -> list[float]:
    """The seconds of each trip of a block, one after the other."""
    found = []
    for _ in range(BLOCK):
        begun = time.perf_counter()
        await trip()
        found.append(time.perf_counter() - begun)
    return found


@asynccontextmanager
async def through_the_kernel(servers: Servers, settings: Settings) -> AsyncIterator[Trip]:
    async with fresh_database(servers) as one, fresh_database(servers) as two, \
               open_store(one) as store, open_store(two, source="listener") as other:  # fmt: skip
        subscription = subscription_on(other)
        async with running(relay_of(store, settings).run()), listening(settings, subscription, [ViewHandler(SUMMARY)]):

            async def trip() -> None:
                seen = subscription.own_views.folded.count
                await store.append([Write(f"counter-{uuid4()}", ANY, [EVENT])])
                await subscription.own_views.folded.wait(seen, 10)
                assert subscription.own_views.folded.count > seen

            yield trip


@asynccontextmanager
async def bare(servers: Servers) -> AsyncIterator[Trip]:
    settings = Settings(environment="test", kafka=servers.kafka, topic_prefix=f"bare-{uuid4().hex}")
    await create_topics(settings, [PUBLISHED])
    producer = AIOKafkaProducer(bootstrap_servers=servers.kafka, enable_idempotence=True, acks="all")
    consumer = AIOKafkaConsumer(bootstrap_servers=servers.kafka, enable_auto_commit=False, auto_offset_reset="earliest")
    await asyncio.gather(producer.start(), consumer.start())
    consumer.assign(await partitions_of(consumer, [topic(settings)]))

    async def trip() -> None:
        await producer.send(topic(settings), EVENT.model_dump_json().encode(), key=uuid4().bytes)
        await consumer.getone()

    yield trip
    await asyncio.gather(producer.stop(), consumer.stop())


def ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def p99(times: Sequence[float]) -> float:
    return quantiles(times, n=100)[98]
