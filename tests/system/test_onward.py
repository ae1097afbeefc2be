"""Whoever presses Apply as a visitor is led on to that application, however long the way in is (R8, R33)."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.applications.doors import publish
from tests.identity.people import code_in, new_address, registration
from tests.platform import ORIGIN, PASSWORD, Kit, Mail, Visitor, add_app, hidden_fields

DAY = {"birth_date-day": "23", "birth_date-month": "11", "birth_date-year": "1990"}


async def follow(visitor: Visitor, page: httpx.Response, words: str, nth: int = -1) -> httpx.Response:
    """The link with these words: on the login page, the one of the page and not the menu's."""
    found = re.findall(rf'<a[^>]*href="([^"]*)"[^>]*>\s*{words}\s*</a>', page.text)
    assert found, words
    return await visitor.get(unescape(found[nth]))


async def send(visitor: Visitor, page: httpx.Response, **typed: str) -> httpx.Response:
    """The page's last form, as a browser sends it."""
    form = re.findall(r'<form method="post" action="([^"]*)"(.*?)</form>', page.text, re.DOTALL)
    action, controls = next(each for each in form if any(f'name="{name}"' in each[1] for name in typed))
    return await visitor.post(unescape(action), {**hidden_fields(controls), **typed})


async def registers(visitor: Visitor, vacancy: str, nth: int = -1) -> tuple[str, httpx.Response]:
    """From the vacancy to where the code is asked for; the address."""
    login = await follow(visitor, await visitor.get(f"/vacancies/{vacancy}"), "Postuler")
    assert login.url.path == "/identity/login"
    form = await follow(visitor, login, "Inscription immédiate", nth)
    assert form.url.path == "/identity/register"
    typed = {**registration(email=new_address(), language="fr"), **DAY}
    wrong = await send(visitor, form, **typed | {"title": ""})
    assert wrong.status_code == 422
    sent = await send(visitor, wrong, **typed)
    assert sent.url.path == "/identity/verify"
    return typed["email"], sent


async def applies(visitor: Visitor, login: httpx.Response, email: str, vacancy: str) -> None:
    """Logs in, at the second try, and stands on the first page of an application for the vacancy."""
    assert login.url.path == "/identity/login"
    wrong = await send(visitor, login, login=email, password="not the password at all")
    assert wrong.status_code == 422
    _is_first_page(await send(visitor, wrong, login=email, password=PASSWORD), vacancy)


def _is_first_page(page: httpx.Response, vacancy: str) -> None:
    assert (page.url.path, parse_qs(page.url.query.decode())) == ("/applications/new", {"vacancy": [vacancy]})
    assert "Postuler maintenant" in page.text
    assert f'name="vacancy" value="{vacancy}"' in page.text


def link_in(mail: Mail) -> str:
    found = re.search(rf"{ORIGIN}(/identity/verify\S+)", mail.text)
    assert found
    return found[1]


@pytest.mark.rule("R8")
@pytest.mark.rule("R33")
@pytest.mark.parametrize("nth", [0, -1], ids=["by the menu", "by the page"])
async def test_from_a_visitor_s_vacancy_to_the_application_s_first_page(platform: Kit, nth: int) -> None:
    vacancy, visitor = (await publish(platform))["id"], platform.visitor("fr")
    email, sent = await registers(visitor, vacancy, nth)
    another = await follow_form(visitor, sent)
    code = code_in(await platform.mail(email, "identity/mail/verify", 2))
    wrong = await send(visitor, another, code="0000 0000" if code != "0000 0000" else "1111 1111")
    assert wrong.status_code == 422
    await applies(visitor, await send(visitor, wrong, code=code), email, vacancy)


async def follow_form(visitor: Visitor, page: httpx.Response) -> httpx.Response:
    """Presses "Send another code"."""
    (again,) = re.findall(r'action="([^"]*/verify/again[^"]*)"', page.text)
    return await visitor.post(unescape(again), hidden_fields(page.text))


async def test_the_code_may_be_entered_in_another_browser_and_the_mail_says_nothing_of_the_way(platform: Kit) -> None:
    vacancy, phone = (await publish(platform))["id"], platform.visitor("fr")
    email, _ = await registers(platform.visitor("fr"), vacancy)
    mail = await platform.mail(email, "identity/mail/verify")
    assert parse_qs(urlsplit(link_in(mail)).query).keys() == {"registration"}
    assert vacancy not in mail.text + mail.html
    login = await send(phone, await phone.get(link_in(mail)), code=code_in(mail))
    await applies(phone, login, email, vacancy)


async def test_the_way_leads_through_the_second_factor_and_begins_anew_when_it_is_over(platform: Kit) -> None:
    vacancy, anna = (await publish(platform))["id"], await platform.candidate(language="fr")
    _, recovery_codes = await add_app(anna)
    visitor = platform.visitor("fr")
    login = await follow(visitor, await visitor.get(f"/vacancies/{vacancy}"), "Postuler")
    step = await send(visitor, login, login=anna.email, password=PASSWORD)
    assert step.url.path == "/identity/login/second"
    await platform.service("identity").kernel.pool.execute("delete from pending_logins")
    over = await send(visitor, step, code="123 456")
    assert over.url.path == "/identity/login"
    step = await send(visitor, over, login=anna.email, password=PASSWORD)
    wrong = await send(visitor, step, code="12")
    assert wrong.status_code == 422
    _is_first_page(await send(visitor, wrong, code=recovery_codes[0]), vacancy)


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "/" + "x" * 3000])
async def test_a_way_to_another_site_is_none(platform: Kit, elsewhere: str) -> None:
    visitor = platform.visitor("fr")
    for page in ("login", "register", "verify"):
        shown = await visitor.get(f"/identity/{page}", params={"next": elsewhere})
        assert shown.status_code == 200
        assert elsewhere not in unescape(shown.text)
        assert "next=" not in shown.text.replace(shown.url.query.decode(), "")


async def test_a_code_that_was_used_says_so_at_once_and_leads_on(platform: Kit) -> None:
    anna, visitor = await platform.candidate(), platform.visitor("fr")
    used = await visitor.get("/identity/verify", params={"registration": str(anna.account_id), "next": "/profile"})
    assert used.status_code == 410
    assert "Ce code a déjà servi" in used.text
    assert 'name="code"' not in used.text
    assert 'href="/identity/login?next=%2Fprofile" class="govuk-button"' in used.text
