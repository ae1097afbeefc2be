"""A form posted after its session's end (R20): kept, found again by its owner after logging in, and by nobody else."""

from datetime import timedelta
from html import unescape
from uuid import UUID

import httpx
import pytest
from starlette.datastructures import FormData

from shared.auth import COOKIE
from shared.web.expired_forms import BROWSER, ExpiredForms
from tests.identity.people import new_address
from tests.platform import PASSWORD, Candidate, Kit, hidden_fields

LETTER = "I typed this for an hour.\nÉt tout cela serait perdu ?"
NOTICE = "What you typed is in the form again"


async def expire(platform: Kit, anna: Candidate) -> None:
    """An hour has gone by: identity's clock and every service's memory of the session say so."""
    identity = platform.service("identity")
    session = UUID((await anna.get("/identity/api/session")).json()["session_id"])
    sql = "update sessions set seen_at = now() - $2::interval where session_id = $1"
    await identity.kernel.pool.execute(sql, session, timedelta(minutes=61))
    assert (await anna.get("/identity/api/session")).status_code == 401
    await platform.settled()
    for running in platform.host.processes.values():
        running.app.state.sessions.drop(session)
    assert "/identity/login" in str((await anna.get("/profile")).url)


async def come_back(anna: Candidate, login: httpx.Response, email: str = "") -> httpx.Response:
    """Logs in on the page that came in answer."""
    assert login.url.path == "/identity/login", login.url
    fields = {**hidden_fields(login.text), "login": email or anna.email, "password": PASSWORD}
    return await anna.post("/identity/login", fields)


async def post_late(platform: Kit, anna: Candidate, page: str, typed: dict[str, str]) -> httpx.Response:
    """Opens the form, lets the session end, presses the button."""
    await platform.settled()
    fields = hidden_fields((await anna.get(page)).text)
    await expire(platform, anna)
    return await anna.post(page, {**fields, **typed})


async def a_draft(anna: Candidate) -> str:
    answer = await anna.post_form(
        "/applications/new", {"confirmed": "yes", "source": "start_blank", "_action": "continue"}
    )
    assert answer.url.path.startswith("/applications/"), answer.text
    return str(answer.url.path)


@pytest.mark.rule("R20")
async def test_a_profile_form_is_found_again_after_logging_in_and_then_saved(platform: Kit) -> None:
    anna = await platform.candidate()
    typed = {"birth_place": "Zürich", "birth_date-day": "31", "birth_date-month": "2", "birth_date-year": "1990"}
    login = await post_late(platform, anna, "/profile/contact", {**typed, "_action": "save"})
    assert "you will find in the form what you typed" in login.text
    assert "Zürich" not in login.text
    found = await come_back(anna, login)
    assert found.url.path == "/profile/contact"
    assert NOTICE in found.text
    for value in ("Zürich", "31", "1990"):
        assert f'value="{value}"' in unescape(found.text)
    fresh = platform.visitor()
    fresh.client.cookies.set(COOKIE, anna.client.cookies[COOKIE])
    assert "Zürich" not in (await fresh.get("/profile/contact")).text  # nothing was saved unseen
    saved = await anna.post("/profile/contact", {**hidden_fields(found.text), **typed, "_action": "save"})
    assert saved.status_code == 200
    later = await anna.get("/profile/contact")
    assert NOTICE not in later.text
    assert "Zürich" in unescape(later.text)


@pytest.mark.rule("R20")
async def test_a_section_of_an_application_is_found_again_line_by_line(platform: Kit) -> None:
    anna = await platform.candidate()
    hub = await a_draft(anna)
    await anna.post_form(f"{hub}/letter", {"letter": "An older letter", "_action": "save"})
    login = await post_late(platform, anna, f"{hub}/letter", {"letter": LETTER, "_action": "save"})
    found = await come_back(anna, login)
    assert found.url.path == f"{hub}/letter"
    assert LETTER in unescape(found.text)
    assert "An older letter" not in found.text
    saved = await anna.post(f"{hub}/letter", {**hidden_fields(found.text), "letter": LETTER, "_action": "save"})
    assert saved.status_code == 200, saved.text
    assert NOTICE not in (await anna.get(f"{hub}/letter")).text


@pytest.mark.rule("R20")
async def test_an_entry_that_was_being_added_is_found_again(platform: Kit) -> None:
    anna = await platform.candidate()
    path = f"{await a_draft(anna)}/education/jobs/0"
    found = await come_back(anna, await post_late(platform, anna, path, {"title": "Clerk", "_action": "save"}))
    assert found.url.path == path
    assert 'name="title" type="text" value="Clerk"' in found.text
    saved = await anna.post(path, {**hidden_fields(found.text), "title": "Clerk", "_action": "save"})
    assert 'value="Clerk"' in saved.text


@pytest.mark.rule("R20")
async def test_what_was_saved_meanwhile_elsewhere_is_not_overwritten_unseen(platform: Kit) -> None:
    anna = await platform.candidate()
    hub = await a_draft(anna)
    login = await post_late(platform, anna, f"{hub}/letter", {"letter": LETTER, "_action": "save"})
    phone = platform.visitor()
    body = {"login": anna.email, "password": PASSWORD}
    await phone.api("POST", "/identity/api/login", json=body)
    await phone.post_form(f"{hub}/letter", {"letter": "Written on the phone", "_action": "save"})
    found = await come_back(anna, login)
    both = await anna.post(f"{hub}/letter", {**hidden_fields(found.text), "letter": LETTER, "_action": "save"})
    assert both.status_code == 409
    assert "Written on the phone" in both.text
    assert LETTER in unescape(both.text)


@pytest.mark.rule("R20")
async def test_whoever_else_logs_in_sees_nothing_of_it_and_the_owner_still_does(platform: Kit) -> None:
    anna, berta = await platform.candidate(), await platform.candidate()
    login = await post_late(platform, anna, "/profile/contact", {"birth_place": "Zürich", "_action": "save"})
    hers = await come_back(anna, login, berta.email)
    assert hers.url.path == "/profile/contact"
    assert NOTICE not in hers.text
    assert "Zürich" not in hers.text
    anna.client.cookies.delete(COOKIE)
    again = await come_back(anna, await anna.get("/identity/login?next=/profile/contact"))
    assert "Zürich" in unescape(again.text)


@pytest.mark.rule("R20")
async def test_another_browser_does_not_find_it(platform: Kit) -> None:
    anna = await platform.candidate()
    await post_late(platform, anna, "/profile/contact", {"birth_place": "Zürich", "_action": "save"})
    phone = platform.visitor()
    await phone.api("POST", "/identity/api/login", json={"login": anna.email, "password": PASSWORD})
    assert "Zürich" not in (await phone.get("/profile/contact")).text


@pytest.mark.rule("R20")
async def test_the_way_round_by_a_forgotten_password_loses_nothing(platform: Kit) -> None:
    anna = await platform.candidate()
    login = await post_late(platform, anna, "/profile/contact", {"birth_place": "Zürich", "_action": "save"})
    wrong = {**hidden_fields(login.text), "login": anna.email, "password": "wrong horse battery"}
    refused = await anna.post("/identity/login", wrong)
    assert refused.status_code == 422
    await anna.get("/identity/forgotten/password")
    found = await come_back(anna, await anna.get("/identity/login?next=/profile/contact"))
    assert "Zürich" in unescape(found.text)


@pytest.mark.rule("R20")
async def test_a_background_save_after_the_end_is_kept_too(platform: Kit) -> None:
    anna = await platform.candidate()
    fields = hidden_fields((await anna.get("/profile/contact")).text)
    await expire(platform, anna)
    anna.client.headers["postulo-autosave"] = "1"
    late = await anna.post("/profile/contact", {**fields, "birth_place": "Zürich"})
    assert late.url.path == "/identity/login"  # by which the script knows
    del anna.client.headers["postulo-autosave"]
    found = await come_back(anna, await anna.get("/identity/login?next=/profile/contact"))
    assert "Zürich" in unescape(found.text)


async def test_a_form_made_for_somebody_else_is_refused_and_nothing_saved(platform: Kit) -> None:
    """Two windows: in one the form of A, in the other B has logged in since."""
    anna, berta = await platform.candidate(), await platform.candidate()
    fields = hidden_fields((await anna.get("/profile/contact")).text)
    await anna.api("POST", "/identity/api/login", json={"login": berta.email, "password": PASSWORD})
    answer = await anna.post("/profile/contact", {**fields, "birth_place": "Zürich", "_action": "save"})
    assert answer.status_code == 409
    assert answer.headers["postulo-made-for"] == "another"
    assert "Somebody else was logged in here when this page was opened. Nothing of it was saved." in answer.text
    assert "Let whoever opened it log in again in another window" in answer.text
    assert "Zürich" not in (await berta.get("/profile/contact")).text


async def test_a_password_is_never_kept(platform: Kit) -> None:
    anna = await platform.candidate()
    typed = {"email": new_address(), "current_password": PASSWORD}
    login = await post_late(platform, anna, "/identity/account/email", typed)
    rows = await platform.service("identity").kernel.pool.fetch("select fields::text from kept_forms")
    assert PASSWORD not in str(rows)
    found = await come_back(anna, login)
    assert f'value="{typed["email"]}"' in found.text


async def test_a_stranger_can_have_nothing_kept(platform: Kit) -> None:
    """No session, one that never was, or a form that another site made up."""
    anna = await platform.candidate()
    fields = hidden_fields((await anna.get("/profile/contact")).text)
    await expire(platform, anna)
    cookie = anna.client.cookies[COOKIE]
    pool = platform.service("profile").kernel.pool
    before = await pool.fetchval("select count(*) from kept_forms")
    anna.client.cookies.delete(COOKIE)
    assert (await anna.post("/profile/contact", {**fields, "birth_place": "x"})).url.path == "/identity/login"
    anna.client.cookies.set(COOKIE, "made-up")
    assert (await anna.post("/profile/contact", {**fields, "birth_place": "x"})).url.path == "/identity/login"
    anna.client.cookies.set(COOKIE, cookie)
    forged = await anna.post("/profile/contact", {"birth_place": "x", "_token": "forged"})
    assert forged.url.path == "/identity/login"
    assert await pool.fetchval("select count(*) from kept_forms") == before
    assert BROWSER not in anna.client.cookies


async def test_at_most_ten_forms_of_one_account_are_kept_for_two_hours(platform: Kit) -> None:
    anna = await platform.candidate()
    pool = platform.service("profile").kernel.pool
    store = ExpiredForms(pool)
    fields = {f"/profile/{number}": number for number in range(12)}
    for page, number in fields.items():
        assert await store.keep("b" * 32, anna.account_id, page, page, _form(number))
    kept = [page for page in fields if await store.find("b" * 32, anna.account_id, page)]
    assert kept == list(fields)[2:]
    sql = "update kept_forms set kept_at = kept_at - interval '2 hours' where owner = $1"
    await pool.execute(sql, anna.account_id)
    assert not [page for page in fields if await store.find("b" * 32, anna.account_id, page)]


def _form(number: int) -> FormData:
    return FormData([("text", str(number))])
