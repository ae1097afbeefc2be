"""V7, sessions: random, new at every login, ended for everybody at once, and never what somebody else chose."""

from typing import Final

import pytest

from shared.auth import COOKIE
from tests.identity.people import log_in
from tests.platform import PASSWORD, Kit, add_app, until

MINE_OF: Final = {
    "identity": "/identity/account",
    "profile": "/profile",
    "applications": "/applications/new",
    "alerts": "/alerts",
    "support": "/support/tickets",
    "careers": "/careers",
}
"""A page of each service that shows somebody's own things; vacancies' are everybody's."""


async def test_a_session_that_somebody_else_chose_is_never_one_s_own(platform: Kit) -> None:
    """Fixation: a cookie that was there before the login opens nothing afterwards."""
    anna, visitor = await platform.candidate(), platform.visitor()
    planted = "A" * 43
    visitor.client.cookies.set(COOKIE, planted, domain="careers.test", path="/")
    login = {"login": anna.email, "password": PASSWORD}
    answer = await visitor.api("POST", "/identity/api/login", json=login)
    (given,) = (cookie for cookie in answer.headers.get_list("set-cookie") if cookie.startswith(f"{COOKIE}="))
    assert planted not in given
    for value, status in ((planted, 401), (given.partition(";")[0].partition("=")[2], 200)):
        headers = {"cookie": f"{COOKIE}={value}"}
        assert (await platform.visitor().get("/identity/api/session", headers=headers)).status_code == status


async def test_each_login_has_a_session_of_256_random_bits(platform: Kit) -> None:
    anna = await platform.candidate()
    values = set()
    for _ in range(5):
        visitor = platform.visitor()
        await log_in(visitor, anna.email)
        values.add(visitor.client.cookies[COOKIE])
    assert len(values) == 5
    assert {len(value) for value in values} == {43}
    rows = str(await platform.service("identity").kernel.pool.fetch("select * from sessions"))
    assert not [value for value in values if value in rows]


async def test_an_ended_session_opens_no_page_of_any_service(platform: Kit) -> None:
    anna = await platform.candidate()
    for page in MINE_OF.values():
        assert (await anna.get(page)).status_code == 200
    cookie = {"cookie": f"{COOKIE}={anna.client.cookies[COOKIE]}"}
    assert (await anna.api("POST", "/identity/api/logout")).status_code == 204
    thief = platform.visitor()
    for page in MINE_OF.values():

        async def over(page: str = page) -> bool:
            answer = await thief.client.get(page, headers=cookie, follow_redirects=False)
            return answer.status_code == 303 and answer.headers["location"].startswith("/identity/login")

        await until(over, f"{page} to hear that the session has ended")


@pytest.mark.parametrize("changed", ["password", "second factor"])
async def test_what_one_is_entered_with_changes_and_all_other_sessions_end(platform: Kit, changed: str) -> None:
    anna, elsewhere = await platform.candidate(), platform.visitor()
    await log_in(elsewhere, anna.email)
    before = anna.client.cookies[COOKIE]
    if changed == "password":
        body = {"current_password": PASSWORD, "password": "nine green kettles sing"}
        assert (await anna.api("PUT", "/identity/api/account/password", json=body)).status_code == 204
    else:
        await add_app(anna)
    assert anna.client.cookies[COOKIE] != before
    assert (await anna.get("/identity/api/session")).status_code == 200
    assert (await elsewhere.get("/identity/api/session")).status_code == 401
    old = {"cookie": f"{COOKIE}={before}"}
    assert (await platform.visitor().get("/identity/api/session", headers=old)).status_code == 401


@pytest.mark.parametrize("cookie", ["", "x", "A" * 4_000, "' or 1=1 --", "%00", "a,b;c"])
@pytest.mark.parametrize("service", MINE_OF)
async def test_a_cookie_that_is_none_is_nobody(platform: Kit, service: str, cookie: str) -> None:
    page = MINE_OF[service]
    answer = await platform.visitor().client.get(page, headers={"cookie": f"{COOKIE}={cookie}"}, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/identity/login?")
