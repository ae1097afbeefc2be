"""Who is asking: answers of identity kept for seconds and dropped at once, and tokens that cannot be forged."""

import asyncio
import base64
import hmac
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from shared.auth import COOKIE, KEPT_FOR, Sessions, Who
from shared.auth.tokens import ASKED_EVERY, AUDIENCE, KEYS_KEPT_FOR, machine_id, verified
from shared.vocabulary.permissions import ROLES
from tests.platform import Kit
from tests.shared.clock import Clock

ISSUER = "https://careers.test"
KEY = ECKey.generate_key("P-256", auto_kid=True)
KEYS = KeySet([ECKey.import_key(KEY.as_dict(private=False))])


def claims(**changes: Any) -> dict[str, Any]:
    now = int(datetime.now(UTC).timestamp())
    made = {"iss": ISSUER, "aud": AUDIENCE, "sub": "hr-geneva", "scope": "hr", "iat": now, "exp": now + 60}
    made |= {"jti": "0191d2d4-5f6a-7c3e-9a1b-2f7c4be2a911", **changes}
    return {name: value for name, value in made.items() if value is not None}


def machine_of(token: str, keys: KeySet) -> Who | None:
    found = verified(token, keys, ISSUER)
    return found.who if found else None


def token(key: Any = KEY, header: dict[str, Any] | None = None, **changes: Any) -> str:
    head = {"alg": "ES256", "typ": "at+jwt", "kid": KEY.kid, **(header or {})}
    return jwt.encode(head, claims(**changes), key, algorithms=["ES256", "HS256", "RS256"])


def test_a_good_token_is_a_machine_with_its_scopes() -> None:
    who = machine_of(token(scope="hr support"), KEYS)
    assert who is not None
    assert (who.client, who.scopes, len(who.roles)) == ("hr-geneva", frozenset({"hr", "support"}), 0)
    assert (who.actor, who.account_id) == ("machine:hr-geneva", machine_id("hr-geneva"))


def test_a_token_names_its_organisation_and_an_older_one_stands_for_the_client_alone() -> None:
    named, older = machine_of(token(org="OHRM"), KEYS), machine_of(token(), KEYS)
    assert named is not None
    assert older is not None
    assert (named.organisation, older.organisation) == ("OHRM", "hr-geneva")


HOUR = 3600


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "somebody-else"},
        {"aud": "another-system"},
        {"iss": None},
        {"aud": None},
        {"iss": "https://careers.test/"},
        {"sub": None},
        {"jti": None},
        {"exp": None},
        {"iat": None},
        {"exp": 1_000_000_000},
        {"iat": int(datetime.now(UTC).timestamp()) + HOUR, "exp": int(datetime.now(UTC).timestamp()) + 2 * HOUR},
    ],
)
def test_a_token_for_somebody_else_or_another_time_is_refused(changes: dict[str, Any]) -> None:
    assert machine_of(token(**changes), KEYS) is None


@pytest.mark.parametrize("header", [{"typ": "JWT"}, {"typ": "at+JWT;x"}, {"kid": "unknown"}])
def test_a_token_of_another_type_or_key_is_refused(header: dict[str, Any]) -> None:
    assert machine_of(token(header=header), KEYS) is None


def test_a_token_must_name_its_key() -> None:
    made = jwt.encode({"alg": "ES256", "typ": "at+jwt"}, claims(), KEY)
    assert machine_of(made, KEYS) is None


def test_another_key_under_the_same_name_is_refused() -> None:
    assert machine_of(token(ECKey.generate_key("P-256")), KEYS) is None


def test_the_public_key_is_no_secret_to_sign_with() -> None:
    """The classic confusion: HS256 with the published key as the secret."""
    signed = b".".join(encoded({"alg": "HS256", "typ": "at+jwt", "kid": KEY.kid}, claims()))
    mac = hmac.digest(KEY.as_pem(private=False), signed, "sha256")
    assert machine_of(f"{signed.decode()}.{base64url(mac).decode()}", KEYS) is None


def base64url(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def encoded(*parts: dict[str, Any]) -> list[bytes]:
    return [base64url(json.dumps(part).encode()) for part in parts]


def test_other_algorithms_are_refused_even_if_the_key_is_ours() -> None:
    rsa = RSAKey.generate_key(2048, auto_kid=True)
    forged = token(rsa, header={"alg": "RS256", "kid": rsa.kid})
    assert machine_of(forged, KeySet([rsa])) is None


def test_no_signature_is_no_token() -> None:
    for algorithm in ("none", "None", "NONE"):
        forged = b".".join(encoded({"alg": algorithm, "typ": "at+jwt", "kid": KEY.kid}, claims())) + b"."
        assert machine_of(forged.decode(), KEYS) is None


def test_a_key_that_the_token_brings_along_is_not_used() -> None:
    own = ECKey.generate_key("P-256", auto_kid=True)
    header = {"kid": own.kid, "jwk": own.as_dict(private=False), "jku": "https://evil.example/keys"}
    head = {"alg": "ES256", "typ": "at+jwt", **header}
    assert machine_of(jwt.encode(head, claims(), own), KEYS) is None


@given(st.one_of(st.text(), st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode() + ".e30.x")))
def test_whatever_is_sent_is_a_token_or_none(text: str) -> None:
    assert machine_of(text, KEYS) is None


def test_every_deed_names_who_did_it() -> None:
    anna = UUID(int=7)
    assert Who(anna, "P7K4-2QXM", frozenset({"candidate"})).actor == f"candidate:{anna}"
    for role in ROLES:
        assert Who(anna, "P7K4-2QXM", frozenset({"candidate", role})).actor == f"agent:{anna}"


def elsewhere(network: httpx.AsyncBaseTransport, clock: Clock) -> Sessions:
    """Those of another process than identity's."""
    return Sessions(httpx.AsyncClient(transport=network, base_url="https://identity.test"), ISSUER, clock)


class Watched:
    """Sessions of another process than identity's, and every question that they put to it."""

    def __init__(self, platform: Kit) -> None:
        self.clock, self.asked = Clock(), 0
        transport = httpx.ASGITransport(app=platform.host)
        hooks = {"request": [self._count]}
        client = httpx.AsyncClient(transport=transport, base_url="https://identity.test", event_hooks=hooks)
        self.sessions = Sessions(client, ISSUER, self.clock)

    async def _count(self, _: httpx.Request) -> None:
        self.asked += 1


async def test_an_answer_is_kept_for_thirty_seconds(platform: Kit) -> None:
    anna, watched = await platform.candidate(), Watched(platform)
    cookie = anna.client.cookies[COOKIE]
    for _ in range(3):
        who = await watched.sessions.resolve(cookie)
        assert who is not None
        assert (who.account_id, who.email) == (anna.account_id, anna.email)
    assert watched.asked == 1
    watched.clock.now += KEPT_FOR
    assert await watched.sessions.resolve(cookie)
    assert watched.asked == 2


async def test_an_ended_session_is_forgotten_at_once(platform: Kit) -> None:
    anna, watched = await platform.candidate(), Watched(platform)
    cookie = anna.client.cookies[COOKIE]
    who = await watched.sessions.resolve(cookie)
    assert who is not None
    assert who.session_id is not None
    await anna.api("POST", "/identity/api/logout")
    assert await watched.sessions.resolve(cookie) == who
    watched.sessions.drop(who.session_id)
    assert await watched.sessions.resolve(cookie) is None


async def test_an_answer_that_was_on_its_way_when_the_session_ended_is_not_believed(platform: Kit) -> None:
    anna, watched = await platform.candidate(), Watched(platform)
    session_id = UUID((await anna.get("/identity/api/session")).json()["session_id"])
    watched.sessions.drop(session_id)
    assert await watched.sessions.resolve(anna.client.cookies[COOKIE]) is None


async def test_a_session_that_does_not_exist_is_nobody_and_nothing_is_kept_of_it(platform: Kit) -> None:
    watched = Watched(platform)
    assert [await watched.sessions.resolve("made-up") for _ in range(2)] == [None, None]
    assert watched.asked == 2


async def test_keys_are_fetched_once_and_forged_tokens_cannot_make_us_fetch_them_again_and_again(platform: Kit) -> None:
    watched = Watched(platform)
    hr = await platform.machine("hr")
    good = hr.client.headers["authorization"].removeprefix("Bearer ")
    for _ in range(5):
        assert await watched.sessions.machine(good)
    assert watched.asked == 2, "for keys, and for what is revoked"
    for _ in range(5):
        assert await watched.sessions.machine(token()) is None
    assert watched.asked == 2
    watched.clock.now += ASKED_EVERY
    for _ in range(5):
        assert await watched.sessions.machine(token()) is None
    assert watched.asked == 3
    assert await watched.sessions.machine(good)


async def test_whoever_comes_while_the_first_keys_are_fetched_waits_for_them(platform: Kit) -> None:
    watched, hr = Watched(platform), await platform.machine("hr")
    good = hr.client.headers["authorization"].removeprefix("Bearer ")
    assert all(await asyncio.gather(*(watched.sessions.machine(good) for _ in range(5))))
    assert watched.asked == 2


async def test_all_services_forget_a_session_that_identity_ended(platform: Kit) -> None:
    anna = await platform.candidate()
    cookie = anna.client.cookies[COOKIE]
    known: Sessions = platform.service("identity").app.state.sessions
    assert await known.resolve(cookie)
    await anna.api("POST", "/identity/api/logout")
    assert await known.resolve(cookie) is None


class Away(httpx.AsyncBaseTransport):
    """A network on which identity can be taken away."""

    def __init__(self, platform: Kit) -> None:
        self.inner, self.away = httpx.ASGITransport(app=platform.host), False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.away:
            raise httpx.ConnectError("no route to identity", request=request)
        return await self.inner.handle_async_request(request)


async def test_while_identity_is_away_nobody_is_let_in_by_guess_but_known_keys_still_verify(platform: Kit) -> None:
    network, clock = Away(platform), Clock()
    sessions = elsewhere(network, clock)
    anna, hr = await platform.candidate(), await platform.machine("hr")
    good = hr.client.headers["authorization"].removeprefix("Bearer ")
    assert await sessions.machine(good)
    network.away = True
    clock.now += KEYS_KEPT_FOR
    assert await sessions.machine(good)
    clock.now += ASKED_EVERY
    with pytest.raises(ConnectionError):
        await sessions.machine(token())
    with pytest.raises(ConnectionError):
        await sessions.resolve(anna.client.cookies[COOKIE])
    network.away = False
    assert await sessions.resolve(anna.client.cookies[COOKIE])


async def test_an_answer_that_is_no_answer_is_an_outage_too(platform: Kit) -> None:
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=platform.host), base_url="https://x.test/nowhere")
    with pytest.raises(ConnectionError):
        await Sessions(client, ISSUER).resolve("anything")
