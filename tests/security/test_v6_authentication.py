"""V6, authentication: doors that promise discretion answer alike, whoever has an account."""

from collections.abc import Mapping
from typing import Any

import pytest

from services.identity.domain.registration import address_problems
from services.identity.use_cases.attempts import tried
from tests.identity.people import log_in, new_address, registration
from tests.platform import Kit
from tests.security.told import told


async def both(platform: Kit, path: str, known: Mapping[str, Any], unknown: Mapping[str, Any]) -> list[Any]:
    return [told(await platform.visitor().api("POST", path, json=dict(body))) for body in (known, unknown)]


@pytest.mark.rule("R4")
@pytest.mark.parametrize(("path", "field"), [("user-code", "email"), ("password", "login")])
async def test_a_reminder_does_not_tell_who_has_an_account(platform: Kit, path: str, field: str) -> None:
    anna = await platform.candidate()
    known, unknown = await both(
        platform, f"/identity/api/reminders/{path}", {field: anna.email}, {field: "nobody.at.all@example.org"}
    )
    assert known == unknown
    assert known[0] == 202
    assert not {"postulo-wrote", "set-cookie"} & known[1].keys()


async def test_a_registration_does_not_tell_who_has_an_account(platform: Kit) -> None:
    anna = await platform.candidate()
    taken, free = registration(email=anna.email), registration(email="somebody.new@example.org")
    known, unknown = await both(platform, "/identity/api/registrations", taken, free)
    assert known == unknown
    assert known[0] == 202
    assert not {"postulo-wrote", "set-cookie"} & known[1].keys()


async def test_another_code_does_not_tell_whether_a_registration_waits(platform: Kit) -> None:
    waiting = await platform.visitor().api(
        "POST", "/identity/api/registrations", json=registration(email="waiting@example.org")
    )
    there = waiting.json()["account_id"]
    answers = [
        told(await platform.visitor().api("POST", f"/identity/api/registrations/{account}/codes", json={}))
        for account in (there, "0191d2d4-5f6a-7c3e-9a1b-2f7c4be2a911")
    ]
    assert answers[0] == answers[1]
    assert answers[0][0] == 202


@pytest.mark.rule("R9")
@pytest.mark.parametrize("domain", ["un.org", "UN.ORG", "ｕｎ.org", "un。org", "mail.ｕｎ.org"])
def test_an_official_address_is_one_however_its_domain_is_written(domain: str) -> None:
    (problem,) = address_problems(f"anna@{domain}")
    assert problem.field == "email"
    assert address_problems("anna@notun.org") == []


async def test_twenty_spellings_of_a_login_are_one_account(platform: Kit) -> None:
    """Upper case, blanks, the user code with and without its hyphen: each failure counts against its holder."""
    anna = await platform.candidate()
    code = anna.user_code
    spellings = [
        anna.email,
        anna.email.upper(),
        f" {anna.email}",
        code,
        code.lower(),
        code.replace("-", ""),
        f" {code}",
    ]
    for spelling in spellings:
        assert (await log_in(platform.visitor(), spelling, "wrong horse battery")).status_code == 401
    key = tried(anna.account_id, "").account
    counted = "select failures from attempts where key = $1"
    assert await platform.service("identity").kernel.pool.fetchval(counted, key) == len(spellings)
    assert (await log_in(platform.visitor(), anna.email)).status_code == 200


async def test_an_unknown_login_is_answered_like_a_known_one(platform: Kit) -> None:
    anna = await platform.candidate()
    for known, unknown in ((anna.email, new_address()), (anna.user_code, "P7K4-2QXM")):
        bodies = [{"login": login, "password": "wrong horse battery"} for login in (known, unknown)]
        answers = await both(platform, "/identity/api/login", *bodies)
        assert answers[0] == answers[1]
        assert answers[0][0] == 401


@pytest.mark.rule("R4")
async def test_strangers_cannot_use_up_the_holder_s_way_back_in(platform: Kit) -> None:
    anna, path = await platform.candidate(), "/identity/api/reminders/password"
    for _ in range(15):
        stranger = platform.visitor()
        for _ in range(2):
            assert (await stranger.api("POST", path, json={"login": anna.email})).status_code == 202
    await platform.settled()
    before = len(platform.mails(anna.email, "identity/mail/reset"))
    assert (await platform.visitor().api("POST", path, json={"login": anna.email})).status_code == 202
    await platform.mail(anna.email, "identity/mail/reset", before + 1)
    await platform.visitor().api("POST", "/identity/api/reminders/user-code", json={"email": anna.email})
    await platform.mail(anna.email, "identity/mail/user_code")


async def test_strangers_who_register_with_an_address_cannot_keep_its_holder_from_it(platform: Kit) -> None:
    address = new_address()
    for _ in range(6):
        stranger = platform.visitor()
        body = registration(email=address, family_name="Stranger")
        assert (await stranger.api("POST", "/identity/api/registrations", json=body)).status_code == 202
    body = registration(email=address, family_name="Holder")
    assert (await platform.visitor().api("POST", "/identity/api/registrations", json=body)).status_code == 202
    await platform.mail(address, "identity/mail/verify", 7)
