"""Second factors: authenticator apps, passkeys and recovery codes, added and removed by whoever gives the password."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Final, NamedTuple
from uuid import UUID, uuid5

import asyncpg
import orjson
import pyotp

from services.identity.domain.codes import (
    NAME_LENGTH,
    PENDING_LASTS,
    RECOVERY_CODES,
    RECOVERY_LENGTH,
    as_totp,
    enrolment_uri,
    recovery_code,
    step_of,
)
from services.identity.domain.second_factors import (
    SECOND_FACTORS,
    AddSecondFactor,
    MakeRecoveryCodes,
    RemoveSecondFactor,
    UseRecoveryCode,
)
from services.identity.domain.secrets import ALPHABET
from services.identity.use_cases import passkeys, sessions
from services.identity.use_cases.relying_party import RelyingParty
from services.identity.use_cases.sessions import Began, Browser
from shared.auth import Who
from shared.model.errors import N_, Invalid, NotFound
from shared.model.message import Command
from shared.model.reaction import Do
from shared.ops.sealing import Resealed
from shared.runtime.kernel import Kernel
from shared.store.database import Also, Connection

TOTP_ENROLMENT: Final = "totp-enrolment"
PASSKEY_ENROLMENT: Final = "passkey-enrolment"
TOTP_SECRET: Final = "totp"  # noqa: S105 - a purpose

WRONG_CODE: Final = N_("This code is wrong or has been used. Wait for the app to show the next one, then enter that")
ENROLMENT_OVER: Final = N_("This took too long. Open the page again and start anew")
NO_SUCH_FACTOR: Final = N_("This second factor does not exist or was removed already")

_FACTORS: Final = UUID("5f0f5a2e-6f0c-5c52-9a55-3f6f5a1a7c04")


class Factor(NamedTuple):
    """A second factor that somebody has; `name` is the holder's own, of a passkey."""

    factor_id: UUID
    kind: str
    name: str
    added_at: datetime
    used_at: datetime | None


class Enrolment(NamedTuple):
    """An authenticator app that is being added: what to type or picture, and what the form brings back."""

    secret: str
    uri: str
    state: str


class Added(NamedTuple):
    """The session that goes on, those that ended, and the recovery codes, if these are the first."""

    began: Began
    over: list[UUID]
    codes: list[str]


async def factors_of(kernel: Kernel, account_id: UUID) -> list[Factor]:
    """The second factors of an account in the order in which they were added."""
    sql = "select factor_id, kind, name, added_at, used_at from second_factors where account_id = $1 order by added_at"
    return [Factor(*row) for row in await kernel.pool.fetch(sql, account_id)]


async def reseal(kernel: Kernel) -> Resealed:
    """Seals the secrets of apps anew that the master key of before has sealed."""
    rows = await kernel.pool.fetch("select factor_id, sealed from second_factors where sealed is not null")
    keep = partial(kernel.pool.execute, "update second_factors set sealed = $3 where factor_id = $1 and sealed = $2")
    sealed = [(row["factor_id"], row["sealed"]) for row in rows]
    return await kernel.sealer.reseal(TOTP_SECRET, sealed, keep)


async def codes_left(kernel: Kernel, account_id: UUID) -> int:
    """How many recovery codes have not been used."""
    sql = "select count(*) from recovery_codes where account_id = $1"
    return int(await kernel.pool.fetchval(sql, account_id))


async def begin_totp(kernel: Kernel, who: Who, state: str = "") -> Enrolment:
    """A secret for an authenticator app, kept nowhere but in the form; the one of `state`, if that still counts."""
    secret = await _handed_back(kernel, who, TOTP_ENROLMENT, state) or pyotp.random_base32()
    return Enrolment(
        secret,
        enrolment_uri(secret, who.user_code),
        await _handed_out(kernel, who, TOTP_ENROLMENT, secret),
    )


async def add_totp(kernel: Kernel, who: Who, state: str, code: str, browser: Browser) -> Added:
    """Adds the app that shows this code, in the place of another one. Raises Invalid."""
    secret = await _handed_back(kernel, who, TOTP_ENROLMENT, state)
    if secret is None:
        raise Invalid.because(ENROLMENT_OVER, "state")
    step = step_of(secret, as_totp(code) or "", await kernel.now())
    if step is None:
        raise Invalid.because(WRONG_CODE, "code")
    factor = uuid5(_FACTORS, f"{who.account_id}/{secret}")
    sealed = kernel.sealer.sealed(TOTP_SECRET, secret.encode(), factor)
    before = [each.factor_id for each in await factors_of(kernel, who.account_id) if each.kind == "totp"]

    async def also(connection: Connection) -> None:
        sql = """insert into second_factors (factor_id, account_id, kind, sealed, last_step)
            values ($1, $2, 'totp', $3, $4) on conflict do nothing"""
        await connection.execute(sql, factor, who.account_id, sealed, step)

    command = AddSecondFactor(factor=factor, kind="totp", instead=tuple(old for old in before if old != factor))
    return await _added(kernel, who, command, also, browser)


async def begin_passkey(kernel: Kernel, who: Who, party: RelyingParty) -> tuple[str, str]:
    """What the browser's call to make a passkey takes (JSON), and what the form brings back."""
    sql = "select credential_id from second_factors where account_id = $1 and kind = 'passkey'"
    known = [row["credential_id"] for row in await kernel.pool.fetch(sql, who.account_id)]
    challenge = secrets.token_urlsafe(32)
    options = passkeys.creation(party, who, challenge.encode(), known)
    return options, await _handed_out(kernel, who, PASSKEY_ENROLMENT, challenge)


async def add_passkey(
    kernel: Kernel,
    who: Who,
    state: str,
    credential: str,
    *,
    name: str,
    party: RelyingParty,
    browser: Browser,
) -> Added:
    """Adds the passkey that the browser made. Raises Invalid."""
    challenge = await _handed_back(kernel, who, PASSKEY_ENROLMENT, state)
    if challenge is None:
        raise Invalid.because(ENROLMENT_OVER, "state")
    made = passkeys.made(credential, challenge.encode(), party)
    factor = uuid5(_FACTORS, f"{who.account_id}/{made.credential_id.hex()}")

    async def also(connection: Connection) -> None:
        sql = """insert into second_factors (factor_id, account_id, kind, name, credential_id, public_key, sign_count)
            values ($1, $2, 'passkey', $3, $4, $5, $6) on conflict (factor_id) do nothing"""
        values = factor, who.account_id, name.strip()[:NAME_LENGTH], made.credential_id, made.public_key
        await connection.execute(sql, *values, made.sign_count)

    try:
        return await _added(kernel, who, AddSecondFactor(factor=factor, kind="passkey"), also, browser)
    except asyncpg.UniqueViolationError:  # It is another account's already, whoever made it so.
        raise Invalid.because(passkeys.NO_PASSKEY, "credential") from None


async def _added(kernel: Kernel, who: Who, command: AddSecondFactor, also: Also, browser: Browser) -> Added:
    """All other sessions end, and this one goes on as one with a second factor: it was shown a moment ago."""
    codes = [] if await codes_left(kernel, who.account_id) else _draw()
    over = await sessions.others(kernel, who)

    async def with_codes(connection: Connection) -> None:
        await also(connection)
        await connection.execute("delete from second_factors where factor_id = any($1::uuid[])", command.instead)
        if codes:
            await _keep(connection, who.account_id, codes)
        await sessions.Over(over)(connection)

    steps: list[Command] = [command, MakeRecoveryCodes()] if codes else [command]
    does = [Do(SECOND_FACTORS, who.account_id, step) for step in steps]
    await kernel.execute_all(*does, *sessions.ends(over), also=with_codes)
    began = await sessions.begin(kernel, who.account_id, browser, strong=True)
    return Added(began, over, codes)


async def remove(kernel: Kernel, account_id: UUID, factors: Sequence[UUID]) -> None:
    """Takes second factors away; with the last one the recovery codes go too. Raises NotFound for another's."""
    mine = {factor.factor_id for factor in await factors_of(kernel, account_id)}
    if not set(factors) <= mine:
        raise NotFound.because(NO_SUCH_FACTOR)

    async def also(connection: Connection) -> None:
        await connection.execute("delete from second_factors where factor_id = any($1::uuid[])", list(factors))
        sql = """delete from recovery_codes where account_id = $1
            and not exists (select 1 from second_factors where account_id = $1)"""
        await connection.execute(sql, account_id)

    await kernel.execute_all(
        *(Do(SECOND_FACTORS, account_id, RemoveSecondFactor(factor=each)) for each in factors), also=also
    )


async def new_codes(kernel: Kernel, account_id: UUID) -> list[str]:
    """New recovery codes in the place of those before. Raises Invalid for an account without a second factor."""
    codes = _draw()

    async def also(connection: Connection) -> None:
        await connection.execute("delete from recovery_codes where account_id = $1", account_id)
        await _keep(connection, account_id, codes)

    await kernel.execute(SECOND_FACTORS, account_id, MakeRecoveryCodes(), also=also)
    return codes


async def is_right_totp(kernel: Kernel, account_id: UUID, code: str) -> bool:
    """Whether it is what the account's authenticator app shows; each counts once."""
    sql = "select factor_id, sealed from second_factors where account_id = $1 and kind = 'totp'"
    row = await kernel.pool.fetchrow(sql, account_id)
    secret = kernel.sealer.opened(TOTP_SECRET, row["sealed"], row["factor_id"]) if row else None
    step = step_of(secret.decode(), code, await kernel.now()) if secret else None
    if row is None or step is None:
        return False
    sql = """update second_factors set last_step = $2, used_at = clock_timestamp()
        where factor_id = $1 and last_step < $2 returning 1"""
    return bool(await kernel.pool.fetchval(sql, row["factor_id"], step))


async def is_right_recovery(kernel: Kernel, account_id: UUID, code: str) -> bool:
    """Whether it is one of the account's recovery codes; each counts once."""

    async def also(connection: Connection) -> None:
        sql = "delete from recovery_codes where account_id = $1 and hash = $2 returning 1"
        if not await connection.fetchval(sql, account_id, _hashed(account_id, code)):
            raise Invalid.because(WRONG_CODE, "code")

    try:
        await kernel.execute(SECOND_FACTORS, account_id, UseRecoveryCode(), also=also)
    except Invalid:
        return False
    return True


def _draw() -> list[str]:
    return [recovery_code(secrets.randbelow(len(ALPHABET) ** RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES)]


async def _keep(connection: Connection, account_id: UUID, codes: Sequence[str]) -> None:
    rows = [(account_id, _hashed(account_id, code)) for code in codes]
    await connection.executemany("insert into recovery_codes (account_id, hash) values ($1, $2)", rows)


def _hashed(account_id: UUID, code: str) -> bytes:
    return sha256(f"{account_id}/{code}".encode()).digest()


async def _handed_out(kernel: Kernel, who: Who, purpose: str, text: str) -> str:
    until = await kernel.now() + PENDING_LASTS
    return kernel.sealer.handed_out(purpose, orjson.dumps([text, until.timestamp()]), who.account_id)


async def _handed_back(kernel: Kernel, who: Who, purpose: str, state: str) -> str | None:
    handed = kernel.sealer.handed_back(purpose, state, who.account_id)
    if handed is None:
        return None
    text, until = orjson.loads(handed)
    return str(text) if (await kernel.now()).timestamp() < until else None
