"""What somebody who is logged in changes of the own account: password, address, and its end. The password is asked.

Whether a new address has an account already does not show: the same answer after the same time, and its holder is told.
"""

import hmac
import secrets
from hashlib import sha256
from typing import Final
from uuid import UUID

from services.identity.domain.account import ACCOUNT, ChangeEmail, ChangePassword, CloseAccount
from services.identity.domain.claim import CLAIM, ClaimAddress, ReleaseAddress, RepeatRegistration
from services.identity.domain.registration import address_id, address_problems
from services.identity.domain.secrets import CODE_LASTS, TRIES, password_problems
from services.identity.events import account_of
from services.identity.use_cases import attempts, passwords, sessions
from services.identity.use_cases.discretion import minutes, same_time
from services.identity.use_cases.forgetting import SECRETS
from services.identity.use_cases.registering import well_formed
from services.identity.use_cases.sessions import Began, Browser
from shared.auth import Who
from shared.model.errors import N_, Invalid, refuse_if
from shared.model.message import new_id
from shared.model.reaction import Do, Send
from shared.runtime.kernel import Kernel
from shared.store.database import Connection
from shared.store.limits import keep_within, may_mail

PASSWORD: Final = "current_password"  # noqa: S105 - the name of a field
NOT_THE_PASSWORD: Final = N_("This is not the password of your account")
SAME_ADDRESS: Final = N_("This is the address of your account already")
WRONG_CODE: Final = N_("This code is wrong or has expired. Check the newest e-mail, or start the change again")


async def confirm(kernel: Kernel, who: Who, password: str, network: str) -> None:
    """Raises Invalid unless it is the holder's password; failures make the next tries slower, as at the login."""
    tried = attempts.tried(who.account_id, network)
    async with attempts.turn(kernel.pool, tried) as attempt:
        sql = "select hash from passwords where account_id = $1"
        known: str | None = await kernel.pool.fetchval(sql, who.account_id)
        if not await passwords.matches(password, known):
            raise Invalid.because(NOT_THE_PASSWORD, PASSWORD)
        attempt.right = True
        await attempts.forgive(kernel.pool, tried)


async def change_password(kernel: Kernel, who: Who, new: str, browser: Browser) -> tuple[Began, list[UUID]]:
    """Sets a new password once the old one is confirmed. All sessions end; a new one takes the place of this one."""
    account = await kernel.state(ACCOUNT, who.account_id)
    refuse_if(password_problems(new, [account.email, *account.name.split()]))
    digest = await passwords.digest(new)
    over = await sessions.others(kernel, who)

    async def also(connection: Connection) -> None:
        await connection.execute(
            "update passwords set hash = $2, set_at = default where account_id = $1", who.account_id, digest
        )
        await connection.execute("delete from reset_links where account_id = $1", who.account_id)
        await connection.execute("delete from pending_logins where account_id = $1", who.account_id)
        await sessions.Over(over)(connection)

    await kernel.execute_all(Do(ACCOUNT, who.account_id, ChangePassword()), *sessions.ends(over), also=also)
    return await sessions.begin(kernel, who.account_id, browser, strong=who.strong), over


async def ask_for_address(kernel: Kernel, who: Who, email: str, network: str) -> None:
    """Mails a code to the new address, once the password is confirmed. Raises Invalid for no address, TooMany."""
    email = email.strip()
    refuse_if(address_problems(email))
    account = await kernel.state(ACCOUNT, who.account_id)
    if email == account.email:
        raise Invalid.because(SAME_ADDRESS, "email")
    await keep_within(kernel.pool, attempts.ADDRESSES, who.account_id)
    async with same_time():
        claim = await kernel.state(CLAIM, address_id(email))
        taken = claim.holder not in (None, who.account_id)
        language = "" if taken else account.language
        async with kernel.pool.acquire() as connection, connection.transaction():
            await _code(kernel, connection, who.account_id, email, network=network, language=language)
        if taken:
            repeat = RepeatRegistration(email=email, language=account.language, about=new_address_of(who.account_id))
            await kernel.execute(CLAIM, address_id(email), repeat)


async def wanted_address(kernel: Kernel, who: Who) -> str:
    """The address to which a code was sent, while it can be entered."""
    sql = "select email from address_changes where account_id = $1 and expires_at > clock_timestamp()"
    return await kernel.pool.fetchval(sql, who.account_id) or ""


async def _code(
    kernel: Kernel, connection: Connection, account_id: UUID, email: str, *, network: str, language: str
) -> None:
    """A new code, which replaces the one before; mailed in this language, or to nobody."""
    code = f"{secrets.randbelow(10**8):08}"
    await connection.execute(
        "insert into address_changes (account_id, email, hash, expires_at)"
        " values ($1, $2, $3, clock_timestamp() + $4::interval) on conflict (account_id) do update"
        " set email = excluded.email, hash = excluded.hash, expires_at = excluded.expires_at, tries = 0",
        account_id,
        email,
        _hashed(account_id, email, code),
        CODE_LASTS,
    )
    if await may_mail(connection, "email_code", address_id(email), network) and language:
        params = {"code": f"{code[:4]} {code[4:]}", "minutes": minutes(CODE_LASTS)}
        template, about = "identity/mail/email_code", new_address_of(account_id)
        whose = account_of(account_id)
        mail = Send(new_id(), email, template, language, params, about=about, whose=whose)
        await kernel.mail(connection, mail)


def new_address_of(account_id: UUID) -> str:
    """What the mails to an account's new address are about."""
    return f"{account_id}/new-address"


def _hashed(account_id: UUID, email: str, code: str) -> bytes:
    return sha256(f"{account_id}/{email}/{code}".encode()).digest()


async def change_address(kernel: Kernel, who: Who, code: str) -> str:
    """The mailed code moves the account to the new address, which is returned. Raises Invalid, or Conflict if taken."""
    digits = well_formed(code)
    row = await kernel.pool.fetchrow(
        "update address_changes set tries = tries + 1"
        " where account_id = $1 and tries < $2 and expires_at > clock_timestamp() returning email, hash",
        who.account_id,
        TRIES,
    )
    known, new = (row["hash"], row["email"]) if row else (b"", "")
    if not hmac.compare_digest(known, _hashed(who.account_id, new, digits)):
        raise Invalid.because(WRONG_CODE, "code")
    old = (await kernel.state(ACCOUNT, who.account_id)).email

    async def also(connection: Connection) -> None:
        await connection.execute("delete from address_changes where account_id = $1", who.account_id)
        await connection.execute("delete from reset_links where account_id = $1", who.account_id)

    await kernel.execute_all(*_moved(who.account_id, old, new), also=also)
    return str(new)


def _moved(account_id: UUID, old: str, new: str) -> list[Do]:
    """Another spelling of the same address is no other claim."""
    change = Do(ACCOUNT, account_id, ChangeEmail(email=new))
    if address_id(old) == address_id(new):
        return [change]
    claim = Do(CLAIM, address_id(new), ClaimAddress(account_id=account_id))
    return [claim, Do(CLAIM, address_id(old), ReleaseAddress(account_id=account_id)), change]


async def close(kernel: Kernel, who: Who) -> list[UUID]:
    """Closes the account for ever, once the password is confirmed: its sessions, which are returned, end with it.

    What identity keeps: ids, dates and roles in its store, and the user code, so that nobody else ever gets it. The
    password, the sessions and whatever waited for a code are deleted here, who it was with the key.
    """
    account = await kernel.state(ACCOUNT, who.account_id)
    rows = await kernel.pool.fetch("select session_id from sessions where account_id = $1", who.account_id)
    over = [row["session_id"] for row in rows]

    async def also(connection: Connection) -> None:
        for table in SECRETS:
            await connection.execute(f"delete from {table} where account_id = $1", who.account_id)  # noqa: S608
        sql = "delete from passwords where account_id = $1 returning 1"
        if await connection.fetchval(sql, who.account_id):  # else somebody closed it a moment ago
            params = {"name": account.name, "user_code": account.user_code}
            template, whose = "identity/mail/account_closed", account_of(who.account_id)
            goodbye = Send(new_id(), account.email, template, account.language, params, whose=whose)
            await kernel.mail(connection, goodbye)  # Which the erasure waits for.

    release = Do(CLAIM, address_id(account.email), ReleaseAddress(account_id=who.account_id))
    await kernel.execute_all(Do(ACCOUNT, who.account_id, CloseAccount()), release, *sessions.ends(over), also=also)
    return over
