"""Registering, proving the address, and getting back in: what the JSON door and the pages both do.

Whether an account exists never shows: the same answer, after the same time, whatever is behind it.
"""

import hmac
import secrets
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid5

import asyncpg

from services.identity.domain.account import (
    ACCOUNT,
    RegisterExternalCandidate,
    VerifyEmail,
)
from services.identity.domain.claim import CLAIM, ClaimAddress, RepeatRegistration
from services.identity.domain.codes import MAILED_LENGTH, as_digits, as_user_code
from services.identity.domain.registration import address_id, is_staff, problems, staff_refusal
from services.identity.domain.secrets import (
    CODE_LASTS,
    LAPSES_AFTER,
    TRIES,
    password_problems,
    user_code,
)
from services.identity.events import account_of
from services.identity.use_cases import attempts, passwords
from services.identity.use_cases.discretion import minutes, same_time
from shared.model.errors import N_, Conflict, Invalid, Problem, refuse_if
from shared.model.message import new_id
from shared.model.reaction import Do, Send
from shared.model.reasons import Reason
from shared.runtime.kernel import Kernel
from shared.store.database import Connection
from shared.store.limits import keep_within, may_mail

DRAWS: Final = 20
WRONG_CODE: Final = N_("This code is wrong or has expired. Check the newest e-mail, or ask for another code")
NO_CODE: Final = N_("The code in the e-mail has %(digits)s digits: you typed %(typed)s")
USED_CODE: Final = N_("This code has been used: the address is confirmed. Log in")


def account_for(request_id: UUID, values: Mapping[str, Any]) -> UUID:
    """The id of the account that a request opens: a retried request opens no second one."""
    return uuid5(request_id, str(address_id(str(values.get("email", "")))))


class Proven(NamedTuple):
    """Whose address is proven, and which page they were on their way to when they registered."""

    user_code: str
    wanted: str


async def register(
    kernel: Kernel, account_id: UUID, values: dict[str, Any], password: str, network: str, *, wanted: str = ""
) -> None:
    """R2, R3, R8, R9. Raises Invalid with everything to correct, TooMany.

    wanted: the page to lead on to. It is kept here and not mailed: a mail to an unproven address holds nothing that its
    sender chose, and the code may be entered in another browser.
    """
    async with same_time():
        if is_staff(values):
            await kernel.execute(ACCOUNT, account_id, RegisterExternalCandidate(values=values, user_code=""))
            raise staff_refusal()
        refuse_if(await form_problems(kernel, values, password))
        await keep_within(kernel.pool, attempts.REGISTRATIONS, network)
        digest = await passwords.digest(password)
        claim = await kernel.state(CLAIM, address_id(values["email"]))
        if claim.holder:
            email, language = values["email"].strip(), values["language"]
            repeat = RepeatRegistration(email=email, language=language, about=str(account_id))
            await kernel.execute(CLAIM, address_id(values["email"]), repeat)
        else:
            await _open(kernel, account_id, values, digest, network, wanted=wanted)


async def form_problems(kernel: Kernel, values: Mapping[str, Any], password: str) -> list[Problem]:
    about = [str(values.get(name, "")) for name in ("email", "given_names", "family_name", "birth_date")]
    return problems(values, (await kernel.now()).date()) + password_problems(password, about)


async def _open(
    kernel: Kernel, account_id: UUID, values: dict[str, Any], digest: str, network: str, *, wanted: str
) -> None:
    for draw in range(DRAWS):
        command = RegisterExternalCandidate(values=values, user_code=user_code(account_id, draw))
        try:
            opened = _Opened(kernel, account_id, command, digest, network=network, wanted=wanted)
            await kernel.execute(ACCOUNT, account_id, command, also=opened)
        except asyncpg.UniqueViolationError:
            continue
        return
    raise Conflict.because(N_("Somebody else changed this at the same moment. Reload the page and try again"))


class _Opened:
    """The rows of a new account that are not events. A retried request finds them and changes nothing."""

    def __init__(
        self,
        kernel: Kernel,
        account_id: UUID,
        command: RegisterExternalCandidate,
        digest: str,
        *,
        network: str,
        wanted: str,
    ) -> None:
        self.kernel, self.account_id, self.command = kernel, account_id, command
        self.digest, self.network, self.wanted = digest, network, wanted

    async def __call__(self, connection: Connection) -> None:
        known = await connection.fetchval("select 1 from passwords where account_id = $1", self.account_id)
        if known:
            return
        await connection.execute("insert into user_codes values ($1, $2)", self.command.user_code, self.account_id)
        await connection.execute(
            "insert into passwords (account_id, hash, lapses_at) values ($1, $2, clock_timestamp() + $3::interval)",
            self.account_id,
            self.digest,
            2 * LAPSES_AFTER,
        )
        values = self.command.values
        email, language = values["email"].strip(), values["language"]
        await send_code(self.kernel, connection, self.account_id, email, language=language, network=self.network)
        await connection.execute("update codes set wanted = $2 where account_id = $1", self.account_id, self.wanted)


async def send_code(
    kernel: Kernel, connection: Connection, account_id: UUID, email: str, *, language: str, network: str
) -> None:
    """A new code, which replaces the one before; none if the address has had too many mails."""
    if not await may_mail(connection, "verify", address_id(email), network):
        return
    code = f"{secrets.randbelow(10**8):08}"
    await connection.execute(
        "insert into codes (account_id, hash, expires_at) values ($1, $2, clock_timestamp() + $3::interval)"
        " on conflict (account_id) do update set hash = excluded.hash, expires_at = excluded.expires_at,"
        " tries = 0, used_at = null",
        account_id,
        _code_hash(account_id, code),
        CODE_LASTS,
    )
    params = {"code": f"{code[:4]} {code[4:]}", "registration": str(account_id), "minutes": minutes(CODE_LASTS)}
    template, whose = "identity/mail/verify", account_of(account_id)
    mail = Send(new_id(), email, template, language, params, about=str(account_id), whose=whose)
    await kernel.mail(connection, mail)


def _code_hash(account_id: UUID, code: str) -> bytes:
    return sha256(f"{account_id}/{code}".encode()).digest()


async def send_another_code(kernel: Kernel, account_id: UUID, network: str) -> None:
    """Another code for an unproven registration; for anything else nothing, and nothing shows. Raises TooMany."""
    await keep_within(kernel.pool, attempts.CODES, network)
    async with same_time():
        account = await kernel.state(ACCOUNT, account_id)
        if account.status == "pending":
            email, language = account.email, account.language
            async with kernel.pool.acquire() as connection, connection.transaction():
                await send_code(kernel, connection, account_id, email, language=language, network=network)


async def verify(kernel: Kernel, account_id: UUID, code: str) -> Proven:
    """Proves the address and claims it. Raises Invalid, and Conflict for a code used before."""
    digits = well_formed(code)
    row = await kernel.pool.fetchrow(
        "update codes set tries = tries + 1 where account_id = $1 and tries < $2 and expires_at > clock_timestamp()"
        " returning hash, used_at, wanted",
        account_id,
        TRIES,
    )
    if not hmac.compare_digest(row["hash"] if row else b"", _code_hash(account_id, digits)):
        raise Invalid.because(WRONG_CODE, "code")
    if row is None or row["used_at"]:
        raise Conflict.because(USED_CODE, "code", reason=Reason.USED_CODE)
    account = await kernel.state(ACCOUNT, account_id)

    async def also(connection: Connection) -> None:
        sql = "update codes set used_at = clock_timestamp() where account_id = $1 and used_at is null returning 1"
        if not await connection.fetchval(sql, account_id):
            raise Conflict.because(USED_CODE, "code", reason=Reason.USED_CODE)
        await connection.execute("update passwords set lapses_at = null where account_id = $1", account_id)

    await kernel.execute_all(
        Do(CLAIM, address_id(account.email), ClaimAddress(account_id=account_id)),
        Do(ACCOUNT, account_id, VerifyEmail()),
        also=also,
    )
    return Proven(account.user_code, row["wanted"])


async def is_proven(kernel: Kernel, account_id: UUID | None) -> bool:
    """Whether the code of this registration has been used."""
    return bool(await kernel.pool.fetchval("select used_at from codes where account_id = $1", account_id))


def well_formed(code: str) -> str:
    """The digits of a mailed code. Raises Invalid for what cannot be one, which is no try."""
    digits = as_digits(code)
    if len(digits) != MAILED_LENGTH:
        raise Invalid.because(NO_CODE, "code", digits=MAILED_LENGTH, typed=len(digits))
    return digits


async def holder_of(kernel: Kernel, login: str) -> UUID | None:
    """The account of an address or a user code. Both are looked up every time."""
    claim = await kernel.state(CLAIM, address_id(login))
    by_code: UUID | None = await kernel.pool.fetchval(
        "select account_id from user_codes where user_code = $1", as_user_code(login)
    )
    return claim.holder or by_code
