"""V8, authorization: who holds one permission has no other, and a client has its own organisation's things only."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.vacancies.domain import VACANCY
from shared.store.appending import NO_STREAM, Write
from tests.applications.doors import API, applicant, draft, fill, publish, submit
from tests.applications.values import DEGREE, YES_NO, pdf
from tests.platform import Candidate, Kit, Visitor
from tests.security.told import told
from tests.vacancies.doors import API as VACANCIES
from tests.vacancies.doors import body, day
from tests.vacancies.values import published

SUBMITTED, STATUSES = "/applications/api/submitted", "/applications/api/statuses"
UNKNOWN = "0191d2d4-5f6a-7c3e-9a1b-2f7c4be2a911"
NOT_YOURS = (
    "The job opening {} was not published by your organisation."
    " Ask whoever published it, or an administrator, to make the change"
)


def refused(answer: httpx.Response, status: int, sentence: str, challenge: str | None = None) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers.get("www-authenticate") == challenge
    assert (answer.json()["detail"], answer.json()["status"]) == (sentence, status)


async def sent(platform: Kit, vacancy: dict[str, Any]) -> tuple[Candidate, str, str]:
    """A candidate who has applied for the vacancy, the application, and the file attached to it."""
    anna = await applicant(platform)
    application = await draft(anna, vacancy)
    file = {"file": ("diploma.pdf", pdf(), "application/pdf")}
    attached = (await anna.api("POST", f"{API}/{application}/attachments", files=file)).json()["id"]
    ready = await fill(anna, application)
    answer = await submit(anna, application, ready["revision"])
    assert answer.status_code == 200, answer.text
    await platform.settled()
    return anna, application, attached


def doors(application: str, file: str) -> list[str]:
    """Where the submitted file, its PDF, and what was attached to it can be read."""
    return [f"{SUBMITTED}/{application}{rest}" for rest in ("", "/php", f"/attachments/{file}")]


async def statuses(platform: Kit, anna: Candidate, application: str) -> list[str]:
    await platform.settled()
    read = (await anna.api("GET", f"{API}/{application}")).json()
    return [step["status"] for step in read["timeline"]]


async def bulk(who: Visitor, application: str) -> httpx.Response:
    changes = [{"application_id": application, "status": "under_consideration"}]
    return await who.api("POST", STATUSES, json={"changes": changes}, headers={"idempotency-key": uuid4().hex})


async def test_who_keeps_the_catalogue_of_degrees_reads_no_submitted_file(platform: Kit) -> None:
    _, application, file = await sent(platform, await publish(platform))
    curator, machine = await platform.staff("curator"), await platform.machine("equivalences.write")
    lacking = 'Bearer error="insufficient_scope", scope="applications.read"'
    for door in doors(application, file):
        refused(await curator.api("GET", door), 403, "You may not do this")
        refused(await machine.api("GET", door), 403, "The access token lacks the scope applications.read", lacking)
    for keeper in (curator, machine):
        assert (await keeper.api("GET", "/applications/api/equivalences")).status_code == 200


@pytest.mark.parametrize(
    ("scope", "method", "path", "wanted"),
    [
        ("vacancies.write", "GET", f"{SUBMITTED}/{UNKNOWN}", "applications.read"),
        ("applications.read", "POST", f"{SUBMITTED}/{UNKNOWN}/status", "applications.status"),
        ("applications.read", "POST", STATUSES, "applications.status"),
        ("applications.status", "GET", f"{SUBMITTED}/{UNKNOWN}/php", "applications.read"),
        ("applications.status", "PUT", f"{VACANCIES}/{UNKNOWN}/cancellation", "vacancies.write"),
        ("duplicates.read", "POST", "/applications/api/equivalences", "equivalences.write"),
        ("support", "GET", "/identity/api/duplicates", "duplicates.read"),
        ("hr", "GET", "/support/api/desk", "support"),
    ],
)
async def test_a_machine_is_told_which_scope_its_token_lacks(
    platform: Kit, scope: str, method: str, path: str, wanted: str
) -> None:
    machine = await platform.machine(scope)
    challenge = f'Bearer error="insufficient_scope", scope="{wanted}"'
    refused(await machine.api(method, path), 403, f"The access token lacks the scope {wanted}", challenge)


async def test_a_token_that_is_not_valid_is_called_so_and_no_token_is_only_asked_for(platform: Kit) -> None:
    expired = {"authorization": "Bearer forged.token.x", "accept-language": "fr"}
    sentence = "Le jeton d’accès n’est pas valide ou a expiré. Demandez-en un autre"
    for path in (f"{SUBMITTED}/{UNKNOWN}", "/identity/api/duplicates", "/support/api/desk"):
        answer = await platform.visitor().api("GET", path, headers=expired)
        refused(answer, 401, sentence, 'Bearer error="invalid_token"')
        for headers in ({}, {"authorization": "Bearer "}, {"authorization": "Basic eDp5"}):
            without = await platform.visitor().api("GET", path, headers=headers)
            refused(without, 401, "Log in to continue", "Bearer")


async def test_a_client_cannot_change_the_vacancy_of_another(platform: Kit) -> None:
    ours, notice = await platform.machine("hr"), body()
    vacancy = (await ours.api("POST", VACANCIES, json=notice)).json()
    path, number = f"{VACANCIES}/{vacancy['id']}", notice["job_opening_number"]
    amended = {name: value for name, value in notice.items() if name not in ("job_opening_number", "language")}
    del amended["closes_on"]
    wishes: list[tuple[str, str, dict[str, Any]]] = [
        ("PUT", f"{path}/cancellation", {"reason": "Ours now"}),
        ("PUT", f"{path}/deadline", {"closes_on": day(60)}),
        ("PUT", path, {**amended, "title": "Ours now"}),
        ("POST", VACANCIES, notice),
        ("POST", VACANCIES, {**notice, "title": "Ours now"}),
        ("POST", "/vacancies/api/galaxy-notices", {**notice, "questions": []}),
    ]
    for scope in ("hr", "vacancies.write"):
        stranger = await platform.machine(scope, organisation="Elsewhere")
        for method, address, wish in wishes:
            refused(await stranger.api(method, address, json=wish), 403, NOT_YOURS.format(number))
    await platform.settled()
    assert (await platform.visitor().get(path)).json() == vacancy

    colleague = await platform.machine("vacancies.write")
    assert (await colleague.api("POST", VACANCIES, json=notice)).status_code == 200
    for method, address, wish in reversed(wishes[:3]):
        assert (await colleague.api(method, address, json=wish)).status_code == 200
    await platform.settled()
    after = (await platform.visitor().get(path)).json()
    assert (after["status"], after["reason"], after["title"]) == ("cancelled", "Ours now", "Ours now")


async def test_a_client_cannot_tell_an_application_for_another_from_one_that_does_not_exist(platform: Kit) -> None:
    anna, application, file = await sent(platform, await publish(platform))
    for scope in ("hr", "applications.read"):
        stranger = await platform.machine(scope, organisation="Elsewhere")
        for door, nowhere in zip(doors(application, file), doors(UNKNOWN, file), strict=True):
            there, not_there = await stranger.api("GET", door), await stranger.api("GET", nowhere)
            assert told(there) == told(not_there)
            assert there.status_code == 404
    for scope in ("hr", "applications.status"):
        stranger, wish = await platform.machine(scope, organisation="Elsewhere"), {"status": "under_consideration"}
        there = await stranger.api("POST", f"{SUBMITTED}/{application}/status", json=wish)
        assert told(there) == told(await stranger.api("POST", f"{SUBMITTED}/{UNKNOWN}/status", json=wish))
        assert there.status_code == 404
        results = [(await bulk(stranger, each)).json()["results"][0] for each in (application, UNKNOWN)]
        assert [(each["outcome"], each["problems"]) for each in results] == [("refused", there.json()["errors"])] * 2
    assert await statuses(platform, anna, application) == ["draft", "applied"]


async def test_a_client_reads_and_sets_no_more_than_its_scope_for_its_own_vacancies(platform: Kit) -> None:
    anna, application, file = await sent(platform, await publish(platform))
    reader, setter = await platform.machine("applications.read"), await platform.machine("applications.status")
    for door in doors(application, file):
        assert (await reader.api("GET", door)).status_code == 200
    wish, address = {"status": "under_consideration"}, f"{SUBMITTED}/{application}/status"
    answer = await setter.api("POST", address, json=wish)
    assert answer.status_code == 200, answer.text
    assert answer.json().keys() == {"id", "vacancy_id", "status", "timeline"}
    assert (answer.json()["id"], answer.json()["status"]) == (application, "under_consideration")
    assert [step["status"] for step in answer.json()["timeline"]] == ["draft", "applied", "under_consideration"]
    assert anna.email not in answer.text
    assert (await bulk(setter, application)).json()["results"][0]["outcome"] == "set"
    both = await platform.machine("applications.read", "applications.status")
    assert (await both.api("POST", address, json=wish)).json()["snapshot"]["reference"]


async def test_what_belongs_to_no_organisation_is_for_staff_and_for_clients_of_all_of_hr(platform: Kit) -> None:
    publisher = await platform.staff("publisher")
    notice = body(questions=[question.model_dump(mode="json") for question in (YES_NO, DEGREE)])
    answer = await publisher.api("POST", VACANCIES, json=notice)
    assert answer.status_code == 201, answer.text
    await platform.settled()
    _, application, _ = await sent(platform, answer.json())
    path = f"{VACANCIES}/{answer.json()['id']}/deadline"
    narrow = await platform.machine("vacancies.write", "applications.read")
    number = notice["job_opening_number"]
    refused(await narrow.api("PUT", path, json={"closes_on": day(41)}), 403, NOT_YOURS.format(number))
    assert (await narrow.api("GET", f"{SUBMITTED}/{application}")).status_code == 404
    staff = [await platform.staff(role) for role in ("hr", "administrator")]
    for days, who in enumerate([*staff, await platform.machine("hr"), await platform.machine("hr", organisation="X")]):
        assert (await who.api("PUT", path, json={"closes_on": day(50 + days)})).status_code == 200
        assert (await who.api("GET", f"{SUBMITTED}/{application}")).status_code == 200


async def test_after_the_upgrade_a_client_of_hr_keeps_what_it_had_published_and_others_lose_it(platform: Kit) -> None:
    """The event is as the version before wrote it: it names no organisation, its record names the client."""
    client, key, now = f"hr-geneva-{uuid4().hex[:8]}", uuid4(), datetime.now(UTC)
    days = {"opens_at": now - timedelta(days=9), "closes_at": now + timedelta(days=9)}
    notice = published(job_opening_number=f"26-OLD-{key}").model_copy(update=days)
    kernel = platform.service("vacancies").kernel
    await kernel.store.append([Write(VACANCY.stream(key), NO_STREAM, [notice])], actor=f"machine:{client}")
    await platform.settled()
    _, application, _ = await sent(platform, {"id": str(key)})
    path = f"{VACANCIES}/{key}/deadline"
    own, other = await platform.machine("hr", organisation=client), await platform.machine("hr")
    refused(await other.api("PUT", path, json={"closes_on": day(41)}), 403, NOT_YOURS.format(notice.job_opening_number))
    assert (await other.api("GET", f"{SUBMITTED}/{application}")).status_code == 404
    for who in (own, await platform.staff("hr")):
        assert (await who.api("GET", f"{SUBMITTED}/{application}")).status_code == 200
        assert (await bulk(who, application)).json()["results"][0]["outcome"] == "set"
    assert (await own.api("PUT", path, json={"closes_on": day(42)})).status_code == 200


@pytest.mark.parametrize(
    ("role", "shown"),
    [
        ("curator", {"/applications/equivalences"}),
        ("hr", {"/applications/equivalences"}),
        ("support", {"/support/desk"}),
        ("publisher", set()),
        ("recruiter", set()),
        ("administrator", {"/applications/equivalences", "/support/desk"}),
    ],
)
async def test_the_menu_offers_what_the_role_may_open_and_no_more(platform: Kit, role: str, shown: set[str]) -> None:
    who = await platform.staff(role)
    for page in ("/careers", "/vacancies"):
        html = (await who.get(page)).text
        assert {path for path in ("/applications/equivalences", "/support/desk") if f'href="{path}"' in html} == shown
    for path in ("/applications/equivalences", "/support/desk"):
        assert (await who.get(path)).status_code == (200 if path in shown else 403)
