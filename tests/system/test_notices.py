"""What is said after a redirect is said by the page that shows it, whichever service sent it there, in its language."""

import ast
import base64
import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Final

import httpx
import pytest

from shared.web.environment import Web
from shared.web.page import FLASH
from tests.applications.doors import applicant, draft
from tests.applications.values import pdf
from tests.browser.words import strangers
from tests.identity.people import code_in, log_in, new_address, registration
from tests.identity.test_expired_forms import come_back, post_late
from tests.platform import PASSWORD, Candidate, Kit
from tests.shared.web.test_catalogues import SERVICES, SHARED, Key, gaps, said_in, sources

PAGES: Final = {
    "careers": "/careers", "identity": "/identity/account/close", "vacancies": "/vacancies/nothing",
    "alerts": "/alerts", "support": "/support", "profile": "/profile", "applications": "/applications/new",
}  # fmt: skip
CARRIERS: Final = frozenset({"pages", "pages.py", "use_cases"})
"""Where what a redirect carries is written."""
NOTICE: Final = re.compile(r'<div class="postulo-notice postulo-notice--success"[^>]*>\s*<p[^>]*>(.*?)</p>', re.DOTALL)
GIVEN: Final = "7"


def carried() -> Iterator[tuple[str, Key]]:
    """Every sentence that a redirect may carry, and whose it is; what the kernel says is any service's."""
    for folder in SERVICES:
        paths = (path for path, method in sources(folder) if method == "python" and CARRIERS & set(path.parts))
        yield from ((folder.name, key) for path in paths for key in said_in(path))
    paths = (path for path, method in sources(SHARED / "web") if method == "python")
    yield from (("support", key) for path in paths for key in said_in(path))


SENTENCES: Final = sorted((service, key) for service, key in carried() if isinstance(key, str))


def test_what_a_redirect_carries_is_a_sentence_of_the_code() -> None:
    """Not what was found out at run time, which nothing could be known of here."""
    paths = [path for folder in (*SERVICES, SHARED) for path, method in sources(folder) if method == "python"]
    said = [(path.name, message) for path in paths for message in _messages(ast.parse(path.read_text("utf-8")))]
    assert len(said) > 30
    assert [each for each in said if not isinstance(each[1], ast.Call | ast.Name | ast.Attribute | ast.IfExp)] == []


def _messages(tree: ast.Module) -> Iterator[ast.expr]:
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute))
    return (call.args[1] for call in calls if getattr(call.func, "attr", "") == "redirect" and len(call.args) > 1)


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_every_sentence_is_said_on_every_service_s_page_in_its_language(platform: Kit, language: str) -> None:
    anna = await platform.candidate(language=language)
    webs = {service.name: Web.of(service.name) for service in SERVICES}
    wrong = []
    for number, (service, message) in enumerate(SENTENCES):
        values = dict.fromkeys(gaps(message), GIVEN)
        said = webs[service].texts(language)(message, **values)
        for page in (_other_page(service, number), PAGES["careers"]):
            _carry(platform, anna, service, message, values)
            shown = await anna.get(page)
            if (notice(shown), strangers(shown.text, language)) != (said, set()):
                wrong.append((page, said, notice(shown), strangers(shown.text, language)))
    assert wrong == []


def _other_page(service: str, number: int) -> str:
    others = [page for name, page in PAGES.items() if name not in (service, "careers")]
    return others[number % len(others)]


def _carry(platform: Kit, anna: Candidate, service: str, message: str, values: dict[str, str]) -> None:
    text = base64.urlsafe_b64encode(json.dumps([service, message, values]).encode()).decode()
    signed = platform.service(service).app.state.signer.signed(FLASH, text)
    anna.client.cookies.set(FLASH, signed, domain="careers.test", path="/")


def notice(page: httpx.Response) -> str:
    found = NOTICE.search(page.text)
    return unescape(found[1]).strip() if found else ""


def _says(page: httpx.Response, language: str, service: str, message: str, **values: str) -> None:
    assert (page.headers["content-language"], strangers(page.text, language)) == (language, set()), page.url
    assert notice(page) == Web.of(service).texts(language)(message, **values), page.url


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_who_works_and_leaves_is_told_in_their_language(platform: Kit, language: str) -> None:
    anna = await applicant(platform, language)
    file, path = {"file": ("AM_Diplome.pdf", pdf(), "application/pdf")}, f"/applications/{await draft(anna)}"
    attached = await anna.post_form(f"{path}/attachments", {}, files=file)
    _says(attached, language, "applications", "The file is attached")
    removal = re.search(r'action="(/[^"]*/remove)"', attached.text)
    assert removal
    removed = await anna.post_form(removal[1], {}, page=f"{path}/attachments")
    _says(removed, language, "applications", "The file is removed")
    saved = await anna.post_form("/profile/family", {"_action": "save"})
    _says(saved, language, "profile", "What you entered is saved. The fields listed below still need your attention")
    search = await anna.post_form("/alerts/new", {"name": "Eau"})
    _says(search, language, "alerts", "Your search has been saved.")
    gone = await anna.post_form(f"{path}/discard", {})
    assert gone.url.path == "/careers"
    _says(gone, language, "applications", "The draft is discarded")
    ended = await anna.post_form("/identity/account/sessions", {"session": "others"}, page="/identity/account")
    _says(ended, language, "identity", "Sessions ended: %(number)s", number="0")
    out = await anna.post_form("/identity/logout", {}, page="/careers")
    assert out.url.path == "/"
    _says(out, language, "identity", "You are logged out")


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_who_registers_and_closes_the_account_is_told_in_their_language(platform: Kit, language: str) -> None:
    visitor, email = platform.visitor(language), new_address()
    day = {"birth_date-day": "23", "birth_date-month": "11", "birth_date-year": "1990"}
    sent = await visitor.post_form("/identity/register", {**registration(email=email, language=language), **day})
    code = code_in(await platform.mail(email, "identity/mail/verify"))
    welcome = await visitor.post_form(str(sent.url.raw_path, "ascii"), {"code": code})
    assert welcome.url.path == "/identity/login"
    user_code = re.search(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b", notice(welcome))
    assert user_code
    message = "Your address is confirmed. Your user ID is %(user_code)s: we have e-mailed it to you. Now log in"
    _says(welcome, language, "identity", message, user_code=user_code[0])
    assert (await log_in(visitor, email)).status_code == 200
    closed = await visitor.post_form("/identity/account/close", {"current_password": PASSWORD})
    assert closed.url.path == "/"
    _says(closed, language, "identity", "Your account is closed")


WAITS: Final = "Your session had ended, so this is not saved yet. Log in: you will find in the form what you typed"


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("page", ["/profile/contact", "/alerts/new"])
async def test_whose_form_waits_is_told_in_their_language(platform: Kit, page: str, language: str) -> None:
    anna = await platform.candidate(language=language)
    login = await post_late(platform, anna, page, {"name": "Eau", "subject": "Eau"})
    _says(login, language, "identity", WAITS)
    assert (await come_back(anna, login)).url.path == page
