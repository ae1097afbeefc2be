"""V3, web frontend: what browsers are told on every page, the cookies' marks, and forms of our own pages only."""

import re
from typing import Final

import httpx
import pytest

from services.site import NAMES
from tests.identity.people import log_in
from tests.platform import PASSWORD, Kit, hidden_fields

PAGES: Final = ("/", "/help", "/identity/login", "/identity/register", "/support", "/vacancies", "/vacancies/nothing")
MINE: Final = ("/careers", "/profile", "/identity/account", "/identity/account/security", "/alerts", "/support/tickets")
DIRECTIVES: Final = {
    "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "frame-ancestors": "'none'",
    "base-uri": "'none'", "form-action": "'self'",
}  # fmt: skip
HEADERS: Final = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
MARKS: Final = ("Secure", "HttpOnly", "Path=/")


def told_to_the_browser(answer: httpx.Response) -> None:
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert {name: policy[name] for name in DIRECTIVES} == DIRECTIVES
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert "max-age=63072000" in answer.headers["strict-transport-security"]


@pytest.mark.parametrize("path", [*PAGES, "/assets/nothing", *(f"/{name}/api/nothing" for name in NAMES)])
async def test_every_answer_tells_the_browser_what_it_may(platform: Kit, path: str) -> None:
    told_to_the_browser(await platform.visitor().get(path))


@pytest.mark.parametrize("path", MINE)
async def test_a_page_of_somebody_s_own_is_kept_nowhere_and_holds_no_script_of_its_own(
    platform: Kit, path: str
) -> None:
    anna = await platform.candidate()
    page = await anna.get(path)
    assert page.status_code == 200
    told_to_the_browser(page)
    assert page.headers["cache-control"] == "no-store"
    assert not re.search(r"<script(?![^>]* src=)[^>]*>", page.text)
    assert not re.search(r"\son[a-z]+=|\sstyle=|javascript:", page.text)


async def test_every_cookie_is_for_this_host_by_tls_and_unreadable_to_scripts(platform: Kit) -> None:
    anna = await platform.candidate()
    visitor = platform.visitor()
    answers = [
        await visitor.get("/identity/login?lang=fr"),
        await log_in(visitor, anna.email),
        await visitor.client.post("/identity/logout", data={}, follow_redirects=False),
    ]
    shown = await visitor.get("/identity/login")
    token = re.search(r'name="_token" value="([^"]+)"', shown.text)
    assert token
    data = {"login": anna.email, "password": PASSWORD, "_token": token[1]}
    answers.append(await visitor.client.post("/identity/login", data=data, follow_redirects=False))
    cookies = [cookie for answer in answers for cookie in answer.headers.get_list("set-cookie")]
    assert {cookie.partition("=")[0] for cookie in cookies} >= {"__Host-session", "__Host-form", "lang"}
    for cookie in cookies:
        for mark in MARKS:
            assert mark in cookie, cookie
        assert re.search(r"SameSite=(lax|strict)", cookie, re.IGNORECASE), cookie
        assert "Domain=" not in cookie
        assert cookie.startswith(("__Host-", "lang=")), cookie


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "https://careers.test.evil.example"},
        {},
    ],
)
async def test_a_form_from_elsewhere_changes_nothing(platform: Kit, headers: dict[str, str]) -> None:
    """Not even with the right token; and without any header of a browser, not without the token."""
    anna = await platform.candidate()
    token = hidden_fields((await anna.get("/identity/account/close")).text) if headers else {}
    data = {**token, "current_password": PASSWORD}
    answer = await anna.client.post("/identity/account/close", data=data, headers=headers)
    assert answer.status_code == 403
    assert ("another site" in answer.text) is bool(headers)
    assert (await anna.get("/identity/api/session")).status_code == 200


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}])
async def test_a_json_call_from_elsewhere_with_somebody_s_cookie_changes_nothing(
    platform: Kit, headers: dict[str, str]
) -> None:
    anna = await platform.candidate()
    body = {"current_password": PASSWORD}
    answer = await anna.api("POST", "/identity/api/account/closure", json=body, headers=headers)
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert "access-control-allow-origin" not in answer.headers
    assert (await anna.get("/identity/api/session")).status_code == 200


async def test_no_other_site_may_read_our_answers(platform: Kit) -> None:
    asked = {"origin": "https://evil.example", "access-control-request-method": "POST"}
    answer = await platform.visitor().client.request("OPTIONS", "/identity/api/login", headers=asked)
    assert (answer.status_code, answer.headers["allow"]) == (204, "OPTIONS, POST")
    assert not [name for name in answer.headers if name.startswith("access-control")]
