"""Logging in and out, and telling whose session a cookie is."""

import secrets
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

import asyncpg
from starlette.responses import Response

from services.identity.api import attempts, passwords
from services.identity.api.accounts import holder_of
from services.identity.api.attempts import Tried
from services.identity.domain.account import ACCOUNT, Account
from services.identity.domain.secrets import hashed
from services.identity.domain.session import SESSION, EndSession, LogIn, expires_at
from services.identity.events import Reason
from shared.auth import COOKIE, Who
from shared.database import Connection
from shared.errors import N_, Unauthenticated
from shared.message import new_id
from shared.reaction import Do
from shared.runtime import Kernel

WRONG: Final = N_("The user code or address and the password do not belong together, or the address is not proven yet")

TOUCHED_AFTER: Final = timedelta(seconds=20)
"""How stale a session's last use may get before a check writes it down."""


class Began(NamedTuple):
    """A new session: its cookie's value, which is kept nowhere, and the session that it replaces in this browser."""

    token: str
    session_id: UUID
    replaced: UUID | None


async def log_in(kernel: Kernel, login: str, password: str, who: Tried, cookie: str = "") -> Began:
    """Begins a session. Raises Unauthenticated, in the same way and after the same work whatever was wrong."""
    await attempts.wait_for_turn(kernel.pool, who)
    holder = await holder_of(kernel, login)
    account = await kernel.state(ACCOUNT, holder)
    known: str | None = await kernel.pool.fetchval("select hash from passwords where account_id = $1", holder)
    right = await passwords.matches(password, known)
    if not right or holder is None or known is None or account.status != "live":
        await attempts.failed(kernel.pool, who)
        raise Unauthenticated.because(WRONG)
    renewed = await passwords.digest(password) if passwords.needs_rehash(known) else known
    return await _begin(kernel, holder, renewed, who, cookie)


async def _begin(kernel: Kernel, holder: UUID, digest: str, who: Tried, cookie: str) -> Began:
    before = await _row(kernel, cookie)
    began = Began(secrets.token_urlsafe(32), new_id(), before["session_id"] if before else None)
    lasts = timedelta(hours=kernel.settings.session_absolute_hours)

    async def also(connection: Connection) -> None:
        await connection.execute(
            "insert into sessions (session_id, token_hash, account_id, ends_at)"
            " values ($1, $2, $3, clock_timestamp() + $4::interval)",
            began.session_id,
            hashed(began.token),
            holder,
            lasts,
        )
        await connection.execute("delete from sessions where session_id = $1", began.replaced)
        await connection.execute("update passwords set hash = $2 where account_id = $1 and hash <> $2", holder, digest)
        await attempts.succeeded(connection, who)

    ends = [Do(SESSION, began.replaced, EndSession(reason="replaced"))] if began.replaced else []
    await kernel.execute_all(Do(SESSION, began.session_id, LogIn(account_id=holder, lasts=lasts)), *ends, also=also)
    await attempts.forget_old(kernel.pool)
    return began


async def check(kernel: Kernel, cookie: str) -> Who | None:
    """Whose session it is, and that it is in use; None when it is over or never was. An overdue one is ended here."""
    row = await _row(kernel, cookie)
    if row is None:
        return None
    idle = timedelta(minutes=kernel.settings.session_idle_minutes)
    if expires_at(row["seen_at"], row["ends_at"], idle) <= row["now"]:
        await end(kernel, row["session_id"], "expired")
        return None
    if row["now"] - row["seen_at"] > TOUCHED_AFTER:
        await kernel.pool.execute(
            "update sessions set seen_at = clock_timestamp() where session_id = $1", row["session_id"]
        )
    account = await _live_account(kernel, row["session_id"], row["account_id"])
    return _who(row, account, expires_at(row["now"], row["ends_at"], idle)) if account else None


async def _live_account(kernel: Kernel, session_id: UUID, account_id: UUID) -> Account | None:
    """The account, unless it or the session is over: the events have the last word, not the rows."""
    of_session, of_account = SESSION.stream(session_id), ACCOUNT.stream(account_id)
    streams = (await kernel.store.load(of_session, of_account)).streams
    session = SESSION.fold(event.data for event in streams[of_session])
    account = ACCOUNT.fold(event.data for event in streams[of_account])
    return account if account.status == "live" and not session.over else None


async def end(kernel: Kernel, session_id: UUID, reason: Reason) -> None:
    """The session is over, everywhere."""

    async def also(connection: Connection) -> None:
        await connection.execute("delete from sessions where session_id = $1", session_id)

    await kernel.execute(SESSION, session_id, EndSession(reason=reason), also=also)


def _who(row: asyncpg.Record, account: Account, expires: datetime) -> Who:
    return Who(
        account_id=row["account_id"],
        user_code=account.user_code,
        roles=account.roles,
        session_id=row["session_id"],
        language=account.language,
        name=account.name,
        email=account.email,
        expires_at=expires,
        ends_at=row["ends_at"],
    )


async def _row(kernel: Kernel, cookie: str) -> Any:
    return await kernel.pool.fetchrow(
        "select session_id, account_id, seen_at, ends_at, clock_timestamp() as now from sessions where token_hash = $1",
        hashed(cookie),
    )


def give(response: Response, token: str) -> None:
    """Sets the cookie: for this host only, never readable by scripts, gone when the browser closes."""
    response.set_cookie(COOKIE, token, path="/", secure=True, httponly=True, samesite="lax")


def take_back(response: Response) -> None:
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")
