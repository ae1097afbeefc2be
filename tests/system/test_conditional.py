"""Entity tags: who has something already is not sent it again, and what changed meanwhile is not overwritten."""

import asyncio
from typing import Any, Final

import asyncpg
import httpx
import pytest

from services.site import NAMES
from shared.http.responses import is_api
from tests.applications.doors import API as APPLICATIONS
from tests.applications.doors import applicant, draft, publish, submitted
from tests.platform import Candidate, Kit, Visitor
from tests.support.samples import QUESTION
from tests.system.access import ACCESS
from tests.system.stage import FILE, Stage, order, staged
from tests.system.test_access import ask
from tests.system.test_openapi import document_of
from tests.vacancies.doors import API as VACANCIES
from tests.vacancies.doors import body as notice
from tests.vacancies.doors import day

NEVER: Final = '"999999.0123456789abcdef"'
WITHOUT: Final = {
    "PUT /identity/api/account/password", "DELETE /identity/api/account/sessions",
    "DELETE /identity/api/account/sessions/{session_id}",
}  # fmt: skip
"""What nobody can read before: it has no tag."""

GUARDED: Final = sorted(
    (
        operation
        for operation in ACCESS
        if "/api/" in operation and operation.partition(" ")[0] in ("PUT", "PATCH", "DELETE")
    ),
    key=lambda operation: (order(operation), operation),
)
BODIES: Final[dict[str, Any]] = {
    "PUT /applications/api/equivalences/{entry_id}": {"level": "master", "reason": "Five years."},
    "PUT /support/api/feedback": {"rating": 3, "text": ""},
    "PUT /profile/api/{section}": {"values": {"given_names": "Anne"}},
    "POST /support/api/desk/{ticket}/answers": {"text": "Clear the cache, then try again."},
}
ACTIONS: Final = (
    "POST /applications/api/submitted/{application_id}/status",
    "POST /applications/api/applications/{application_id}/attachments",
    "POST /support/api/tickets/{ticket}/replies",
    "POST /support/api/desk/{ticket}/answers",
)


@pytest.fixture(scope="session")
async def stage(platform: Kit) -> Stage:
    return await staged(platform)


@pytest.mark.parametrize("service", NAMES)
async def test_what_can_be_read_has_a_tag_and_what_can_be_changed_takes_it(platform: Kit, service: str) -> None:
    for path, methods in (await document_of(platform, service))["paths"].items():
        for method, operation in methods.items():
            headers = {each["name"] for each in operation.get("parameters", []) if each["in"] == "header"}
            answers, name = operation["responses"], f"{method.upper()} {path}"
            if method == "get" and is_api(path):
                assert "ETag" in answers["200"]["headers"], name
                assert ("304" in answers, "If-None-Match" in headers) == (True, True), name
            elif method not in {"get", "post"}:
                guarded = name not in WITHOUT
                lower = {header.lower() for header in headers}
                assert ("412" in answers, "if-match" in lower) == (guarded, guarded), name


async def count_of_events(platform: Kit) -> list[int]:
    stores = [process.kernel.pool for process in platform.host.processes.values()]
    return [await pool.fetchval("select count(*) from events") for pool in stores]


def asker_of(operation: str) -> str:
    kind = ACCESS[operation]
    named = {"catalogue of degrees": "machine: equivalences.write", "vacancy of an organisation": "machine: hr"}
    named |= {"status for an organisation": "machine: hr", "support": "machine: support"}
    return named.get(kind, "owner")


async def asked(stage: Stage, who: Visitor, operation: str) -> httpx.Response:
    """As in the table of access, with a body that is understood."""
    if operation in BODIES:
        return await who.api(operation.partition(" ")[0], stage.path(operation), json=BODIES[operation])
    return await ask(stage, who, operation)


@pytest.mark.parametrize("operation", [each for each in [*GUARDED, *ACTIONS] if each not in WITHOUT])
async def test_a_wish_made_for_another_version_is_refused_and_nothing_is_done(
    platform: Kit, stage: Stage, operation: str
) -> None:
    who = stage.askers[asker_of(operation)]
    await platform.settled()
    before = await count_of_events(platform)
    who.client.headers["if-match"] = NEVER
    try:
        answer = await asked(stage, who, operation)
    finally:
        del who.client.headers["if-match"]
    assert answer.status_code == 412, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert await count_of_events(platform) == before
    somebody = stage.askers["another candidate"]
    somebody.client.headers["if-match"] = NEVER
    hidden = await asked(stage, somebody, operation)
    del somebody.client.headers["if-match"]
    assert hidden.status_code in (403, 404, 412)
    if ACCESS[operation] == "own":
        assert hidden.status_code == 404  # A tag tells nobody that somebody else has such a thing.


async def test_what_is_known_is_not_sent_again_until_it_changes(platform: Kit) -> None:
    hr = await platform.machine("hr")
    sent = notice()
    address = (await hr.api("POST", VACANCIES, json=sent)).headers["location"]
    read = await hr.get(address)
    tag = read.headers["etag"]
    for known in (tag, f'"x", W/{tag}', "*"):
        again = await hr.get(address, headers={"if-none-match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert "content-type" not in again.headers
    assert (await hr.get(address, headers={"if-none-match": '"1.0"'})).status_code == 200
    await hr.api("PUT", f"{address}/deadline", json={"closes_on": day(60)})
    changed = await hr.get(address, headers={"if-none-match": tag})
    assert (changed.status_code, changed.json()["extended"]) == (200, True)


async def test_of_two_who_change_what_they_read_one_is_told_that_it_has_changed(platform: Kit) -> None:
    hr = await platform.machine("hr")
    sent = notice()
    address = (await hr.api("POST", VACANCIES, json=sent)).headers["location"]
    tag = (await hr.get(address)).headers["etag"]
    content = {k: v for k, v in sent.items() if k not in ("job_opening_number", "language", "closes_on")}

    async def amend(title: str) -> httpx.Response:
        return await hr.api("PUT", address, json={**content, "title": title}, headers={"if-match": tag})

    answers = await asyncio.gather(*(amend(f"Cartographer {number}") for number in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200, *[412] * 5]
    (won,) = [answer.json() for answer in answers if answer.status_code == 200]
    now = await hr.get(address)
    assert (now.json()["title"], now.json()["version"]) == (won["title"], 2)
    assert (await hr.api("PUT", address, json={**content, "title": "Last"}, headers={"if-match": "*"})).is_success
    assert (await hr.api("PUT", address, json=content, headers={"if-match": f"W/{tag}"})).status_code == 412


async def test_a_section_is_saved_only_over_what_was_read(platform: Kit) -> None:
    anna, path = await platform.candidate(), "/profile/api/contact"
    tag = (await anna.get(path)).headers["etag"]
    first, second = ({"values": {"given_names": name}} for name in ("Anna", "Anne"))
    assert (await anna.api("PUT", path, json=first, headers={"if-match": tag})).status_code == 200
    assert (await anna.api("PUT", path, json=second, headers={"if-match": tag})).status_code == 412
    again = await anna.get(path)
    assert again.json()["values"]["given_names"] == "Anna"
    assert (await anna.api("PUT", path, json=second, headers={"if-match": again.headers["etag"]})).status_code == 200


async def test_an_attached_file_is_removed_by_its_own_tag(platform: Kit, stage: Stage) -> None:
    anna = stage.askers["owner"]
    path = stage.path("GET /applications/api/applications/{application_id}/attachments/{attachment_id}")
    tag = (await anna.get(path)).headers["etag"]
    assert (await anna.api("DELETE", path, headers={"if-match": '"0"'})).status_code == 412
    assert (await anna.get(path, headers={"if-none-match": tag})).status_code == 304
    assert (await anna.api("DELETE", path, headers={"if-match": f'"0", {tag}'})).status_code == 204


async def created(anna: Candidate, hr: Visitor, vacancy: dict[str, Any]) -> list[tuple[Visitor, httpx.Response]]:
    """One of each that can be created, and who may read it."""
    attachments = f"{APPLICATIONS}/{await draft(anna, vacancy)}/attachments"
    degree = {"country": "FR", "title": "Licence de cartographie", "level": "licence", "reason": "Three years."}
    wishes: list[tuple[Visitor, str, dict[str, Any]]] = [
        (hr, VACANCIES, {"json": notice()}),
        (hr, "/vacancies/api/galaxy-notices", {"json": notice(questions=[])}),
        (anna, APPLICATIONS, {"json": {"confirmed": True, "start": "start_blank"}}),
        (anna, "/alerts/api/searches", {"json": {"name": "Water", "criteria": {"keywords": "water"}}}),
        (hr, "/applications/api/equivalences", {"json": degree}),
        (anna, attachments, {"files": FILE}),
        (anna, "/support/api/tickets", {"json": {**QUESTION, "user_code": anna.user_code}}),
    ]
    return [(who, await who.api("POST", path, **body)) for who, path, body in wishes]


@pytest.mark.usefixtures("hasty")
async def test_what_was_created_can_be_read_at_once_however_far_the_views_are_behind(platform: Kit) -> None:
    anna, hr = await applicant(platform), await platform.machine("hr")
    vacancy = await publish(platform)
    held = [await _held(platform, name) for name in ("vacancies", "applications", "alerts", "support")]
    try:
        for who, answer in await created(anna, hr, vacancy):
            assert answer.status_code == 201, answer.text
            other = Visitor(platform.host, headers=dict(who.client.headers))  # Brings no word of what was written.
            session = who.client.cookies.get("__Host-session")
            cookies = {"cookie": f"__Host-session={session}"} if session else {}
            read = await other.get(answer.headers["location"], headers=cookies)
            assert read.status_code == 200, (answer.headers["location"], read.text)
            assert "json" not in read.headers["content-type"] or read.json()["id"] == answer.json()["id"]
    finally:
        for connection in held:
            await connection.close()


async def _held(platform: Kit, service: str) -> Any:
    """A connection that lets none of this service's views of own events go on."""
    process = platform.service(service)
    connection: Any = await asyncpg.connect(platform.settings.database(service))
    for handler in process.own:
        await connection.execute("select pg_advisory_lock(hashtextextended($1, 0))", handler.naming.title)
    return connection


async def test_what_hr_reads_of_an_application_is_as_it_is_now(platform: Kit) -> None:
    anna, hr = await applicant(platform), await platform.machine("hr")
    sent = await submitted(anna, await publish(platform))
    path = f"/applications/api/submitted/{sent['id']}"
    held = await _held(platform, "applications")
    try:
        tag = (await hr.get(path)).headers["etag"]
        step = {"status": "under_consideration"}
        assert (await hr.api("POST", f"{path}/status", json=step, headers={"if-match": tag})).is_success
        stale = await hr.api("POST", f"{path}/status", json={"status": "selected"}, headers={"if-match": tag})
        read = await Visitor(platform.host, headers=dict(hr.client.headers)).get(path)
        assert (stale.status_code, read.json()["status"]) == (412, "under_consideration")
    finally:
        await held.close()
