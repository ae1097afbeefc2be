"""Who is asking: the session cookie and machine tokens resolved into a Who, and the dependencies that doors ask for.

A session is resolved by asking identity, at most every 30 seconds, and forgotten at once when it has ended. A machine's
token (RFC 9068, ES256) is verified here with identity's published keys (RFC 7517): no call a request.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any, Final, cast
from uuid import NAMESPACE_URL, UUID, uuid5

import httpx
from fastapi import Depends, Request, Security
from fastapi.openapi.models import OAuthFlowClientCredentials, OAuthFlows
from fastapi.security import APIKeyCookie, OAuth2, SecurityScopes
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import extract_compact
from pydantic import TypeAdapter

from shared.model.errors import N_, Forbidden, Unauthenticated
from shared.ops.context import current
from shared.vocabulary import permissions
from shared.vocabulary.permissions import ROLES, SCOPES, Owners, Permission

COOKIE: Final = "__Host-session"
ISSUER: Final = "postulo-identity"
AUDIENCE: Final = "postulo"
TOKEN_TYPE: Final = "at+jwt"  # noqa: S105 - a media type
ALGORITHMS: Final = ("ES256",)
ORGANISATION: Final = "org"
"""The claim that names a client's organisation; a token from before there were any stands for the client alone."""

TOKEN_PATH: Final = "/identity/api/oauth/token"  # noqa: S105 - a path

ENDED_SESSION_OF: Final = "Postulo-Ended-Session-Of"
"""The header with which identity says whose session it was that is over."""

KEPT_FOR: Final = 30.0
"""Seconds for which an answer of identity may be used without asking again."""

MOST_KEPT: Final = 10_000
KEYS_KEPT_FOR: Final = 60.0
"""Seconds for which published keys may be used without asking again: how long a revoked one still counts."""

KEYS_ASKED_EVERY: Final = 10.0
"""Seconds between two fetches for an unknown key id, so that forged tokens cannot flood identity."""


@dataclass(frozen=True)
class Who:
    """A person in a session, or a machine with a token. `expires_at`: end if idle from now on; `ends_at`: last end.

    strong: the session began with a second factor. Staff's roles work in such sessions only: in others they are
    `idle_roles`.
    organisation: whose machine it is; a person has none.
    """

    account_id: UUID
    user_code: str
    roles: frozenset[str]
    scopes: frozenset[str] = frozenset()
    session_id: UUID | None = None
    language: str = "en"
    name: str = ""
    email: str = ""
    expires_at: datetime | None = None
    ends_at: datetime | None = None
    client: str = ""
    strong: bool = False
    idle_roles: frozenset[str] = frozenset()
    organisation: str = ""

    @property
    def permissions(self) -> frozenset[str]:
        """What the roles of a person, or the scopes of a machine, allow."""
        return permissions.of_scopes(self.scopes) if self.client else permissions.of_roles(self.roles)

    @property
    def owners(self) -> Owners:
        """Whose vacancies are within reach: every one for staff, those of its organisation for a machine.

        The scope `hr` reaches those that belong to none too, as it did before there were organisations.
        """
        if not self.client:
            return None
        return frozenset({self.organisation, ""} if "hr" in self.scopes else {self.organisation})

    @property
    def actor(self) -> str:
        """Who did it, as events remember it: `machine:<client>`, `agent:<id>` (any staff) or `candidate:<id>`."""
        if self.client:
            return f"machine:{self.client}"
        return f"{'agent' if self.roles & STAFF else 'candidate'}:{self.account_id}"


ROLE_RESTS: Final = N_("Your role works only in a session that began with a second factor. See “My account”")
STAFF: Final = frozenset(ROLES)
_WHO: Final = TypeAdapter(Who)


class Sessions:
    """Resolves cookies and tokens by asking identity through `client`."""

    def __init__(self, client: httpx.AsyncClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._client, self._clock = client, clock
        self._kept: dict[bytes, tuple[float, Who]] = {}
        self._ended: dict[UUID, float] = {}
        self._keys: KeySet | None = None
        self._keys_at = self._asked_at = float("-inf")

    async def resolve(self, cookie: str) -> Who | None:
        """The person whose session this cookie is; None when there is no such live session."""
        key = sha256(cookie.encode()).digest()
        kept = self._kept.get(key)
        if kept and self._clock() - kept[0] < KEPT_FOR:
            return kept[1]
        asked = self._clock()
        answer = await self._ask("/identity/api/session", {"cookie": f"{COOKIE}={cookie}"})
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            self._kept.pop(key, None)
            return None
        who = _WHO.validate_json(answer.content)
        if who.session_id in self._ended:
            return None
        self._keep(key, asked, who)
        return who

    async def owner_of_ended(self, cookie: str) -> UUID | None:
        """Whose session this cookie was until it ended, if identity still knows. Raises ConnectionError."""
        answer = await self._ask("/identity/api/session", {"cookie": f"{COOKIE}={cookie}"})
        owner = answer.headers.get(ENDED_SESSION_OF)
        return UUID(owner) if owner else None

    def drop(self, session_id: UUID) -> None:
        """The session has ended: what is kept of it is forgotten, and an answer still on its way is not believed."""
        self._kept = {key: (at, who) for key, (at, who) in self._kept.items() if who.session_id != session_id}
        horizon = self._clock() - 2 * KEPT_FOR
        self._ended = {ended: at for ended, at in self._ended.items() if at > horizon} | {session_id: self._clock()}

    def _keep(self, key: bytes, at: float, who: Who) -> None:
        if len(self._kept) >= MOST_KEPT:
            self._kept = {k: v for k, v in self._kept.items() if at - v[0] < KEPT_FOR}
        if len(self._kept) < MOST_KEPT:
            self._kept[key] = (at, who)

    async def machine(self, token: str) -> Who | None:
        """The machine whose access token this is; None when it is forged, expired, or meant for somebody else."""
        keys = await self._keys_for(token)
        return machine_of(token, keys) if keys else None

    async def _keys_for(self, token: str) -> KeySet | None:
        """The keys, fetched anew when they are old or do not know the token's; the old ones while identity is away."""
        now = self._clock()
        known = self._keys is not None and _kid(token) in _kids(self._keys)
        if (not known or now - self._keys_at >= KEYS_KEPT_FOR) and now - self._asked_at >= KEYS_ASKED_EVERY:
            self._asked_at = now
            try:
                answer = await self._ask("/identity/api/jwks.json", {})
                self._keys, self._keys_at = KeySet.import_key_set(answer.json()), now
            except ConnectionError:
                if not known:
                    raise
        return self._keys

    async def _ask(self, path: str, headers: dict[str, str]) -> httpx.Response:
        """Identity's answer. Raises ConnectionError when there is none to rely on."""
        try:
            answer = await self._client.get(path, headers=headers)
        except httpx.HTTPError as error:
            raise ConnectionError("identity does not answer") from error
        if answer.status_code not in (httpx.codes.OK, httpx.codes.UNAUTHORIZED):
            raise ConnectionError(f"identity answers {answer.status_code}")
        return answer


def _kids(keys: KeySet) -> set[str | None]:
    return {key.kid for key in keys.keys}


def _kid(token: str) -> str | None:
    try:
        return extract_compact(token.encode()).headers().get("kid")
    except (JoseError, ValueError):
        return None


_CLAIMS: Final = jwt.JWTClaimsRegistry(
    iss={"essential": True, "value": ISSUER},
    aud={"essential": True, "value": AUDIENCE},
    sub={"essential": True},
    exp={"essential": True},
    iat={"essential": True},
)


def machine_of(token: str, keys: KeySet) -> Who | None:
    """The machine named by a token signed with one of these keys: algorithm, type, issuer, audience, expiry checked."""
    try:
        decoded = jwt.decode(token, keys, algorithms=list(ALGORITHMS))
        if decoded.header.get("typ") != TOKEN_TYPE or "kid" not in decoded.header:
            return None
        _CLAIMS.validate(decoded.claims)
    except (JoseError, ValueError):
        return None
    client = str(decoded.claims["sub"])
    scopes = frozenset(str(decoded.claims.get("scope", "")).split())
    organisation = str(decoded.claims.get(ORGANISATION) or client)
    return Who(machine_id(client), "", frozenset(), scopes, name=client, client=client, organisation=organisation)


def machine_id(client: str) -> UUID:
    """The id under which what a machine did is kept."""
    return uuid5(NAMESPACE_URL, f"postulo:machine:{client}")


SESSION_COOKIE: Final = APIKeyCookie(
    name=COOKIE, scheme_name="session", description="The session cookie that logging in sets.", auto_error=False
)
MACHINE_TOKEN: Final = OAuth2(
    flows=OAuthFlows(clientCredentials=OAuthFlowClientCredentials(tokenUrl=TOKEN_PATH, scopes=dict(SCOPES))),
    scheme_name="machine",
    description="An access token of an HR or support system (OAuth 2 client credentials).",
    auto_error=False,
)


def _bearer(header: str | None) -> str:
    kind, _, token = (header or "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


async def _person(request: Request, cookie: Annotated[str | None, Security(SESSION_COOKIE)] = None) -> Who | None:
    return _noted(await _sessions(request).resolve(cookie)) if cookie else None


async def anyone(
    request: Request,
    cookie: Annotated[str | None, Security(SESSION_COOKIE)] = None,
    header: Annotated[str | None, Security(MACHINE_TOKEN)] = None,
) -> Who | None:
    """A machine with a token or a person in a session; None for everybody else."""
    if token := _bearer(header):
        return _noted(await _sessions(request).machine(token))
    return _noted(await _sessions(request).resolve(cookie)) if cookie else None


def _sessions(request: Request) -> Sessions:
    return cast(Sessions, request.app.state.sessions)


def _noted(who: Who | None) -> Who | None:
    if who:
        current().actor = who.actor
    return who


def _needed(who: Who | None) -> Who:
    if who is None:
        raise Unauthenticated.because(N_("Log in to continue"))
    return who


def _signed_in(who: Annotated[Who | None, Depends(_person)]) -> Who:
    return _needed(who)


class InvalidToken(Unauthenticated):
    """RFC 6750 §3.1: the access token is forged, expired, or meant for somebody else."""


class InsufficientScope(Forbidden):
    """RFC 6750 §3.1: the machine's token lacks this scope."""

    scope = ""


async def _permitted(
    needed: SecurityScopes,
    who: Annotated[Who | None, Depends(anyone)],
    header: Annotated[str | None, Security(MACHINE_TOKEN)] = None,
) -> Who:
    if who is None and _bearer(header):
        raise InvalidToken.because(N_("The access token is not valid or has expired. Get another one"))
    found = _needed(who)
    if set(needed.scopes) <= found.permissions:
        return found
    if not found.client:
        idle = set(needed.scopes) <= permissions.of_roles(found.idle_roles)
        raise Forbidden.because(ROLE_RESTS if idle else N_("You may not do this"))
    refusal = InsufficientScope.because(N_("The access token lacks the scope %(scope)s"), scope=needed.scope_str)
    refusal.scope = needed.scope_str
    raise refusal


def may(permission: Permission) -> Any:
    """The dependency of a door that is open to whoever has this permission."""
    return Security(_permitted, scopes=[permission])


async def _candidate(who: Annotated[Who | None, Depends(_person)]) -> Who:
    if "candidate" in (found := _needed(who)).roles:
        return found
    raise Forbidden.because(N_("Only candidates may do this"))


MaybeSignedIn = Annotated[Who | None, Depends(_person)]
SignedIn = Annotated[Who, Depends(_signed_in)]
Candidate = Annotated[Who, Depends(_candidate)]
Publisher = Annotated[Who, may("vacancies.write")]
ApplicationReader = Annotated[Who, may("applications.read")]
StatusSetter = Annotated[Who, may("applications.status")]
Curator = Annotated[Who, may("equivalences.write")]
Registrar = Annotated[Who, may("duplicates.read")]
EventReader = Annotated[Who, may("events")]
Agent = Annotated[Who, may("support")]
