"""What the OpenAPI document tells those who build HR systems, and that its examples are true."""

from typing import Any

import pytest

from services.vacancies.api.bodies import Code, Results, Vacancy
from shared.vocabulary.search import FACETS
from tests.platform import Kit
from tests.vacancies.doors import API, day

ITEM = f"{API}/{{vacancy_id}}"
OPERATIONS = [
    ("post", API, "NoticeBody"),
    ("post", "/vacancies/api/galaxy-notices", "GalaxyBody"),
    ("put", ITEM, "AmendmentBody"),
    ("put", f"{ITEM}/deadline", "DeadlineBody"),
    ("put", f"{ITEM}/cancellation", "CancellationBody"),
]


async def described(platform: Kit) -> dict[str, Any]:
    document: dict[str, Any] = (await platform.visitor().get("/vacancies/api/openapi.json")).json()
    return document


@pytest.mark.parametrize(("method", "path", "body"), OPERATIONS)
async def test_each_operation_is_described_with_what_it_takes_and_refuses(
    platform: Kit, method: str, path: str, body: str
) -> None:
    document = await described(platform)
    operation = document["paths"][path][method]
    assert operation["summary"]
    assert len(operation["description"]) > 50
    reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    assert reference.rpartition("/")[2] == body
    assert document["components"]["schemas"][body]["examples"]
    assert {"401", "403", "409", "422"} <= operation["responses"].keys()
    assert operation["security"] == [{"session": ["vacancies.write"]}, {"machine": ["vacancies.write"]}]


async def test_each_criterion_of_a_search_is_described(platform: Kit) -> None:
    parameters = (await described(platform))["paths"][API]["get"]["parameters"]
    words = {each["name"]: each.get("description", "") for each in parameters}
    assert all(words[name] for name in ("keywords", "posted_since", *FACETS))


async def test_the_examples_can_be_sent_one_after_the_other(platform: Kit) -> None:
    schemas = (await described(platform))["components"]["schemas"]
    examples = {name: schemas[name]["examples"][0] for _, _, name in OPERATIONS}
    hr = await platform.machine("hr")
    notice = {**examples["NoticeBody"], "job_opening_number": "EXAMPLE", "closes_on": day(30)}
    published = await hr.api("POST", API, json=notice)
    assert published.status_code == 201, published.text
    assert (await hr.api("POST", API, json=notice)).status_code == 200
    path = published.headers["location"]
    for way, name in (("", "AmendmentBody"), ("/deadline", "DeadlineBody"), ("/cancellation", "CancellationBody")):
        sent = {**examples[name], **({"closes_on": day(60)} if way == "/deadline" else {})}
        answer = await hr.api("PUT", path + way, json=sent)
        assert answer.status_code == 200, answer.text
    galaxy = {**examples["GalaxyBody"], "job_opening_number": "GALAXY-EXAMPLE", "closes_on": day(30)}
    assert (await hr.api("POST", "/vacancies/api/galaxy-notices", json=galaxy)).status_code == 201


@pytest.mark.parametrize("model", [Vacancy, Results, Code])
async def test_the_examples_of_answers_are_answers(platform: Kit, model: type[Vacancy | Results | Code]) -> None:
    [example] = (await described(platform))["components"]["schemas"][model.__name__]["examples"]
    assert model.model_validate(example).model_dump(mode="json") == example


async def test_the_codes_are_there_to_be_read(platform: Kit) -> None:
    lists = (await platform.visitor().api("GET", "/vacancies/api/lists")).json()
    assert set(lists) == {"networks", "families", "categories", "levels", "duty_stations", "departments"}
    economics = {"code": "ECO", "en": "Economic affairs", "fr": "Affaires économiques", "parent": "DEVNET"}
    assert economics in lists["families"]
    assert {"code": "GENEVA", "en": "Geneva", "fr": "Genève", "parent": ""} in lists["duty_stations"]
