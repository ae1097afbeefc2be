"""Registering through the doors: from the form to the proven address, and nothing told to strangers."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from services.identity.domain.account import ACCOUNT
from services.identity.events import RegistrationRefused
from services.identity.projections import DUPLICATES
from tests.identity.people import code_in, log_in, new_address, registered, registration, verify
from tests.platform import PASSWORD, Kit, hidden_fields, until
from tests.profile.values import COMPLETE

REGISTRATIONS = "/identity/api/registrations"


@pytest.mark.rule("R8")
async def test_the_guide_s_path_from_the_login_page_to_the_sent_form(platform: Kit) -> None:
    visitor = platform.visitor("fr")
    login = await visitor.get("/identity/login")
    assert "Connexion" in login.text
    assert 'href="/identity/register">Inscription immédiate</a>' in login.text
    form = registration(language="fr")
    day = {"birth_date-day": "23", "birth_date-month": "novembre", "birth_date-year": "1990"}
    sent = await visitor.post_form("/identity/register", {**form, **day})
    assert ">Inscription</button>" in (await visitor.get("/identity/register")).text
    assert "Confirmez votre adresse email" in sent.text
    mail = await platform.mail(form["email"], "identity/mail/verify")
    assert mail.subject == f"Votre code : {code_in(mail)}"
    welcome = await visitor.post_form(sent.url.path + "?" + sent.url.query.decode(), {"code": code_in(mail)})
    assert "Votre adresse est confirmée" in welcome.text
    told = await platform.mail(form["email"], "identity/mail/welcome")
    logged_in = await visitor.post_form("/identity/login", {"login": form["email"], "password": PASSWORD})
    assert logged_in.status_code in (200, 404)
    who = (await visitor.get("/identity/api/session")).json()
    assert (who["email"], who["roles"]) == (form["email"], ["candidate"])
    assert who["user_code"] in told.text


@pytest.mark.rule("R9")
async def test_every_problem_is_named_and_what_was_typed_stays(platform: Kit) -> None:
    visitor = platform.visitor()
    answer = await visitor.api(
        "POST", REGISTRATIONS, json=registration(email="anna@un.org", title="", password="short")
    )
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert {error["field"] for error in answer.json()["errors"]} == {"email", "title", "password"}
    page = await visitor.post_form("/identity/register", registration(email="anna@un.org", family_name="O'Brien <x>"))
    assert page.status_code == 422
    assert "O&#39;Brien &lt;x&gt;" in page.text
    assert PASSWORD not in page.text
    assert "<title>Error: " in page.text


@pytest.mark.rule("R23")
async def test_what_is_too_long_is_refused_for_its_length_and_stays_in_the_form(platform: Kit) -> None:
    visitor = platform.visitor()
    page = await visitor.post_form("/identity/register", registration(family_name="Ł" * 300_000))
    assert page.status_code == 422
    assert "Family name can have at most 100 characters: you typed 300,000" in page.text
    assert f'value="{"Ł" * 300_000}"' in page.text
    login = await visitor.post_form("/identity/login", {"login": "x" * 300_000, "password": "y" * 300_000})
    assert (login.status_code, len(login.content) < 20_000) == (422, True)


@pytest.mark.rule("R2")
@pytest.mark.parametrize("language", ["en", "fr"])
async def test_staff_are_refused_with_guidance_and_only_the_kind_of_contract_is_kept(
    platform: Kit, language: str
) -> None:
    visitor = platform.visitor(language)
    request = {"json": registration(link="continuing"), "headers": {"idempotency-key": str(uuid4())}}
    answer = await visitor.api("POST", REGISTRATIONS, **request)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["field"] == "link"
    assert ("staff account" if language == "en" else "compte de fonctionnaire") in error["message"]
    kernel = platform.service("identity").kernel
    rows = await kernel.pool.fetch("select data::text from events where type = 'RegistrationRefused'")
    assert {row["data"] for row in rows} <= {'{"link": "continuing"}', '{"link": "permanent"}'}
    page = await visitor.post_form("/identity/register", registration(link="permanent"))
    assert page.status_code == 422
    assert RegistrationRefused.__name__ not in page.text


async def test_a_retried_registration_opens_one_account_and_sends_one_code(platform: Kit) -> None:
    visitor, body = platform.visitor(), registration()
    request = {"json": body, "headers": {"idempotency-key": str(uuid4())}}
    answers = [await visitor.api("POST", REGISTRATIONS, **request) for _ in range(3)]
    assert len({answer.json()["account_id"] for answer in answers}) == 1
    mail = await platform.mail(body["email"], "identity/mail/verify")
    assert (await verify(visitor, answers[0].json()["account_id"], code_in(mail))).status_code == 200
    await platform.settled()
    assert len(platform.mails(body["email"], "identity/mail/verify")) == 1


async def test_a_stranger_s_idempotency_key_leads_to_no_account_of_somebody_else(platform: Kit) -> None:
    headers = {"idempotency-key": "1"}
    first = await platform.visitor().api("POST", REGISTRATIONS, json=registration(), headers=headers)
    second = await platform.visitor().api("POST", REGISTRATIONS, json=registration(), headers=headers)
    assert first.json()["account_id"] != second.json()["account_id"]


async def test_who_registers_again_with_a_proven_address_learns_nothing_and_its_holder_is_told_once(
    platform: Kit,
) -> None:
    anna, stranger = await platform.candidate(), platform.visitor()
    with_account = [await stranger.api("POST", REGISTRATIONS, json=registration(email=anna.email)) for _ in range(2)]
    without = await stranger.api("POST", REGISTRATIONS, json=registration())
    assert {answer.status_code for answer in (*with_account, without)} == {202}
    assert {tuple(answer.json()) for answer in (*with_account, without)} == {("account_id",)}
    assert str(anna.account_id) not in {answer.json()["account_id"] for answer in with_account}
    mail = await platform.mail(anna.email, "identity/mail/registered_already")
    assert "account" in mail.subject
    await platform.settled()
    assert len(platform.mails(anna.email, "identity/mail/registered_already")) == 1
    assert len(platform.mails(anna.email, "identity/mail/verify")) == 1
    decoy = with_account[0].json()["account_id"]
    wrong = [await verify(stranger, account_id, "00000000") for account_id in (decoy, without.json()["account_id"])]
    assert {answer.status_code for answer in wrong} == {422}
    assert len({answer.json()["detail"] for answer in wrong}) == 1


@pytest.mark.usefixtures("unhurried")
async def test_registering_takes_as_long_whether_the_address_has_an_account_or_not(platform: Kit) -> None:
    anna, stranger = await platform.candidate(), platform.visitor()
    times = []
    for email in (anna.email, new_address()):
        answer = await stranger.api("POST", REGISTRATIONS, json=registration(email=email))
        times.append(answer.elapsed)
    assert all(time >= timedelta(seconds=0.25) for time in times)


async def test_of_two_unproven_registrations_the_first_proven_has_the_address(platform: Kit) -> None:
    """Somebody who types a stranger's address first gains nothing by it."""
    eve, anna, address = platform.visitor(), platform.visitor(), new_address()
    eves, _ = await registered(eve, email=address)
    annas, _ = await registered(anna, email=address)
    codes = [code_in(await platform.mail(address, "identity/mail/verify", count)) for count in (1, 2)]
    assert (await verify(eve, eves, codes[1])).status_code == 422
    assert (await verify(anna, annas, codes[1])).status_code == 200
    assert (await verify(eve, eves, codes[0])).status_code == 409
    assert (await log_in(platform.visitor(), address)).json()["account_id"] == annas


async def test_a_code_works_for_five_tries_only(platform: Kit) -> None:
    visitor = platform.visitor()
    account_id, address = await registered(visitor)
    code = code_in(await platform.mail(address, "identity/mail/verify"))
    for _ in range(5):
        assert (
            await verify(visitor, account_id, "1111 1111" if code != "1111 1111" else "2222 2222")
        ).status_code == 422
    assert (await verify(visitor, account_id, code)).status_code == 422


async def test_what_cannot_be_a_code_is_said_so_and_is_no_try(platform: Kit) -> None:
    visitor = platform.visitor()
    account_id, address = await registered(visitor)
    code = code_in(await platform.mail(address, "identity/mail/verify"))
    for typed, digits in (("1234 567", 7), ("I do not find it", 0), ("123456789", 9)) * 3:
        answer = await verify(visitor, account_id, typed)
        assert answer.status_code == 422
        assert answer.json()["detail"] == f"The code in the e-mail has 8 digits: you typed {digits}"
    typed = "Code\u00a0: " + "".join(chr(0xFF10 + int(sign)) for sign in code if sign.isdecimal())
    assert (await verify(visitor, account_id, typed)).status_code == 200


async def test_another_code_replaces_the_first_and_whoever_asks_gets_three_at_once_at_most(platform: Kit) -> None:
    visitor = platform.visitor()
    account_id, address = await registered(visitor)
    again = f"{REGISTRATIONS}/{account_id}/codes"
    assert {(await visitor.api("POST", again)).status_code for _ in range(6)} == {202}
    last = await platform.mail(address, "identity/mail/verify", count=3)
    first = platform.mails(address, "identity/mail/verify")[0]
    assert (await verify(visitor, account_id, code_in(first))).status_code == 422
    assert (await verify(visitor, account_id, code_in(last))).status_code == 200
    await platform.settled()
    assert len(platform.mails(address, "identity/mail/verify")) == 3


async def test_asking_for_a_code_shows_nothing_of_who_is_registered(platform: Kit) -> None:
    anna, visitor = await platform.candidate(), platform.visitor()
    answers = [await visitor.api("POST", f"{REGISTRATIONS}/{each}/codes") for each in (anna.account_id, uuid4())]
    assert {(answer.status_code, answer.text) for answer in answers} == {(202, "null")}


async def test_a_used_code_says_so_and_tells_nothing_more(platform: Kit) -> None:
    visitor = platform.visitor()
    account_id, address = await registered(visitor)
    code = code_in(await platform.mail(address, "identity/mail/verify"))
    path = f"/identity/verify?registration={account_id}"
    form = hidden_fields((await visitor.get(path)).text)
    first, second = await asyncio.gather(*(verify(visitor, account_id, code) for _ in range(2)))
    assert sorted((first.status_code, second.status_code)) == [200, 409]
    again = await verify(platform.visitor(), account_id, code)
    assert again.status_code == 409
    assert [error["message"] for error in again.json()["errors"]] == [
        "This code has been used: the address is confirmed. Log in"
    ]
    assert "user_code" not in again.text
    for page, status in ((await visitor.post(path, {**form, "code": code}), 409), (await visitor.get(path), 410)):
        assert page.status_code == status
        assert "This code has been used" in page.text
        assert 'name="code"' not in page.text
    await platform.mail(address, "identity/mail/welcome")
    await platform.settled()
    assert len(platform.mails(address, "identity/mail/welcome")) == 1


async def test_an_unproven_account_cannot_log_in(platform: Kit) -> None:
    visitor = platform.visitor()
    _, address = await registered(visitor)
    assert (await log_in(visitor, address)).status_code == 401


async def test_a_lapsed_registration_is_over(platform: Kit) -> None:
    visitor = platform.visitor()
    account_id, address = await registered(visitor)
    code = code_in(await platform.mail(address, "identity/mail/verify"))
    await platform.settled()
    kernel = platform.service("identity").kernel
    moved = await kernel.pool.fetchval(
        "update timers set due = now() where key = $1 returning due - now() <= interval '0'", f"lapse/{account_id}"
    )
    assert moved

    async def lapsed() -> bool:
        return (await kernel.state(ACCOUNT, account_id)).status == "closed"

    await until(lapsed, "the registration to lapse")
    assert (await verify(visitor, account_id, code)).status_code == 409


@pytest.mark.rule("R6")
async def test_the_same_person_registers_again_freely_and_only_staff_see_it(platform: Kit) -> None:
    name = {"given_names": "Zoé", "family_name": f"D'Été {new_address()[4:7]}"}
    first, second = platform.visitor(), platform.visitor()
    one, _ = await registered(first, **name)
    other, address = await registered(second, **{**name, "given_names": "ZOE"})
    code = code_in(await platform.mail(address, "identity/mail/verify"))
    assert (await verify(second, other, code)).status_code == 200
    hr = await platform.machine("hr")

    async def flagged() -> bool:
        found = (await hr.api("GET", "/identity/api/duplicates")).json()
        return (other, [one]) in [(each["account_id"], each["others"]) for each in found]

    await until(flagged, "the duplicate to be flagged")
    await platform.settled()
    documents = {each["account_id"]: each for each in (await hr.api("GET", "/identity/api/duplicates")).json()}
    user_code = (await platform.service("identity").kernel.state(ACCOUNT, other)).user_code
    assert (documents[other]["user_code"], documents[other]["state"]) == (user_code, "live")
    assert (await second.api("GET", "/identity/api/duplicates")).status_code == 401
    anna = await platform.candidate()
    assert (await anna.api("GET", "/identity/api/duplicates")).status_code == 403
    assert "duplicate" not in "".join(mail.text for mail in platform.mails(address)).lower()
    assert DUPLICATES.on[0] not in platform.service("identity").kernel.service.published.events


async def test_two_registrations_at_the_same_moment_get_different_user_codes(platform: Kit) -> None:
    visitors = [platform.visitor() for _ in range(6)]
    accounts = await asyncio.gather(*(registered(visitor) for visitor in visitors))
    kernel = platform.service("identity").kernel
    codes = [(await kernel.state(ACCOUNT, account_id)).user_code for account_id, _ in accounts]
    assert len(set(codes)) == 6


async def test_no_password_code_or_token_is_in_any_event(platform: Kit) -> None:
    anna = await platform.candidate()
    code = code_in(await platform.mail(anna.email, "identity/mail/verify"))
    rows = await platform.service("identity").kernel.pool.fetch("select data::text as data from events")
    everything = "".join(row["data"] for row in rows)
    cookie = anna.client.cookies["__Host-session"]
    for secret in (PASSWORD, "argon2", code, code.replace(" ", ""), cookie):
        assert secret not in everything


@pytest.mark.rule("R9")
async def test_somebody_with_one_name_registers_and_is_called_by_it_everywhere(platform: Kit) -> None:
    page = await platform.visitor("fr").get("/identity/register")
    assert "Je n’ai qu’un seul nom" in page.text
    suharto = await platform.candidate(only_name="yes", given_names="", family_name="Suharto")
    assert (await suharto.get("/identity/api/session")).json()["name"] == "Suharto"
    welcome = await platform.mail(suharto.email, "identity/mail/welcome")
    assert "Dear Suharto," in welcome.text
    await platform.settled()
    profile = (await suharto.api("GET", "/profile/api/contact")).json()["values"]
    assert (profile["only_name"], profile["family_name"], profile.get("given_names", "")) == ("yes", "Suharto", "")
    contact = {**COMPLETE["contact"], "only_name": "yes", "given_names": "", "family_name": "Suharto"}
    saved = await suharto.api("PUT", "/profile/api/contact", json={"values": contact})
    assert saved.status_code == 200
    shown = await suharto.get("/profile/contact?check=1")
    assert shown.status_code == 200
    assert 'href="#given_names"' not in shown.text
    assert 'href="#family_name"' not in shown.text


async def test_whoever_has_two_names_must_give_both(platform: Kit) -> None:
    body = registration(given_names="")
    answer = await platform.visitor().api("POST", "/identity/api/registrations", json=body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["given_names"]
