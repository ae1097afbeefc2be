"""Getting back in through the doors (R4 to R6): two flows, and the same answer to everybody."""

import re
from datetime import timedelta

import pytest

from tests.identity.people import log_in, new_address, registered, reset_link
from tests.platform import PASSWORD, Kit

USER_CODE, RESET = "/identity/api/reminders/user-code", "/identity/api/reminders/password"
NEW = "nine green kettles sing"


async def link_for(platform: Kit, login: str, email: str, count: int = 1) -> str:
    """The token of the link that is mailed for this login."""
    answer = await platform.visitor().api("POST", RESET, json={"login": login})
    assert answer.status_code == 202
    mail = await platform.mail(email, "identity/mail/reset", count)
    token = re.search(r"token=([\w-]+)", mail.text)
    assert token
    return token[1]


@pytest.mark.rule("R4")
async def test_the_login_page_leads_to_both_flows_in_the_guide_s_words(platform: Kit) -> None:
    visitor = platform.visitor("fr")
    assert "Avez-vous oublié votre mot de passe ?" in (await visitor.get("/identity/login")).text
    page = await visitor.get("/identity/forgotten")
    assert 'href="/identity/forgotten/user-code"' in page.text
    assert 'href="/identity/forgotten/password"' in page.text
    assert "Il n’est pas nécessaire de vous inscrire de nouveau" in page.text


@pytest.mark.rule("R4")
async def test_a_forgotten_user_code_comes_by_mail_in_the_holder_s_language(platform: Kit) -> None:
    anna = await platform.candidate(language="fr")
    answer = await platform.visitor().post_form("/identity/forgotten/user-code", {"email": anna.email.upper()})
    assert answer.status_code == 200
    mail = await platform.mail(anna.email, "identity/mail/user_code")
    assert anna.user_code in mail.text
    assert mail.subject == "Votre code utilisateur"


@pytest.mark.rule("R4")
async def test_a_forgotten_password_is_replaced_through_a_mailed_link(platform: Kit) -> None:
    anna, visitor = await platform.candidate(), platform.visitor()
    sent = await visitor.post_form("/identity/forgotten/password", {"login": anna.user_code})
    assert "Check your e-mail" in sent.text
    mail = await platform.mail(anna.email, "identity/mail/reset")
    link = re.search(r"/identity/reset\?token=[\w-]+", mail.text)
    assert link
    done = await visitor.post_form("/identity/reset", {"password": NEW}, page=link[0])
    assert "Your new password is set" in done.text
    assert (await log_in(visitor, anna.email)).status_code == 401
    assert (await log_in(visitor, anna.email, NEW)).status_code == 200
    assert anna.user_code in (await platform.mail(anna.email, "identity/mail/password_changed")).text


@pytest.mark.rule("R4")
async def test_a_new_password_ends_all_sessions(platform: Kit) -> None:
    anna = await platform.candidate()
    elsewhere = platform.visitor()
    await log_in(elsewhere, anna.email)
    token = await link_for(platform, anna.email, anna.email)
    answer = await platform.visitor().api("POST", "/identity/api/passwords", json={"token": token, "password": NEW})
    assert answer.status_code == 204
    assert {(await each.get("/identity/api/session")).status_code for each in (anna, elsewhere)} == {401}


@pytest.mark.rule("R4")
async def test_a_link_works_once_and_not_after_its_time_nor_after_a_newer_one(platform: Kit) -> None:
    anna, visitor = await platform.candidate(), platform.visitor()

    async def use(token: str, password: str = NEW) -> int:
        body = {"token": token, "password": password}
        return (await visitor.api("POST", "/identity/api/passwords", json=body)).status_code

    first, second = [await link_for(platform, anna.email, anna.email, count) for count in (1, 2)]
    assert await use(first) == 422
    assert await use(second, "too short") == 422
    assert await use(second) == 204
    assert await use(second) == 422
    third = await link_for(platform, anna.email, anna.email, 3)
    pool = platform.service("identity").kernel.pool
    await pool.execute("update reset_links set expires_at = now() where account_id = $1", anna.account_id)
    assert await use(third) == 422
    assert await use("made-up") == 422
    assert third not in str(await pool.fetch("select * from reset_links"))


@pytest.mark.rule("R4")
@pytest.mark.usefixtures("unhurried")
@pytest.mark.parametrize(("door", "field"), [(USER_CODE, "email"), (RESET, "login")])
async def test_the_answer_is_the_same_after_the_same_time_whoever_asks(platform: Kit, door: str, field: str) -> None:
    anna, visitor = await platform.candidate(), platform.visitor()
    answers = [await visitor.api("POST", door, json={field: email}) for email in (anna.email, new_address())]
    assert {(answer.status_code, answer.text) for answer in answers} == {(202, "null")}
    assert all(answer.elapsed >= timedelta(seconds=0.25) for answer in answers)


@pytest.mark.rule("R4")
@pytest.mark.parametrize(("kind", "field"), [("user-code", "email"), ("password", "login")])
async def test_whoever_enters_nothing_is_told_so(platform: Kit, kind: str, field: str) -> None:
    visitor = platform.visitor()
    answer = await visitor.api("POST", f"/identity/api/reminders/{kind}", json={field: " "})
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, [field])
    page = await visitor.post_form(f"/identity/forgotten/{kind}", {field: ""})
    assert page.status_code == 422
    assert f'<a href="#{field}">' in page.text


@pytest.mark.rule("R4")
async def test_what_is_no_address_is_kept_and_named(platform: Kit) -> None:
    page = await platform.visitor().post_form("/identity/forgotten/user-code", {"email": "anna at example"})
    assert page.status_code == 422
    assert 'value="anna at example"' in page.text


@pytest.mark.rule("R4")
async def test_a_stranger_cannot_flood_a_mailbox(platform: Kit) -> None:
    anna, visitor = await platform.candidate(), platform.visitor()
    for _ in range(8):
        await visitor.api("POST", USER_CODE, json={"email": anna.email})
    await platform.settled()
    assert len(platform.mails(anna.email, "identity/mail/user_code")) <= 5


@pytest.mark.rule("R5")
@pytest.mark.parametrize("page", ["/identity/register", "/identity/verify"])
async def test_who_waits_for_the_code_reads_where_it_comes_from_and_to_look_in_the_spam(
    platform: Kit, page: str
) -> None:
    shown = await platform.visitor().get(page)
    assert "comes from the domain careers.un.org" in shown.text
    assert "spam" in shown.text


@pytest.mark.rule("R5")
@pytest.mark.parametrize("page", ["/identity/forgotten/user-code", "/identity/forgotten/password"])
async def test_so_does_who_waits_for_a_reminder(platform: Kit, page: str) -> None:
    shown = await platform.visitor("fr").post_form(page, {"email": new_address(), "login": new_address()})
    assert "Le message vient du domaine careers.un.org" in shown.text
    assert "filtre anti-spam" in shown.text


@pytest.mark.rule("R5")
async def test_the_mail_comes_from_the_platform_s_own_domain(platform: Kit) -> None:
    visitor = platform.visitor()
    _, address = await registered(visitor)
    mail = await platform.mail(address, "identity/mail/verify")
    assert mail.headers["From"].endswith("un.org>")


@pytest.mark.rule("R6")
async def test_without_a_proven_address_there_is_no_way_back_but_a_new_registration(platform: Kit) -> None:
    visitor = platform.visitor()
    _, address = await registered(visitor)
    await visitor.api("POST", RESET, json={"login": address})
    await visitor.api("POST", USER_CODE, json={"email": address})
    await platform.settled()
    assert not platform.mails(address, "identity/mail/reset")
    assert not platform.mails(address, "identity/mail/user_code")
    page = await visitor.get("/identity/forgotten")
    assert "register again" in page.text
    assert 'href="/identity/register"' in page.text


@pytest.mark.rule("R4")
async def test_a_reset_page_without_a_good_link_sets_nothing(platform: Kit) -> None:
    visitor = platform.visitor("fr")
    shown = await visitor.get("/identity/reset?token=made-up")
    assert shown.status_code == 410
    assert "a expiré" in shown.text
    assert 'name="password"' not in shown.text
    good = await reset_link(platform)
    data = {"password": PASSWORD, "token": "made-up"}
    page = await visitor.post_form("/identity/reset", data, page=f"/identity/reset?token={good}")
    assert page.status_code == 422
    assert "a expiré" in page.text
