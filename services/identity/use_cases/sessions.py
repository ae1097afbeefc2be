"""Sessions: begun and ended, told by their cookies, and listed for those whose they are."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple, cast
from uuid import UUID

import asyncpg
from starlette.requests import Request
from starlette.responses import Response

from services.identity.domain.account import ACCOUNT, Account
from services.identity.domain.secrets import hashed
from services.identity.domain.session import SESSION, EndSession, LogIn, browser_family, expires_at
from services.identity.events import Reason
from services.identity.use_cases import attempts
from shared.auth import COOKIE, Sessions, Who
from shared.auth.who import STAFF
from shared.model.errors import N_, NotFound
from shared.model.message import new_id
from shared.model.reaction import Do
from shared.runtime.kernel import Kernel
from shared.store.database import Also, Connection

TOUCHED_AFTER: Final = timedelta(seconds=20)
"""How stale a session's last use may get before a check writes it down."""


class Browser(NamedTuple):
    """What a browser tells: the session's cookie that it has already, and its name."""

    cookie: str
    family: str

    @classmethod
    def of(cls, request: Request) -> "Browser":
        return cls(request.cookies.get(COOKIE, ""), browser_family(request.headers.get("user-agent", "")))


class Began(NamedTuple):
    """A new session: its cookie's value, which is kept nowhere, and the session that it replaces in this browser."""

    token: str
    session_id: UUID
    replaced: UUID | None


async def begin(kernel: Kernel, holder: UUID, browser: Browser, *, strong: bool, further: Also | None = None) -> Began:
    """A new session for somebody who has shown to be the holder; it replaces the one that this browser has.

    strong: a second factor was shown too. further: rows to write with it.
    """
    before = await _row(kernel, browser.cookie)
    began = Began(secrets.token_urlsafe(32), new_id(), before["session_id"] if before else None)
    lasts = timedelta(hours=kernel.settings.session_absolute_hours)

    async def also(connection: Connection) -> None:
        await connection.execute(
            "insert into sessions (session_id, token_hash, account_id, ends_at, browser, strong, started_at, seen_at)"
            " select $1, $2, $3, time + $4::interval, $5, $6, time, time from clock_timestamp() as time",
            began.session_id,
            hashed(began.token),
            holder,
            lasts,
            browser.family,
            strong,
        )
        await connection.execute("delete from sessions where session_id = $1", began.replaced)
        if further:
            await further(connection)

    replaced = [Do(SESSION, began.replaced, EndSession(reason="replaced"))] if began.replaced else []
    await kernel.execute_all(Do(SESSION, began.session_id, LogIn(account_id=holder, lasts=lasts)), *replaced, also=also)
    await attempts.forget_old(kernel.pool)
    return began


async def check(kernel: Kernel, cookie: str) -> Who | None:
    """Whose session it is, and that it is in use; None when it is over or never was. An overdue one is ended here."""
    row = await _row(kernel, cookie)
    if row is None or row["over_at"]:
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
    known = await kernel.states((SESSION, session_id), (ACCOUNT, account_id))
    account = known.state(ACCOUNT, account_id)
    return account if account.status == "live" and not known.state(SESSION, session_id).over else None


async def owner_of_ended(kernel: Kernel, cookie: str) -> UUID | None:
    """Whose session this was, if it is over since less than a day: what they posted in it is kept for them (R20)."""
    row = await _row(kernel, cookie)
    return row["account_id"] if row else None


async def end(kernel: Kernel, session_id: UUID, reason: Reason) -> None:
    """The session is over, everywhere."""
    await kernel.execute(SESSION, session_id, EndSession(reason=reason), also=Over([session_id]))


class Over:
    """Marks the rows of sessions that are over; those days old go when somebody logs in."""

    def __init__(self, session_ids: Sequence[UUID]) -> None:
        self.session_ids = session_ids

    async def __call__(self, connection: Connection) -> None:
        sql = "update sessions set over_at = clock_timestamp() where session_id = any($1::uuid[]) and over_at is null"
        await connection.execute(sql, self.session_ids)


def ends(session_ids: Sequence[UUID]) -> list[Do]:
    return [Do(SESSION, session_id, EndSession(reason="ended")) for session_id in session_ids]


class Live(NamedTuple):
    """A session somebody has; `browser` is all that is known of where."""

    session_id: UUID
    started_at: datetime
    seen_at: datetime
    browser: str
    current: bool


async def live(kernel: Kernel, who: Who) -> list[Live]:
    """The sessions of this person that go on, the one that asks first, then the last used."""
    rows = await kernel.pool.fetch(
        "select session_id, started_at, seen_at, browser, session_id is not distinct from $2 as current from sessions"
        " where account_id = $1 and over_at is null and ends_at > clock_timestamp()"
        " and seen_at > clock_timestamp() - $3::interval order by current desc, seen_at desc, session_id",
        who.account_id,
        who.session_id,
        timedelta(minutes=kernel.settings.session_idle_minutes),
    )
    return [Live(*row) for row in rows]


async def end_one(kernel: Kernel, who: Who, session_id: UUID) -> None:
    """Ends a session of this person's. Raises NotFound for anything else."""
    if (await kernel.state(SESSION, session_id)).account_id != who.account_id:
        raise NotFound.because(N_("This session does not exist or has ended already"))
    await end(kernel, session_id, "ended")


async def of_account(kernel: Kernel, account_id: UUID) -> list[UUID]:
    """All sessions of an account that are not over, overdue ones too."""
    sql = "select session_id from sessions where account_id = $1 and over_at is null"
    return [row["session_id"] for row in await kernel.pool.fetch(sql, account_id)]


async def others(kernel: Kernel, who: Who) -> list[UUID]:
    """This person's sessions but the one that asks, overdue ones too."""
    rows = await kernel.pool.fetch(
        "select session_id from sessions where account_id = $1 and session_id is distinct from $2 and over_at is null",
        who.account_id,
        who.session_id,
    )
    return [row["session_id"] for row in rows]


async def end_others(kernel: Kernel, who: Who) -> list[UUID]:
    """Ends all sessions of this person but the one that asks; returns them."""
    if ended := await others(kernel, who):
        await kernel.execute_all(*ends(ended), also=Over(ended))
    return ended


def _who(row: asyncpg.Record, account: Account, expires: datetime) -> Who:
    """Staff's roles rest in a session without a second factor."""
    idle = frozenset() if row["strong"] else account.roles & STAFF
    return Who(
        account_id=row["account_id"],
        user_code=account.user_code,
        roles=account.roles - idle,
        session_id=row["session_id"],
        language=account.language,
        name=account.name,
        email=account.email,
        expires_at=expires,
        ends_at=row["ends_at"],
        strong=row["strong"],
        idle_roles=idle,
    )


async def _row(kernel: Kernel, cookie: str) -> Any:
    return await kernel.pool.fetchrow(
        "select session_id, account_id, seen_at, ends_at, over_at, strong, clock_timestamp() as now"
        " from sessions where token_hash = $1",
        hashed(cookie),
    )


def give(response: Response, token: str) -> None:
    """Sets the cookie: for this host only, never readable by scripts, gone when the browser closes."""
    response.set_cookie(COOKIE, token, path="/", secure=True, httponly=True, samesite="lax")


def ended(request: Request, *session_ids: UUID | None) -> None:
    """This process knows at once; the others hear of it through Kafka."""
    known = cast(Sessions, request.app.state.sessions)
    for session_id in session_ids:
        if session_id:
            known.drop(session_id)
