"""What the OpenAPI documents tell those who write HR systems: each operation in words, with examples that are taken."""

from collections.abc import Iterator
from typing import Any, Final

import jsonschema_rs
import pytest

from services.vacancies.api import bodies
from shared.vocabulary.search import Criteria
from tests.platform import Kit
from tests.system.test_openapi import document_of
from tests.vacancies.doors import API, day, problem_fields

SERVICES: Final = ("vacancies", "alerts", "support")
METHODS: Final = {"get", "post", "put", "delete", "patch"}


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method in METHODS:
                yield f"{method.upper()} {path}", operation


def bodies_of(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The schemas of all JSON that goes in and that comes out well."""
    well = (answer for status, answer in operation["responses"].items() if status.startswith("2"))
    for content in (operation.get("requestBody", {}), *well):
        if found := content.get("content", {}).get("application/json", {}).get("schema"):
            yield found


def examples_of(schema: dict[str, Any], document: dict[str, Any]) -> list[Any]:
    if "$ref" in schema:
        return examples_of(document["components"]["schemas"][schema["$ref"].rpartition("/")[2]], document)
    inner = schema.get("items") or schema.get("additionalProperties")
    return schema.get("examples") or (examples_of(inner, document) if isinstance(inner, dict) else [])


@pytest.mark.parametrize("service", SERVICES)
async def test_every_operation_is_described_down_to_its_parameters(platform: Kit, service: str) -> None:
    wanting = []
    for name, operation in operations(await document_of(platform, service)):
        described = {parameter["name"]: parameter.get("description") for parameter in operation.get("parameters", [])}
        described |= {"summary": operation.get("summary"), "description": operation.get("description")}
        wanting += [f"{name}: {what}" for what, words in described.items() if not words]
    assert wanting == []


@pytest.mark.parametrize("service", SERVICES)
async def test_all_json_that_goes_in_or_out_has_an_example_of_its_shape(platform: Kit, service: str) -> None:
    document = await document_of(platform, service)
    wanting = []
    for name, operation in operations(document):
        for schema in bodies_of(operation):
            examples = examples_of(schema, document)
            wanting += [] if examples else [f"{name}: no example of {schema}"]
    for title, schema in document["components"]["schemas"].items():
        whole = {**schema, "components": document["components"]}
        wanting += [
            f"{title}: {each}" for each in schema.get("examples", []) if not jsonschema_rs.is_valid(whole, each)
        ]
    assert wanting == []


async def test_the_examples_of_vacancies_can_be_sent_as_they_stand(platform: Kit) -> None:
    hr = await platform.machine("hr")
    sent = {**bodies.EXAMPLE, "job_opening_number": "EXAMPLE-1", "closes_on": day(30)}
    published = await hr.api("POST", API, json=sent)
    assert published.status_code == 201, published.text
    path = f"{API}/{published.json()['id']}"
    amended = await hr.api("PUT", path, json={**bodies.CONTENT_EXAMPLE, "title": "Economist"})
    assert amended.json()["version"] == 2
    assert (await hr.api("PUT", f"{path}/deadline", json={"closes_on": day(60)})).json()["extended"]
    assert problem_fields(await hr.api("POST", API, json={**sent, "level": "P3"})) == ["level"]
    listed = await hr.api("POST", "/vacancies/api/galaxy-notices", json={**bodies.GALAXY_EXAMPLE, "closes_on": day(9)})
    assert (listed.status_code, listed.json()["source"]) == (201, "galaxy")


async def test_the_example_of_a_search_can_be_saved(platform: Kit) -> None:
    document = await document_of(platform, "alerts")
    [example] = document["components"]["schemas"]["NewSearch"]["examples"]
    assert Criteria.model_validate(example["criteria"]).problems() == []
    anna = await platform.candidate()
    assert (await anna.api("POST", "/alerts/api/searches", json=example)).status_code == 201


async def test_the_example_of_a_request_for_help_opens_a_ticket(platform: Kit) -> None:
    document, anna = await document_of(platform, "support"), await platform.candidate()
    [example] = document["components"]["schemas"]["RequestForHelp"]["examples"]
    opened = await anna.api("POST", "/support/api/tickets", json=example)
    assert (opened.status_code, opened.json()["status"]) == (201, "waiting"), opened.text
