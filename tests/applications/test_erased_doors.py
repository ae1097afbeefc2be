"""Through the doors: what can still be asked of an erased application, and of files that came while it was erased."""

import asyncio
import io
import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from starlette.datastructures import UploadFile

from services.applications.domain.application import APPLICATION
from services.applications.domain.commands import AddAttachment
from services.applications.domain.inputs import MOST_BYTES, FileFacts
from shared.files.uploads import attach, read_upload
from shared.store.database import Connection
from shared.store.erasing import unless_erased
from tests.applications.doors import API, applicant, draft, fill, publish, submit, submitted
from tests.applications.test_statuses import bulk, change
from tests.applications.values import ANSWERS, SECTIONS, pdf
from tests.platform import PASSWORD, Candidate, Kit, Visitor, hidden_fields, until

GONE = re.compile(r"What was submitted has been erased on \d{4}-\d\d-\d\d")
HELD = "select exists (select from file_holders where holder = $1)"
TYPED = "select document::text from documents where view = 'application' and key = $1"


async def erased(platform: Kit, anna: Candidate, hr: Visitor, vacancy: dict[str, Any]) -> str:
    """A submitted application whose erasure HR has granted."""
    application = str((await submitted(anna, vacancy))["id"])
    assert (await hr.api("DELETE", f"/applications/api/submitted/{application}/file")).status_code == 204
    await until_gone(platform, f"application-{application}")
    await platform.settled()
    return application


async def until_gone(platform: Kit, subject: str) -> None:
    pool = platform.service("applications").kernel.pool
    gone = "select exists (select from erased_subjects where subject = $1)"
    await until(lambda: pool.fetchval(gone, subject), f"{subject} to be erased")


async def attached(anna: Candidate, application: str, name: str = "AM_Diploma.pdf") -> str:
    answer = await anna.api(
        "POST", f"{API}/{application}/attachments", files={"file": (name, pdf(), "application/pdf")}
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def types_in(platform: Kit, application: str) -> list[str]:
    sql = "select type from events where stream = $1 order by version"
    rows = await platform.service("applications").kernel.pool.fetch(sql, f"application-{application}")
    return [row["type"] for row in rows]


def told(answer: Any) -> str:
    assert (answer.status_code, answer.json()["type"]) == (410, "urn:postulo:problem:erased"), answer.text
    return str(answer.json()["detail"])


async def test_one_of_a_list_of_statuses_is_refused_as_erased_and_holds_up_no_other(platform: Kit) -> None:
    vacancy, anna, ben = await publish(platform), await applicant(platform), await applicant(platform)
    hr = await platform.machine("hr")
    gone, kept = await erased(platform, anna, hr, vacancy), (await submitted(ben, vacancy))["id"]
    before = await types_in(platform, gone)
    answer = await bulk(hr, change(gone), change(kept))
    assert answer.status_code == 200, answer.text
    first, second = answer.json()["results"]
    assert (first["outcome"], first["type"]) == ("refused", "urn:postulo:problem:erased")
    assert [problem["message"] for problem in first["problems"]] == ["What was submitted has been erased"]
    assert second["outcome"] == "set"
    await platform.settled()
    assert await types_in(platform, gone) == before


async def test_it_cannot_be_withdrawn_and_says_since_when_it_is_gone(platform: Kit) -> None:
    vacancy, anna, hr = await publish(platform), await applicant(platform), await platform.machine("hr")
    gone = await erased(platform, anna, hr, vacancy)
    assert GONE.fullmatch(told(await anna.api("POST", f"{API}/{gone}/withdrawal")))
    hub = f"/applications/{gone}"
    for path in (hub, f"{hub}/withdraw", f"{hub}/confirmation"):
        page = await anna.get(path)
        assert (page.status_code, bool(GONE.search(page.text))) == (410, True), path
    token = hidden_fields((await anna.get("/applications/new")).text)
    pressed = await anna.post(f"{hub}/withdraw", token)
    assert (pressed.status_code, bool(GONE.search(pressed.text))) == (410, True)
    assert "ApplicationWithdrawn" not in await types_in(platform, gone)


async def test_it_is_not_offered_as_a_copy_and_refused_as_one(platform: Kit) -> None:
    vacancy, anna, hr = await publish(platform), await applicant(platform), await platform.machine("hr")
    gone = await erased(platform, anna, hr, vacancy)
    form = await anna.get("/applications/new")
    assert gone not in form.text
    assert "there is none to copy yet" in form.text
    explicit = {"confirmed": True, "start": "copy_previous", "source_application_id": gone}
    assert GONE.fullmatch(told(await anna.api("POST", API, json=explicit)))
    values = {"confirmed": "yes", "start": "copy_previous", "source_application_id": gone}
    posted = await anna.post("/applications/new", {**hidden_fields(form.text), **values})
    assert (posted.status_code, bool(GONE.search(posted.text))) == (410, True)
    no_other = await anna.api("POST", API, json={"confirmed": True, "start": "copy_previous"})
    assert [error["field"] for error in no_other.json()["errors"]] == ["start"]
    blank = (await anna.api("POST", API, json={"confirmed": True})).json()["id"]
    assert (await anna.api("GET", f"{API}/{blank}")).json()["source_application_id"] is None
    await platform.settled()
    copy = (await anna.api("POST", API, json={"confirmed": True})).json()["id"]
    assert (await anna.api("GET", f"{API}/{copy}")).json()["source_application_id"] == blank
    form = await anna.get("/applications/new")
    assert f'value="{blank}"' in form.text
    assert gone not in form.text


async def test_what_was_typed_goes_with_the_account_and_what_was_submitted_stays(platform: Kit) -> None:
    vacancy, anna, hr = await publish(platform), await applicant(platform), await platform.machine("hr")
    application = await draft(anna, vacancy)
    file = await attached(anna, application)
    ready = await fill(anna, application, {**SECTIONS, "screening": ANSWERS})
    assert (await submit(anna, application, ready["revision"])).status_code == 200
    await platform.settled()
    pool = platform.service("applications").kernel.pool
    assert '"sections": {}' not in await pool.fetchval(TYPED, application)
    closing = {"current_password": PASSWORD}
    assert (await anna.api("POST", "/identity/api/account/closure", json=closing)).status_code in (200, 204)
    await until_gone(platform, f"account-{anna.account_id}")
    await platform.settled()
    status = {"status": "under_consideration"}
    read = await hr.api("POST", f"/applications/api/submitted/{application}/status", json=status)
    assert read.json()["snapshot"]["sections"]["education"]
    assert [each["id"] for each in read.json()["attachments"]] == [file]
    await platform.settled()
    kept = await pool.fetchval(TYPED, application)
    for name in ("sections", "proposals", "overrides"):
        assert f'"{name}": {{}}' in kept
    download = await hr.api("GET", f"/applications/api/submitted/{application}/attachments/{file}")
    assert download.content == pdf()


async def test_a_file_that_passed_its_inspection_after_its_owner_was_erased_is_not_kept(platform: Kit) -> None:
    vacancy, anna = await publish(platform), await applicant(platform)
    application = await draft(anna, vacancy)
    await attached(anna, application)
    ready = await fill(anna, application, {**SECTIONS, "screening": ANSWERS})
    assert (await submit(anna, application, ready["revision"])).status_code == 200
    unfinished = await draft(anna)
    await platform.settled()
    kernel = platform.service("applications").kernel
    await kernel.erase({f"account-{anna.account_id}": datetime.now(UTC)}, told=True)
    late = await attached(anna, unfinished)
    assert not await kernel.pool.fetchval(HELD, UUID(late))
    copy = await draft(anna, start="copy_previous", source_application_id=application)
    files = (await anna.api("GET", f"{API}/{copy}")).json()["attachments"]
    assert len(files) == 1
    assert not await kernel.pool.fetchval(HELD, UUID(files[0]["id"]))


async def test_a_file_that_is_being_kept_at_the_moment_of_the_erasure_goes_with_its_owner(platform: Kit) -> None:
    anna = await applicant(platform)
    application, file_id = await draft(anna), uuid4()
    await platform.settled()
    kernel, subject = platform.service("applications").kernel, f"account-{anna.account_id}"
    upload = UploadFile(io.BytesIO(pdf()), filename="AM_Diploma.pdf")
    file = await read_upload(upload, MOST_BYTES, kernel.inspector, "file")
    facts = FileFacts(id=file_id, name=file.name, size=file.size, sha256=file.sha256, content_type=file.kind)
    held, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(connection: Connection) -> None:
        await attach(connection, file_id, file.sha256, file.content)
        held.set()
        await go_on.wait()

    command = AddAttachment(candidate_id=anna.account_id, file=facts)
    keeping = asyncio.create_task(
        kernel.execute(APPLICATION, application, command, also=unless_erased(subject, slowly))
    )
    await held.wait()
    erasing = asyncio.create_task(kernel.erase({subject: datetime.now(UTC)}, told=True))
    waits = "select exists (select from pg_stat_activity where wait_event_type = 'Lock' and query like '%erased_subj%')"
    await until(lambda: kernel.pool.fetchval(waits), "the erasure to wait for the file")
    go_on.set()
    await asyncio.gather(keeping, erasing)
    assert not await kernel.pool.fetchval(HELD, file_id)
