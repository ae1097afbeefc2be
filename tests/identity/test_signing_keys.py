"""Signing keys: made in time, sealed, published before they sign, and revoked."""

from datetime import timedelta
from typing import Any, cast
from uuid import uuid4

import orjson
from joserfc.jwk import ECKey, KeySet

from services.identity.main import SERVICE, prepare
from services.identity.use_cases import access_tokens, second_factors, signing_keys
from shared.auth.tokens import issuer_at, verified
from shared.ops.sealing import Resealed
from shared.ops.settings import Settings
from shared.runtime.kernel import Kernel
from shared.runtime.resealing import reseal_all
from shared.store.database import Pool

ISSUER = issuer_at(Settings().public_url)
CLIENT = access_tokens.Known("hr", uuid4(), ["hr"], "OHRM")
MASTER = "a master key that is long enough for a test"


def kernel_of(pool: Pool, master_key: str = MASTER) -> Kernel:
    return Kernel(SERVICE, Settings(master_key=master_key), pool)


async def keys(kernel: Kernel) -> KeySet:
    return KeySet.import_key_set(cast(Any, await signing_keys.public_keys(kernel)))


async def age(pool: Pool, by: timedelta) -> None:
    await pool.execute("update sealed_keys set created_at = created_at - $1::interval", by)


async def published(kernel: Kernel) -> list[str]:
    return [key["kid"] for key in (await signing_keys.public_keys(kernel))["keys"]]


async def test_a_new_key_is_published_before_it_signs_and_the_old_one_until_its_tokens_are_over(pool: Pool) -> None:
    """The keys are moved back in time, never the clock forward."""
    kernel = kernel_of(pool)
    first = await signing_keys.signing_key(kernel)
    await age(pool, timedelta(days=30, minutes=1))
    assert (await signing_keys.signing_key(kernel)).kid == first.kid
    assert len(await published(kernel)) == 2
    await age(pool, timedelta(hours=1, minutes=1))
    second = await signing_keys.signing_key(kernel)
    assert second.kid != first.kid
    token = access_tokens.signed(first, ISSUER, CLIENT, "hr", await kernel.now())
    assert verified(token, await keys(kernel), ISSUER)
    await age(pool, timedelta(hours=2))
    assert await published(kernel) == [second.kid]
    assert (await signing_keys.signing_key(kernel)).kid == second.kid


async def test_a_private_key_lies_sealed_and_never_in_clear(pool: Pool) -> None:
    kernel = kernel_of(pool)
    private = (await signing_keys.signing_key(kernel)).as_dict(private=True)["d"]
    row = await pool.fetchrow("select public_key::text, sealed from sealed_keys")
    assert private
    assert row
    assert str(private) not in row["public_key"]
    assert str(private).encode() not in row["sealed"]
    assert await pool.fetchval("select count(*) from signing_keys") == 0


async def test_a_key_of_the_version_before_is_sealed_at_the_start_and_signs_on(pool: Pool) -> None:
    old = ECKey.generate_key("P-256", auto_kid=True)
    body = orjson.dumps(old.as_dict(private=True)).decode()
    sql = "insert into signing_keys (kid, private_key, created_at) values ($1, $2, now() - interval '2 days')"
    await pool.execute(sql, old.kid, body)
    kernel = kernel_of(pool)
    await signing_keys.prepare_keys(kernel)
    assert (await signing_keys.signing_key(kernel)).kid == old.kid
    assert await pool.fetchval("select count(*) from signing_keys") == 0
    assert timedelta(days=2) <= await pool.fetchval("select now() - created_at from sealed_keys")


async def test_under_another_master_key_the_old_key_verifies_and_a_new_one_signs(pool: Pool) -> None:
    before = await signing_keys.signing_key(kernel_of(pool))
    token = access_tokens.signed(before, ISSUER, CLIENT, "hr", await kernel_of(pool).now())
    changed = kernel_of(pool, "another master key that is long enough too")
    assert (await signing_keys.signing_key(changed)).kid != before.kid
    assert before.kid in await published(changed)
    assert verified(token, await keys(changed), ISSUER)


async def test_a_revoked_key_is_published_no_more_and_the_next_token_has_another(pool: Pool) -> None:
    kernel = kernel_of(pool)
    first = await signing_keys.signing_key(kernel)
    token = access_tokens.signed(first, ISSUER, CLIENT, "hr", await kernel.now())
    assert await signing_keys.revoke(pool, ["unknown"]) == []
    assert await signing_keys.revoke(pool, [str(first.kid)]) == [first.kid]
    second = await signing_keys.signing_key(kernel)
    assert await published(kernel) == [second.kid]
    assert verified(token, await keys(kernel), ISSUER) is None
    assert await signing_keys.revoke(pool, []) == [second.kid]


async def test_an_app_that_the_last_old_process_enrolled_is_sealed_anew(pool: Pool) -> None:
    new = "another master key that is long enough too"
    last = Kernel(SERVICE, Settings(master_key=MASTER, master_key_next=new), pool)
    following = Kernel(SERVICE, Settings(master_key=new, master_key_before=MASTER), pool)
    await prepare(following)
    factor = uuid4()
    sealed = last.sealer.sealed(second_factors.TOTP_SECRET, b"JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", factor)
    sql = "insert into second_factors (factor_id, account_id, kind, sealed) values ($1, $1, 'totp', $2)"
    await pool.execute(sql, factor, sealed)
    assert await reseal_all(kernel_of(pool, new)) == Resealed(closed=1)
    assert await reseal_all(following) == Resealed(anew=1)
    assert await reseal_all(kernel_of(pool, new)) == Resealed()


async def test_a_change_of_the_master_key_with_the_old_one_beside_it_loses_nothing(pool: Pool) -> None:
    first = await signing_keys.signing_key(kernel_of(pool))
    factor, secret = uuid4(), b"JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    sealed = kernel_of(pool).sealer.sealed(second_factors.TOTP_SECRET, secret, factor)
    sql = "insert into second_factors (factor_id, account_id, kind, sealed) values ($1, $1, 'totp', $2)"
    await pool.execute(sql, factor, sealed)
    changed = Settings(master_key="another master key that is long enough too", master_key_before=MASTER)
    await prepare(Kernel(SERVICE, changed, pool))
    after = kernel_of(pool, "another master key that is long enough too")
    assert (await signing_keys.signing_key(after)).kid == first.kid
    kept = await pool.fetchval("select sealed from second_factors where factor_id = $1", factor)
    assert after.sealer.opened(second_factors.TOTP_SECRET, kept, factor) == secret
    assert kernel_of(pool).sealer.opened(second_factors.TOTP_SECRET, kept, factor) is None
