"""Through the doors: what was submitted is gone for HR and its candidate once it is erased, and says since when."""

import re
from uuid import uuid4

from tests.applications.doors import API, applicant, publish, submitted
from tests.platform import PASSWORD, Kit, until

SUBMITTED = "/applications/api/submitted"


async def test_hr_grants_an_erasure_and_everybody_is_told_since_when_it_is_gone(platform: Kit) -> None:
    vacancy, anna, hr = await publish(platform), await applicant(platform), await platform.machine("hr")
    sent = await submitted(anna, vacancy)
    file = f"{SUBMITTED}/{sent['id']}/file"
    assert (await hr.api("GET", f"{SUBMITTED}/{sent['id']}/php")).status_code == 200
    assert (await hr.api("DELETE", f"{SUBMITTED}/{uuid4()}/file")).status_code == 404
    for _ in range(2):
        assert (await hr.api("DELETE", file)).status_code == 204
    await platform.settled()
    kernel = platform.service("applications").kernel
    gone = "select exists (select from erased_subjects where subject = $1)"
    await until(lambda: kernel.pool.fetchval(gone, f"application-{sent['id']}"), "the key to be destroyed")
    for path in (f"{SUBMITTED}/{sent['id']}", f"{SUBMITTED}/{sent['id']}/php"):
        answer = await hr.api("GET", path)
        told = answer.json()
        assert (answer.status_code, told["type"]) == (410, "urn:postulo:problem:erased")
        assert re.fullmatch(r"What was submitted has been erased on \d{4}-\d\d-\d\d", told["detail"])
    status = {"status": "under_consideration"}
    assert (await hr.api("POST", f"{SUBMITTED}/{sent['id']}/status", json=status)).status_code == 410
    assert (await anna.api("GET", f"{API}/{sent['id']}")).status_code == 410
    assert (await anna.get(f"/applications/{sent['id']}")).status_code == 410
    listed = (await hr.api("GET", SUBMITTED, params={"vacancy_id": vacancy["id"]})).json()["applications"]
    assert [(line["id"], line["status"]) for line in listed] == [(sent["id"], "applied")]
    assert (await anna.get("/applications/my-data")).status_code == 200


async def test_the_contact_of_a_closed_account_is_empty_and_says_since_when(platform: Kit) -> None:
    vacancy, anna, hr = await publish(platform), await applicant(platform), await platform.machine("hr")
    sent = await submitted(anna, vacancy)
    before = (await hr.api("GET", f"{SUBMITTED}/{sent['id']}")).json()
    assert (before["current_contact"]["phone"] != "", before["contact_erased_at"]) == (True, None)
    closing = {"current_password": PASSWORD}
    assert (await anna.api("POST", "/identity/api/account/closure", json=closing)).status_code in (200, 204)
    kernel = platform.service("applications").kernel
    gone = "select exists (select from erased_subjects where subject = $1)"
    await until(lambda: kernel.pool.fetchval(gone, f"account-{anna.account_id}"), "the person to be erased")
    await platform.settled()
    after = (await hr.api("GET", f"{SUBMITTED}/{sent['id']}")).json()
    assert not any(after["current_contact"].values())
    assert after["contact_erased_at"]
    assert after["snapshot"]["candidate"]["family_name"] == "Díaz-Łukasik"
