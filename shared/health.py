"""What the platform asks a service: is it alive, is it ready, how is it doing, and which events does it speak."""

import asyncio
from typing import TYPE_CHECKING, Any, Final, Union

import asyncpg
from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from faststream.kafka import KafkaBroker
from faststream.specification import AsyncAPI
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shared.database import is_migrated
from shared.subscription import transient

if TYPE_CHECKING:
    from shared.house import Running
    from shared.runtime import Service

STUCK: Final = 300.0  # seconds a batch may take before the process should be restarted


def health_routes(running: "Running") -> APIRouter:
    """/livez, /readyz, /metrics and /asyncapi.json under the service's prefix."""
    router = APIRouter(prefix=f"/{running.kernel.service.name}", include_in_schema=False)

    @router.get("/livez")
    async def livez() -> Response:
        stuck = running.consumer is not None and running.consumer.busy_for() > STUCK
        return PlainTextResponse("stuck" if stuck else "alive", 503 if stuck else 200)

    @router.get("/readyz")
    async def readyz() -> Response:
        reason = await unready(running)
        return PlainTextResponse(reason or "ready", 503 if reason else 200)

    @router.get("/metrics")
    async def metrics() -> Response:
        await measure(running)
        return Response(generate_latest(running.kernel.metrics.registry), media_type=CONTENT_TYPE_LATEST)

    @router.get("/asyncapi.json")
    async def asyncapi() -> Response:
        document = asyncapi_of(running.kernel.service, running.kernel.settings.topic_prefix)
        return JSONResponse(document)

    return router


async def unready(running: "Running") -> str:
    """Why the service cannot serve: its database does not answer, or is not migrated. Kafka does not matter here."""
    kernel = running.kernel
    try:
        async with asyncio.timeout(2):
            return "" if await is_migrated(kernel.pool, kernel.service.name) else "the database is not migrated"
    except (TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return "the database does not answer"


async def measure(running: "Running") -> None:
    """Brings the gauges up to date."""
    kernel = running.kernel
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
        kernel.metrics.restarts.set(running.tasks.restarts)
        kernel.metrics.outbox_age.set(row[3] or 0 if kernel.service.published.aggregates else 0)
        kernel.metrics.horizon_age.set(await kernel.store.horizon_age())
    except Exception as error:
        if not transient(error):
            raise
    if running.consumer is not None:
        for (topic, partition), lag in running.consumer.lag().items():
            kernel.metrics.lag.labels(topic, str(partition)).set(lag)


def asyncapi_of(service: "Service", prefix: str) -> Any:
    """The AsyncAPI document: one union payload a topic, of what the service publishes and of what it consumes."""
    broker = KafkaBroker("kafka:9092")
    for category, events in service.published.aggregates.items():
        broker.publisher(
            service.published.topic(category, prefix),
            schema=Union[events],  # noqa: UP007 - of a tuple
            title=f"{service.name}_{category}_published",
            description=f"Facts of each {category}.",
        )
    wanted = service.topics(prefix)
    for published in service.consumes:
        for category, events in published.aggregates.items():
            if (topic := published.topic(category, prefix)) in wanted:
                title = f"{published.service}_{category}"  # payloads of one name would overwrite each other
                listener = _listener(Union[events])  # noqa: UP007 - of a tuple
                broker.subscriber(topic, group_id=f"{prefix}.{service.name}", title=title)(listener)
    return AsyncAPI(broker, title=f"Postulo: {service.name}", version="1").to_specification().to_jsonable()


def _listener(payload: Any) -> Any:
    async def take(event: payload) -> None: ...

    return take
