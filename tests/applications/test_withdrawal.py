"""What a candidate says on withdrawing: through both doors, to HR and back to the candidate, and gone with the file."""

import io
import json
import zipfile
from html import unescape
from typing import Any

import pytest

from services.applications.events import WithdrawalReason
from services.applications.events.withdrawal import MOST
from tests.applications.doors import API, applicant, draft, publish, submitted
from tests.applications.test_erased_doors import until_gone
from tests.platform import Candidate, Kit, hidden_fields

SUBMITTED = "/applications/api/submitted"
SAID = {"reason": "the_place", "explanation": "It is too far for my family."}


async def sent(platform: Kit) -> tuple[Candidate, str]:
    anna = await applicant(platform)
    return anna, str((await submitted(anna, await publish(platform)))["id"])


async def read_by_hr(platform: Kit, application: str) -> Any:
    hr = await platform.machine("applications.read")
    answer = await hr.api("GET", f"{SUBMITTED}/{application}")
    assert answer.status_code == 200, answer.text
    return answer.json()["withdrawal"]


@pytest.mark.parametrize("body", [None, {}, {"reason": None}, {"explanation": " "}])
async def test_nobody_has_to_say_why(platform: Kit, body: dict[str, Any] | None) -> None:
    anna, application = await sent(platform)
    answer = await anna.api("POST", f"{API}/{application}/withdrawal", **({} if body is None else {"json": body}))
    assert (answer.status_code, answer.json()["status"], answer.json()["withdrawal"]) == (200, "withdrawn", None)
    assert await read_by_hr(platform, application) is None


async def test_what_is_said_is_read_by_hr_and_by_the_candidate_and_goes_with_the_file(platform: Kit) -> None:
    anna, application = await sent(platform)
    answer = await anna.api("POST", f"{API}/{application}/withdrawal", json=SAID)
    assert answer.json()["withdrawal"] == SAID
    await platform.settled()
    assert await read_by_hr(platform, application) == SAID
    data = await anna.get("/applications/my-data")
    held = json.loads(zipfile.ZipFile(io.BytesIO(data.content)).read("applications.json"))
    assert [each["withdrawal"] for each in held["applications"]] == [SAID]
    hr = await platform.machine("hr")
    assert (await hr.api("DELETE", f"{SUBMITTED}/{application}/file")).status_code == 204
    await until_gone(platform, f"application-{application}")
    await platform.settled()
    pool = platform.service("applications").kernel.pool
    left = "select count(*) from {} where {}::text like '%too far for my family%'"
    for table, column in (("documents", "document"), ("events", "data")):
        assert await pool.fetchval(left.format(table, column)) == 0


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_the_page_asks_and_a_single_press_is_enough(platform: Kit, language: str) -> None:
    texts = platform.service("applications").app.state.web.texts(language)
    anna, application = await sent(platform)
    anna.client.headers["accept-language"] = language
    path = f"/applications/{application}/withdraw"
    page = unescape((await anna.get(f"{path}?lang={language}")).text)
    for reason in WithdrawalReason:
        assert texts(reason.label) in page
    done = await anna.post_form(path, {})
    assert (done.status_code, done.url.path) == (200, f"/applications/{application}")
    assert texts("Your application is withdrawn") in unescape(done.text)
    assert texts("Why it was withdrawn") not in unescape(done.text)


async def test_what_was_said_on_the_page_stands_with_the_application(platform: Kit) -> None:
    anna, application = await sent(platform)
    done = await anna.post_form(f"/applications/{application}/withdraw", SAID)
    shown = unescape(done.text)
    for words in ("Why it was withdrawn", WithdrawalReason.THE_PLACE.label, SAID["explanation"]):
        assert words in shown


@pytest.mark.parametrize("said", [{"reason": "no_such"}, {"explanation": "x" * (MOST + 1)}])
async def test_what_cannot_be_said_is_refused_with_what_was_typed_and_nothing_is_withdrawn(
    platform: Kit, said: dict[str, str]
) -> None:
    anna, application = await sent(platform)
    refused = await anna.post_form(f"/applications/{application}/withdraw", {**SAID, **said})
    assert refused.status_code == 422
    assert 'name="explanation"' in refused.text
    assert (await anna.api("POST", f"{API}/{application}/withdrawal", json=said)).status_code == 422
    assert (await anna.api("GET", f"{API}/{application}")).json()["status"] == "applied"


@pytest.mark.parametrize("said", [{}, {"explanation": "x" * (MOST + 1)}])
async def test_what_cannot_be_withdrawn_is_shown_instead_whatever_is_said(platform: Kit, said: dict[str, str]) -> None:
    anna, application = await sent(platform)
    unfinished = await draft(anna)
    assert (await anna.api("POST", f"{API}/{application}/withdrawal")).status_code == 200
    for each in (unfinished, application):
        token = hidden_fields((await anna.get("/careers")).text)
        answer = await anna.post(f"/applications/{each}/withdraw", {**token, **said})
        assert answer.status_code < 500
        if said:
            assert (answer.status_code, answer.url.path) == (200, f"/applications/{each}")
    assert (await anna.api("GET", f"{API}/{unfinished}")).json()["status"] == "draft"
