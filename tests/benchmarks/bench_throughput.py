"""The relay and the consumer with much to do, beside bare aiokafka that sends and takes the same records in batches."""

import asyncio
import time
from collections.abc import Sequence
from uuid import uuid4

from aiokafka import AIOKafkaConsumer

from deploy.local.servers import Servers
from shared.kafka.connection import client
from shared.kafka.topics import create_topics, partitions_of
from shared.ops.settings import Settings
from shared.processing.handlers import ViewHandler
from shared.store.event_store import Store
from tests.benchmarks.bench_end_to_end import EVENT
from tests.benchmarks.bench_replay import EVENTS, SUMMARY, fill
from tests.benchmarks.places import fresh_database
from tests.benchmarks.table import Row, faster
from tests.platform import until
from tests.shared.kafka.records import listening, producer, records_of, relay_of, topic
from tests.shared.things import PUBLISHED, open_store, subscription_on
from tests.shared.waiting import running

ROUNDS = 3
PATIENCE = 300.0
_AT_THE_HEAD = """select (r.transaction, r.position) >= (e.transaction, e.position) from relay as r,
    (select * from events order by transaction desc, position desc limit 1) as e"""


async def rows(servers: Servers) -> Sequence[Row]:
    found = [await measured(servers) for _ in range(ROUNDS)]
    relay, sent, view, taken = zip(*found, strict=True)
    return [
        faster(f"relay of {EVENTS:,} events", relay, "aiokafka, sent in batches", sent, 0),
        faster("Kafka → view of 1,000 documents", view, "aiokafka, taken in batches", taken, 0),
    ]


async def measured(servers: Servers) -> tuple[float, float, float, float]:
    """Events a second: published, sent by aiokafka, folded into a view, taken by aiokafka."""
    settings = Settings(environment="test", kafka=servers.kafka, topic_prefix=f"bench-{uuid4().hex}")
    bare = settings.model_copy(update={"topic_prefix": f"bare-{uuid4().hex}"})
    async with fresh_database(servers) as one, fresh_database(servers) as two, \
               open_store(one) as store, open_store(two, source="listener") as other:  # fmt: skip
        await fill(store, EVENT)
        published = await relayed(store, settings)
        sent = await sent_bare(settings, bare)
        return published, sent, await folded(other, settings), await taken_bare(bare)


async def relayed(store: Store, settings: Settings) -> float:
    relay, begun = relay_of(store, settings), time.perf_counter()
    async with running(relay.run()):
        await until(lambda: store.pool.fetchval(_AT_THE_HEAD), "the relay", PATIENCE)
        return EVENTS / (time.perf_counter() - begun)


async def sent_bare(settings: Settings, bare: Settings) -> float:
    """The records of the relay once more, on a topic of their own."""
    records = await records_of(settings)
    await create_topics(bare, [PUBLISHED])
    begun = time.perf_counter()
    async with producer(bare) as sending:
        for start in range(0, len(records), 1000):
            part = [
                await sending.send(topic(bare), each.value, key=each.key, headers=list(each.headers))
                for each in records[start : start + 1000]
            ]
            await asyncio.gather(*part)
    return len(records) / (time.perf_counter() - begun)


async def folded(other: Store, settings: Settings) -> float:
    begun = time.perf_counter()
    async with listening(settings, subscription_on(other), [ViewHandler(SUMMARY)]):
        await until(lambda: _all(other), "the view", PATIENCE)
        return EVENTS / (time.perf_counter() - begun)


async def _all(other: Store) -> bool:
    return int(await other.pool.fetchval("select count(*) from handled")) >= EVENTS


async def taken_bare(bare: Settings) -> float:
    consumer = AIOKafkaConsumer(**client(bare), enable_auto_commit=False, auto_offset_reset="earliest")
    begun, count = time.perf_counter(), 0
    await consumer.start()
    try:
        consumer.assign(await partitions_of(consumer, [topic(bare)]))
        while count < EVENTS:
            count += sum(map(len, (await consumer.getmany(timeout_ms=500)).values()))
        return count / (time.perf_counter() - begun)
    finally:
        await consumer.stop()
