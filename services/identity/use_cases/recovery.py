"""Getting back in (R4): the user code again, or a new password through a mailed link, whoever asks."""

import secrets
from typing import Final
from uuid import UUID

from services.identity.domain.account import ACCOUNT, RequestCredentialReminder, ResetPassword
from services.identity.domain.claim import CLAIM
from services.identity.domain.registration import EMAIL, LOGIN, address_id
from services.identity.domain.secrets import LINK_LASTS, hashed, password_problems
from services.identity.events import account_of
from services.identity.use_cases import attempts, passwords, sessions
from services.identity.use_cases.discretion import minutes, same_time
from services.identity.use_cases.registering import holder_of
from shared.model.errors import N_, Invalid, refuse_if
from shared.model.message import new_id
from shared.model.reaction import Do, Send
from shared.runtime.kernel import Kernel
from shared.store.database import Connection
from shared.store.limits import keep_within, may_mail
from shared.vocabulary.fields import check

DEAD_LINK: Final = N_("This link has been used or has expired. Ask for another one")


async def remind_of_user_code(kernel: Kernel, email: str, network: str) -> None:
    """R4, first half: the user code goes to the address, if it is an account's. Raises Invalid without one, TooMany."""
    refuse_if(check([EMAIL], {"email": email}))
    await keep_within(kernel.pool, attempts.REMINDERS, network)
    async with same_time():
        holder = (await kernel.state(CLAIM, address_id(email))).holder
        async with kernel.pool.acquire() as connection:
            allowed = await may_mail(connection, "user_code", address_id(email), network)
        if holder and allowed:
            await kernel.execute(ACCOUNT, holder, RequestCredentialReminder(kind="user_code"))


async def send_reset_link(kernel: Kernel, login: str, network: str) -> None:
    """R4, second half: a link to set a new password goes to the proven address of the account, if there is one.

    Raises Invalid if nothing was entered, TooMany. A link lives longer than whoever asked for too many has to wait for
    the next one: the newest in the mailbox always works.
    """
    refuse_if(check([LOGIN], {"login": login}))
    await keep_within(kernel.pool, attempts.REMINDERS, network)
    async with same_time():
        holder = await holder_of(kernel, login)
        account = await kernel.state(ACCOUNT, holder)
        async with kernel.pool.acquire() as connection:
            whose = address_id(account.email or login)
            allowed = await may_mail(connection, "reset", whose, network)
        if holder and allowed and account.status == "live":
            await _reset_link(kernel, holder, account.email, account.language)


async def _reset_link(kernel: Kernel, holder: UUID, email: str, language: str) -> None:
    token = secrets.token_urlsafe(32)

    async def also(connection: Connection) -> None:
        await connection.execute("delete from reset_links where account_id = $1", holder)
        await connection.execute(
            "insert into reset_links values ($1, $2, clock_timestamp() + $3::interval)",
            hashed(token),
            holder,
            LINK_LASTS,
        )
        params = {"token": token, "minutes": minutes(LINK_LASTS)}
        whose = account_of(holder)
        await kernel.mail(connection, Send(new_id(), email, "identity/mail/reset", language, params, whose=whose))

    await kernel.execute(ACCOUNT, holder, RequestCredentialReminder(kind="password"), also=also)


async def is_alive(kernel: Kernel, token: str) -> bool:
    """Whether a mailed link can still set a password."""
    sql = "select 1 from reset_links where hash = $1 and expires_at > clock_timestamp()"
    return bool(await kernel.pool.fetchval(sql, hashed(token)))


async def reset_password(kernel: Kernel, token: str, password: str) -> list[UUID]:
    """Sets a new password by the mailed link, once; ends and returns all sessions. Raises Invalid."""
    holder: UUID | None = await kernel.pool.fetchval(
        "select account_id from reset_links where hash = $1 and expires_at > clock_timestamp()", hashed(token)
    )
    if holder is None:
        raise Invalid.because(DEAD_LINK, "token")
    account = await kernel.state(ACCOUNT, holder)
    refuse_if(password_problems(password, [account.email, *account.name.split()]))
    digest = await passwords.digest(password)
    over = await sessions.of_account(kernel, holder)

    async def also(connection: Connection) -> None:
        used = await connection.fetchval("delete from reset_links where hash = $1 returning 1", hashed(token))
        if not used:
            raise Invalid.because(DEAD_LINK, "token")
        await connection.execute(
            "update passwords set hash = $2, set_at = default where account_id = $1", holder, digest
        )
        await connection.execute("delete from address_changes where account_id = $1", holder)
        await connection.execute("delete from pending_logins where account_id = $1", holder)
        await sessions.Over(over)(connection)

    await kernel.execute_all(Do(ACCOUNT, holder, ResetPassword()), *sessions.ends(over), also=also)
    return over
