"""The tokens that machine clients get (OAuth 2 client credentials), and their revocation."""

import hmac
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, cast
from uuid import UUID

import structlog
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from services.identity.domain.secrets import hashed
from services.identity.use_cases import machines
from services.identity.use_cases.machines import TOKENS_LAST
from services.identity.use_cases.signing_keys import public_keys, signing_key
from shared.auth.tokens import ALGORITHMS, AUDIENCE, CREDENTIAL, ORGANISATION, TOKEN_TYPE, issuer_at, verified
from shared.model.message import new_id
from shared.runtime.kernel import Kernel
from shared.store.database import Pool
from shared.vocabulary.permissions import of_scopes

log = structlog.get_logger("services.identity")

_SECRETS: Final = """select s.id, s.hash, c.scopes, c.organisation
    from clients c join client_secrets s on s.client = c.name where c.name = $1"""


class NotAuthorized(Exception):
    """RFC 6749 §5.2: why there is no token. `error` is one of its codes; whoever asked is named in the log."""

    def __init__(self, error: str, client: str) -> None:
        super().__init__(error)
        self.error = error
        log.warning("token refused", client=client[: machines.LONGEST], error=error)


class Known(NamedTuple):
    """A client that has shown its secret. credential: the secret's id."""

    name: str
    credential: UUID
    scopes: list[str]
    organisation: str


class Issued(NamedTuple):
    token: str
    scope: str


async def known(pool: Pool, name: str, secret: str) -> Known:
    """The client whose secret this is. Raises NotAuthorized."""
    rows = [] if "\0" in name else await pool.fetch(_SECRETS, name)
    given = hashed(secret)
    for row in rows:
        if hmac.compare_digest(row["hash"], given):
            return Known(name, row["id"], row["scopes"], row["organisation"])
    raise NotAuthorized("invalid_client", name)


async def issue(kernel: Kernel, name: str, secret: str, asked: str) -> Issued:
    """A token for the scopes asked for, or for all that the client has. Raises NotAuthorized.

    A client with the scope `hr` may ask for any part of it, to hold no more than its work needs.
    """
    client = await known(kernel.pool, name, secret)
    scopes = asked.split() or client.scopes
    if not set(scopes) <= {*client.scopes, *of_scopes(client.scopes)}:
        raise NotAuthorized("invalid_scope", name)
    scope = " ".join(sorted(set(scopes)))
    await kernel.pool.execute("update client_secrets set used_at = clock_timestamp() where id = $1", client.credential)
    key, now = await signing_key(kernel), datetime.now(UTC)  # Whoever verifies it goes by a machine's clock too.
    return Issued(signed(key, issuer_at(kernel.settings.public_url), client, scope, now), scope)


def signed(key: ECKey, issuer: str, client: Known, scope: str, now: datetime) -> str:
    """An access token as RFC 9068 wants it."""
    issued = int(now.timestamp())
    claims = {
        "iss": issuer,
        "aud": AUDIENCE,
        "sub": client.name,
        "client_id": client.name,
        "scope": scope,
        ORGANISATION: client.organisation,
        CREDENTIAL: str(client.credential),
        "iat": issued,
        "exp": issued + int(TOKENS_LAST.total_seconds()),
        "jti": str(new_id()),
    }
    return jwt.encode({"alg": ALGORITHMS[0], "typ": TOKEN_TYPE, "kid": key.kid}, claims, key)


async def revoke(kernel: Kernel, name: str, secret: str, token: str) -> None:
    """The client's token opens nothing any more within a minute; what is no live token needs nothing (RFC 7009 §2.2).

    Raises NotAuthorized, also for another client's token.
    """
    client = await known(kernel.pool, name, secret)
    keys = KeySet.import_key_set(cast("Any", await public_keys(kernel)))
    found = verified(token, keys, issuer_at(kernel.settings.public_url))
    if found is None:
        return
    if found.who.client != client.name:
        raise NotAuthorized("invalid_grant", name)
    async with kernel.pool.acquire() as connection:
        await machines.revoke(connection, [UUID(found.token_id)])


async def revoked(pool: Pool) -> list[UUID]:
    """Ids of tokens, and of secrets whose tokens are all void, that could still be alive."""
    rows = await pool.fetch("select id from revoked where until > clock_timestamp() order by id")
    return [row["id"] for row in rows]
