"""What a service serves to whoever builds on its events, without a login: its AsyncAPI document and all schemas."""

from functools import cache
from typing import Final

import orjson
from fastapi import APIRouter, Response

from shared.model.errors import N_, NotFound
from shared.ops.settings import Settings
from shared.runtime.asyncapi import asyncapi_of
from shared.runtime.declaration import Service
from shared.runtime.schemas import Version, addressed, all_schemas

CACHED: Final = {"cache-control": "public, max-age=3600"}
NO_SCHEMA: Final = N_("There is no such schema")


def document_routes(service: Service, settings: Settings) -> APIRouter:
    """/asyncapi.json and /schemas/<Type>/<version>.json under the service's prefix; made when first asked for."""
    router = APIRouter(prefix=f"/{service.name}", include_in_schema=False)

    @cache
    def document() -> bytes:
        return orjson.dumps(asyncapi_of(service.published, service.topics(settings.topic_prefix), settings))

    @cache
    def schemas() -> dict[Version, bytes]:
        return {
            version: orjson.dumps(addressed(schema, settings.public_url, service.name, version))
            for version, schema in all_schemas(service.published).items()
        }

    @router.get("/asyncapi.json")
    async def asyncapi() -> Response:
        return Response(document(), media_type="application/json", headers=CACHED)

    @router.get("/schemas/{event_type}/{version:int}.json")
    async def schema(event_type: str, version: int) -> Response:
        found = schemas().get(Version(event_type, version))
        if found is None:
            raise NotFound.because(NO_SCHEMA)
        return Response(found, media_type="application/schema+json", headers=CACHED)

    return router
