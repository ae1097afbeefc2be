"""Support through its doors: asking with and without an account, the number at once, agents and candidates writing."""

import asyncio
import base64
import re
from typing import Any
from uuid import uuid4

import pytest

from tests.platform import Candidate, Kit, Visitor
from tests.support.samples import ENQUIRY, PROBLEM, QUESTION, VISITOR, picture

NUMBER = re.compile(r'id="ticket-number"><bdi>(\d{4}-\d{6,})<')
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"


def number_on(page: str) -> str:
    found = NUMBER.search(page)
    assert found, page
    return found[1]


def sent(*contents: bytes) -> list[dict[str, str]]:
    """Pictures as the JSON door takes them."""
    return [{"name": f"{n}.png", "content": base64.b64encode(content).decode()} for n, content in enumerate(contents)]


async def opened(who: Visitor, values: dict[str, Any] = QUESTION, **more: Any) -> dict[str, Any]:
    answer = await who.api("POST", "/support/api/tickets", json={**values, **more})
    assert answer.status_code == 201, answer.text
    ticket: dict[str, Any] = answer.json()
    return ticket


async def known(platform: Kit, language: str = "en") -> Candidate:
    """A candidate whom support has heard of."""
    anna = await platform.candidate(language=language)
    await platform.settled()
    return anna


@pytest.mark.rule("R63")
@pytest.mark.rule("R64")
@pytest.mark.rule("R67")
async def test_a_candidate_opens_a_ticket_and_sees_its_number_on_the_page_and_by_mail(platform: Kit) -> None:
    anna = await known(platform, language="fr")
    form = await anna.get("/support")
    assert "Contactez-nous" in form.text
    assert f'value="{anna.given_names} {anna.family_name}"' in form.text
    assert anna.user_code in form.text
    values = {**PROBLEM, "email": anna.email, "full_name": f"{anna.given_names} {anna.family_name}"}
    files = [
        ("screenshots", ("erreur.png", picture(), "image/png")),
        ("screenshots", ("page.jpg", picture("JPEG"), "")),
    ]
    answer = await anna.post_form("/support", values, files=files)
    assert answer.status_code == 200, answer.text
    number = number_on(answer.text)
    mail = await platform.mail(anna.email, "support/mail/opened")
    assert number in mail.subject
    assert "Votre demande d’assistance n°" in mail.subject
    tickets = (await anna.get("/support/tickets")).text
    assert number in tickets
    assert "En attente de réponse" in tickets
    (line,) = (await anna.api("GET", "/support/api/tickets")).json()
    page = (await anna.get(f"/support/tickets/{line['id']}")).text
    assert PROBLEM["steps"] in page
    ticket = (await anna.api("GET", f"/support/api/tickets/{line['id']}")).json()
    assert ticket["user_code"] == anna.user_code
    assert [(item["name"], item["kind"]) for item in ticket["screenshots"]] == [
        ("erreur.png", "image/png"),
        ("page.jpg", "image/jpeg"),
    ]
    path = f"/support/api/tickets/{line['id']}/screenshots/{ticket['screenshots'][0]['id']}"
    assert path in page
    download = await anna.get(path)
    assert download.content == picture()
    assert download.headers["content-type"] == "image/png"
    assert download.headers["content-disposition"] == f'attachment; filename="{number}-1.png"'


@pytest.mark.rule("R63")
@pytest.mark.rule("R65")
async def test_a_visitor_without_user_code_can_ask_too(platform: Kit) -> None:
    visitor, email = platform.visitor(language="fr"), f"visitor.{uuid4()}@example.org"
    answer = await visitor.post_form("/support", {**VISITOR, "email": email})
    assert answer.status_code == 200, answer.text
    number = number_on(answer.text)
    mail = await platform.mail(email, "support/mail/opened")
    assert number in mail.text
    assert "/support/tickets/" not in mail.text
    assert VISITOR["subject"] not in mail.subject + mail.text


@pytest.mark.rule("R65")
async def test_a_password_is_refused_before_it_is_stored_and_what_was_typed_stays(platform: Kit) -> None:
    anna = await known(platform)
    secret = "Soleil-et-lune-75"
    values = {**QUESTION, "description": f"Je ne peux pas entrer. Mot de passe : {secret}"}
    answer = await anna.post_form("/support", values)
    assert answer.status_code == 422
    assert 'href="#description"' in answer.text
    assert QUESTION["subject"] in answer.text
    refused = await anna.api("POST", "/support/api/tickets", json=values)
    assert [error["field"] for error in refused.json()["errors"]] == ["description"]
    assert secret not in refused.text
    pool = platform.service("support").kernel.pool
    assert not await pool.fetchval("select exists (select from events where data::text like '%' || $1 || '%')", secret)
    assert (await anna.api("GET", "/support/api/tickets")).json() == []


@pytest.mark.rule("R66")
async def test_a_description_too_long_is_sent_back_whole(platform: Kit) -> None:
    anna, description = await known(platform), "Nothing works. " * 1_000
    answer = await anna.post_form("/support", {**QUESTION, "description": description})
    assert answer.status_code == 422
    assert "Description can have at most 5,000 characters: you typed 15,000" in answer.text
    assert description.strip() in answer.text
    assert (await anna.api("GET", "/support/api/tickets")).json() == []


@pytest.mark.rule("R66")
@pytest.mark.parametrize(
    ("name", "content"),
    [("cv.pdf", PDF), ("cv.docx", b"PK\x03\x04 a letter"), ("cv.png", PDF), ("cv.png", picture()[:60])],
)
async def test_a_cv_is_refused_whatever_its_name(platform: Kit, name: str, content: bytes) -> None:
    anna = await known(platform)
    answer = await anna.post_form("/support", PROBLEM, files=[("screenshots", (name, content, "image/png"))])
    assert answer.status_code == 422
    assert 'href="#screenshots"' in answer.text
    assert name in answer.text
    assert "Choose your screenshots again" in answer.text
    without = await anna.post_form("/support", {**PROBLEM, "subject": ""})
    assert "Choose your screenshots again" not in without.text
    assert (await anna.api("GET", "/support/api/tickets")).json() == []


@pytest.mark.rule("R67")
async def test_a_technical_problem_without_screenshot_is_sent_back(platform: Kit) -> None:
    anna = await known(platform)
    refused = await anna.api("POST", "/support/api/tickets", json=PROBLEM)
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == ["screenshots"]
    await opened(anna, PROBLEM, screenshots=sent(picture(), picture("JPEG"), picture()))
    (line,) = (await anna.api("GET", "/support/api/tickets")).json()
    ticket = (await anna.api("GET", f"/support/api/tickets/{line['id']}")).json()
    assert [item["kind"] for item in ticket["screenshots"]] == ["image/png", "image/jpeg"]


@pytest.mark.rule("R68")
async def test_what_is_not_technical_gets_a_number_a_polite_answer_and_is_closed(platform: Kit) -> None:
    anna = await known(platform, language="fr")
    values = {**ENQUIRY, "email": anna.email}
    page = (await anna.post_form("/support", values)).text
    number = number_on(page)
    assert "ne peut répondre qu’aux questions techniques" in page
    mail = await platform.mail(anna.email, "support/mail/declined")
    assert number in mail.subject
    assert "Merci de votre compréhension" in mail.text
    assert platform.mails(anna.email, "support/mail/opened") == []
    (line,) = (await anna.api("GET", "/support/api/tickets")).json()
    assert (line["number"], line["status"]) == (number, "declined")
    shown = (await anna.get(f"/support/tickets/{line['id']}")).text
    assert re.search(r"Centre de Support Technique, <time", shown), "the standard answer is dated too"
    tag = '<strong class="govuk-tag govuk-tag--grey">Déclinée'
    assert tag in shown
    assert tag in (await anna.get("/support/tickets")).text
    reply = await anna.api("POST", f"/support/api/tickets/{line['id']}/replies", json={"text": "But why?"})
    assert reply.status_code == 409
    other = await opened(anna, ENQUIRY)
    assert other["status"] == "declined"
    assert "Merci de votre compréhension" in other["answer"]


@pytest.mark.rule("R64")
async def test_numbers_are_unique_when_many_ask_at_once(platform: Kit) -> None:
    visitors = [platform.visitor() for _ in range(12)]
    tickets = await asyncio.gather(*(opened(visitor, VISITOR) for visitor in visitors))
    numbers = {ticket["number"] for ticket in tickets}
    assert len(numbers) == len({ticket["id"] for ticket in tickets}) == 12
    assert all(re.fullmatch(r"20\d\d-\d{6,}", number) for number in numbers)


@pytest.mark.rule("R64")
async def test_a_request_sent_again_opens_no_second_ticket(platform: Kit) -> None:
    anna = await known(platform)
    key = {"idempotency-key": str(uuid4())}
    answers = [await anna.api("POST", "/support/api/tickets", json=QUESTION, headers=key) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len((await anna.api("GET", "/support/api/tickets")).json()) == 1


async def test_two_visitors_with_the_same_key_get_each_their_own_ticket(platform: Kit) -> None:
    key = {"idempotency-key": "1"}
    one, other = [
        await platform.visitor().api("POST", "/support/api/tickets", json={**VISITOR, "subject": subject}, headers=key)
        for subject in ("One", "Other")
    ]
    assert one.json()["number"] != other.json()["number"]


async def test_agents_and_candidates_write_to_each_other_by_mail_and_on_the_page(platform: Kit) -> None:
    anna, agent = await known(platform, language="fr"), await platform.machine("support")
    ticket = await opened(anna, {**QUESTION, "email": anna.email})
    desk = f"/support/api/desk/{ticket['id']}"
    await platform.settled()
    queue = (await agent.api("GET", "/support/api/desk", params={"limit": 200})).json()
    assert ticket["number"] in [line["number"] for line in queue]
    key = {"idempotency-key": "answer-1"}
    for _ in range(2):
        answer = await agent.api("POST", f"{desk}/answers", json={"text": "Quel navigateur ?"}, headers=key)
        assert (answer.status_code, answer.json()["status"]) == (201, "answered")
    mail = await platform.mail(anna.email, "support/mail/answered")
    assert "Quel navigateur ?" in mail.text
    assert "Réponse à votre demande d’assistance" in mail.subject
    page = await anna.post_form(
        f"/support/tickets/{ticket['id']}/reply", {"text": "Firefox"}, page=f"/support/tickets/{ticket['id']}"
    )
    assert "Votre message a été ajouté à la demande" in page.text
    seen = (await agent.api("GET", desk)).json()
    assert [(message["by"], message["text"]) for message in seen["messages"]] == [
        ("agent", "Quel navigateur ?"),
        ("candidate", "Firefox"),
    ]
    done = await agent.api("POST", f"{desk}/answers", json={"text": "C'est réparé.", "close": True})
    assert done.json()["status"] == "closed"
    await platform.mail(anna.email, "support/mail/answered", count=2)
    await platform.settled()  # It was the agent who closed it: her list may be behind the mail.
    assert "Close" in (await anna.get("/support/tickets")).text
    back = await anna.api("POST", f"/support/api/tickets/{ticket['id']}/replies", json={"text": "Encore cassé"})
    assert back.json()["status"] == "waiting"
    await platform.settled()
    assert len(platform.mails(anna.email, "support/mail/answered")) == 2
    assert platform.mails(anna.email, "support/mail/closed") == []


async def test_an_agent_closes_reopens_and_declines(platform: Kit) -> None:
    anna, agent = await known(platform), await platform.machine("support")
    ticket = await opened(anna, {**QUESTION, "email": anna.email})
    desk = f"/support/api/desk/{ticket['id']}"
    states = [
        (await agent.api("POST", f"{desk}/{deed}")).json()["status"] for deed in ("closure", "reopening", "decline")
    ]
    assert states == ["closed", "waiting", "declined"]
    await platform.mail(anna.email, "support/mail/closed")
    await platform.mail(anna.email, "support/mail/declined")


async def test_the_candidate_closes_a_solved_ticket(platform: Kit) -> None:
    anna = await known(platform)
    ticket = await opened(anna)
    page = await anna.post_form(f"/support/tickets/{ticket['id']}/close", {}, page=f"/support/tickets/{ticket['id']}")
    assert "The ticket is closed" in page.text
    again = await anna.api("POST", f"/support/api/tickets/{ticket['id']}/closure")
    assert again.json()["status"] == "closed"


async def test_a_reply_with_a_password_is_sent_back_on_the_page(platform: Kit) -> None:
    anna = await known(platform)
    ticket = await opened(anna)
    page = f"/support/tickets/{ticket['id']}"
    answer = await anna.post_form(f"{page}/reply", {"text": "password: hunter2"}, page=page)
    assert answer.status_code == 422
    assert 'href="#text"' in answer.text
    assert (await anna.api("GET", f"/support/api/tickets/{ticket['id']}")).json()["messages"] == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/support/api/tickets/{id}"),
        ("POST", "/support/api/tickets/{id}/closure"),
        ("POST", "/support/api/tickets/{id}/replies"),
        ("GET", "/support/api/tickets/{id}/screenshots/{picture}"),
        ("GET", "/support/tickets/{id}"),
    ],
)
async def test_somebody_elses_ticket_does_not_exist(platform: Kit, method: str, path: str) -> None:
    anna, peter = await known(platform), await platform.candidate()
    ticket = await opened(anna, PROBLEM, screenshots=sent(picture()))
    whole = (await anna.api("GET", f"/support/api/tickets/{ticket['id']}")).json()
    address = path.format(id=ticket["id"], picture=whole["screenshots"][0]["id"])
    body = {"text": "Let me see"} if path.endswith("replies") else None
    assert (await peter.api(method, address, json=body)).status_code == 404
    assert (await anna.api("GET", f"/support/api/tickets/{ticket['id']}")).json()["status"] == "waiting"


async def test_the_desk_is_for_agents_only(platform: Kit) -> None:
    anna = await known(platform)
    ticket = await opened(anna)
    hr = await platform.machine("hr")
    for who, status in ((anna, 403), (hr, 403), (platform.visitor(), 401)):
        for method, path in (
            ("GET", "/support/api/desk"),
            ("GET", f"/support/api/desk/{ticket['id']}"),
            ("POST", f"/support/api/desk/{ticket['id']}/decline"),
            ("POST", f"/support/api/desk/{ticket['id']}/closure"),
        ):
            assert (await who.api(method, path)).status_code == status
    answer = await anna.api("POST", f"/support/api/desk/{ticket['id']}/answers", json={"text": "Hello"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {**QUESTION, "email": "nowhere"},
        {**QUESTION, "nature": "urgent"},
        {**QUESTION, "screenshots": [{"name": "a.png", "content": "!!!"}]},
        {**QUESTION, "language": "de"},
        {**QUESTION, "description": "x" * 5001},
        [],
        {},
    ],
)
async def test_bad_input_is_named_and_stores_nothing(platform: Kit, body: Any) -> None:
    anna = await platform.candidate()
    answer = await anna.api("POST", "/support/api/tickets", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"]
    assert (await anna.api("GET", "/support/api/tickets")).json() == []


async def test_an_unknown_ticket_has_no_pages(platform: Kit) -> None:
    anna = await platform.candidate()
    for path in (f"/support/opened/{uuid4()}", f"/support/tickets/{uuid4()}", f"/support/api/tickets/{uuid4()}"):
        assert (await anna.get(path)).status_code == 404
