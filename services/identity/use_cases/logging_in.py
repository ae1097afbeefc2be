"""Logging in: the password, then the second factor where there is one."""

import secrets
from functools import partial
from typing import Final, NamedTuple
from uuid import UUID

from starlette.responses import Response

from services.identity.domain.account import ACCOUNT
from services.identity.domain.codes import PENDING_LASTS, as_recovery_code, as_totp, as_user_code
from services.identity.domain.registration import address_id
from services.identity.domain.second_factors import SECOND_FACTORS, ReportGuessing
from services.identity.domain.secrets import TRIES, hashed
from services.identity.use_cases import attempts, passkeys, passwords, second_factors, sessions
from services.identity.use_cases.registering import holder_of
from services.identity.use_cases.relying_party import RelyingParty
from services.identity.use_cases.sessions import Began, Browser
from shared.model.errors import N_, Invalid, Unauthenticated
from shared.runtime.kernel import Kernel
from shared.store.database import Connection
from shared.store.limits import keep_within
from shared.vocabulary import cookies

PENDING: Final = cookies.SECOND_FACTOR.name
"""The cookie of whoever has given the password and is asked for the second factor."""

WRONG: Final = N_("The user ID or address and the password do not match, or the address has not been confirmed yet")
WRONG_CODE: Final = N_("This code is wrong or has been used. Enter the one that the app shows now, or a recovery code")
NO_CODE: Final = N_("This is neither a code of six digits nor a recovery code of sixteen letters and digits")
OVER: Final = N_("The second step took too long, or too many codes were wrong. Log in again")


class Pending(NamedTuple):
    """A login that waits for its second factor: the cookie's value, which is kept nowhere."""

    token: str


class Awaited(NamedTuple):
    """Whose second factor is awaited, what a passkey has to sign, and which passkeys may (ids)."""

    account_id: UUID
    challenge: bytes
    passkeys: list[bytes]


async def log_in(kernel: Kernel, login: str, password: str, network: str, browser: Browser) -> Began | Pending:
    """Begins a session, or asks for the second factor of an account that has one.

    Raises Unauthenticated, in the same way and after the same work whatever was wrong, or TooMany.
    """
    holder = await holder_of(kernel, login)
    who = attempts.tried(holder or as_user_code(login) or address_id(login), network)
    async with attempts.turn(kernel.pool, who) as attempt:
        states = await kernel.states((ACCOUNT, holder), (SECOND_FACTORS, holder))
        account = states.state(ACCOUNT, holder)
        known: str | None = await kernel.pool.fetchval("select hash from passwords where account_id = $1", holder)
        right = await passwords.matches(password, known)
        if not right or holder is None or known is None or account.status != "live":
            raise Unauthenticated.because(WRONG)
        attempt.right = True
    if passwords.needs_rehash(known):
        sql = "update passwords set hash = $3 where account_id = $1 and hash = $2"
        await kernel.pool.execute(sql, holder, known, await passwords.digest(password))
    if states.state(SECOND_FACTORS, holder).factors:
        return await _await_second_factor(kernel, holder)
    return await sessions.begin(kernel, holder, browser, strong=False, further=partial(attempts.forgive, who=who))


async def _await_second_factor(kernel: Kernel, holder: UUID) -> Pending:
    pending = Pending(secrets.token_urlsafe(32))
    sql = """with over as (delete from pending_logins where token_hash in (
            select token_hash from pending_logins where expires_at < clock_timestamp() for update skip locked))
        insert into pending_logins (token_hash, account_id, challenge, expires_at)
        values ($1, $2, $3, clock_timestamp() + $4::interval)"""
    values = hashed(pending.token), holder, secrets.token_bytes(32), PENDING_LASTS
    await kernel.pool.execute(sql, *values)
    return pending


async def awaited(kernel: Kernel, token: str) -> Awaited | None:
    """What this browser is asked for; None once it is too late, or when nothing was begun."""
    sql = """select p.account_id, p.challenge, array_remove(array_agg(f.credential_id), null) as passkeys
        from pending_logins p left join second_factors f on f.account_id = p.account_id and f.kind = 'passkey'
        where p.token_hash = $1 and p.expires_at > clock_timestamp() and p.tries < $2 group by p.token_hash"""
    row = await kernel.pool.fetchrow(sql, hashed(token), TRIES)
    return Awaited(row["account_id"], row["challenge"], row["passkeys"]) if row else None


def passkey_options(wanted: Awaited, party: RelyingParty | None) -> str:
    """What the browser's call to sign with a passkey takes (JSON); nothing where none can be used."""
    return passkeys.asking(party, wanted.challenge, wanted.passkeys) if party and wanted.passkeys else ""


async def finish(
    kernel: Kernel,
    token: str,
    *,
    code: str = "",
    credential: str = "",
    party: RelyingParty | None = None,
    network: str,
    browser: Browser,
) -> Began:
    """Begins the session once a code or a passkey was right.

    Raises Invalid for a wrong one, Unauthenticated when the first step has to be repeated, TooMany.
    """
    wanted = await awaited(kernel, token)
    if wanted is None:
        raise Unauthenticated.because(OVER)
    account_id, digits, recovery = wanted.account_id, as_totp(code), as_recovery_code(code)
    if not (credential or digits or recovery):
        raise Invalid.because(NO_CODE, "code")
    if digits and not credential:
        await keep_within(kernel.pool, attempts.SIX_DIGITS, account_id)
    who = attempts.tried(account_id, network)
    async with attempts.turn(kernel.pool, who) as attempt:
        await _take_try(kernel, token, account_id)
        if credential:
            right = await _is_right_passkey(kernel, wanted, credential, party)
        elif digits:
            right = await second_factors.is_right_totp(kernel, account_id, digits)
        else:
            right = await second_factors.is_right_recovery(kernel, account_id, recovery or "")
        if not right or (await kernel.state(ACCOUNT, account_id)).status != "live":
            raise Invalid.because(passkeys.NO_PASSKEY if credential else WRONG_CODE, "" if credential else "code")
        attempt.right = True

    done = partial(_second_step_done, token=token, who=who)
    return await sessions.begin(kernel, account_id, browser, strong=True, further=done)


async def _second_step_done(connection: Connection, *, token: str, who: attempts.Tried) -> None:
    gone = await connection.fetchval("delete from pending_logins where token_hash = $1 returning 1", hashed(token))
    if not gone:
        raise Unauthenticated.because(OVER)
    await attempts.forgive(connection, who)


async def _is_right_passkey(kernel: Kernel, wanted: Awaited, credential: str, party: RelyingParty | None) -> bool:
    """None is, where the site has no name that browsers bind passkeys to."""
    if party is None:
        return False
    return await passkeys.is_right(kernel, wanted.account_id, credential, wanted.challenge, party)


async def _take_try(kernel: Kernel, token: str, account_id: UUID) -> None:
    """Counts it before it is judged; whoever uses up all has the right password and no second factor."""
    sql = """update pending_logins set tries = tries + 1 where token_hash = $1 and tries < $2
        and expires_at > clock_timestamp() returning tries"""
    tries: int | None = await kernel.pool.fetchval(sql, hashed(token), TRIES)
    if tries is None:
        raise Unauthenticated.because(OVER)
    if tries == TRIES:
        await kernel.execute(SECOND_FACTORS, account_id, ReportGuessing())


def await_here(response: Response, pending: Pending) -> None:
    """Sets the cookie of a login that waits for its second factor."""
    age = cookies.SECOND_FACTOR.seconds
    response.set_cookie(PENDING, pending.token, age, path="/", secure=True, httponly=True, samesite="strict")


def forget_here(response: Response) -> None:
    response.delete_cookie(PENDING, path="/", secure=True, httponly=True, samesite="strict")
