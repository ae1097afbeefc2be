"""Second factors through the doors: apps, passkeys, recovery codes, the login's second step, roles that need one."""

import asyncio
import json
import re
import secrets
import time
from html import unescape
from typing import Any

import httpx
import pyotp
import pytest

from services.identity.api.operator import change
from services.identity.domain.account import GrantRole
from services.identity.domain.codes import STEP
from services.identity.use_cases.logging_in import PENDING
from shared.auth import COOKIE
from tests.identity.authenticator import Authenticator
from tests.identity.people import log_in
from tests.identity.test_recovery import link_for
from tests.platform import ORIGIN, PASSWORD, Candidate, Kit, Visitor, add_app, hidden_fields

API, PAGES = "/identity/api/account/second-factors", "/identity/account/security"
SECOND = "/identity/api/login/second-factor"


def shown(secret: str, ahead: int = 0) -> str:
    """What the app shows, now or some intervals ahead; each code counts once."""
    return pyotp.TOTP(secret).at(int(time.time()) + ahead * STEP)


async def second(visitor: Visitor, code: str) -> httpx.Response:
    return await visitor.api("POST", SECOND, json={"code": code})


async def with_app(platform: Kit) -> tuple[Candidate, str, list[str]]:
    anna = await platform.candidate()
    secret, codes = await add_app(anna)
    return anna, secret, codes


async def test_with_an_app_the_login_takes_two_steps(platform: Kit) -> None:
    anna, secret, _ = await with_app(platform)
    visitor = platform.visitor()
    first = await log_in(visitor, anna.email)
    assert first.status_code == 202
    assert first.json() == {"second_factor": "required", "passkey": None}
    assert COOKIE not in visitor.client.cookies
    assert (await visitor.get("/identity/api/session")).status_code == 401
    cookie = first.headers["set-cookie"]
    for part in (f"{PENDING}=", "HttpOnly", "Secure", "SameSite=strict", "Max-Age=600", "Path=/"):
        assert part in cookie
    done = await second(visitor, f" {shown(secret)[:3]} {shown(secret)[3:]} ")
    assert done.status_code == 200
    assert done.json()["account_id"] == str(anna.account_id)
    assert done.json()["strong"] is True
    assert PENDING not in visitor.client.cookies
    assert (await visitor.get("/identity/api/session")).status_code == 200


async def test_a_code_counts_once_even_in_parallel(platform: Kit) -> None:
    anna, secret, _ = await with_app(platform)
    visitors = [platform.visitor() for _ in range(3)]
    for visitor in visitors:
        await log_in(visitor, anna.email)
    code = shown(secret)
    answers = await asyncio.gather(*(second(visitor, code) for visitor in visitors))
    assert sorted(answer.status_code for answer in answers) == [200, 422, 422]
    assert (await second(visitors[0], code)).status_code in (401, 422)


async def test_the_code_with_which_the_app_was_added_does_not_let_in(platform: Kit) -> None:
    anna, visitor = await platform.candidate(), platform.visitor()
    begun = (await anna.api("GET", f"{API}/app")).json()
    code = shown(begun["secret"])
    body = {"current_password": PASSWORD, "state": begun["state"], "code": code}
    assert (await anna.api("POST", f"{API}/app", json=body)).status_code == 201
    await log_in(visitor, anna.email)
    assert (await second(visitor, code)).status_code == 422


async def test_without_the_password_a_right_code_is_worth_nothing(platform: Kit) -> None:
    anna, secret, _ = await with_app(platform)
    visitor = platform.visitor()
    assert (await log_in(visitor, anna.email, "wrong horse battery")).status_code == 401
    answer = await second(visitor, shown(secret))
    assert answer.status_code == 401
    visitor.client.cookies.set(PENDING, "made-up", domain="careers.test")
    assert (await second(visitor, shown(secret))).status_code == 401


async def test_after_five_wrong_codes_the_password_is_asked_again_and_the_holder_is_told(platform: Kit) -> None:
    anna, secret, _ = await with_app(platform)
    thief = platform.visitor()
    await log_in(thief, anna.email)
    wrong = f"{(int(shown(secret)) + 7) % 10**6:06}"
    tries = [await second(thief, wrong) for _ in range(5)]
    assert [answer.status_code for answer in tries] == [422] * 5
    assert (await second(thief, shown(secret))).status_code == 401
    mail = await platform.mail(anna.email, "identity/mail/second_factor_guessed")
    assert anna.user_code in mail.text
    assert mail.subject == "Somebody knows your password"


async def test_an_account_s_codes_of_six_digits_are_limited_wherever_they_come_from(platform: Kit) -> None:
    anna, _, codes = await with_app(platform)
    answers, thieves = [], [platform.visitor() for _ in range(11)]
    for thief in thieves:
        await platform.service("identity").kernel.pool.execute("delete from attempts")
        await log_in(thief, anna.email)
        answers.append(await second(thief, "000000"))
    assert [answer.status_code for answer in answers] == [422] * 10 + [429]
    await platform.service("identity").kernel.pool.execute("delete from attempts")
    assert (await second(thieves[-1], codes[0])).status_code == 200


async def test_each_recovery_code_lets_in_once_and_the_holder_is_told(platform: Kit) -> None:
    anna, _, codes = await with_app(platform)
    assert len(set(codes)) == 10
    for code, status in ((codes[0].lower().replace("-", " "), 200), (codes[0], 422), (codes[1], 200)):
        visitor = platform.visitor()
        await log_in(visitor, anna.email)
        assert (await second(visitor, code)).status_code == status
    await platform.mail(anna.email, "identity/mail/recovery_code_used", 2)
    assert (await anna.api("GET", API)).json()["recovery_codes_left"] == 8


async def test_new_recovery_codes_void_the_old_ones(platform: Kit) -> None:
    anna, _, old = await with_app(platform)
    door = "/identity/api/account/recovery-codes"
    assert (await anna.api("POST", door, json={"current_password": "wrong horse battery"})).status_code == 422
    answer = await anna.api("POST", door, json={"current_password": PASSWORD})
    assert answer.status_code == 201
    for code, status in ((old[0], 422), (answer.json()["recovery_codes"][0], 200)):
        visitor = platform.visitor()
        await log_in(visitor, anna.email)
        assert (await second(visitor, code)).status_code == status


async def test_recovery_codes_without_a_second_factor_are_refused(platform: Kit) -> None:
    anna = await platform.candidate()
    answer = await anna.api("POST", "/identity/api/account/recovery-codes", json={"current_password": PASSWORD})
    assert answer.status_code == 422


async def test_adding_needs_the_password_a_right_code_and_a_fresh_page_of_one_s_own(platform: Kit) -> None:
    anna, eve = await platform.candidate(), await platform.candidate()
    mine, eves = [(await who.api("GET", f"{API}/app")).json() for who in (anna, eve)]
    good = {"current_password": PASSWORD, "state": mine["state"], "code": shown(mine["secret"])}
    for change_of in (
        {"current_password": "wrong horse battery"},
        {"code": "000000"},
        {"state": eves["state"], "code": shown(eves["secret"])},
        {"state": "made-up"},
    ):
        answer = await anna.api("POST", f"{API}/app", json={**good, **change_of})
        assert answer.status_code == 422, change_of
    assert (await anna.api("GET", API)).json() == {"factors": [], "recovery_codes_left": 0}
    assert (await anna.api("POST", f"{API}/app", json=good)).status_code == 201


async def test_adding_ends_the_other_sessions_tells_the_holder_and_keeps_this_one(platform: Kit) -> None:
    anna, elsewhere = await platform.candidate(), platform.visitor()
    await log_in(elsewhere, anna.email)
    before = anna.client.cookies[COOKIE]
    await add_app(anna)
    assert anna.client.cookies[COOKIE] != before
    session = (await anna.get("/identity/api/session")).json()
    assert session["strong"] is True
    assert (await elsewhere.get("/identity/api/session")).status_code == 401
    mail = await platform.mail(anna.email, "identity/mail/second_factor_added")
    assert anna.user_code in mail.text


async def test_a_second_app_takes_the_place_of_the_first(platform: Kit) -> None:
    anna, first, _ = await with_app(platform)
    second_secret, codes = await add_app(anna)
    assert codes == []
    assert [factor["kind"] for factor in (await anna.api("GET", API)).json()["factors"]] == ["totp"]
    for secret, status in ((first, 422), (second_secret, 200)):
        visitor = platform.visitor()
        await log_in(visitor, anna.email)
        assert (await second(visitor, shown(secret))).status_code == status


async def test_removing_needs_the_password_and_only_one_s_own_can_be_removed(platform: Kit) -> None:
    (anna, _, _), (eve, _, _) = await with_app(platform), await with_app(platform)
    factor = (await anna.api("GET", API)).json()["factors"][0]["factor_id"]
    door = f"{API}/{factor}/removal"
    assert (await eve.api("POST", door, json={"current_password": PASSWORD})).status_code == 404
    assert (await anna.api("POST", door, json={"current_password": "wrong horse battery"})).status_code == 422
    assert (await anna.api("POST", door, json={"current_password": PASSWORD})).status_code == 204
    assert (await anna.api("GET", API)).json() == {"factors": [], "recovery_codes_left": 0}
    await platform.mail(anna.email, "identity/mail/second_factor_removed")
    assert (await log_in(platform.visitor(), anna.email)).status_code == 200


async def test_a_new_password_by_mail_does_not_go_round_the_second_factor(platform: Kit) -> None:
    anna, secret, _ = await with_app(platform)
    visitor = platform.visitor()
    await visitor.api("POST", "/identity/api/reminders/password", json={"login": anna.email})
    mail = await platform.mail(anna.email, "identity/mail/reset")
    token = re.search(r"token=([\w-]+)", mail.text)
    assert token
    new = "nine green kettles sing"
    reset = {"token": token[1], "password": new}
    assert (await visitor.api("POST", "/identity/api/passwords", json=reset)).status_code == 204
    assert (await log_in(visitor, anna.email, new)).status_code == 202
    assert (await second(visitor, shown(secret))).status_code == 200


async def passkey_of(anna: Candidate, **site: str) -> tuple[Authenticator, httpx.Response]:
    key = Authenticator(**{"origin": ORIGIN, "rp_id": "careers.test", **site})
    begun = (await anna.api("GET", f"{API}/passkey")).json()
    body = {
        "current_password": PASSWORD,
        "state": begun["state"],
        "name": " My telephone ",
        "credential": key.create(begun["options"]),
    }
    return key, await anna.api("POST", f"{API}/passkey", json=body)


async def test_a_passkey_is_added_and_lets_in(platform: Kit) -> None:
    anna, visitor = await platform.candidate(), platform.visitor()
    key, added = await passkey_of(anna)
    assert added.status_code == 201
    assert len(added.json()["recovery_codes"]) == 10
    factors = (await anna.api("GET", API)).json()["factors"]
    assert [(factor["kind"], factor["name"], factor["used_at"]) for factor in factors] == [
        ("passkey", "My telephone", None)
    ]
    asked = (await log_in(visitor, anna.email)).json()["passkey"]
    assert asked["rpId"] == "careers.test"
    answer = await visitor.api("POST", SECOND, json={"passkey": key.get(asked)})
    assert answer.status_code == 200
    assert answer.json()["strong"] is True


@pytest.mark.parametrize("site", [{"origin": "https://careers.test.evil.example"}, {"rp_id": "evil.example"}])
async def test_a_passkey_of_another_site_is_refused(platform: Kit, site: dict[str, str]) -> None:
    anna = await platform.candidate()
    _, answer = await passkey_of(anna, **site)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["credential"]
    assert (await anna.api("GET", API)).json()["factors"] == []


async def test_a_passkey_signs_what_it_was_asked_for_and_nothing_older(platform: Kit) -> None:
    anna = await platform.candidate()
    key, _ = await passkey_of(anna)
    first, again, stranger = platform.visitor(), platform.visitor(), platform.visitor()
    asked = (await log_in(first, anna.email)).json()["passkey"]
    answer = key.get(asked)
    assert (await first.api("POST", SECOND, json={"passkey": answer})).status_code == 200
    assert (await first.api("POST", SECOND, json={"passkey": answer})).status_code == 401
    await log_in(again, anna.email)
    assert (await again.api("POST", SECOND, json={"passkey": answer})).status_code == 422
    fresh = (await log_in(stranger, anna.email)).json()["passkey"]
    other = Authenticator(ORIGIN, "careers.test")
    other.credential_id = key.credential_id
    assert (await stranger.api("POST", SECOND, json={"passkey": other.get(fresh)})).status_code == 422
    key.count -= 1  # a copy that has signed less often
    assert (await stranger.api("POST", SECOND, json={"passkey": key.get(fresh)})).status_code == 422


@pytest.mark.parametrize(
    "rubbish", [{}, {"id": "x"}, {"id": "QUJD", "rawId": "QUJD", "type": "public-key"}, {"a": [1]}]
)
async def test_rubbish_in_the_place_of_a_passkey_is_refused(platform: Kit, rubbish: dict[str, Any]) -> None:
    anna, visitor = await platform.candidate(), platform.visitor()
    await passkey_of(anna)
    await log_in(visitor, anna.email)
    answer = await visitor.api("POST", SECOND, json={"passkey": rubbish, "code": ""})
    assert answer.status_code == 422
    begun = (await anna.api("GET", f"{API}/passkey")).json()
    body = {"current_password": PASSWORD, "state": begun["state"], "credential": rubbish}
    assert (await anna.api("POST", f"{API}/passkey", json=body)).status_code == 422


async def test_a_role_rests_in_a_session_without_a_second_factor(platform: Kit) -> None:
    anna = await platform.candidate()
    await change(platform.service("identity").kernel, anna.email, GrantRole(role="support"))
    visitor = platform.visitor()
    assert (await log_in(visitor, anna.email)).json()["idle_roles"] == ["support"]
    session = (await visitor.get("/identity/api/session")).json()
    assert session["roles"] == ["candidate"]
    assert (await visitor.get("/support/api/desk")).status_code == 403
    refused = await visitor.get("/support/desk")
    assert refused.status_code == 403
    assert "second factor" in refused.text
    assert "second factor" in (await visitor.get("/identity/account")).text
    await add_app(visitor)
    assert (await visitor.get("/identity/api/session")).json()["roles"] == ["candidate", "support"]
    assert (await visitor.get("/support/desk")).status_code == 200


async def test_the_pages_lead_through_adding_an_app_and_logging_in_with_it(platform: Kit) -> None:
    anna = await platform.candidate(language="fr")
    account = await anna.get("/identity/account")
    assert f'href="{PAGES}"' in account.text
    page = await anna.get(f"{PAGES}/app")
    assert page.status_code == 200
    assert "<svg" in page.text
    key = key_on(page.text)
    wrong = await anna.post_form(f"{PAGES}/app", {"code": "000000", "current_password": PASSWORD})
    assert wrong.status_code == 422
    fields = re.search(r'name="state" value="([^"]+)"', page.text)
    assert fields
    data = {"code": shown(key), "current_password": PASSWORD, "state": fields[1]}
    done = await anna.post_form(f"{PAGES}/app", data)
    assert done.status_code == 200
    codes = re.findall(r"<li><code>([\w-]+)</code></li>", done.text)
    assert len(codes) == 10
    assert done.headers["cache-control"] == "no-store"
    visitor = platform.visitor("fr")
    step = await visitor.post_form(
        "/identity/login", {"login": anna.email, "password": PASSWORD, "next": "/profile"}, page="/identity/login"
    )
    assert step.url.path == "/identity/login/second"
    assert "Deuxième étape" in step.text
    refused = await visitor.post("/identity/login/second", {"_token": token_of(step.text), "code": "000000"})
    assert refused.status_code == 422
    inside = await visitor.post(
        "/identity/login/second", {"_token": token_of(refused.text), "code": codes[0], "next": "/profile"}
    )
    assert inside.url.path == "/profile"


def token_of(html: str) -> str:
    found = re.search(r'name="_token" value="([^"]+)"', html)
    assert found
    return found[1]


async def test_the_same_key_stands_there_after_a_mistake(platform: Kit) -> None:
    anna = await platform.candidate()
    page = await anna.get(f"{PAGES}/app")
    data = {**hidden_fields(page.text), "code": "000000", "current_password": PASSWORD}
    again = await anna.post(f"{PAGES}/app", data)
    assert again.status_code == 422
    assert key_on(again.text) == key_on(page.text)
    assert key_on((await anna.get(f"{PAGES}/app")).text) != key_on(page.text)


def key_on(html: str) -> str:
    found = re.search(r'<code class="postulo-key">([A-Z2-7 ]+)</code>', html)
    assert found
    return found[1].replace(" ", "")


async def test_a_passkey_as_long_as_they_come_is_added_and_used_on_the_pages(platform: Kit) -> None:
    """An id has 1,023 bytes at most, and a key of some computers is an RSA key besides."""
    anna, visitor = await platform.candidate(), platform.visitor()
    key = Authenticator(ORIGIN, "careers.test")
    key.credential_id = secrets.token_bytes(1023)
    shown_page = await anna.get(f"{PAGES}/passkey")
    options = json.loads(unescape(re.findall(r'data-passkey-create="([^"]+)"', shown_page.text)[0]))
    data = {**hidden_fields(shown_page.text), "credential": json.dumps(key.create(options)), "name": "Key"}
    done = await anna.post(f"{PAGES}/passkey", {**data, "current_password": PASSWORD})
    assert done.status_code == 200, done.text
    step = await visitor.post_form("/identity/login", {"login": anna.email, "password": PASSWORD})
    asked = json.loads(unescape(re.findall(r'data-passkey-get="([^"]+)"', step.text)[0]))
    answer = {**hidden_fields(step.text), "credential": json.dumps(key.get(asked)), "next": "/profile"}
    assert (await visitor.post("/identity/login/second", answer)).url.path == "/profile"


async def test_a_passkey_of_another_account_is_refused_and_leaves_nothing(platform: Kit) -> None:
    anna, eve = await platform.candidate(), await platform.candidate()
    key, _ = await passkey_of(anna)
    begun = (await eve.api("GET", f"{API}/passkey")).json()
    body = {"current_password": PASSWORD, "state": begun["state"], "credential": key.create(begun["options"])}
    assert (await eve.api("POST", f"{API}/passkey", json=body)).status_code == 422
    assert (await eve.api("GET", API)).json() == {"factors": [], "recovery_codes_left": 0}
    assert (await log_in(platform.visitor(), eve.email)).status_code == 200


@pytest.mark.parametrize("by_link", [False, True], ids=["changed", "reset by the mailed link"])
async def test_a_second_step_that_waits_ends_with_the_password_that_began_it(platform: Kit, by_link: bool) -> None:
    anna, secret, codes = await with_app(platform)
    thief, new = platform.visitor(), {"password": "nine green kettles sing"}
    assert (await log_in(thief, anna.email)).status_code == 202
    if by_link:
        body = {"token": await link_for(platform, anna.user_code, anna.email), **new}
        assert (await platform.visitor().api("POST", "/identity/api/passwords", json=body)).status_code == 204
    else:
        body = {"current_password": PASSWORD, **new}
        assert (await anna.api("PUT", "/identity/api/account/password", json=body)).status_code == 204
    assert (await second(thief, codes[0])).status_code == 401
    assert (await second(thief, shown(secret))).status_code == 401


async def test_the_second_step_without_a_first_leads_to_the_login(platform: Kit) -> None:
    visitor = platform.visitor()
    assert (await visitor.get("/identity/login/second")).url.path == "/identity/login"


async def test_a_factor_is_removed_and_codes_are_made_anew_on_pages(platform: Kit) -> None:
    anna, _, _ = await with_app(platform)
    shown_page = await anna.get(PAGES)
    link = re.search(rf'href="({PAGES}/removal\?factor=[\w-]+)"', shown_page.text)
    assert link
    made = await anna.post_form(f"{PAGES}/recovery-codes", {"current_password": PASSWORD})
    assert len(re.findall(r"<li><code>", made.text)) == 10
    refused = await anna.post_form(link[1], {"current_password": "wrong horse battery"})
    assert refused.status_code == 422
    gone = await anna.post_form(link[1], {"current_password": PASSWORD})
    assert gone.url.path == PAGES
    assert "You have none yet." in gone.text


async def test_nothing_of_a_second_factor_is_readable_in_the_database(platform: Kit) -> None:
    _, secret, codes = await with_app(platform)
    pool = platform.service("identity").kernel.pool
    for table in ("second_factors", "recovery_codes", "pending_logins", "events"):
        rows = str(await pool.fetch(f"select * from {table}"))  # noqa: S608 - one of our tables
        assert secret not in rows
        assert all(code not in rows and code.replace("-", "") not in rows for code in codes)
