"""Logging in and out through the doors: sessions that end in time, answers that tell nothing, slow guessing."""

from datetime import timedelta
from uuid import UUID

import pytest
from argon2 import PasswordHasher

from services.identity.api.operator import change
from services.identity.domain.account import GrantRole, RevokeRole
from services.identity.domain.session import SESSION
from services.identity.use_cases import passwords
from shared.auth import COOKIE
from tests.identity.people import log_in, new_address, registration
from tests.platform import PASSWORD, Kit, Visitor, add_app, until

SESSION_DOOR = "/identity/api/session"


async def session_status(visitor: Visitor) -> int:
    return (await visitor.get(SESSION_DOOR)).status_code


async def test_the_address_and_the_user_code_both_log_in_however_they_are_written(platform: Kit) -> None:
    anna = await platform.candidate()
    for login in (anna.email.upper(), anna.user_code, anna.user_code.lower().replace("-", " ")):
        answer = await log_in(platform.visitor(), f" {login} ")
        assert answer.json()["account_id"] == str(anna.account_id)


async def test_the_cookie_is_opaque_for_this_host_only_and_out_of_reach_of_scripts(platform: Kit) -> None:
    anna = await platform.candidate()
    answer = await log_in(platform.visitor(), anna.email)
    (cookie,) = (line for line in answer.headers.get_list("set-cookie") if line.startswith(COOKIE))
    value, *attributes = cookie.split("; ")
    assert len(value.partition("=")[2]) >= 43
    assert {attribute.lower() for attribute in attributes} == {"httponly", "path=/", "samesite=lax", "secure"}


async def test_the_session_says_who_it_is_and_when_it_ends(platform: Kit) -> None:
    anna = await platform.candidate(language="fr")
    who = (await anna.get(SESSION_DOOR)).json()
    assert (who["account_id"], who["user_code"]) == (str(anna.account_id), anna.user_code)
    assert (who["email"], who["language"], who["roles"]) == (anna.email, "fr", ["candidate"])
    assert who["expires_at"] < who["ends_at"]


async def test_whatever_is_wrong_the_answer_is_the_same(platform: Kit) -> None:
    anna, stranger = await platform.candidate(), platform.visitor()
    tries = [
        (anna.email, "wrong horse battery"),
        (new_address(), PASSWORD),
        (anna.user_code, ""),
        ("2222-2222", PASSWORD),
    ]
    answers = [await log_in(stranger, *each) for each in tries]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.json()["detail"] for answer in answers}) == 1
    assert not any("set-cookie" in answer.headers and COOKIE in answer.headers["set-cookie"] for answer in answers)


@pytest.mark.rule("R7")
async def test_a_galaxy_account_does_not_log_in_and_the_pages_say_why(platform: Kit) -> None:
    visitor = platform.visitor()
    assert (await log_in(visitor, "galaxy.user@example.org", "my galaxy password")).status_code == 401
    for page in ("/identity/register", "/identity/forgotten"):
        assert "Galaxy" in (await visitor.get(page)).text


async def test_logging_out_ends_the_session_everywhere(platform: Kit) -> None:
    anna = await platform.candidate()
    cookie = anna.client.cookies[COOKIE]
    page = await anna.get("/identity/verify")
    assert 'action="/identity/logout"' in page.text
    out = await anna.post_form("/identity/logout", {}, page="/identity/verify")
    assert "You are logged out" in out.text or out.url.path == "/"
    assert COOKIE not in anna.client.cookies
    thief = platform.visitor()
    thief.client.cookies.set(COOKIE, cookie)
    assert await session_status(thief) == 401


async def test_logging_out_over_json_needs_a_session(platform: Kit) -> None:
    anna = await platform.candidate()
    assert (await anna.api("POST", "/identity/api/logout")).status_code == 204
    assert (await anna.api("POST", "/identity/api/logout")).status_code == 401


async def test_logging_in_again_ends_the_browser_s_earlier_session(platform: Kit) -> None:
    anna = await platform.candidate()
    earlier = (await anna.get(SESSION_DOOR)).json()["session_id"]
    again = (await log_in(anna, anna.email)).json()["session_id"]
    assert again != earlier
    assert (await platform.service("identity").kernel.state(SESSION, UUID(earlier))).over
    assert await session_status(anna) == 200


async def test_another_browser_s_session_goes_on(platform: Kit) -> None:
    anna = await platform.candidate()
    await log_in(platform.visitor(), anna.email)
    assert await session_status(anna) == 200


@pytest.mark.rule("R20")
async def test_a_session_ends_after_an_hour_without_use(platform: Kit) -> None:
    anna = await platform.candidate()
    session_id = UUID((await anna.get(SESSION_DOOR)).json()["session_id"])
    await seen(platform, session_id, timedelta(minutes=59))
    assert await session_status(anna) == 200
    await seen(platform, session_id, timedelta(minutes=60))
    assert await session_status(anna) == 401
    assert (await platform.service("identity").kernel.state(SESSION, session_id)).over


@pytest.mark.rule("R20")
async def test_using_a_session_begins_its_hour_anew(platform: Kit) -> None:
    anna = await platform.candidate()
    session_id = UUID((await anna.get(SESSION_DOOR)).json()["session_id"])
    for _ in range(3):
        await seen(platform, session_id, timedelta(minutes=40))
        assert await session_status(anna) == 200


@pytest.mark.rule("R20")
async def test_however_busy_a_session_ends_after_twelve_hours(platform: Kit) -> None:
    anna = await platform.candidate()
    who = (await anna.get(SESSION_DOOR)).json()
    kernel = platform.service("identity").kernel
    lasts = await kernel.pool.fetchval(
        "select ends_at - seen_at from sessions where session_id = $1", who["session_id"]
    )
    assert timedelta(hours=11, minutes=59) < lasts <= timedelta(hours=12)
    await kernel.pool.execute("update sessions set ends_at = now() where session_id = $1", who["session_id"])
    assert await session_status(anna) == 401


@pytest.mark.rule("R20")
async def test_a_session_nobody_comes_back_to_is_ended_by_its_timer(platform: Kit) -> None:
    anna = await platform.candidate()
    session_id = UUID((await anna.get(SESSION_DOOR)).json()["session_id"])
    await platform.settled()
    kernel = platform.service("identity").kernel
    assert await kernel.pool.fetchval(
        "update timers set due = now() where key = $1 returning true", f"session/{session_id}"
    )

    async def over() -> bool:
        return (await kernel.state(SESSION, session_id)).over

    await until(over, "the session to end")
    assert await session_status(anna) == 401


async def seen(platform: Kit, session_id: UUID, ago: timedelta) -> None:
    """The session was last used so long ago."""
    pool = platform.service("identity").kernel.pool
    await pool.execute("update sessions set seen_at = now() - $2::interval where session_id = $1", session_id, ago)


async def test_no_token_can_be_read_from_the_sessions_table(platform: Kit) -> None:
    anna = await platform.candidate()
    rows = await platform.service("identity").kernel.pool.fetch("select * from sessions")
    assert anna.client.cookies[COOKIE] not in str(rows)


@pytest.mark.parametrize("cookie", ["", "x", "x" * 4000, "é%00"])
async def test_a_cookie_that_is_none_is_no_session(platform: Kit, cookie: str) -> None:
    visitor = platform.visitor()
    answer = await visitor.client.get(SESSION_DOOR, headers={b"cookie": f"{COOKIE}={cookie}".encode()})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


async def test_after_logging_in_one_lands_where_one_wanted_to_go(platform: Kit) -> None:
    anna = await platform.candidate()
    visitor = platform.visitor()
    visitor.client.follow_redirects = False
    sent = await visitor.post_form(
        "/identity/login", {"login": anna.email, "password": PASSWORD}, page="/identity/login?next=/profile/contact"
    )
    assert (sent.status_code, sent.headers["location"]) == (303, "/profile/contact")
    again = await visitor.get("/identity/login?next=/profile/contact")
    assert (again.status_code, again.headers["location"]) == (303, "/profile/contact")


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
async def test_nobody_is_sent_to_another_site(platform: Kit, elsewhere: str) -> None:
    anna = await platform.candidate()
    anna.client.follow_redirects = False
    answer = await anna.get("/identity/login", params={"next": elsewhere})
    assert (answer.status_code, answer.headers["location"]) == (303, "/careers")


async def test_a_wrong_password_on_the_page_keeps_what_was_typed_but_the_password(platform: Kit) -> None:
    visitor = platform.visitor("fr")
    page = await visitor.post_form("/identity/login", {"login": "anna@example.org", "password": "wrong horse battery"})
    assert page.status_code == 422
    assert 'value="anna@example.org"' in page.text
    assert "wrong horse" not in page.text
    assert "ne correspondent pas" in page.text


async def test_a_login_form_from_another_site_is_refused(platform: Kit) -> None:
    visitor = platform.visitor()
    data = {"login": "anna@example.org", "password": PASSWORD}
    assert (await visitor.post("/identity/login", data)).status_code == 403
    answer = await visitor.client.post("/identity/login", data=data, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403


async def test_who_knows_the_password_gets_in_however_often_strangers_fail(platform: Kit) -> None:
    """The strangers try from many networks: the account slows down, and stays open to its holder."""
    anna = await platform.candidate()
    tries = [await log_in(platform.visitor(), anna.email, "wrong horse battery") for _ in range(6)]
    assert {answer.status_code for answer in tries} == {401}
    assert tries[5].elapsed >= timedelta(seconds=1)
    holder = await log_in(platform.visitor(), anna.email)
    assert holder.status_code == 200
    assert holder.elapsed >= timedelta(seconds=2)


@pytest.mark.usefixtures("unhurried")
async def test_a_hash_of_earlier_parameters_is_renewed_at_login(platform: Kit) -> None:
    anna = await platform.candidate()
    pool = platform.service("identity").kernel.pool
    old = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    await pool.execute("update passwords set hash = $2 where account_id = $1", anna.account_id, old)
    assert (await log_in(platform.visitor(), anna.email)).status_code == 200
    renewed = await pool.fetchval("select hash from passwords where account_id = $1", anna.account_id)
    assert renewed.startswith("$argon2id$v=19$m=47104,t=1,p=1$")
    assert not passwords.needs_rehash(renewed)
    assert (await log_in(platform.visitor(), anna.email)).status_code == 200


async def test_a_password_matches_itself_and_nothing_else() -> None:
    known = await passwords.digest("Élégant comme un héron")
    assert await passwords.matches("E\u0301le\u0301gant comme un he\u0301ron", known)
    assert not await passwords.matches("elegant comme un heron", known)
    assert not await passwords.matches("anything at all, please", None)
    assert not await passwords.matches("x" * 10_000, known)


@pytest.mark.parametrize(
    "body", [{}, {"login": "x"}, {"login": 1, "password": []}, {"login": "x" * 5000, "password": "y"}]
)
async def test_a_malformed_login_is_a_problem_document(platform: Kit, body: dict[str, object]) -> None:
    answer = await platform.visitor().api("POST", "/identity/api/login", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"]


async def test_a_registration_does_not_end_the_session_of_who_is_logged_in(platform: Kit) -> None:
    anna = await platform.candidate()
    answer = await anna.api(
        "POST", "/identity/api/registrations", json=registration(), headers={"origin": str(anna.client.base_url)}
    )
    assert answer.status_code == 202
    assert await session_status(anna) == 200


async def test_a_role_that_an_operator_grants_shows_at_the_next_check(platform: Kit) -> None:
    anna = await platform.candidate()
    await add_app(anna)
    kernel = platform.service("identity").kernel
    await change(kernel, anna.email, GrantRole(role="support"))
    assert (await anna.get(SESSION_DOOR)).json()["roles"] == ["candidate", "support"]
    await change(kernel, anna.email, RevokeRole(role="support"))
    assert (await anna.get(SESSION_DOOR)).status_code == 401
