"""The agents' desk on pages: what waits first, a ticket whole, answered, closed, declined and taken up again."""

import re
from typing import Any
from uuid import uuid4

import pytest

from tests.applications.test_pages import text_of
from tests.platform import Candidate, Kit
from tests.support.samples import PROBLEM, QUESTION, picture
from tests.support.test_doors import known, opened, sent

DESK = "/support/desk"


async def asked(platform: Kit, **values: str) -> tuple[Candidate, str, str]:
    """A candidate with a ticket of a subject that no other has; the ticket's page, and its subject."""
    anna, subject = await known(platform, language="fr"), f"Page blanche {uuid4().hex[:8]}"
    body = {**PROBLEM, "email": anna.email, "subject": subject, **values}
    ticket = await opened(anna, body, screenshots=sent(picture()))
    await platform.settled()
    return anna, f"{DESK}/{ticket['id']}", subject


def lines(page: Any) -> list[str]:
    """The tickets of a list, one text each."""
    items = re.findall(r'<li class="govuk-task-list__item.*?</li>', page.text, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", item).split()) for item in items]


async def everything(agent: Candidate, state: str = "") -> list[str]:
    """The lines of all pages of the desk."""
    found: list[str] = []
    number = 1
    while more := lines(await agent.get(f"{DESK}?state={state}&page={number}")):
        found, number = found + more, number + 1
    return found


async def test_the_desk_lists_who_waits_since_when_and_whether_they_wrote_again(platform: Kit) -> None:
    agent = await platform.staff("support", language="fr")
    anna, path, subject = await asked(platform)
    [row] = [each for each in await everything(agent) if subject in each]
    assert re.match(r"20\d\d-\d{6,} – ", row)
    for words in (PROBLEM["full_name"], f"({anna.user_code})", "il y a", "En attente de réponse"):
        assert words in row
    await agent.post_form(f"{path}/answers", {"text": "Quel navigateur ?"}, page=path)
    assert not [each for each in await everything(agent, "waiting") if subject in each]
    assert "Réponse envoyée" in next(each for each in await everything(agent, "answered") if subject in each)
    ticket = path.removeprefix(f"{DESK}/")
    await anna.api("POST", f"/support/api/tickets/{ticket}/replies", json={"text": "Firefox"})
    await platform.settled()
    assert "Nouveau message" in next(each for each in await everything(agent, "waiting") if subject in each)


async def test_what_waits_stands_before_what_is_answered_and_what_is_over(platform: Kit) -> None:
    agent = await platform.staff("support")
    subjects = {}
    for deed in ("close", "answers", ""):
        _, path, subjects[deed] = await asked(platform)
        if deed:
            await agent.post_form(f"{path}/{deed}", {"text": "Reload the page"}, page=path)
    found = await everything(agent)
    places = {deed: next(n for n, each in enumerate(found) if subject in each) for deed, subject in subjects.items()}
    assert places[""] < places["answers"] < places["close"]


async def test_a_long_list_has_pages(platform: Kit) -> None:
    agent = await platform.staff("support")
    for number in range(52):
        await opened(
            platform.visitor(), {**QUESTION, "has_user_code": "no", "user_code": "", "subject": f"Many {number}"}
        )
    await platform.settled()
    first, second = await agent.get(f"{DESK}?state=waiting"), await agent.get(f"{DESK}?state=waiting&page=2")
    assert len(lines(first)) == 50
    assert lines(second)
    assert not set(lines(first)) & set(lines(second))
    assert f'href="{DESK}?state=waiting&amp;page=2"' in first.text
    assert "Page 2 of" in second.text
    tabs = dict(re.findall(r'state=(\w+)"[^>]*>[^<]* <span class="postulo-state">(\d+)<', first.text))
    total = re.search(r'All tickets <span class="postulo-state">(\d+)<', first.text)
    assert total
    assert int(total[1]) == sum(int(count) for count in tabs.values()) >= 52


async def test_an_agent_reads_the_ticket_with_its_pictures_and_answers_by_mail_and_page(platform: Kit) -> None:
    agent = await platform.staff("support", language="fr")
    anna, path, subject = await asked(platform)
    page = await agent.get(path)
    for words in (subject, PROBLEM["steps"], anna.email, "Français", "24-FIN-UNHQ-123456-R", "Problème technique"):
        assert words in text_of(page)
    [address] = re.findall(r'href="(/support/api/desk/[^"]+/screenshots/[^"]+)"', page.text)
    assert (await agent.get(address)).content == picture()
    told = await agent.post_form(f"{path}/answers", {"text": "Videz le cache.", "_action": "answer"}, page=path)
    assert (told.status_code, told.url.path) == (200, path)
    for words in ("Votre réponse a été envoyée", "Videz le cache.", "Pas encore lue sur le site", "Réponse envoyée"):
        assert words in text_of(told)
    assert "Videz le cache." in (await platform.mail(anna.email, "support/mail/answered")).text
    ticket = path.removeprefix(f"{DESK}/")
    assert "Videz le cache." in (await anna.get(f"/support/tickets/{ticket}")).text


async def test_an_empty_answer_is_sent_back_with_its_reason(platform: Kit) -> None:
    agent = await platform.staff("support", language="fr")
    _, path, _ = await asked(platform)
    refused = await agent.post_form(f"{path}/answers", {"text": " ", "_action": "close"}, page=path)
    assert refused.status_code == 422
    assert '<a href="#text">' in refused.text
    assert "<title>Erreur" in refused.text
    assert "En attente de réponse" in refused.text


async def test_answer_and_close_ends_the_ticket_with_one_mail(platform: Kit) -> None:
    agent = await platform.staff("support", language="fr")
    anna, path, _ = await asked(platform)
    told = await agent.post_form(f"{path}/answers", {"text": "C’est réparé.", "_action": "close"}, page=path)
    assert "Votre réponse a été envoyée, et la demande est close" in text_of(told)
    await platform.mail(anna.email, "support/mail/answered")
    await platform.settled()
    assert platform.mails(anna.email, "support/mail/closed") == []


async def test_what_was_typed_stays_when_the_candidate_closed_meanwhile_and_can_still_be_sent(platform: Kit) -> None:
    agent = await platform.staff("support")
    anna, path, _ = await asked(platform)
    shown, ticket = await agent.get(path), path.removeprefix(f"{DESK}/")
    await anna.api("POST", f"/support/api/tickets/{ticket}/closure")
    await platform.settled()
    typed = {"text": "One more thing: update your browser."}
    refused = await agent.post(f"{path}/answers", {**_tokens(shown), **typed})
    assert refused.status_code == 409
    assert "This ticket is closed" in refused.text
    assert typed["text"] in refused.text
    sent_after_all = await agent.post(f"{path}/answers", {**_tokens(refused), **typed, "_action": "reopen"})
    assert (sent_after_all.status_code, "Answered" in sent_after_all.text) == (200, True)
    assert typed["text"] in (await platform.mail(anna.email, "support/mail/answered")).text


def _tokens(page: Any) -> dict[str, str]:
    names = ("_token", "_for", "_request")
    return {name: re.search(rf'name="{name}" value="([^"]*)"', page.text)[1] for name in names}  # type: ignore[index]


@pytest.mark.rule("R68")
async def test_an_agent_declines_closes_and_reopens(platform: Kit) -> None:
    agent = await platform.staff("support", language="fr")
    anna, path, _ = await asked(platform)
    declined = await agent.post_form(f"{path}/decline", {}, page=path)
    assert "La demande est déclinée" in text_of(declined)
    assert "Merci de votre compréhension" in (await platform.mail(anna.email, "support/mail/declined")).text
    reopened = await agent.post_form(f"{path}/reopen", {}, page=path)
    assert "La demande est rouverte" in text_of(reopened)
    closed = await agent.post_form(f"{path}/close", {}, page=path)
    assert "La demande est close" in text_of(closed)
    shown = await agent.get(path)
    refused = await agent.post(f"{path}/decline", _tokens(shown))
    assert refused.status_code == 409
    assert "Cette demande est close. Rouvrez-la avant de la décliner" in text_of(refused)


async def test_the_desk_is_in_the_menu_of_agents_and_closed_to_everybody_else(platform: Kit) -> None:
    agent, curator = await platform.staff("support", language="fr"), await platform.staff("hr")
    anna, path, _ = await asked(platform)
    entry = re.compile(rf'<a href="{DESK}"[^>]*>Assistance</a>')
    assert entry.search((await agent.get("/careers")).text)
    assert not re.search(rf'href="{DESK}"', (await anna.get("/careers")).text + (await curator.get("/careers")).text)
    shown = (await agent.get(DESK)).text
    assert re.findall(r'<a href="([^"]+)" aria-current="page">', shown)[0] == DESK
    assert '<a href="/support" aria-current' not in shown
    for stranger in (anna, curator):
        for address in (DESK, path):
            assert (await stranger.get(address)).status_code == 403
    answered = await anna.post_form(f"{path}/close", {}, page="/support")
    assert answered.status_code == 403
    sent_to = await platform.visitor().get(DESK)
    assert sent_to.url.path == "/identity/login"
    for gone in (f"{DESK}/{uuid4()}", f"{DESK}/nothing"):
        assert (await agent.get(gone)).status_code == 404
