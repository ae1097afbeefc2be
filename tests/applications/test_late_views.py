"""While the view of applications is behind, nobody is told that what they did has not happened."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from shared.web.page import AUTOSAVE
from tests.applications.doors import API, applicant, draft, fill, publish, submit
from tests.applications.values import SECTIONS
from tests.platform import ORIGIN, Kit, hidden_fields

LOCK = "pg_advisory_{}(hashtextextended('view:' || $1, 0))"


@asynccontextmanager
async def held_back(platform: Kit, service: str = "applications", view: str = "application") -> AsyncIterator[None]:
    """Nothing reaches the view until the block ends."""
    async with platform.service(service).kernel.pool.acquire() as connection:
        await connection.execute(f"select {LOCK.format('lock')}", view)
        try:
            yield
        finally:
            await connection.execute(f"select {LOCK.format('unlock')}", view)


@pytest.mark.rule("R20")
async def test_a_draft_that_was_just_created_is_there_and_its_saves_are_counted(platform: Kit) -> None:
    anna, ben = await applicant(platform), await applicant(platform)
    async with held_back(platform):
        application = await draft(anna)
        saved = await anna.api("PUT", f"{API}/{application}/sections/letter", json={"values": {"letter": "Madam"}})
        assert (saved.status_code, saved.json()["sections"]["letter"]["version"]) == (200, 1)
        assert saved.json()["sections"]["letter"]["values"] == {"letter": "Madam"}
        assert (await ben.api("GET", f"{API}/{application}")).status_code == 404
    await platform.settled()
    assert (await anna.api("GET", f"{API}/{application}")).json()["revision"] == saved.json()["revision"] == 2


@pytest.mark.rule("R41")
async def test_a_submitted_application_is_said_to_be_applied_at_once(platform: Kit) -> None:
    vacancy, anna = await publish(platform), await applicant(platform)
    application = await draft(anna, vacancy)
    ready = await fill(anna, application)
    await platform.settled()
    async with held_back(platform):
        sent = await submit(anna, application, ready["revision"])
        assert (sent.status_code, sent.json()["status"]) == (200, "applied")
        page = await anna.get(f"/applications/{application}/confirmation")
        assert sent.json()["reference"] in page.text
    await platform.settled()
    read = (await anna.api("GET", f"{API}/{application}")).json()
    assert {**read, "saved_at": ""} == {**sent.json(), "saved_at": ""}


@pytest.mark.rule("R20")
async def test_a_form_that_saves_itself_does_not_meet_its_own_earlier_version(platform: Kit) -> None:
    anna = await applicant(platform)
    application = await draft(anna)
    await platform.settled()
    path = f"/applications/{application}/letter"
    form = hidden_fields((await anna.get(path)).text)
    async with held_back(platform):
        headers = {"origin": ORIGIN, "sec-fetch-site": "same-origin", AUTOSAVE: "1"}
        typed = {**SECTIONS["letter"], **form}
        first = await anna.client.post(path, data={**typed, "letter": "M"}, headers=headers)
        version = int(first.headers["Postulo-Version"])
        second = await anna.client.post(path, data={**typed, "letter": "Ma", "_version": str(version)}, headers=headers)
        assert (first.status_code, second.status_code) == (204, 204)
        assert int(second.headers["Postulo-Version"]) == version + 1
