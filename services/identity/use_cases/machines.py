"""Machine clients: their secrets, and the tokens they get (OAuth 2 client credentials)."""

import hmac
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import structlog
from joserfc import jwt
from joserfc.jwk import ECKey

from services.identity.domain.secrets import hashed
from services.identity.use_cases.signing_keys import signing_key
from shared.auth import ALGORITHMS, AUDIENCE, ISSUER, ORGANISATION, TOKEN_TYPE
from shared.model.errors import N_, Conflict, Invalid
from shared.model.message import new_id
from shared.runtime.kernel import Kernel
from shared.store.database import Pool
from shared.vocabulary.permissions import SCOPES, of_scopes

LASTS: Final = timedelta(minutes=10)
LONGEST: Final = 100

log = structlog.get_logger("services.identity")


class NotAuthorized(Exception):
    """RFC 6749 §5.2: why there is no token. `error` is one of its codes; whoever asked is named in the log."""

    def __init__(self, error: str, client: str) -> None:
        super().__init__(error)
        self.error = error
        log.warning("token refused", client=client[:LONGEST], error=error)


class Client(NamedTuple):
    name: str
    scopes: list[str]
    organisation: str
    created_at: datetime


class Issued(NamedTuple):
    token: str
    scope: str


async def add_client(pool: Pool, name: str, scopes: Sequence[str], organisation: str = "") -> str:
    """Registers a client and returns its secret, which is kept nowhere. Raises Invalid or Conflict.

    organisation: whose vacancies it may change, and whose applications it may see; without one, those of its own name.
    """
    if unknown := set(scopes) - set(SCOPES):
        raise Invalid.because(N_("There is no scope “%(scope)s”"), "scope", scope=", ".join(sorted(unknown)))
    owner = organisation.strip() or name
    if len(owner) > LONGEST or not owner.isprintable():
        message = N_("The name of an organisation has 1 to %(most)s printable characters")
        raise Invalid.because(message, "organisation", most=LONGEST)
    secret = secrets.token_urlsafe(32)
    made = await pool.fetchval(
        "insert into clients (name, secret_hash, scopes, organisation) values ($1, $2, $3, $4)"
        " on conflict do nothing returning 1",
        name,
        hashed(secret),
        sorted(set(scopes)),
        owner,
    )
    if not made:
        raise Conflict.because(N_("There is a client “%(name)s” already"), "name", name=name)
    return secret


async def remove_client(pool: Pool, name: str) -> bool:
    """The client gets no further token; those it has end within minutes."""
    return bool(await pool.fetchval("delete from clients where name = $1 returning 1", name))


async def new_secret(pool: Pool, name: str) -> str | None:
    """Another secret for a client, at once in the place of the old one; None if there is no such client."""
    secret = secrets.token_urlsafe(32)
    sql = "update clients set secret_hash = $2 where name = $1 returning 1"
    return secret if await pool.fetchval(sql, name, hashed(secret)) else None


async def clients(pool: Pool) -> list[Client]:
    """The machine clients in the order of their names."""
    rows = await pool.fetch("select name, scopes, organisation, created_at from clients order by name")
    return [Client(*row) for row in rows]


async def issue(kernel: Kernel, name: str, secret: str, asked: str) -> Issued:
    """A token for the scopes asked for, or for all that the client has. Raises NotAuthorized.

    A client with the scope `hr` may ask for any part of it, to hold no more than its work needs.
    """
    row = await kernel.pool.fetchrow("select secret_hash, scopes, organisation from clients where name = $1", name)
    if not hmac.compare_digest(row["secret_hash"] if row else b"", hashed(secret)) or row is None:
        raise NotAuthorized("invalid_client", name)
    scopes = asked.split() or row["scopes"]
    if not set(scopes) <= {*row["scopes"], *of_scopes(row["scopes"])}:
        raise NotAuthorized("invalid_scope", name)
    scope = " ".join(sorted(set(scopes)))
    key, now = await signing_key(kernel), datetime.now(UTC)  # Whoever verifies it goes by a machine's clock too.
    return Issued(signed(key, name, scope, now, row["organisation"]), scope)


def signed(key: ECKey, client: str, scope: str, now: datetime, organisation: str) -> str:
    """An access token as RFC 9068 wants it."""
    issued = int(now.timestamp())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": client,
        "client_id": client,
        "scope": scope,
        ORGANISATION: organisation,
        "iat": issued,
        "exp": issued + int(LASTS.total_seconds()),
        "jti": str(new_id()),
    }
    return jwt.encode({"alg": ALGORITHMS[0], "typ": TOKEN_TYPE, "kid": key.kid}, claims, key)
