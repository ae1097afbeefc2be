"""Faults of events: all once more, groups that know too little or too much, poisoned and unknown ones, strangers'."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from random import Random
from typing import Any, Final
from uuid import UUID, uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError, TopicAuthorizationFailedError

from tests.faults.site import Site, send
from tests.shared.waiting import running

TIMES: Final = 4
REPUBLISHED: Final = ("identity", "applications", "vacancies", "support")
REPLAYED: Final = ("careers", "alerts", "applications")
SESSION_SECONDS: Final = 14.0
"""After which Kafka has put every member that is silent out of its group."""
TOPIC: Final = "postulo.vacancies.vacancy.v1"
HUGE: Final = 900_000

POISON: Final = """create or replace function poisoned() returns trigger language plpgsql as $$ begin
        raise exception 'poisoned by a trial'; end $$;
    create or replace trigger poison before insert or update on documents for each row
        when (hashtext(new.key) % 4 = 0) execute function poisoned()"""
"""A quarter of the documents cannot be written, as a fault of ours would have it for some events."""
ANTIDOTE: Final = "drop trigger if exists poison on documents; drop function if exists poisoned"


Places = Callable[[AIOKafkaConsumer], Awaitable[Mapping[TopicPartition, int]]]
"""How far a group is said to have read in each partition that is assigned."""


@asynccontextmanager
async def events_again(site: Site, _: Random) -> AsyncIterator[None]:
    """The stores are published from their first event, again and again."""

    async def republish() -> None:
        for _ in range(TIMES):
            for service in REPUBLISHED:
                await site.operator("republish", service)

    going = asyncio.create_task(republish())
    try:
        yield
    finally:
        await going


def groups_moved(to: Places) -> Callable[[Site, Random], AbstractAsyncContextManager[None]]:
    """Kafka is told that the groups have read so far, while nobody is there and others go on publishing.

    Who was there does not come back, but is replaced: it would go on from what it remembers itself.
    """

    @asynccontextmanager
    async def moved(site: Site, _: Random) -> AsyncIterator[None]:
        replicas = site.replicas(REPLAYED)
        send(replicas, signal.SIGSTOP)
        try:
            await asyncio.sleep(SESSION_SECONDS)
            for service in REPLAYED:
                await _moved(site, service, to)
        finally:
            send(replicas, signal.SIGKILL)
        yield

    return moved


async def to_the_first(consumer: AIOKafkaConsumer) -> Mapping[TopicPartition, int]:
    """Whole topics come again."""
    return dict.fromkeys(consumer.assignment(), 0)


async def to_the_end(consumer: AIOKafkaConsumer) -> Mapping[TopicPartition, int]:
    """As where a database is older than what Kafka remembers of its group."""
    ends: Mapping[TopicPartition, int] = await consumer.end_offsets(consumer.assignment())
    return ends


async def _moved(site: Site, service: str, to: Places) -> None:
    async with site.connected(service) as connection:
        rows = await connection.fetch("select topic, partition from consumed")
    consumer = AIOKafkaConsumer(**site.kafka_client(), group_id=f"postulo.{service}", enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign([TopicPartition(row["topic"], row["partition"]) for row in rows])
        await consumer.commit(await to(consumer))
    finally:
        await consumer.stop()


@asynccontextmanager
async def poisoned(site: Site, _: Random) -> AsyncIterator[None]:
    """Some events cannot be handled by careers, are parked, and resumed once the reason is gone."""
    async with site.connected("careers") as connection:
        await connection.execute(POISON)
    try:
        yield
    finally:
        async with site.connected("careers") as connection:
            await connection.execute(ANTIDOTE)
        await site.operator("unpark", "careers")


async def to_its_end(leaving: Coroutine[Any, Any, None]) -> None:
    """Whatever is cancelled meanwhile: a member that has not left its group keeps partitions and reads for nobody."""
    task = asyncio.create_task(leaving)
    cancelled = False
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            cancelled = True
    if cancelled:
        raise asyncio.CancelledError


@asynccontextmanager
async def rebalancing(site: Site, _: Random) -> AsyncIterator[None]:
    """A member that handles nothing and remembers nothing comes and goes, every two seconds, in each group."""

    async def comes_and_goes(service: str) -> None:
        async with site.connected(service) as connection:
            topics = [row["topic"] for row in await connection.fetch("select distinct topic from consumed")]
        while True:
            with suppress(KafkaError):
                consumer = AIOKafkaConsumer(
                    *topics, **site.kafka_client(), group_id=f"postulo.{service}", enable_auto_commit=False
                )
                try:
                    await consumer.start()
                    await asyncio.sleep(2)
                finally:
                    await to_its_end(consumer.stop())
            await asyncio.sleep(2)

    async with running(*map(comes_and_goes, REPLAYED)):
        yield


@asynccontextmanager
async def strangers(site: Site, _: Random) -> AsyncIterator[None]:
    """A stranger may write nothing; what is written with a service's own login, and not by its store, stops nobody.

    It bears another store's name: what bears the service's own is taken for a store newer than this one, and the relay
    refuses to go on, as it must where a backup was restored.
    """
    if await _written(site, "subscriber", site.kafka_password("subscriber"), _record("VacancyPublished", 1)):
        raise RuntimeError("a stranger could write to a topic of ours")
    wrote: list[Written] = [
        _record("VacancyPublished", 1),
        _record("VacancyPublished", 99),
        _record("VacancyDreamt", 1),
        (b"rubbish", b"\x00\xff" * 100, []),
        (b"huge", b"0" * HUGE, []),
    ]
    for record in wrote:
        site.planted.update(UUID(value.decode()) for name, value in record[2] if name == "ce_id")
        if not await _written(site, "postulo-vacancies", site.kafka_password("vacancies"), record):
            raise RuntimeError("the service's own user could not write to its topic")
    yield


Written = tuple[bytes, bytes, list[tuple[str, bytes]]]


def _record(kind: str, version: int) -> Written:
    stream = f"vacancy-{uuid4()}"
    headers = {
        "ce_specversion": "1.0", "ce_id": str(uuid4()), "ce_source": "/postulo/vacancies", "ce_type": kind,
        "ce_time": "2026-11-29T03:00:00+00:00", "ce_subject": stream, "ce_sequence": f"{1:020}",
        "ce_schemaversion": str(version), "ce_lineage": str(uuid4()), "content-type": "application/json",
    }  # fmt: skip
    value = json.dumps({"novelty": 1}).encode()
    return stream.encode(), value, [(name, value.encode()) for name, value in headers.items()]


async def _written(site: Site, user: str, password: str, record: Written) -> bool:
    producer = AIOKafkaProducer(**site.kafka_client(user, password))
    await producer.start()
    try:
        key, value, headers = record
        await producer.send_and_wait(TOPIC, value, key=key, headers=headers)
    except TopicAuthorizationFailedError:
        return False
    else:
        return True
    finally:
        await producer.stop()
