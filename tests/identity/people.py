"""Visitors and their registrations."""

import itertools
import re
from typing import Any

import httpx

from tests.identity.values import form
from tests.platform import PASSWORD, Mail, Visitor

NUMBERS = itertools.count(1)


def new_address() -> str:
    return f"new.{next(NUMBERS)}@example.net"


def registration(**values: Any) -> dict[str, Any]:
    """A right form with an address that nobody has yet."""
    return form(**{"email": new_address(), "password": PASSWORD, "language": "en", **values})


async def registered(visitor: Visitor, **values: Any) -> tuple[str, str]:
    """Registers; returns the account's id and the address."""
    body = registration(**values)
    answer = await visitor.api("POST", "/identity/api/registrations", json=body)
    assert answer.status_code == 202, answer.text
    return answer.json()["account_id"], body["email"]


def code_in(mail: Mail) -> str:
    found = re.search(r"\b\d{4} \d{4}\b", mail.text)
    assert found, mail.text
    return found[0]


async def verify(visitor: Visitor, account_id: str, code: str) -> httpx.Response:
    return await visitor.api("POST", f"/identity/api/registrations/{account_id}/verification", json={"code": code})


async def log_in(visitor: Visitor, login: str, password: str = PASSWORD) -> httpx.Response:
    return await visitor.api("POST", "/identity/api/login", json={"login": login, "password": password})
