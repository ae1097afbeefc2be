"""The gate before what others build on: what was published once is compared with what would be published now."""

import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from services.site import chosen
from shared import http
from shared.model.message import PART, Event, Published, personal_fields
from shared.ops.settings import Settings
from shared.runtime.asyncapi import asyncapi_of
from shared.runtime.declaration import Service
from shared.runtime.process import doors_of
from shared.runtime.schemas import CONTRACTS, Version, kept_schemas, present_schemas
from tests.contracts.comparing import Change, Kind, changes
from tests.contracts.operations import operation_changes

SETTINGS: Final = Settings(
    environment="test",
    public_url="https://careers.example.org",
    kafka_public="kafka.example.org:9093",
    kafka_security="sasl_ssl",
    kafka_mechanism="SCRAM-SHA-512",
    kafka_user="documents",
    kafka_password="of nobody",
    topic_prefix="postulo",
)
"""What the kept documents are made with; those that are served name the addresses of their site."""

Documents = dict[str, Any]
"""By path in the service's folder."""
MARK: Final = "x-personal"
"""Said of a field, before such fields were encrypted, that it is personal: it was never promised to stay readable."""


def openapi_of(service: Service) -> dict[str, Any]:
    """The OpenAPI document as the running service makes it."""
    app = http.create(service.name)
    for router in doors_of(service, SETTINGS):
        app.include_router(router)
    return app.openapi()


def made(service: Service) -> Documents:
    """Everything that the folder of a service in `contracts/` should hold, but for what was published before."""
    schemas = present_schemas(service.published)
    return {
        "asyncapi.json": asyncapi_of(service.published, service.topics(SETTINGS.topic_prefix), SETTINGS),
        "openapi.json": openapi_of(service),
        **{f"schemas/{version.type}/{version.version}.json": schema for version, schema in schemas.items()},
    }


def kept(service: str, folder: Path = CONTRACTS) -> Documents:
    """What the folder holds."""
    root = folder / service
    files = (path for path in sorted(root.rglob("*.json")) if path.name not in ("samples.json", "sealed.json"))
    return {path.relative_to(root).as_posix(): json.loads(path.read_text("utf-8")) for path in files}


def event_sentences(published: Published, folder: Path = CONTRACTS) -> Iterator[str]:
    """What is wrong with the events as they would be published now, a sentence each."""
    now = present_schemas(published)
    events = {event.__name__: event for event in published.events}
    newest = {name: event.schema_version for name, event in events.items()}
    for version, schema in kept_schemas(published.service, folder).items():
        if version.type not in newest:
            yield (
                f"{version.type} is not published any more: Kafka holds it for ever, and who reads from the beginning"
                " meets it. Keep the class in PUBLISHED, and add a new event type for what takes its place."
            )
        elif version.version > newest[version.type]:
            yield (
                f"{version.type} has version {newest[version.type]}, and version {version.version} was published:"
                " schema_version never goes back. Raise it."
            )
        elif version in now:
            yield from map(str, _changes(schema, now[version], events[version.type], decided(folder)))
        elif version not in published.upcasters:
            yield (
                f"{version.type} has no upcaster from version {version.version}: add it to PUBLISHED.upcasters, so that"
                " every reader understands what Kafka holds."
            )
    yield from _gaps(newest, kept_schemas(published.service, folder))


def decided(folder: Path = CONTRACTS) -> dict[str, str]:
    """The fields of published events that became personal although they were published in clear, with the reason."""
    file = folder / "personal.json"
    fields: dict[str, str] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    return fields


def _changes(
    old: Mapping[str, Any], new: Mapping[str, Any], event: type[Event], decided: Collection[str]
) -> Iterator[Change]:
    """Those of a schema, of which the fields that it marks as personal may go, and the encrypted part may come."""
    before, after = old.get("properties", {}), new.get("properties", {})
    gone = {name for name in before if name not in after}
    encrypted = {name for name in gone & personal_fields(event) if not before[name].get(MARK)}
    paths = sorted(f"{event.__name__}.{name}" for name in encrypted)
    yield from (Change(path, Kind.ENCRYPTED) for path in paths if path not in decided)
    if PART in gone:
        yield Change(f"{event.__name__}.{PART}", Kind.REMOVED)
    passed = encrypted | {PART} | {name for name in gone if before[name].get(MARK)}
    yield from changes(_without(passed, old), _without({PART}, new), event.__name__)


def _without(names: Collection[str], schema: Mapping[str, Any]) -> dict[str, Any]:
    fields = {name: of for name, of in schema.get("properties", {}).items() if name not in names}
    return {**schema, "properties": fields, "required": [*filter(fields.get, schema.get("required", ()))]}


def _gaps(newest: Mapping[str, int], there: Mapping[Version, Any]) -> Iterator[str]:
    for name, version in newest.items():
        for before in range(1, version):
            if Version(name, before) not in there:
                yield f"The schema of {name} version {before} is gone from contracts/: bring it back from the history."


def channel_sentences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """Topics that went, messages that left one, and changes of the envelope, of two AsyncAPI documents."""
    if old:
        before, now = (each["components"]["messageTraits"]["CloudEvents"]["headers"] for each in (old, new))
        yield from map(str, changes(before, now, "Envelope"))
    for name, channel in old.get("channels", {}).items():
        now = new["channels"].get(name)
        if now is None or now["address"] != channel["address"]:
            yield f"The topic {channel['address']} is gone: subscribers read it from the beginning. Keep it."
        elif gone := sorted(channel["messages"].keys() - now["messages"].keys()):
            yield f"{', '.join(gone)} left the topic {channel['address']}: subscribers wait for it there. Keep it."


def sentences(service: Service, folder: Path = CONTRACTS, *, operations: bool = True) -> list[str]:
    """Everything that must not land: of events, of channels, and, if asked for, of operations."""
    old, new = kept(service.name, folder), made(service)
    found = [
        *event_sentences(service.published, folder),
        *channel_sentences(old.get("asyncapi.json", {}), new["asyncapi.json"]),
    ]
    if operations and "openapi.json" in old:
        found += operation_changes(old["openapi.json"], new["openapi.json"])
    return found


def all_services() -> list[Service]:
    return chosen(None)
