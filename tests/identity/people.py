"""Visitors and their registrations."""

import itertools
import re
import secrets
from typing import Any

import httpx

from services.identity.domain.secrets import hashed
from tests.identity.values import form
from tests.platform import PASSWORD, Kit, Mail, Visitor

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


async def reset_link(platform: Kit) -> str:
    """The token of a link that sets a new password, of an account that nobody else needs."""
    someone, token = await platform.candidate(), secrets.token_urlsafe(32)
    sql = "insert into reset_links values ($1, $2, now() + interval '1 day')"
    await platform.service("identity").kernel.pool.execute(sql, hashed(token), someone.account_id)
    return token


async def log_in(visitor: Visitor, login: str, password: str = PASSWORD) -> httpx.Response:
    return await visitor.api("POST", "/identity/api/login", json={"login": login, "password": password})
