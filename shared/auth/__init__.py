"""Who is asking: the session cookie and machine tokens resolved into a Who, and the dependencies that doors ask for.

A session is resolved by asking identity, at most every 30 seconds, and forgotten at once when it has ended. A machine's
token is verified here, without a call a request.
"""

import time
from collections.abc import Callable
from hashlib import sha256
from typing import Annotated, Any, Final, cast
from uuid import UUID

import httpx
from fastapi import Depends, Request, Security
from fastapi.openapi.models import OAuthFlowClientCredentials, OAuthFlows
from fastapi.security import APIKeyCookie, OAuth2, SecurityScopes
from pydantic import TypeAdapter

from shared.auth.tokens import Tokens
from shared.auth.who import Who as Who
from shared.model.errors import N_, Forbidden, Unauthenticated
from shared.model.reasons import Reason
from shared.ops.context import current
from shared.vocabulary import cookies, permissions
from shared.vocabulary.permissions import SCOPES, Permission

COOKIE: Final = cookies.SESSION.name
TOKEN_PATH: Final = "/identity/api/oauth/token"  # noqa: S105 - a path

ENDED_SESSION_OF: Final = "Postulo-Ended-Session-Of"
"""The header with which identity says whose session it was that is over."""

KEPT_FOR: Final = 30.0
"""Seconds for which an answer of identity may be used without asking again."""

MOST_KEPT: Final = 10_000
ROLE_RESTS: Final = N_("Your role works only in a session that began with a second factor. See “My account”")
_WHO: Final = TypeAdapter(Who)


class Sessions:
    """Resolves cookies by asking identity through `client`, and tokens that `issuer` gave (RFC 8414)."""

    def __init__(self, client: httpx.AsyncClient, issuer: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._client, self._clock = client, clock
        self._kept: dict[bytes, tuple[float, Who]] = {}
        self._ended: dict[UUID, float] = {}
        self._tokens = Tokens(self._published, issuer, clock)

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
        """The machine whose access token this is; None when it is forged, expired, revoked, or for somebody else."""
        return await self._tokens.machine(token)

    async def _published(self, path: str) -> Any:
        return (await self._ask(path, {})).json()

    async def _ask(self, path: str, headers: dict[str, str]) -> httpx.Response:
        """Identity's answer. Raises ConnectionError when there is none to rely on."""
        try:
            answer = await self._client.get(path, headers=headers)
        except httpx.HTTPError as error:
            raise ConnectionError("identity does not answer") from error
        if answer.status_code not in (httpx.codes.OK, httpx.codes.UNAUTHORIZED):
            raise ConnectionError(f"identity answers {answer.status_code}")
        return answer


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

    usual = Reason.INVALID_TOKEN


class InsufficientScope(Forbidden):
    """RFC 6750 §3.1: the machine's token lacks this scope."""

    usual = Reason.INSUFFICIENT_SCOPE
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
        if idle:
            raise Forbidden.because(ROLE_RESTS, reason=Reason.ROLE_RESTS)
        raise Forbidden.because(N_("You may not do this"))
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
AccommodationReader = Annotated[Who, may("accommodations.read")]
Curator = Annotated[Who, may("equivalences.write")]
Registrar = Annotated[Who, may("duplicates.read")]
EventReader = Annotated[Who, may("events")]
Agent = Annotated[Who, may("support")]
