"""Whoever leaves, by logging out or for good, leaves nothing in the browser but the language that was chosen."""

from http.cookies import SimpleCookie
from typing import Any, Final

import httpx
import pytest

from services.identity.use_cases.leaving import GOING
from tests.platform import ORIGIN, PASSWORD, Candidate, Kit, hidden_fields

CLEARED: Final = '"cache", "storage"'
DOORS: Final = ("/identity/logout", "/identity/account/close", "/identity/api/logout", "/identity/api/account/closure")
NOTICES: Final = {
    "/identity/logout": "Vous êtes déconnecté(e)",
    "/identity/account/close": "Votre compte est clôturé",
}


async def leave(anna: Candidate, door: str, password: str = PASSWORD) -> httpx.Response:
    if "/api/" in door:
        return await anna.client.post(door, json={"current_password": password} if door.endswith("closure") else None)
    form = hidden_fields((await anna.get("/identity/account/close")).text) | {"current_password": password}
    headers = {"origin": ORIGIN, "sec-fetch-site": "same-origin"}
    return await anna.client.post(door, data=form, headers=headers, follow_redirects=False)


def cookies_of(answer: httpx.Response) -> dict[str, Any]:
    """The last word on each cookie."""
    told: dict[str, Any] = {}
    for each in answer.headers.get_list("set-cookie"):
        told.update(SimpleCookie(each))
    return told


async def arrived(platform: Kit) -> Candidate:
    """Somebody who has chosen French and written something, so that all kinds of cookies are there."""
    anna = await platform.candidate()
    await anna.get("/alerts/new?lang=fr")
    saved = await anna.api("POST", "/alerts/api/searches", json={"name": "Mine", "criteria": {}})
    assert saved.status_code == 201
    anna.client.cookies.set("__Host-kept", "k" * 32, domain="careers.test", path="/")
    assert {"__Host-session", "__Host-form", "__Host-wrote", "__Host-kept", "lang"} <= set(anna.client.cookies)
    return anna


@pytest.mark.parametrize("door", DOORS)
async def test_the_browser_is_told_to_forget_and_keeps_its_language_alone(platform: Kit, door: str) -> None:
    anna = await arrived(platform)
    answer = await leave(anna, door)
    assert answer.status_code == (204 if "/api/" in door else 303), answer.text
    assert answer.headers.get_list("clear-site-data") == [CLEARED]
    assert answer.headers["cache-control"] == "no-store"
    assert "postulo-wrote" not in answer.headers
    told = cookies_of(answer)
    notice = {"__Host-flash"} if door in NOTICES else set()
    assert set(told) == {*GOING, *notice}
    for name in GOING:
        assert (told[name].value, told[name]["max-age"], told[name]["path"]) == ("", "0", "/"), name
        assert (told[name]["secure"], told[name]["domain"]) == (True, ""), name
    assert set(anna.client.cookies) == {"lang", *notice}
    assert (await anna.get("/identity/api/session")).status_code == 401


@pytest.mark.parametrize(("door", "notice"), NOTICES.items())
async def test_the_notice_arrives_in_the_language_that_was_chosen(platform: Kit, door: str, notice: str) -> None:
    anna = await arrived(platform)
    answer = await leave(anna, door)
    assert answer.headers["location"] == "/"
    home = await anna.get("/")
    assert (home.status_code, home.headers["content-language"]) == (200, "fr")
    assert notice in home.text
    assert "clear-site-data" not in home.headers
    assert notice not in (await anna.get("/")).text, "a notice is shown once"


@pytest.mark.parametrize("door", ["/identity/account/close", "/identity/api/account/closure"])
async def test_a_refused_closing_clears_nothing(platform: Kit, door: str) -> None:
    anna = await arrived(platform)
    answer = await leave(anna, door, "not her password at all")
    assert (answer.status_code, "clear-site-data" in answer.headers) == (422, False)
    assert not cookies_of(answer).keys() & set(GOING)
    assert (await anna.get("/identity/api/session")).status_code == 200


async def test_the_forms_of_whoever_comes_next_have_a_token_of_their_own(platform: Kit) -> None:
    anna = await arrived(platform)
    before = anna.client.cookies["__Host-form"]
    await leave(anna, "/identity/logout")
    await anna.get("/identity/login")
    assert anna.client.cookies["__Host-form"] != before
    again = await anna.post_form("/identity/login", {"login": anna.email, "password": PASSWORD})
    assert (again.status_code, (await anna.get("/identity/api/session")).status_code) == (200, 200)
