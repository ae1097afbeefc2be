"""What is new on the Careers page: answers of support until they are read, vacancies that fit while they are open."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from tests.careers.test_doors import call, careers, draft, publish
from tests.platform import Candidate, Kit, Visitor
from tests.support.samples import QUESTION
from tests.system.answers import vacancy

NEW = "New answer"


async def asked(platform: Kit) -> tuple[Candidate, Visitor, str]:
    """Anna, an agent, and the ticket that Anna opened."""
    anna, agent = await platform.candidate(), await platform.machine("support")
    await platform.settled()
    return anna, agent, (await call(anna, "POST", "/support/api/tickets", 201, json=QUESTION))["id"]


async def answer(platform: Kit, agent: Visitor, ticket: str, text: str) -> str:
    """An agent's answer that every service has heard of: its id."""
    told = await call(agent, "POST", f"/support/api/desk/{ticket}/answers", 201, json={"text": text})
    await platform.settled()
    return str(told["messages"][-1]["id"])


async def unread(anna: Candidate) -> bool:
    (row,) = (await call(anna, "GET", "/careers/api/overview"))["tickets"]
    return bool(row["unread"])


async def test_an_answer_is_new_until_its_page_has_said_that_it_was_read(platform: Kit) -> None:
    anna, agent, ticket = await asked(platform)
    assert NEW not in await careers(anna)
    await answer(platform, agent, ticket, "Which browser?")
    page = await careers(anna)
    assert NEW in page
    assert "The Technical Support Centre has answered your request" in page
    path = f"/support/tickets/{ticket}"
    assert "Mark the answer as read" in (await anna.get(path)).text
    assert NEW in await careers(anna), "looking at the ticket must write nothing"
    read = await anna.post_form(f"{path}/read", {}, page=path)
    assert read.url.path == path
    assert "Mark the answer as read" not in read.text
    assert NEW not in await careers(anna)


async def test_the_page_that_posts_by_itself_gets_an_empty_answer(platform: Kit) -> None:
    anna, agent, ticket = await asked(platform)
    await answer(platform, agent, ticket, "Which browser?")
    path = f"/support/tickets/{ticket}"
    anna.client.headers["hx-request"] = "true"
    done = await anna.post_form(f"{path}/read", {}, page=path)
    assert (done.status_code, done.text, done.history) == (200, "", [])
    assert not await unread(anna)


async def test_an_answer_that_came_after_the_page_was_opened_stays_new(platform: Kit) -> None:
    anna, agent, ticket = await asked(platform)
    seen = {"message_id": await answer(platform, agent, ticket, "Which browser?")}
    later = await answer(platform, agent, ticket, "And which version?")
    shown = await call(anna, "POST", f"/support/api/tickets/{ticket}/reading", json=seen)
    assert shown["unread"] == [later]
    assert await unread(anna)
    await call(anna, "POST", f"/support/api/tickets/{ticket}/reading", json={"message_id": later})
    assert not await unread(anna)


async def test_a_reply_reads_the_answer_too(platform: Kit) -> None:
    anna, agent, ticket = await asked(platform)
    await answer(platform, agent, ticket, "Which browser?")
    await call(anna, "POST", f"/support/api/tickets/{ticket}/replies", 201, json={"text": "Firefox"})
    assert not await unread(anna)


async def test_only_ones_own_messages_can_be_read(platform: Kit) -> None:
    anna, agent, ticket = await asked(platform)
    boris, path = await platform.candidate(), f"/support/api/tickets/{ticket}/reading"
    seen = {"message_id": await answer(platform, agent, ticket, "Which browser?")}
    await call(boris, "POST", path, 404, json=seen)
    refused = await call(anna, "POST", path, 404, json={"message_id": str(uuid4())})
    assert [problem["field"] for problem in refused["errors"]] == ["message_id"]
    assert (await anna.post_form(f"/support/tickets/{ticket}/read", {"seen": "?"}, page="/support")).status_code == 404
    assert await unread(anna)


async def suggested(anna: Candidate) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await call(anna, "GET", "/careers/api/overview"))["suggestions"]
    return found


async def test_a_vacancy_is_suggested_once_with_all_searches_that_it_fits_while_it_is_open(platform: Kit) -> None:
    anna, hr, word = await platform.candidate(), await platform.machine("hr"), f"w{uuid4().hex[:12]}"
    for name in ("First", "Second"):
        search = {"name": name, "criteria": {"keywords": word}}
        await call(anna, "POST", "/alerts/api/searches", 201, json=search)
    closes_on = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    body = {**vacancy(f"26-{uuid4().hex[:8]}", closes_on), "title": f"Economist for {word}"}
    vacancy_id = (await call(hr, "POST", "/vacancies/api/vacancies", 201, json=body))["id"]
    await publish(platform, hr)
    (one,) = await suggested(anna)
    assert (one["vacancy_id"], sorted(one["searches"])) == (vacancy_id, ["First", "Second"])
    assert f"Economist for {word}" in await careers(anna)
    await call(hr, "PUT", f"/vacancies/api/vacancies/{vacancy_id}/cancellation", json={"reason": "No funds"})
    await platform.settled()
    assert await suggested(anna) == []
    assert f"Economist for {word}" not in await careers(anna)


async def test_the_json_door_tells_what_the_page_tells_of_a_draft_and_its_vacancy(platform: Kit) -> None:
    anna, hr = await platform.candidate(), await platform.machine("hr")
    vacancy_id, number = await publish(platform, hr)
    await draft(anna, vacancy_id=vacancy_id)
    (row,) = (await call(anna, "GET", "/careers/api/overview"))["applications"]
    assert (row["vacancy_id"], row["job_opening_number"], row["open"]) == (vacancy_id, number, True)
    assert (row["status"], row["submitted_at"], row["lost_job_opening_number"]) == ("draft", None, "")
    assert datetime.fromisoformat(row["closes_at"]) > datetime.now(UTC)
    await call(hr, "PUT", f"/vacancies/api/vacancies/{vacancy_id}/cancellation", json={"reason": "No funds"})
    await platform.settled()
    (row,) = (await call(anna, "GET", "/careers/api/overview"))["applications"]
    assert (row["vacancy_id"], row["closes_at"], row["lost_job_opening_number"]) == (None, None, number)
    assert (await call(anna, "GET", "/careers/api/overview?status=applied"))["applications"] == []
    await call(anna, "GET", "/careers/api/overview?status=nonsense", 422)
