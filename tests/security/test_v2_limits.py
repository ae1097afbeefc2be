"""V2, business logic: whoever asks endlessly is told when to come back, keeps what was typed, and shuts nobody out."""

import asyncio

import httpx
import pytest

from services.identity.use_cases.attempts import REGISTRATIONS, REMINDERS
from shared.store.limits import MAILS_OF_ONE
from tests.identity.people import new_address, registration
from tests.platform import PASSWORD, Kit
from tests.support.samples import VISITOR as VISITOR_TICKET


def told_when(answer: httpx.Response, seconds: int) -> bool:
    return answer.status_code == 429 and answer.headers["retry-after"] == str(seconds)


async def test_a_network_that_registers_endlessly_is_told_to_wait_and_nobody_else(platform: Kit) -> None:
    crowd = platform.visitor()
    answers = await asyncio.gather(
        *(crowd.api("POST", "/identity/api/registrations", json=registration()) for _ in range(90))
    )
    refused = [answer for answer in answers if answer.status_code != 202]
    seconds = int(REGISTRATIONS.every.total_seconds())
    assert 90 - len(refused) in (REGISTRATIONS.burst, REGISTRATIONS.burst + 1)
    assert all(told_when(answer, seconds) for answer in refused)
    assert refused[0].json()["detail"] == f"Too many requests at once. Try again in {seconds} s"
    values = registration(family_name="Kept as typed")
    page = await crowd.post_form("/identity/register", values)
    assert page.status_code == 429
    assert 'value="Kept as typed"' in page.text
    other = await platform.visitor().api("POST", "/identity/api/registrations", json=registration())
    assert other.status_code == 202


@pytest.mark.parametrize(("path", "field"), [("user-code", "email"), ("password", "login")])
async def test_a_network_that_asks_for_reminders_endlessly_is_told_to_wait(
    platform: Kit, path: str, field: str
) -> None:
    crowd = platform.visitor()
    door = f"/identity/api/reminders/{path}"
    answers = await asyncio.gather(*(crowd.api("POST", door, json={field: new_address()}) for _ in range(40)))
    refused = [answer for answer in answers if answer.status_code != 202]
    assert 40 - len(refused) in (REMINDERS.burst, REMINDERS.burst + 1)
    assert all(told_when(answer, int(REMINDERS.every.total_seconds())) for answer in refused)
    typed = new_address()
    page = await crowd.post_form(f"/identity/forgotten/{path}", {field: typed})
    assert page.status_code == 429
    assert f'value="{typed}"' in page.text


async def test_changes_of_address_are_limited_for_an_account(platform: Kit) -> None:
    anna = await platform.candidate()
    body = {"current_password": PASSWORD}
    answers = [
        await anna.api("POST", "/identity/api/account/email", json={**body, "email": new_address()}) for _ in range(6)
    ]
    assert [answer.status_code for answer in answers] == [202] * 5 + [429]
    assert told_when(answers[-1], 600)
    assert MAILS_OF_ONE.burst < 5


async def test_tickets_fill_nobody_s_mailbox_and_the_page_says_that_the_number_is_not_mailed(platform: Kit) -> None:
    visitor, victim = platform.visitor(), new_address()
    ticket = {**VISITOR_TICKET, "email": victim}
    opened = [await visitor.api("POST", "/support/api/tickets", json=ticket) for _ in range(5)]
    assert [answer.json()["mailed"] for answer in opened] == [True, True, True, False, False]
    enquiry = await visitor.api("POST", "/support/api/tickets", json={**ticket, "nature": "other"})
    assert (enquiry.json()["status"], enquiry.json()["mailed"]) == ("declined", False)
    page = await visitor.get(f"/support/opened/{opened[-1].json()['id']}")
    assert "Note this number: it is not sent by e-mail" in page.text
    told = await visitor.get(f"/support/opened/{opened[0].json()['id']}")
    assert "We have sent this number to you by e-mail." in told.text
    await platform.settled()
    assert len(platform.mails(victim)) == MAILS_OF_ONE.burst
    holder = await platform.visitor().api("POST", "/support/api/tickets", json=ticket)
    assert holder.json()["mailed"], "the first of another network always goes"


async def test_a_candidate_s_tickets_are_told_to_the_own_address_and_rarely_to_another(platform: Kit) -> None:
    anna, victim = await platform.candidate(), new_address()
    asked = {**VISITOR_TICKET, "user_code": anna.user_code}
    for email, mailed in ((anna.email.upper(), [True] * 4), (victim, [True] * 3 + [False])):
        opened = [await anna.api("POST", "/support/api/tickets", json={**asked, "email": email}) for _ in range(4)]
        assert [answer.json()["mailed"] for answer in opened] == mailed


async def test_a_visitor_s_tickets_are_limited_and_what_was_typed_stays(platform: Kit) -> None:
    visitor = platform.visitor()
    answers = [await visitor.api("POST", "/support/api/tickets", json=VISITOR_TICKET) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [201] * 10 + [429]
    assert told_when(answers[-1], 120)
    page = await visitor.post_form("/support", {**VISITOR_TICKET, "subject": "Nothing of this is lost"})
    assert page.status_code == 429
    assert "Nothing of this is lost" in page.text
    assert (await platform.visitor().api("POST", "/support/api/tickets", json=VISITOR_TICKET)).status_code == 201
