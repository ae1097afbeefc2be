"""What the platform asks a service: is it alive, is it ready, and how is it doing."""

import asyncio
from typing import Final, Protocol

import asyncpg
from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shared.kafka.consumer import Consumer
from shared.ops.tasks import Tasks
from shared.processing.transient import transient
from shared.runtime.kernel import Kernel
from shared.store.database import is_migrated

STUCK: Final = 300.0  # seconds a batch may take before the process should be restarted


class Watched(Protocol):
    """What health asks of a service at work."""

    @property
    def kernel(self) -> Kernel: ...

    @property
    def consumer(self) -> Consumer | None: ...

    @property
    def tasks(self) -> Tasks: ...


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
    """Why the service cannot serve: its database does not answer, or is not migrated. Kafka does not matter here."""
    kernel = process.kernel
    try:
        async with asyncio.timeout(2):
            return "" if await is_migrated(kernel.pool, kernel.service.name) else "the database is not migrated"
    except (TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
        return "the database does not answer"


async def measure(process: Watched) -> None:
    """Brings the gauges up to date."""
    kernel = process.kernel
    try:
        (row,) = await kernel.pool.fetch(
            "select (select count(*) from parked), (select count(*) from mails where due is not null),"
            " (select count(*) from mails where due is null and sent_at is null),"
            " (select extract(epoch from clock_timestamp() - min(e.at))::float8 from events e, relay r"
            "  where (e.transaction, e.position) > (r.transaction, r.position))"
        )
        kernel.metrics.parked_now.set(row[0])
        kernel.metrics.mails_waiting.set(row[1])
        kernel.metrics.mails_failed.set(row[2])
        kernel.metrics.restarts.set(process.tasks.restarts)
        kernel.metrics.outbox_age.set(row[3] or 0 if kernel.service.published.aggregates else 0)
        kernel.metrics.horizon_age.set(await kernel.store.horizon_age())
    except Exception as error:
        if not transient(error):
            raise
    if process.consumer is not None:
        for (topic, partition), lag in process.consumer.lag().items():
            kernel.metrics.lag.labels(topic, str(partition)).set(lag)
