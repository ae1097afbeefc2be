""" "My account" through the doors: one's own sessions, another password, another address, and the account's end."""

import re
from uuid import UUID

import pytest

from services.applications.projections import APPLICATION, CANDIDATE
from services.identity.domain.claim import CLAIM
from services.identity.domain.registration import address_id
from services.identity.domain.session import SESSION
from services.profile.projections import PROFILE
from shared.auth import COOKIE
from tests.identity.people import code_in, log_in, new_address, registered, verify
from tests.platform import PASSWORD, Candidate, Kit, Visitor, add_app, until

ACCOUNT, API = "/identity/account", "/identity/api/account"
NEW = "nine green kettles sing"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0"


async def elsewhere(platform: Kit, anna: Candidate, agent: str = FIREFOX) -> Visitor:
    """Another browser in which she is logged in."""
    other = platform.visitor()
    other.client.headers["user-agent"] = agent
    assert (await log_in(other, anna.email)).status_code == 200
    return other


async def status(visitor: Visitor) -> int:
    return (await visitor.get("/identity/api/session")).status_code


async def test_one_s_own_sessions_are_listed_with_the_browser_s_name_and_nobody_else_s(platform: Kit) -> None:
    anna, stranger = await platform.candidate(language="fr"), await platform.candidate()
    await elsewhere(platform, anna)
    page = await anna.get(ACCOUNT)
    assert "Mon compte" in page.text
    assert page.text.count("Firefox</h3>") + page.text.count("Firefox <") == 1
    assert page.text.count("Cette session") == 1
    here, other = (await anna.api("GET", f"{API}/sessions")).json()
    assert (here["current"], other["current"], other["browser"]) == (True, False, "Firefox")
    assert here["started_at"] <= here["seen_at"]
    assert len((await stranger.api("GET", f"{API}/sessions")).json()) == 1


async def test_the_menu_leads_to_the_account(platform: Kit) -> None:
    anna = await platform.candidate(language="fr")
    assert re.search(r'<a href="/identity/account"[^>]*>Mon compte</a>', (await anna.get("/careers")).text)


async def test_one_session_is_ended_from_the_page(platform: Kit) -> None:
    anna = await platform.candidate()
    lost, kept = await elsewhere(platform, anna), await elsewhere(platform, anna)
    session_id = (await lost.get("/identity/api/session")).json()["session_id"]
    done = await anna.post_form(f"{ACCOUNT}/sessions", {"session": session_id}, page=ACCOUNT)
    assert "Sessions ended: 1" in done.text
    assert [await status(each) for each in (anna, lost, kept)] == [200, 401, 200]
    state = await platform.service("identity").kernel.state(SESSION, UUID(session_id))
    assert state.over


async def test_all_other_sessions_are_ended_at_once(platform: Kit) -> None:
    anna = await platform.candidate()
    others = [await elsewhere(platform, anna) for _ in range(2)]
    done = await anna.post_form(f"{ACCOUNT}/sessions", {"session": "others"}, page=ACCOUNT)
    assert "Sessions ended: 2" in done.text
    assert [await status(each) for each in (anna, *others)] == [200, 401, 401]
    assert (await anna.api("DELETE", f"{API}/sessions")).status_code == 204
    assert len((await anna.api("GET", f"{API}/sessions")).json()) == 1


async def test_nobody_ends_somebody_else_s_session(platform: Kit) -> None:
    anna, thief = await platform.candidate(), await platform.candidate()
    session_id = (await anna.get("/identity/api/session")).json()["session_id"]
    assert (await thief.api("DELETE", f"{API}/sessions/{session_id}")).status_code == 404
    page = await thief.post_form(f"{ACCOUNT}/sessions", {"session": session_id}, page=ACCOUNT)
    assert page.status_code == 404
    assert (await thief.post_form(f"{ACCOUNT}/sessions", {"session": "x"}, page=ACCOUNT)).status_code == 404
    assert await status(anna) == 200


async def test_a_new_password_needs_the_old_one_and_ends_the_other_sessions(platform: Kit) -> None:
    anna = await platform.candidate()
    other, cookie = await elsewhere(platform, anna), anna.client.cookies[COOKIE]
    fields = {"current_password": PASSWORD, "password": NEW}
    wrong = await anna.post_form(f"{ACCOUNT}/password", {**fields, "current_password": "wrong horse battery"})
    assert wrong.status_code == 422
    assert "This is not the password of your account" in wrong.text
    assert NEW not in wrong.text
    done = await anna.post_form(f"{ACCOUNT}/password", fields)
    assert "Your password is changed" in done.text
    assert [await status(each) for each in (anna, other)] == [200, 401]
    assert anna.client.cookies[COOKIE] != cookie
    assert (await log_in(platform.visitor(), anna.email)).status_code == 401
    assert (await log_in(platform.visitor(), anna.email, NEW)).status_code == 200
    assert anna.user_code in (await platform.mail(anna.email, "identity/mail/password_changed")).text


async def test_a_weak_new_password_is_refused_and_nothing_changes(platform: Kit) -> None:
    anna = await platform.candidate()
    answer = await anna.api("PUT", f"{API}/password", json={"current_password": PASSWORD, "password": "short"})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["password"]
    assert (await log_in(platform.visitor(), anna.email)).status_code == 200


async def test_whoever_sits_at_an_open_session_cannot_guess_the_password_fast(platform: Kit) -> None:
    anna = await platform.candidate()
    body = {"current_password": "wrong horse battery", "password": NEW}
    for _ in range(3):
        assert (await anna.api("PUT", f"{API}/password", json=body)).status_code == 422
    pool = platform.service("identity").kernel.pool
    assert await pool.fetchval("select max(failures) from attempts") >= 3


async def change_address(platform: Kit, anna: Candidate, email: str) -> str:
    """Asks for the change on the page; the mailed code."""
    fields = {"email": email, "current_password": PASSWORD}
    asked = await anna.post_form(f"{ACCOUNT}/email", fields)
    assert asked.url.path == f"{ACCOUNT}/email/code", asked.text
    return code_in(await platform.mail(email, "identity/mail/email_code"))


@pytest.mark.rule("R14")
async def test_a_new_address_is_proven_by_its_code_the_old_one_is_told_and_the_profile_follows(platform: Kit) -> None:
    anna, email = await platform.candidate(language="fr"), new_address()
    await platform.mail(anna.email, "identity/mail/welcome")
    code = await change_address(platform, anna, email)
    assert (await log_in(platform.visitor(), anna.email)).status_code == 200
    done = await anna.post_form(f"{ACCOUNT}/email/code", {"code": code})
    assert f"Votre adresse est maintenant {email}" in done.text
    told = await platform.mail(anna.email, "identity/mail/email_changed")
    assert anna.user_code in told.text
    assert email not in told.text
    assert (await log_in(platform.visitor(), email)).status_code == 200
    assert (await log_in(platform.visitor(), anna.email)).status_code == 401

    async def shown() -> bool:
        return email in (await anna.get("/profile/contact")).text

    await until(shown, "the profile to show the new address")
    assert not platform.mails(email, "identity/mail/welcome")


async def test_the_old_address_is_free_again_and_a_link_mailed_to_it_is_dead(platform: Kit) -> None:
    anna, email = await platform.candidate(), new_address()
    await platform.visitor().api("POST", "/identity/api/reminders/password", json={"login": anna.email})
    mail = await platform.mail(anna.email, "identity/mail/reset")
    token = re.search(r"token=([\w-]+)", mail.text)
    assert token
    code = await change_address(platform, anna, email)
    answer = await anna.api("POST", f"{API}/email/verification", json={"code": code})
    assert answer.json() == {"email": email}
    kernel = platform.service("identity").kernel
    assert (await kernel.state(CLAIM, address_id(anna.email))).holder is None
    assert (await kernel.state(CLAIM, address_id(email))).holder == anna.account_id
    body = {"token": token[1], "password": NEW}
    assert (await platform.visitor().api("POST", "/identity/api/passwords", json=body)).status_code == 422


async def test_another_spelling_of_one_s_own_address_stays_claimed(platform: Kit) -> None:
    anna = await platform.candidate()
    code = await change_address(platform, anna, anna.email.replace("anna", "Anna"))
    assert (await anna.api("POST", f"{API}/email/verification", json={"code": code})).status_code == 200
    claim = await platform.service("identity").kernel.state(CLAIM, address_id(anna.email))
    assert claim.holder == anna.account_id


async def test_that_an_address_has_an_account_does_not_show_and_its_holder_is_told(platform: Kit) -> None:
    anna, berta = await platform.candidate(), await platform.candidate()
    bodies = [{"email": email, "current_password": PASSWORD} for email in (berta.email, new_address())]
    answers = [await anna.api("POST", f"{API}/email", json=body) for body in bodies]
    assert {(answer.status_code, answer.text) for answer in answers} == {(202, "null")}
    await platform.mail(berta.email, "identity/mail/registered_already")
    assert not platform.mails(berta.email, "identity/mail/email_code")


@pytest.mark.parametrize("email", ["", "anna", "anna@un.org", "{mine}"])
async def test_what_cannot_be_the_new_address_is_refused_and_kept_on_the_page(platform: Kit, email: str) -> None:
    anna = await platform.candidate()
    typed = email.replace("{mine}", anna.email)
    page = await anna.post_form(f"{ACCOUNT}/email", {"email": typed, "current_password": PASSWORD})
    assert page.status_code == 422
    assert 'href="#email"' in page.text
    assert f'value="{typed}"' in page.text


async def test_a_code_for_the_new_address_can_be_tried_five_times(platform: Kit) -> None:
    anna, email = await platform.candidate(), new_address()
    code = await change_address(platform, anna, email)
    wrong = "0000 0000" if code != "0000 0000" else "1111 1111"
    for _ in range(5):
        assert (await anna.post_form(f"{ACCOUNT}/email/code", {"code": wrong})).status_code == 422
    assert (await anna.post_form(f"{ACCOUNT}/email/code", {"code": code})).status_code == 422


async def test_a_code_of_somebody_else_s_change_is_worth_nothing(platform: Kit) -> None:
    anna, berta = await platform.candidate(), await platform.candidate()
    code = await change_address(platform, anna, new_address())
    assert (await berta.api("POST", f"{API}/email/verification", json={"code": code})).status_code == 422


async def test_closing_needs_the_password_and_says_what_happens(platform: Kit) -> None:
    anna = await platform.candidate(language="fr")
    page = await anna.get(f"{ACCOUNT}/close")
    assert "Ce qui prend fin" in page.text
    assert "Ce qui reste" in page.text
    wrong = await anna.post_form(f"{ACCOUNT}/close", {"current_password": "wrong horse battery"})
    assert wrong.status_code == 422
    assert await status(anna) == 200


async def test_a_closed_account_is_gone_its_address_free_and_its_holder_told(platform: Kit) -> None:
    anna = await platform.candidate()
    await add_app(anna)
    other = platform.visitor()
    assert (await log_in(other, anna.email)).status_code == 202
    done = await anna.post_form(f"{ACCOUNT}/close", {"current_password": PASSWORD})
    assert done.url.path == "/"
    assert COOKIE not in anna.client.cookies
    assert await status(other) == 401
    assert (await log_in(platform.visitor(), anna.email)).status_code == 401
    assert (await log_in(platform.visitor(), anna.user_code)).status_code == 401
    assert anna.user_code in (await platform.mail(anna.email, "identity/mail/account_closed")).text
    kernel = platform.service("identity").kernel
    assert (await kernel.state(CLAIM, address_id(anna.email))).holder is None
    for table in ("passwords", "sessions", "second_factors", "recovery_codes", "pending_logins"):
        left = f"select 1 from {table} where account_id = $1"  # noqa: S608 - one of our tables
        assert not await kernel.pool.fetchval(left, anna.account_id), table
    again, _ = await registered(platform.visitor(), email=anna.email)
    code = code_in(await platform.mail(anna.email, "identity/mail/verify", 2))
    proven = (await verify(platform.visitor(), again, code)).json()
    assert proven["user_code"] != anna.user_code


async def test_what_identity_still_shows_of_a_closed_account_names_nobody(platform: Kit) -> None:
    anna = await platform.candidate(given_names="Ottoline", family_name="Quatremère")
    assert (await anna.api("POST", f"{API}/closure", json={"current_password": PASSWORD})).status_code == 204
    await platform.mail(anna.email, "identity/mail/account_closed")
    await platform.settled()
    pool = platform.service("identity").kernel.pool
    for table in ("documents", "mails", "passwords", "codes", "sessions", "address_changes", "reset_links", "timers"):
        rows = [str(dict(row)) for row in await pool.fetch(f"select * from {table}")]  # noqa: S608
        assert not [row for row in rows if "Ottoline" in row or anna.email in row], table
    assert await pool.fetchval("select 1 from user_codes where user_code = $1", anna.user_code)


async def test_staff_are_no_longer_told_of_a_closed_accounts_namesakes(platform: Kit) -> None:
    name = {"given_names": "Zdena", "family_name": f"Ypsilon {new_address()[4:7]}"}
    first, second = await platform.candidate(**name), await platform.candidate(**name)
    hr = await platform.machine("hr")

    async def flagged() -> list[str]:
        found = (await hr.api("GET", "/identity/api/duplicates")).json()
        return [each["account_id"] for each in found if str(first.account_id) in each["others"]]

    await platform.settled()
    assert await flagged() == [str(second.account_id)]
    assert (await first.api("POST", f"{API}/closure", json={"current_password": PASSWORD})).status_code == 204
    await platform.settled()
    assert await flagged() == []


async def test_other_services_forget_whoever_closed_the_account(platform: Kit) -> None:
    anna = await platform.candidate()
    await platform.settled()
    draft = (await anna.api("POST", "/applications/api/applications", json={"confirmed": True})).json()
    await anna.api("PUT", "/profile/api/family", json={"values": {"marital_status": "widowed"}})
    assert (await anna.api("POST", f"{API}/closure", json={"current_password": PASSWORD})).status_code == 204
    await platform.settled()
    profile, applications = platform.service("profile").kernel, platform.service("applications").kernel
    assert await profile.views.get(PROFILE, anna.account_id) is None
    assert await applications.views.get(CANDIDATE, anna.account_id) is None
    assert await applications.views.get(APPLICATION, draft["id"]) is None


async def test_closing_over_json_takes_the_cookie_back(platform: Kit) -> None:
    anna = await platform.candidate()
    body = {"current_password": PASSWORD}
    assert (await anna.api("POST", f"{API}/closure", json=body)).status_code == 204
    assert COOKIE not in anna.client.cookies
    await platform.settled()
    assert len(platform.mails(anna.email, "identity/mail/account_closed")) == 1


@pytest.mark.parametrize("path", ["", "/password", "/email", "/email/code", "/close"])
async def test_a_visitor_is_asked_to_log_in_first(platform: Kit, path: str) -> None:
    page = await platform.visitor().get(ACCOUNT + path)
    assert page.url.path == "/identity/login"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/sessions"), ("DELETE", "/sessions"), ("PUT", "/password"), ("POST", "/email"),
        ("POST", "/email/verification"), ("POST", "/closure"),
    ],
)  # fmt: skip
async def test_without_a_session_nothing_of_an_account_is_reached(platform: Kit, method: str, path: str) -> None:
    body = {"current_password": PASSWORD, "password": NEW, "email": new_address(), "code": "1234 5678"}
    named = {"/password": ("current_password", "password"), "/email": ("current_password", "email")}
    fields = named.get(path, ("code",) if "verification" in path else ("current_password",))
    sent = None if "sessions" in path else {name: body[name] for name in fields}
    assert (await platform.visitor().api(method, API + path, json=sent)).status_code == 401
