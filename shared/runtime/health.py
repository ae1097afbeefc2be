"""What the platform asks a service: is it alive, is it ready, and how is it doing."""

import asyncio
from collections.abc import Mapping
from typing import Final, Protocol

import asyncpg
from aiokafka import TopicPartition
from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shared.kafka.consumer import Consumer
from shared.kafka.lag import Behind
from shared.ops.metrics import Metrics
from shared.processing.mail import REFUSED
from shared.processing.timers import Timers
from shared.processing.transient import transient
from shared.runtime.kernel import Kernel
from shared.store.database import is_migrated

STUCK: Final = 300.0  # seconds a batch may take before the process should be restarted
MEASURING: Final = 4.0
"""Seconds that the database has for what Prometheus asks, well within the ten that Prometheus waits."""
MANY: Final = 100_000  # events: so many of the outbox are counted

_TABLES: Final = """select (select count(*) from parked), (select count(*) from mails where due is not null),
    (select count(*) from mails where due is not null and error = $1),
    (select extract(epoch from now() - min(queued_at))::float8 from mails where due is not null and error <> $1),
    (select count(*) from mails where due is null and sent_at is null)"""
_OUTBOX: Final = """select count(*), extract(epoch from clock_timestamp() - min(at))::float8 from (
    select e.at from events as e, relay as r where (e.transaction, e.position) > (r.transaction, r.position)
    order by e.transaction, e.position limit $1) as waiting"""


class Watched(Protocol):
    """What health asks of a service at work."""

    @property
    def kernel(self) -> Kernel: ...

    @property
    def consumer(self) -> Consumer | None: ...

    @property
    def timers(self) -> Timers: ...


def health_routes(process: Watched) -> APIRouter:
    """/livez, /readyz and /metrics under the service's prefix."""
    router = APIRouter(prefix=f"/{process.kernel.service.name}", include_in_schema=False)

    @router.get("/livez")
    async def livez() -> Response:
        stuck = process.consumer is not None and process.consumer.busy_for() > STUCK
        return PlainTextResponse("stuck" if stuck else "alive", 503 if stuck else 200)

    @router.get("/readyz")
    async def readyz() -> Response:
        reason = "stopping" if process.kernel.leaving else await unready(process)
        return PlainTextResponse(reason or "ready", 503 if reason else 200)

    @router.get("/metrics")
    async def metrics() -> Response:
        await measure(process)
        return Response(generate_latest(process.kernel.metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return router


async def unready(process: Watched) -> str:
    """Why the service cannot serve: its database does not answer or is not migrated, or an index is being built. Kafka
    does not matter here.
    """
    kernel = process.kernel
    try:
        async with asyncio.timeout(2):
            if not await is_migrated(kernel.pool, kernel.service.name):
                return "the database is not migrated"
    except (TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
        return "the database does not answer"
    return "" if all(index.ready for index in kernel.indexes) else "an index is being built"


async def measure(process: Watched) -> None:
    """Brings the gauges up to date; those that the database tells keep their values while it does not answer."""
    ready = not await unready(process)
    process.kernel.metrics.ready.set(ready)
    for index in process.kernel.indexes:
        process.kernel.metrics.index_behind.labels(index.index.view.name).set(index.behind())
    if ready:
        await _measure_in_time(process)
    if process.consumer is not None:
        show_lag(process.kernel.metrics, await process.consumer.lag())


async def _measure_in_time(process: Watched) -> None:
    try:
        async with asyncio.timeout(MEASURING):
            await _measure_tables(process)
    except Exception as error:
        if not transient(error):
            raise


async def _measure_tables(process: Watched) -> None:
    kernel, metrics = process.kernel, process.kernel.metrics
    row = await kernel.pool.fetchrow(_TABLES, REFUSED)
    mails = metrics.mails_waiting, metrics.mails_refused, metrics.mails_age, metrics.mails_failed
    for gauge, value in zip((metrics.parked_now, *mails), row or (), strict=True):
        gauge.set(value or 0)
    if kernel.service.published.aggregates:
        depth, age = await kernel.pool.fetchrow(_OUTBOX, MANY) or (0, 0)
        metrics.outbox.set(depth)
        metrics.outbox_age.set(age or 0)
    metrics.horizon_age.set(await kernel.store.horizon_age())
    metrics.timers_late.set(await process.timers.late())


def show_lag(metrics: Metrics, lag: Mapping[TopicPartition, Behind]) -> None:
    """Of the partitions at hand alone: those that went to another member are that one's to show."""
    metrics.lag.clear()
    metrics.lag_seconds.clear()
    for (topic, partition), (records, seconds) in lag.items():
        metrics.lag.labels(topic, str(partition)).set(records)
        metrics.lag_seconds.labels(topic, str(partition)).set(seconds)
