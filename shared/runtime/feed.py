"""The feed: over HTTP, the published events of a service in the store's order, the same as on Kafka."""

import time
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from shared.auth import EventReader
from shared.http.paging import NEXT, here, next_link
from shared.http.routers import api_router
from shared.kafka.cloudevents import Headers
from shared.kafka.outgoing import Outgoing
from shared.model.errors import N_, Invalid
from shared.model.message import Published
from shared.model.reasons import Reason
from shared.runtime.kernel import Kernel, KernelDep
from shared.store.feed import Batch, Kind, Place, next_of, place_of

BATCH: Final = "application/cloudevents-batch+json"
UNKNOWN_PLACE: Final = N_("This service holds no event with this id. Begin again with an older one, or without any")
WAIT: Final = 30
"""Seconds for which a reader may wait; gateways must let it."""

EXAMPLE: Final[dict[str, Any]] = {
    "specversion": "1.0",
    "id": "0191d2d4-5f6a-7c3e-9a1b-2f7c4be2a911",
    "source": "/postulo/vacancies",
    "type": "VacancyClosed",
    "subject": "vacancy-6f1d2a0e-53b6-5d0c-9a3e-0f7c4be2a911",
    "sequence": "00000000000000000003",
    "time": "2027-03-15T03:59:59.012345+00:00",
    "datacontenttype": "application/json",
    "schemaversion": "1",
    "correlationid": "0191d2d4-5f6a-7c3e-9a1b-2f7c4be2a900",
    "actor": "timer",
    "data": {},
}


class CloudEvent(BaseModel):
    """CloudEvents 1.0 with the attributes of the same event on Kafka, there headers (`ce_…`). Ignore unknown ones."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"examples": [EXAMPLE]})

    specversion: str
    id: UUID = Field(description="Deduplicate on it. Ask with the last one as `after` for what follows.")
    source: str
    type: str
    subject: str = Field(description="The aggregate's stream, the key on Kafka.")
    sequence: str = Field(description="The version within `subject`, 20 digits, so that text order is their order.")
    time: datetime
    datacontenttype: str
    data: dict[str, Any] = Field(description="As the schema of this type and version says.")


class CloudEventsBatch(JSONResponse):
    media_type = BATCH


Limit = Annotated[int, Query(ge=1, le=1_000, description="Events at most; fewer come where they are large.")]
Wait = Annotated[int, Query(ge=0, le=WAIT, description="Seconds to wait for the next event where there is none yet.")]
After = Annotated[UUID | None, Query(description="The `id` of the last event that was read. None: from the first on.")]


def feed_router(published: Published) -> APIRouter:
    """GET /<service>/api/events for what this service publishes; no route where it publishes nothing."""
    router = api_router(published.service)
    if published.aggregates:
        names = sorted(event.__name__ for event in published.events)
        _add_feed(router, published, StrEnum("EventType", {name: name for name in names}))
    return router


def _add_feed(router: APIRouter, published: Published, names: Any) -> None:
    outgoing = Outgoing(published)

    @router.get(
        "/events",
        summary="Read the published events",
        response_class=CloudEventsBatch,
        response_model=list[CloudEvent],
        responses={200: {"description": "The next events, none if there are none yet.", "headers": NEXT}},
    )
    async def read_events(  # noqa: PLR0917 - one argument a part of the address
        request: Request,
        kernel: KernelDep,
        _: EventReader,
        after: After = None,
        types: Annotated[list[names], Query(max_length=100, description="Only these; all without any.")] = [],  # noqa: B006
        limit: Limit = 100,
        wait: Wait = 0,
    ) -> Response:
        """The events of this service in the order of its store, as a CloudEvents batch: the same as on its topics.

        Ids, sequences, data and what is left out of them are as on Kafka, and an event is here when it may be there.
        Every answer names the next page (`Link`, `rel="next"`), also an empty one: follow it, and keep it as the place
        to go on from. It stays valid for ever, also after the service was restored from a backup that holds the event.
        With `types`, an answer may be empty while its next page is not. 422 `unknown-place`: no event has this id.
        """
        batch = await _awaited(
            kernel, await _place(kernel, after), outgoing.kinds_of(types), limit, wait, rare=bool(types)
        )
        place = str(batch.place.event or "")
        site, lineage = kernel.settings.public_url, await kernel.store.lineage()
        content = orjson.dumps([
            _structured(outgoing.headers(raw, lineage, site), outgoing.value(raw)) for raw in batch.events
        ])  # fmt: skip
        return Response(content, media_type=BATCH, headers=next_link(request, place) or here(request))


async def _place(kernel: Kernel, after: UUID | None) -> Place:
    if after is None:
        return Place()
    place = await place_of(kernel.store, after)
    if place is None:
        raise Invalid.because(UNKNOWN_PLACE, "after", reason=Reason.UNKNOWN_PLACE)
    return place


async def _awaited(
    kernel: Kernel, place: Place, kinds: frozenset[Kind], limit: int, wait: float, *, rare: bool
) -> Batch:
    """The next events, or none when the time is over. Nothing of the database is held while it waits."""
    deadline = time.monotonic() + wait
    while True:
        seen = kernel.store.appended.count
        batch = await next_of(kernel.store, place, kinds, limit, rare=rare)
        place, left = batch.place, deadline - time.monotonic()
        if batch.events or left <= 0 or kernel.stopping:
            return batch
        if batch.at_end:
            await kernel.store.wait_for_more(place.position, seen, left)


def _structured(on_kafka: Headers, value: bytes) -> dict[str, Any]:
    """What are headers on Kafka, in JSON format (CloudEvents 1.0)."""
    headers = {name: text.decode() for name, text in on_kafka}
    kind = headers.pop("content-type")
    attributes = {name.removeprefix("ce_"): text for name, text in headers.items()}
    return {**attributes, "datacontenttype": kind, "data": orjson.Fragment(value)}
