"""V10, OAuth: a client gets what it was given, for a short time, for its secret alone."""

import base64
import re
import time
from typing import Any, Final
from uuid import UUID, uuid4

import httpx
import orjson
import pytest

from services.identity.use_cases.attempts import TOKENS
from services.identity.use_cases.machines import add_client
from tests.platform import Kit, Visitor
from tests.system.access import ACCESS, SCOPE_OF

TOKEN: Final = "/identity/api/oauth/token"


async def client(platform: Kit, *scopes: str) -> tuple[str, str]:
    name = f"client-{uuid4()}"
    return name, await add_client(platform.service("identity").kernel.pool, name, scopes)


async def ask(platform: Kit, **form: str) -> httpx.Response:
    return await platform.visitor().client.post(TOKEN, data={"grant_type": "client_credentials", **form})


def refused(answer: httpx.Response, status: int, error: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.json() == {"error": error}
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers.get("www-authenticate") == ("Basic" if status == 401 else None)


async def test_a_token_is_short_lived_and_kept_nowhere(platform: Kit) -> None:
    name, secret = await client(platform, "support")
    answer = await ask(platform, client_id=name, client_secret=secret)
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 600, "support")
    told: dict[str, Any] = orjson.loads(base64.urlsafe_b64decode(body["access_token"].split(".")[1] + "=="))
    assert told["exp"] - told["iat"] == 600


async def test_an_unknown_client_is_answered_like_a_wrong_secret(platform: Kit) -> None:
    name, _ = await client(platform, "support")
    refused(await ask(platform, client_id=name, client_secret="guessed"), 401, "invalid_client")
    refused(await ask(platform, client_id="nobody", client_secret="guessed"), 401, "invalid_client")
    refused(await ask(platform, client_id=name, client_secret=""), 401, "invalid_client")


@pytest.mark.parametrize("scope", ["hr", "support hr", "administrator", "events", "everything", "support\thr"])
async def test_nobody_gets_a_scope_that_the_operator_did_not_give(platform: Kit, scope: str) -> None:
    name, secret = await client(platform, "support")
    refused(await ask(platform, client_id=name, client_secret=secret, scope=scope), 400, "invalid_scope")


@pytest.mark.parametrize("grant", ["password", "authorization_code", "implicit", "refresh_token", "urn:x"])
async def test_there_is_one_kind_of_grant(platform: Kit, grant: str) -> None:
    name, secret = await client(platform, "support")
    answer = await ask(platform, client_id=name, client_secret=secret, grant_type=grant)
    refused(answer, 400, "unsupported_grant_type")


async def test_a_secret_in_an_address_is_not_read(platform: Kit) -> None:
    name, secret = await client(platform, "support")
    query = f"{TOKEN}?client_id={name}&client_secret={secret}&grant_type=client_credentials"
    answer = await platform.visitor().client.post(query, data={"grant_type": "client_credentials"})
    refused(answer, 401, "invalid_client")


async def test_a_network_that_asks_endlessly_is_told_to_wait(platform: Kit) -> None:
    crowd = platform.visitor()
    form = {"grant_type": "client_credentials", "client_id": "nobody", "client_secret": "guessed"}
    begun, passed = time.monotonic(), 0
    while (answer := await crowd.client.post(TOKEN, data=form)).status_code != 429:
        passed += 1
        assert passed <= TOKENS.burst + (time.monotonic() - begun) / TOKENS.every.total_seconds() + 1
    assert passed >= TOKENS.burst
    assert answer.headers["retry-after"] == "1"
    assert (await ask(platform, client_id="nobody", client_secret="guessed")).status_code == 401


MACHINES_DOORS: Final = sorted(
    (operation, SCOPE_OF[kind]) for operation, kind in ACCESS.items() if kind in SCOPE_OF and "/api/" in operation
)


@pytest.mark.parametrize(("operation", "scope"), MACHINES_DOORS)
async def test_a_door_says_what_a_token_lacks(platform: Kit, operation: str, scope: str) -> None:
    method, path = operation.split()
    address = re.sub(r"{\w+}", str(UUID(int=7)), path)
    other = await platform.machine("duplicates.read" if scope == "support" else "support")
    answers = [
        (await other.api(method, address, json={}), 403, f'Bearer error="insufficient_scope", scope="{scope}"'),
        (await forged(platform).api(method, address, json={}), 401, 'Bearer error="invalid_token"'),
        (await platform.visitor().api(method, address, json={}), 401, "Bearer"),
    ]
    for answer, status, challenge in answers:
        assert (answer.status_code, answer.headers.get("www-authenticate")) == (status, challenge), answer.text
        assert answer.headers["content-type"] == "application/problem+json"


def forged(platform: Kit) -> Visitor:
    return Visitor(platform.host, headers={"authorization": "Bearer forged"})
