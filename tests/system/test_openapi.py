"""Whatever is sent to an operation, valid or not: no fault, no answer that its OpenAPI document does not foretell."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import pytest

from services.site import NAMES
from tests.applications.doors import API, SLUGS, applicant, draft, fill, publish, submitted
from tests.applications.values import SECTIONS
from tests.platform import Candidate, Kit
from tests.support.samples import QUESTION, picture
from tests.system.openapi import Asker, explore, from_elsewhere, operations

CALLS: Final = 6
FEW: Final = 3
"""For each operation and role: a minute in all on a quiet machine. Few where each call costs a password's hash."""

PATIENCE: Final = pytest.mark.filterwarnings("ignore:Do not use the .random. module inside strategies")
"""Other threads of this process use `random` while Hypothesis draws; it takes that for ours."""


@pytest.fixture(scope="session")
async def askers(platform: Kit) -> Mapping[str, Asker]:
    """By role: nobody, a candidate with things of her own, and a machine that handles somebody's things."""
    vacancy, other = await publish(platform), await publish(platform)
    anna, boris = await applicant(platform), await applicant(platform)
    sent, ticket = await submitted(boris, vacancy), await opened(boris)
    await platform.settled()
    machine = await platform.machine("hr", "support")
    hers = await belongings(anna, vacancy)
    his = {"vacancy_id": [other["id"]], "application_id": [sent["id"]], "ticket": [ticket]}
    return {
        "nobody": Asker(from_elsewhere(platform, platform.visitor()), hers),
        "candidate": Asker(from_elsewhere(platform, anna), hers),
        "candidate of identity": Asker(from_elsewhere(platform, await platform.candidate()), hers),
        "machine": Asker(from_elsewhere(platform, machine), his),
    }


async def belongings(anna: Candidate, vacancy: dict[str, Any]) -> dict[str, Sequence[str]]:
    """A filled draft with a file, a saved search, a ticket, and the sections that can be saved."""
    application = await draft(anna, vacancy)
    await fill(anna, application)
    file = {"file": ("map.png", picture(), "image/png")}
    attached = await anna.api("POST", f"{API}/{application}/attachments", files=file)
    diplomas = (await anna.api("GET", f"{API}/{application}/diplomas")).json()
    search = await anna.api("POST", "/alerts/api/searches", json={"name": "Water", "criteria": {"keywords": "water"}})
    assert (attached.status_code, search.status_code) == (201, 201), f"{attached.text} {search.text}"
    return {
        "account_id": [str(anna.account_id)],
        "application_id": [application],
        "attachment_id": [attached.json()["id"]],
        "diploma_id": [diplomas[0]["id"]],
        "search_id": [search.json()["id"]],
        "section": [*SECTIONS, "screening", *SLUGS.values()],
        "ticket": [await opened(anna)],
        "vacancy_id": [vacancy["id"]],
    }


async def opened(anna: Candidate) -> str:
    answer = await anna.api("POST", "/support/api/tickets", json={**QUESTION, "user_code": anna.user_code})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def document_of(platform: Kit, service: str) -> dict[str, Any]:
    document: dict[str, Any] = (await platform.visitor().get(f"/{service}/api/openapi.json")).json()
    return document


@PATIENCE
@pytest.mark.parametrize("role", ["nobody", "candidate", "machine"])
@pytest.mark.parametrize("service", NAMES)
async def test_no_operation_answers_with_a_fault_or_in_an_undocumented_way(
    platform: Kit, askers: Mapping[str, Asker], service: str, role: str
) -> None:
    loop, wrong = asyncio.get_running_loop(), []
    for operation in operations(await document_of(platform, service)):
        asker = askers.get(f"{role} of {service}", askers[role])  # Identity logs its candidate out.
        wrong += await asyncio.to_thread(explore, operation, asker, loop, FEW if service == "identity" else CALLS)
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
    platform: Kit, askers: Mapping[str, Asker], spoil: Callable[[dict[str, Any]], None], title: str
) -> None:
    document = json.loads(json.dumps(await document_of(platform, "vacancies")))
    spoil(document)
    [search] = [each for each in operations(document) if each.label == "GET /vacancies/api/vacancies"]
    wrong = await asyncio.to_thread(explore, search, askers["nobody"], asyncio.get_running_loop(), 3 * CALLS, 60.0)
    assert any(title in each for each in wrong), wrong
