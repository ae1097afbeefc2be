"""Whatever is sent to an operation, valid or not: no fault, no answer that its OpenAPI document does not foretell."""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest

from services.__main__ import NAMES
from tests.applications.doors import API, applicant, draft, fill, publish, submitted
from tests.house import Candidate, Kit
from tests.support.samples import QUESTION, picture
from tests.system.openapi import Asker, explore, from_elsewhere, operations

CALLS: Final = 12
"""For each operation and role: a minute in all on a quiet machine."""

PATIENCE: Final = pytest.mark.filterwarnings("ignore:Do not use the .random. module inside strategies")
"""Other threads of this process use `random` while Hypothesis draws; it takes that for ours."""


@pytest.fixture(scope="session")
async def askers(house: Kit) -> Mapping[str, Asker]:
    """By role: nobody, a candidate with things of her own, and a machine that handles somebody's things."""
    vacancy = await publish(house)
    anna, boris = await applicant(house), await applicant(house)
    sent, ticket = await submitted(boris, vacancy), await opened(boris)
    await house.settled()
    machine = await house.machine("hr", "support")
    return {
        "nobody": Asker(from_elsewhere(house, house.visitor()), {"vacancy_id": vacancy["id"]}),
        "candidate": Asker(
            from_elsewhere(house, anna), {"vacancy_id": vacancy["id"], **await belongings(anna, vacancy)}
        ),
        "machine": Asker(
            from_elsewhere(house, machine),
            {"vacancy_id": (await publish(house))["id"], "application_id": sent["id"], "ticket": ticket},
        ),
    }


async def belongings(anna: Candidate, vacancy: dict[str, Any]) -> dict[str, str]:
    """The ids of a filled draft with a file, of a saved search, and of a ticket with a screenshot."""
    application = await draft(anna, vacancy)
    await fill(anna, application)
    file = {"file": ("map.png", picture(), "image/png")}
    attached = await anna.api("POST", f"{API}/{application}/attachments", files=file)
    diplomas = (await anna.api("GET", f"{API}/{application}/diplomas")).json()
    search = await anna.api("POST", "/alerts/api/searches", json={"name": "Water", "criteria": {"keywords": "water"}})
    assert (attached.status_code, search.status_code) == (201, 201), f"{attached.text} {search.text}"
    return {
        "application_id": application,
        "account_id": str(anna.account_id),
        "search_id": search.json()["id"],
        "ticket": await opened(anna),
        **_ids(attached.json(), diplomas),
    }


def _ids(attached: Any, diplomas: Any) -> dict[str, str]:
    return {"attachment_id": attached["id"], "diploma_id": diplomas[0]["id"]}


async def opened(anna: Candidate) -> str:
    answer = await anna.api("POST", "/support/api/tickets", json={**QUESTION, "user_code": anna.user_code})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def document_of(house: Kit, service: str) -> dict[str, Any]:
    document: dict[str, Any] = (await house.visitor().get(f"/{service}/api/openapi.json")).json()
    return document


@PATIENCE
@pytest.mark.parametrize("role", ["nobody", "candidate", "machine"])
@pytest.mark.parametrize("service", NAMES)
async def test_no_operation_answers_with_a_fault_or_in_an_undocumented_way(
    house: Kit, askers: Mapping[str, Asker], service: str, role: str
) -> None:
    loop, wrong = asyncio.get_running_loop(), []
    for operation in operations(await document_of(house, service)):
        wrong += await asyncio.to_thread(explore, operation, askers[role], loop, CALLS)
    assert wrong == [], "\n\n".join(wrong)


def without_refusals(document: dict[str, Any]) -> None:
    for operation in document["paths"]["/vacancies/api/vacancies"].values():
        operation["responses"] = {"200": operation["responses"]["200"]}


def of_another_shape(document: dict[str, Any]) -> None:
    document["components"]["schemas"]["Results"]["properties"]["total"] = {"type": "string"}


@PATIENCE
@pytest.mark.parametrize(
    ("spoil", "title"), [(without_refusals, "Undocumented"), (of_another_shape, "violates schema")]
)
async def test_what_a_document_does_not_foretell_is_found(
    house: Kit, askers: Mapping[str, Asker], spoil: Callable[[dict[str, Any]], None], title: str
) -> None:
    document = json.loads(json.dumps(await document_of(house, "vacancies")))
    spoil(document)
    [search] = [each for each in operations(document) if each.label == "GET /vacancies/api/vacancies"]
    wrong = await asyncio.to_thread(explore, search, askers["nobody"], asyncio.get_running_loop(), 3 * CALLS)
    assert any(title in each for each in wrong), wrong
