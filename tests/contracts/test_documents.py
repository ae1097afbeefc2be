"""What a service says of its events: schemas of all versions, one message a type, every field in words."""

import re
from typing import Any, Final

import jsonschema_rs
import pytest

from services.site import NAMES, chosen
from shared.model.message import PART, personal_fields
from shared.model.schemas import OPEN, fields_of
from shared.runtime.asyncapi import asyncapi_of as made
from shared.runtime.schemas import Version, all_schemas, samples_of, sealed_of
from tests.contracts.gate import kept
from tests.platform import ORIGIN, Kit

SERVICES: Final = {service.name: service for service in chosen(None)}
SCHEMAS: Final = [
    (name, version, schema)
    for name, service in SERVICES.items()
    for version, schema in all_schemas(service.published).items()
]
PUBLISHED: Final = [(name, event) for name, service in SERVICES.items() for event in service.published.events]


async def asyncapi_of(platform: Kit, service: str) -> dict[str, Any]:
    answer = await platform.visitor().get(f"/{service}/asyncapi.json")
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def resolved(document: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """What a reference within the document names."""
    found: Any = document
    for name in part["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    named: dict[str, Any] = found
    return named


@pytest.mark.parametrize(("service", "version", "schema"), SCHEMAS, ids=lambda value: str(value)[:40])
async def test_every_version_ever_published_has_a_schema_that_everybody_may_keep(
    platform: Kit, service: str, version: Version, schema: dict[str, Any]
) -> None:
    path = f"/{service}/schemas/{version.type}/{version.version}.json"
    answer = await platform.visitor().get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/schema+json")
    assert answer.headers["cache-control"] == "public, max-age=3600"
    assert answer.json() == {**schema, "$id": ORIGIN + path}
    validator = jsonschema_rs.Draft202012Validator(answer.json())
    validator.validate(samples_of(service)[version])
    validator.validate(sealed_of(service).get(version, samples_of(service)[version]))


async def test_of_what_was_never_published_there_is_no_schema(platform: Kit) -> None:
    for path in ("VacancyPublished/99.json", "DraftCreated/1.json", "VacancyPublished/x.json"):
        answer = await platform.visitor().get(f"/vacancies/schemas/{path}", headers={"accept": "application/json"})
        assert answer.status_code == 404, path


@pytest.mark.parametrize(("service", "version", "schema"), SCHEMAS, ids=lambda value: str(value)[:40])
def test_every_field_says_what_it_holds(service: str, version: Version, schema: dict[str, Any]) -> None:
    assert [name for name, field in fields_of(schema) if not field.get("description")] == []
    assert [name for name, field in fields_of(schema) if OPEN in field and "enum" in field] == []


@pytest.mark.parametrize(("service", "event"), PUBLISHED, ids=lambda value: getattr(value, "__name__", value))
def test_every_type_says_what_happened_and_what_to_do(service: str, event: Any) -> None:
    assert event.__doc__
    assert event.receipt


def test_what_is_personal_is_in_no_schema_but_as_one_encrypted_part() -> None:
    events = {event.__name__: (event, SERVICES[name].published) for name, event in PUBLISHED}
    for _, version, schema in SCHEMAS:
        event, published = events[version.type]
        assert not personal_fields(event) & schema["properties"].keys(), version
        parted = bool(personal_fields(event)) and event not in published.redacted
        assert (PART in schema["properties"], PART in schema["required"]) == (parted, False), version


@pytest.mark.parametrize(("service", "event"), PUBLISHED, ids=lambda value: getattr(value, "__name__", value))
def test_personal_data_are_fetched_where_a_scope_is_asked_for(service: str, event: Any) -> None:
    """The address is that of an operation that machines may call, of a service that tells of it."""
    if event.dataref:
        paths = kept(event.dataref.split("/")[1])["openapi.json"]["paths"]
        there = {re.sub(r"{\w+}", "{id}", path): methods.get("get", {}) for path, methods in paths.items()}
        scopes = [scope for each in there[event.dataref]["security"] for scope in each.get("machine", [])]
        assert scopes, event.dataref


def test_who_may_read_a_submitted_file_is_told_where() -> None:
    told = {event.__name__ for _, event in PUBLISHED if event.dataref}
    assert {"ApplicationSubmitted", "ApplicationMovedUnderConsideration", "TicketOpened"} <= told
    assert "DraftSaved" not in told


async def test_no_example_says_what_is_personal(platform: Kit) -> None:
    events = {event.__name__: event for _, event in PUBLISHED}
    for service in NAMES:
        for message in (await asyncapi_of(platform, service))["components"]["messages"].values():
            if event := events.get(message["name"]):
                assert not personal_fields(event) & message["examples"][0]["payload"].keys(), message["name"]


@pytest.mark.parametrize("service", NAMES)
async def test_there_is_one_message_a_type_with_an_example_that_its_schemas_take(platform: Kit, service: str) -> None:
    document, declared = await asyncapi_of(platform, service), SERVICES[service].published
    for category, events in declared.aggregates.items():
        channel = document["channels"][category]
        assert channel["address"] == declared.topic(category, platform.settings.topic_prefix)
        assert "`ce_type` selects the message" in channel["description"]
        messages = [resolved(document, message) for message in channel["messages"].values()]
        assert {message["name"] for message in messages} == {event.__name__ for event in events}
        for message in messages:
            assert "On receipt: " in message["description"]
            [example] = message["examples"]
            for part in ("headers", "payload"):
                jsonschema_rs.validate({**message[part], "components": document["components"]}, example[part])


@pytest.mark.parametrize("service", NAMES)
async def test_the_correlation_is_in_a_header_that_there_is(platform: Kit, service: str) -> None:
    trait = (await asyncapi_of(platform, service))["components"]["messageTraits"]["CloudEvents"]
    name = trait["correlationId"]["location"].removeprefix("$message.header#/")
    assert name in trait["headers"]["required"]
    assert all(header["description"] for header in trait["headers"]["properties"].values())


async def test_the_server_is_where_subscribers_reach_the_broker(platform: Kit) -> None:
    document = await asyncapi_of(platform, "vacancies")
    assert [server["host"] for server in document["servers"].values()] == [platform.settings.kafka]
    public = platform.settings.model_copy(
        update={"kafka_public": "a.example.org:9093,b.example.org:9093", "kafka_security": "sasl_ssl"}
    )
    servers = made(SERVICES["vacancies"].published, (), public)["servers"].values()
    assert [(server["host"], server["protocol"]) for server in servers] == [
        ("a.example.org:9093", "kafka-secure"), ("b.example.org:9093", "kafka-secure"),
    ]  # fmt: skip
