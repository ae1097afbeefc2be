"""Refusals at the doors: each has a type that a program can go by, a sentence for people, and what it points at."""

from typing import Final
from uuid import uuid4

import httpx

from tests.applications.doors import API, applicant, draft, publish, submit, submitted
from tests.platform import Candidate, Kit
from tests.support.samples import ENQUIRY
from tests.vacancies.doors import API as VACANCIES
from tests.vacancies.doors import body, day

SUBMITTED, STATUSES = "/applications/api/submitted", "/applications/api/statuses"
UNKNOWN: Final = "0191d2d4-5f6a-7c3e-9a1b-2f7c4be2a911"


def refused(
    answer: httpx.Response, status: int, reason: str, detail: str, *places: tuple[str, str | None], **headers: str
) -> None:
    """The whole document. places: field and pointer of each entry, one that names nothing if left out."""
    told = answer.json()
    errors = told.pop("errors")
    assert told == {
        "type": f"urn:postulo:problem:{reason}",
        "title": told["title"],
        "status": status,
        "detail": detail,
        "reference": answer.headers["x-correlation-id"],
    }
    assert [(error["field"], error["pointer"]) for error in errors] == list(places or [("", None)])
    assert "; ".join(error["message"] for error in errors) == detail
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert {name: answer.headers[name] for name in headers} == headers


async def test_what_a_candidate_is_refused(platform: Kit) -> None:
    vacancy, anna = await publish(platform), await applicant(platform)
    first, second = await submitted(anna, vacancy), await draft(anna)
    await platform.settled()
    again = await anna.api("PUT", f"{API}/{second}/vacancy", json={"vacancy_id": vacancy["id"]})
    said = (
        "You have already submitted an application for this job opening."
        " Only one can be submitted for each job opening, even after it was withdrawn"
    )
    refused(again, 409, "already-applied", said, ("vacancy", None))

    late = await anna.api("PUT", f"{API}/{first['id']}/sections/letter", json={"values": {"letter": "Dear all"}})
    said = "This application is no longer a draft. Nothing in it can be changed, without exception"
    refused(late, 409, "application-not-editable", said)

    incomplete = await submit(anna, second, 1)
    told = incomplete.json()
    assert (incomplete.status_code, told["type"]) == (422, "urn:postulo:problem:application-not-complete")
    assert {error["pointer"] for error in told["errors"]} == {None}


async def test_what_a_section_is_refused_for(platform: Kit) -> None:
    anna = await applicant(platform)
    application = await draft(anna)
    path = f"{API}/{application}/sections/letter"
    first, stale = [
        await anna.api("PUT", path, json={"values": {"letter": text}, "seen": 0}) for text in ("Dear Sir", "Dear all")
    ]
    assert (first.status_code, stale.status_code) == (200, 409)
    assert stale.json()["type"] == "urn:postulo:problem:changed-elsewhere"
    for door, values, place in (
        (path, {"letter": ["Dear all"]}, "/values/letter"),
        ("/profile/api/contact", {"family/~name": "x"}, "/values/family~1~0name"),
        ("/profile/api/family", {"dependants": [{"name": ["x"]}]}, "/values/dependants/0/name"),
    ):
        [error] = (await anna.api("PUT", door, json={"values": values})).json()["errors"]
        assert (error["pointer"], error["field"].split(".")[0] in values) == (place, True), error


async def test_what_hr_is_refused_about_an_application(platform: Kit) -> None:
    vacancy, anna, hr = await publish(platform), await applicant(platform), await platform.machine("hr")
    application = (await submitted(anna, vacancy))["id"]
    await platform.settled()
    jump = await hr.api("POST", f"{SUBMITTED}/{application}/status", json={"status": "selected"})
    said = "The status cannot change from applied to selected"
    refused(jump, 409, "status-not-possible", said, ("status", "/status"))

    read = await hr.api("GET", f"{SUBMITTED}/{application}")
    wish, old = {"status": "under_consideration"}, {"if-match": read.headers["etag"]}
    assert (await hr.api("POST", f"{SUBMITTED}/{application}/status", json=wish, headers=old)).is_success
    wish["status"] = "rostered"
    stale = await hr.api("POST", f"{SUBMITTED}/{application}/status", json=wish, headers=old)
    refused(stale, 412, "version-changed", "This has changed since you read it. Read it again and decide anew")


async def test_what_hr_is_refused_about_a_vacancy(platform: Kit) -> None:
    ours, notice = await platform.machine("vacancies.write"), body()
    number = notice["job_opening_number"]
    path = f"{VACANCIES}/{(await ours.api('POST', VACANCIES, json=notice)).json()['id']}"
    otherwise = await ours.api("POST", VACANCIES, json={**notice, "level": "P-4"})
    said = f"The job opening {number} is already published and says something else (level). Amend or extend it instead"
    refused(otherwise, 409, "vacancy-known-otherwise", said, ("job_opening_number", "/job_opening_number"))

    wrong = {**notice, "job_opening_number": f"{number}-2", "translations": [{"language": "fr", "title": " "}]}
    missing = await ours.api("POST", VACANCIES, json=wrong)
    places = ("translations.0.description", "/translations/0/description")
    refused(missing, 422, "invalid-input", "translations.0.description is missing", places)

    stranger = await platform.machine("vacancies.write", organisation="Elsewhere")
    foreign = await stranger.api("PUT", f"{path}/cancellation", json={})
    said = (
        f"The job opening {number} was not published by your organisation."
        " Ask whoever published it, or an administrator, to make the change"
    )
    refused(foreign, 403, "of-another-organisation", said)

    assert (await ours.api("PUT", f"{path}/cancellation", json={})).status_code == 200
    over = await ours.api("PUT", f"{path}/deadline", json={"closes_on": day(60)})
    refused(over, 409, "vacancy-not-open", f"The job opening {number} has been cancelled")


async def test_what_a_machine_is_refused(platform: Kit) -> None:
    reader, stranger = await platform.machine("applications.read"), platform.visitor()
    lacking = await reader.api("POST", STATUSES, json={}, headers={"idempotency-key": "one"})
    challenge = {"www-authenticate": 'Bearer error="insufficient_scope", scope="applications.status"'}
    said = "The access token lacks the scope applications.status"
    refused(lacking, 403, "insufficient-scope", said, **challenge)

    forged = await stranger.api("GET", f"{SUBMITTED}/{UNKNOWN}", headers={"authorization": "Bearer x.y.z"})
    said = "The access token is not valid or has expired. Get another one"
    refused(forged, 401, "invalid-token", said, **{"www-authenticate": 'Bearer error="invalid_token"'})
    nobody = await stranger.api("GET", f"{SUBMITTED}/{UNKNOWN}")
    refused(nobody, 401, "not-authenticated", "Log in to continue", **{"www-authenticate": "Bearer"})

    lost = await (await platform.machine("events")).api("GET", "/vacancies/api/events", params={"after": UNKNOWN})
    assert [(error["field"], error["pointer"]) for error in lost.json()["errors"]] == [("after", None)]
    assert (lost.status_code, lost.json()["type"]) == (422, "urn:postulo:problem:unknown-place")


async def test_what_a_bulk_is_refused(platform: Kit) -> None:
    hr, changes = await platform.machine("hr"), [{"application_id": str(uuid4()), "status": "rostered"}]
    place = ("idempotency-key", None)
    keyless = await hr.api("POST", STATUSES, json={"changes": changes})
    said = "Send the header Idempotency-Key: this operation is carried out once for each key"
    refused(keyless, 400, "idempotency-key-missing", said, place)

    headers = {"idempotency-key": uuid4().hex}
    assert (await hr.api("POST", STATUSES, json={"changes": changes}, headers=headers)).status_code == 200
    other = await hr.api("POST", STATUSES, json={"changes": changes * 2}, headers=headers)
    refused(other, 422, "idempotency-key-reused", "This idempotency key was used for another request", place)

    fresh = {"idempotency-key": uuid4().hex}
    wrong = await hr.api("POST", STATUSES, json={"changes": [*changes, {"status": "rostered"}]}, headers=fresh)
    said = "changes.1.application_id is missing"
    refused(wrong, 422, "invalid-input", said, ("changes.1.application_id", "/changes/1/application_id"))


async def test_what_is_kept_or_closed_is_refused_as_such(platform: Kit) -> None:
    anna = await platform.candidate()
    search = {"name": "Water", "criteria": {}}
    *_, full = [await anna.api("POST", "/alerts/api/searches", json=search) for _ in range(6)]
    said = "You already have 5 saved searches, the maximum. Delete one of them first."
    refused(full, 409, "too-many-kept", said)

    declined = await _declined(anna)
    reply = await anna.api("POST", f"/support/api/tickets/{declined}/replies", json={"text": "But why?"})
    said = "This request was declined because it is not technical. Nothing can be added"
    refused(reply, 409, "ticket-closed", said)


async def _declined(anna: Candidate) -> str:
    answer = await anna.api("POST", "/support/api/tickets", json={**ENQUIRY, "user_code": anna.user_code})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])
