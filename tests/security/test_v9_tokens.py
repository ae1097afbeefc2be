"""V9, self-contained tokens: what we did not sign, for this purpose, for now, opens nothing, whatever it claims."""

import base64
import hmac
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from shared.auth.tokens import AUDIENCE
from tests.platform import ORIGIN, Kit

DOOR: Final = "/identity/api/duplicates"


def claims(**changes: Any) -> dict[str, Any]:
    now = int(datetime.now(UTC).timestamp())
    made = {
        "iss": ORIGIN, "aud": AUDIENCE, "sub": "hr-geneva", "client_id": "hr-geneva", "scope": "hr", "org": "OHRM",
        "iat": now, "exp": now + 60, "jti": "1", **changes,
    }  # fmt: skip
    return {name: value for name, value in made.items() if value is not None}


def part(content: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(content)).decode().rstrip("=")


def unsigned(algorithm: str, kid: str) -> str:
    return f"{part({'alg': algorithm, 'typ': 'at+jwt', 'kid': kid})}.{part(claims())}."


def signed_with_what_is_public(key: dict[str, Any]) -> str:
    """HS256 with the published key as its secret: what a careless library would take."""
    head = f"{part({'alg': 'HS256', 'typ': 'at+jwt', 'kid': key['kid']})}.{part(claims())}"
    secret = orjson.dumps(key)
    mac = base64.urlsafe_b64encode(hmac.digest(secret, head.encode(), sha256)).decode().rstrip("=")
    return f"{head}.{mac}"


def signed_by_another(header: dict[str, Any], key: Any, algorithm: str = "ES256") -> str:
    return jwt.encode({"alg": algorithm, "typ": "at+jwt", **header}, claims(), key, algorithms=[algorithm])


async def published(platform: Kit) -> dict[str, Any]:
    await platform.machine("hr")
    keys: list[dict[str, Any]] = (await platform.visitor().get("/identity/api/jwks.json")).json()["keys"]
    return keys[0]


async def refused(platform: Kit, token: str) -> None:
    answer = await platform.visitor().get(DOOR, headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 401, answer.text
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "ES256", "HS256", ""])
async def test_a_token_without_a_signature_is_none(platform: Kit, algorithm: str) -> None:
    await refused(platform, unsigned(algorithm, (await published(platform))["kid"]))


async def test_a_published_key_is_no_secret_to_sign_with(platform: Kit) -> None:
    await refused(platform, signed_with_what_is_public(await published(platform)))


@pytest.mark.parametrize("more", ["jwk", "jku", "x5u", "nothing"])
async def test_a_token_does_not_say_by_which_key_it_is_verified(platform: Kit, more: str) -> None:
    kid = (await published(platform))["kid"]
    own = ECKey.generate_key("P-256", parameters={"kid": kid})
    headers: dict[str, dict[str, Any]] = {
        "jwk": {"jwk": own.as_dict(private=False)},
        "jku": {"jku": "https://evil.example/jwks.json"},
        "x5u": {"x5u": "https://evil.example/cert.pem"},
        "nothing": {},
    }
    await refused(platform, signed_by_another({"kid": kid, **headers[more]}, own))


async def test_a_key_of_another_kind_signs_nothing(platform: Kit) -> None:
    kid = (await published(platform))["kid"]
    await refused(platform, signed_by_another({"kid": kid}, RSAKey.generate_key(2048), "RS256"))


@pytest.mark.parametrize("rubbish", ["x", "a.b.c", "..", "e30.e30.e30", "A" * 5_000, "é", "a.b.c.d.e"])
async def test_rubbish_is_no_token(platform: Kit, rubbish: str) -> None:
    answer = await platform.visitor().get(DOOR, headers={"authorization": f"Bearer {rubbish}".encode()})
    assert answer.status_code == 401, answer.text


async def test_a_true_token_with_a_changed_claim_is_none(platform: Kit) -> None:
    machine = await platform.machine("support")
    token = machine.client.headers["authorization"].partition(" ")[2]
    head, body, signature = token.split(".")
    assert orjson.loads(base64.urlsafe_b64decode(body + "=="))["scope"] == "support"
    await refused(platform, f"{head}.{part(claims())}.{signature}")
    assert (await machine.get("/support/api/desk")).status_code == 200
