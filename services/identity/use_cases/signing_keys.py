"""The keys that sign machines' tokens: made in time, sealed under the master key, published, revoked by command."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, NamedTuple

import orjson
import structlog
from joserfc.jwk import ECKey

from shared.auth.tokens import ALGORITHMS
from shared.ops.sealing import Resealed
from shared.runtime.kernel import Kernel
from shared.store.database import Pool

log = structlog.get_logger("services.identity")

SIGNS_FOR: Final = timedelta(days=30)
KNOWN_BEFORE: Final = timedelta(hours=1)
"""A new key is published this long before it signs, so that every service knows it by then."""

VERIFIES_FOR: Final = SIGNS_FOR + KNOWN_BEFORE + timedelta(hours=2)
"""From its making until the last token that it signed is over, with an hour to spare."""

PURPOSE: Final = "signing-key"


class Listed(NamedTuple):
    kid: str
    created_at: datetime


async def prepare_keys(kernel: Kernel) -> None:
    """There is a key before anybody asks for one; none lies in clear, or under the master key of before."""
    await _seal_old(kernel)
    await reseal(kernel)
    await signing_key(kernel)


async def reseal(kernel: Kernel) -> Resealed:
    """Seals the keys anew that the master key of before has sealed."""
    rows = await kernel.pool.fetch("select kid, sealed from sealed_keys")
    keep = partial(kernel.pool.execute, "update sealed_keys set sealed = $3 where kid = $1 and sealed = $2")
    sealed = [(row["kid"], row["sealed"]) for row in rows]
    if (count := await kernel.sealer.reseal(PURPOSE, sealed, keep)).closed:
        log.warning("signing keys were sealed under another master key", keys=count.closed)
    return count


async def signing_key(kernel: Kernel) -> ECKey:
    """The newest key that everybody has had time to fetch; at first the only one. Makes the next one in time.

    One that was sealed under another master key than those of today still verifies, and signs no more.
    """
    ages = await _ages(kernel)
    if not ages or min(ages.values()) > SIGNS_FOR:
        await _keep(kernel, ECKey.generate_key("P-256", auto_kid=True))
        ages = await _ages(kernel)
    known = [key for key, age in ages.items() if age > KNOWN_BEFORE]
    return ECKey.import_key(orjson.loads(known[0] if known else [*ages][-1]))


async def _ages(kernel: Kernel) -> dict[bytes, timedelta]:
    """The keys that can sign, opened, and how old they are; the newest first."""
    rows = await _rows(kernel.pool)
    opened = ((kernel.sealer.opened(PURPOSE, row["sealed"], row["kid"]), row["age"]) for row in rows)
    return {key: age for key, age in opened if key is not None}


async def public_keys(kernel: Kernel) -> dict[str, Any]:
    """The keys that verify tokens still alive (RFC 7517), nothing private in them."""
    await signing_key(kernel)
    marks = {"use": "sig", "alg": ALGORITHMS[0]}
    return {"keys": [{**orjson.loads(row["public_key"]), **marks} for row in await _rows(kernel.pool)]}


async def listed(pool: Pool) -> list[Listed]:
    """All keys that verify tokens, the newest first."""
    return [Listed(row["kid"], row["created_at"]) for row in await _rows(pool)]


async def revoke(pool: Pool, kids: Sequence[str]) -> list[str]:
    """Takes these keys away, or all if none is named; returns those that were there. The next token makes a new one.

    Services ask anew for the keys within a minute; tokens that one of these signed are refused from then on.
    """
    sql = "delete from sealed_keys where kid = any($1::text[]) or cardinality($1::text[]) = 0 returning kid"
    return sorted(row["kid"] for row in await pool.fetch(sql, list(kids)))


async def _rows(pool: Pool) -> list[Any]:
    """Keys that sign, will sign, or have signed what is still valid; the newest first."""
    sql = """select kid, public_key::text as public_key, sealed, created_at, clock_timestamp() - created_at as age
        from sealed_keys where created_at > clock_timestamp() - $1::interval order by created_at desc, kid"""
    return list(await pool.fetch(sql, VERIFIES_FOR))


async def _keep(kernel: Kernel, key: ECKey, created_at: datetime | None = None) -> None:
    sql = """insert into sealed_keys (kid, public_key, sealed, created_at)
        values ($1, $2, $3, coalesce($4, clock_timestamp())) on conflict do nothing"""
    private, public = (orjson.dumps(key.as_dict(private=private)) for private in (True, False))
    sealed = kernel.sealer.sealed(PURPOSE, private, key.kid)
    await kernel.pool.execute(sql, key.kid, public.decode(), sealed, created_at)


async def _seal_old(kernel: Kernel) -> None:
    """Keys of the version that kept them in clear."""
    for row in await kernel.pool.fetch("select kid, private_key::text as key, created_at from signing_keys"):
        await _keep(kernel, ECKey.import_key(orjson.loads(row["key"])), row["created_at"])
        await kernel.pool.execute("delete from signing_keys where kid = $1", row["kid"])
