"""Visitors from networks of their own, so that what they fail at slows nobody else down, and their registrations."""

import itertools
import re
from typing import Any

import httpx

from tests.identity.values import form
from tests.platform import PASSWORD, Kit, Mail, Visitor

NUMBERS = itertools.count(1)


def from_network(platform: Kit, address: str = "", language: str = "en") -> Visitor:
    """A visitor whose requests come from this address; without one, from a network nobody else has."""
    number = next(NUMBERS)
    address = address or f"10.9.{number // 250}.{number % 250 + 1}"
    visitor = platform.visitor(language)
    visitor.client = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=platform.host, client=(address, 50_000)),
        base_url=visitor.client.base_url,
        headers=visitor.client.headers,
        follow_redirects=True,
        timeout=30,
    )
    return visitor


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
