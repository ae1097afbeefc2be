"""V6, authentication: doors that promise discretion answer alike, whoever has an account."""

import re
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from services.identity.domain.registration import address_problems
from tests.identity.people import registration
from tests.platform import Kit

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
OWN = {"x-correlation-id", "date"}


def told(answer: httpx.Response) -> tuple[int, Mapping[str, list[str]], str]:
    """Everything that an answer says but for its own ids: status, headers with cookies, body."""
    names = sorted(name for name in answer.headers if name not in OWN)
    headers = {name: [UUID.sub("ID", value) for value in answer.headers.get_list(name)] for name in names}
    return answer.status_code, headers, UUID.sub("ID", answer.text)


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
