"""Machines' access tokens (RFC 9068, ES256): verified with identity's published keys, less what it has revoked.

Neither costs a call a request: keys and revocations are fetched now and then, and kept while identity is away.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Generic, NamedTuple, TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import extract_compact

from shared.auth.who import Who

AUDIENCE: Final = "postulo"
TOKEN_TYPE: Final = "at+jwt"  # noqa: S105 - a media type
ALGORITHMS: Final = ("ES256",)
ORGANISATION: Final = "org"
"""The claim that names a client's organisation; a token from before there were any stands for the client alone."""

CREDENTIAL: Final = "credential"
"""The claim that names, by a random id, the secret for which the token was given: they end together."""

KEYS_PATH: Final = "/identity/api/jwks.json"
REVOKED_PATH: Final = "/identity/api/oauth/revoked"

KEYS_KEPT_FOR: Final = 60.0
"""Seconds for which published keys may be used without asking again: how long a revoked one still counts."""

REVOKED_KEPT_FOR: Final = 30.0
"""Seconds for which a list of what is revoked may be used without asking again: how long a token outlives it."""

ASKED_EVERY: Final = 10.0
"""Seconds between two fetches of the same, so that forged tokens cannot flood identity."""

METADATA_PATH: Final = "/.well-known/oauth-authorization-server"

T = TypeVar("T")
Ask = Callable[[str], Awaitable[Any]]


def issuer_at(public_url: str) -> str:
    """Who tokens are from: the site itself, so that its metadata stand where RFC 8414 §3 looks for them."""
    return public_url.rstrip("/")


class Verified(NamedTuple):
    """What a token says that is ours. credential: the id of the secret for which it was given."""

    who: Who
    token_id: str
    credential: str


class Tokens:
    """The tokens that `issuer` gives; `ask` gets what it publishes, as JSON, or raises ConnectionError."""

    def __init__(self, ask: Ask, issuer: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._ask, self._issuer = ask, issuer
        self._keys = Published(self._fetch_keys, KEYS_KEPT_FOR, clock)
        self._revoked = Published(self._fetch_revoked, REVOKED_KEPT_FOR, clock)

    async def machine(self, token: str) -> Who | None:
        """The machine whose access token this is; None when it is forged, expired, revoked, or for somebody else.

        Raises ConnectionError where that cannot be known.
        """
        kid = _kid(token)
        found = verified(token, await self._keys.get(lambda keys: kid in _kids(keys)), self._issuer)
        if found is None or {found.token_id, found.credential} & await self._revoked.get():
            return None
        return found.who

    async def _fetch_keys(self) -> KeySet:
        return KeySet.import_key_set(await self._ask(KEYS_PATH))

    async def _fetch_revoked(self) -> frozenset[str]:
        return frozenset((await self._ask(REVOKED_PATH))["revoked"])


class Published(Generic[T]):
    """What identity publishes: fetched anew when it is old or does not suit, and kept while identity is away."""

    def __init__(self, fetch: Callable[[], Awaitable[T]], kept_for: float, clock: Callable[[], float]) -> None:
        self._fetch, self._kept_for, self._clock = fetch, kept_for, clock
        self._held: T | None = None
        self._at = self._asked_at = float("-inf")
        self._asking = asyncio.Lock()

    async def get(self, suits: Callable[[T], bool] = lambda _: True) -> T:
        """What is held, if need be after asking. Raises ConnectionError when there is nothing."""
        if self._held is None or not suits(self._held):
            async with self._asking:
                await self._refresh(lambda: self._held is None or not suits(self._held))
        elif self._clock() - self._at >= self._kept_for and not self._asking.locked():
            async with self._asking:
                await self._refresh(lambda: False)
        if self._held is None:
            raise ConnectionError("identity did not answer a moment ago")
        return self._held

    async def _refresh(self, needed: Callable[[], bool]) -> None:
        now = self._clock()
        if now - self._asked_at < ASKED_EVERY or not (needed() or now - self._at >= self._kept_for):
            return
        self._asked_at = now
        try:
            self._held, self._at = await self._fetch(), now
        except ConnectionError:
            if needed():
                raise


def _kids(keys: KeySet) -> set[str | None]:
    return {key.kid for key in keys.keys}


def _kid(token: str) -> str | None:
    try:
        return extract_compact(token.encode()).headers().get("kid")
    except (JoseError, ValueError):
        return None


def verified(token: str, keys: KeySet, issuer: str) -> Verified | None:
    """What a token signed with one of these keys says: algorithm, type, issuer, audience, expiry checked."""
    try:
        decoded = jwt.decode(token, keys, algorithms=list(ALGORITHMS))
        if decoded.header.get("typ") != TOKEN_TYPE or "kid" not in decoded.header:
            return None
        _claims(issuer).validate(decoded.claims)
    except (JoseError, ValueError):
        return None
    return Verified(_machine(decoded.claims), str(decoded.claims["jti"]), str(decoded.claims.get(CREDENTIAL, "")))


def _claims(issuer: str) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": AUDIENCE},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        jti={"essential": True},
    )


def _machine(claims: Mapping[str, Any]) -> Who:
    client = str(claims["sub"])
    scopes = frozenset(str(claims.get("scope", "")).split())
    organisation = str(claims.get(ORGANISATION) or client)
    return Who(machine_id(client), "", frozenset(), scopes, name=client, client=client, organisation=organisation)


def machine_id(client: str) -> UUID:
    """The id under which what a machine did is kept."""
    return uuid5(NAMESPACE_URL, f"postulo:machine:{client}")
