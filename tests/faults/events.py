"""Faults of events: all of them once more, from offset 0, poisoned ones, unknown ones, and those of strangers."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from random import Random
from typing import Any, Final
from uuid import UUID, uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from tests.faults.site import Site
from tests.system.journey.traveller import until

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


@asynccontextmanager
async def groups_from_the_first(site: Site, _: Random) -> AsyncIterator[None]:
    """Whole topics come again: Kafka is told that the groups have read nothing, while nobody is there."""
    replicas = site.replicas(REPLAYED)
    _send(replicas, signal.SIGSTOP)
    try:
        await asyncio.sleep(SESSION_SECONDS)
        for service in REPLAYED:
            await _rewound(site, service)
    finally:
        _send(replicas, signal.SIGCONT)
    yield


def _send(replicas: list[Any], number: signal.Signals) -> None:
    for replica in replicas:
        with suppress(ProcessLookupError):
            os.kill(replica.pid, number)


async def _rewound(site: Site, service: str) -> None:
    async with site.connected(service) as connection:
        rows = await connection.fetch("select topic, partition from consumed")
    consumer = AIOKafkaConsumer(**site.kafka_client(), group_id=f"postulo.{service}", enable_auto_commit=False)
    await consumer.start()
    try:
        places = [TopicPartition(row["topic"], row["partition"]) for row in rows]
        consumer.assign(places)
        await consumer.commit(dict.fromkeys(places, 0))
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
                await consumer.start()
                try:
                    await asyncio.sleep(2)
                finally:
                    await consumer.stop()
            await asyncio.sleep(2)

    going = [asyncio.create_task(comes_and_goes(service)) for service in REPLAYED]
    try:
        yield
    finally:
        for task in going:
            task.cancel()
        await asyncio.wait(going)


@asynccontextmanager
async def strangers(site: Site, _: Random) -> AsyncIterator[None]:
    """A stranger may write nothing; what a service's own user writes that nobody understands stops nobody."""
    async with site.connected("vacancies") as connection:
        lineage = await connection.fetchval("select lineage from epoch")
    if await _written(site, "subscriber", site.kafka_password("subscriber"), _record(lineage, "VacancyPublished", 1)):
        raise RuntimeError("a stranger could write to a topic of ours")
    future = _record(lineage, "VacancyPublished", 99)
    wrote = [
        _record(lineage, "VacancyDreamt", 1),
        future,
        _record("somebody else's", "VacancyPublished", 1),
        (b"rubbish", b"\x00\xff" * 100, []),
        (b"huge", b"0" * HUGE, []),
    ]
    for record in wrote:
        await _written(site, "postulo-vacancies", site.kafka_password("vacancies"), record)
        site.planted.update(UUID(value.decode()) for name, value in record[2] if name == "ce_id")
    try:
        yield
    finally:
        await _until_parked(site, dict(future[2])["ce_id"])


PARKING: Final = ("careers", "alerts", "applications")
PARKED_SECONDS: Final = 60


async def _until_parked(site: Site, name: bytes) -> None:
    """What no version understands is parked within a minute."""
    event = UUID(name.decode())
    for service in PARKING:
        async with site.connected(service) as connection:
            parked = partial(connection.fetchval, "select count(*) from parked where id = $1", event)
            await until(parked, f"{event} to be parked in {service}", PARKED_SECONDS)


Written = tuple[bytes, bytes, list[tuple[str, bytes]]]


def _record(lineage: str, kind: str, version: int) -> Written:
    stream = f"vacancy-{uuid4()}"
    headers = {
        "ce_specversion": "1.0", "ce_id": str(uuid4()), "ce_source": "/postulo/vacancies", "ce_type": kind,
        "ce_time": "2026-11-29T03:00:00+00:00", "ce_subject": stream, "ce_sequence": f"{1:020}",
        "ce_schemaversion": str(version), "ce_lineage": lineage, "content-type": "application/json",
    }  # fmt: skip
    value = json.dumps({"novelty": 1}).encode()
    return stream.encode(), value, [(name, value.encode()) for name, value in headers.items()]


async def _written(site: Site, user: str, password: str, record: Written) -> bool:
    producer = AIOKafkaProducer(**site.kafka_client(user, password))
    await producer.start()
    try:
        key, value, headers = record
        await producer.send_and_wait(TOPIC, value, key=key, headers=headers)
    except KafkaError:
        return False
    else:
        return True
    finally:
        await producer.stop()
