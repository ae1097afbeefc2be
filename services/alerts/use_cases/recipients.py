"""Alerts to an address that is not the account's: somebody there says yes before anything else goes there (R48)."""

import hmac
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

import structlog

from services.alerts.domain import (
    QUOTA,
    RECIPIENT,
    SEARCH,
    ConfirmAddress,
    ConfirmAlert,
    RefuseMail,
    SavedSearch,
    Unsubscribe,
    check_link,
)
from services.identity.events import account_of
from shared.auth import Who
from shared.model.errors import N_, NotFound, Unavailable
from shared.model.message import derived_id
from shared.model.reaction import Do, Send
from shared.ops.sealing import Resealed
from shared.ops.signing import Signer
from shared.runtime.kernel import Kernel
from shared.store.database import Also, Connection
from shared.store.limits import Limit, keep_within, may_mail
from shared.vocabulary.addresses import one_spelling

log = structlog.get_logger("services.alerts")

ADDRESSES: Final = Limit("addresses", 5, timedelta(minutes=10))
"""Questions to unproven addresses that one account may cause."""

LINK_LASTS: Final = timedelta(days=7)
PURPOSE: Final = "alert-addresses"
_KEYS: Final = "select sealed from address_keys order by created_at desc"
NO_KEY: Final = N_("Addresses cannot be looked up at the moment. Try again later")
DEAD_LINK: Final = N_("This link has expired, or the alert goes to another address by now. Ask for another link")


async def prepare(kernel: Kernel) -> None:
    """There is a key to hash addresses with, sealed under the master key of today."""
    async with kernel.pool.acquire() as connection, connection.transaction():
        await connection.execute("lock table address_keys in share row exclusive mode")
        rows = await connection.fetch(_KEYS)
        known = [row["sealed"] for row in rows if kernel.sealer.opened(PURPOSE, row["sealed"])]
        if not known:
            if rows:
                log.warning("the key of addresses was sealed under another master key: a new one is used beside it")
            fresh = kernel.sealer.sealed(PURPOSE, secrets.token_bytes(32))
            await connection.execute("insert into address_keys values ($1, clock_timestamp())", fresh)
    await reseal(kernel)


async def reseal(kernel: Kernel) -> Resealed:
    """Seals the keys anew that the master key of before has sealed."""

    async def keep(_: str, sealed: bytes, anew: bytes) -> None:
        await kernel.pool.execute("update address_keys set sealed = $2 where sealed = $1", sealed, anew)

    return await kernel.sealer.reseal(PURPOSE, [("", row["sealed"]) for row in await kernel.pool.fetch(_KEYS)], keep)


async def _keys(kernel: Kernel, email: str) -> list[UUID]:
    """The recipient's keys, that of today first: whoever has the database but not the master key cannot try addresses.

    There are several if a key could not be opened for a while. Raises Unavailable while none can, as in a process that
    was started with another master key.
    """
    sealed = [row["sealed"] for row in await kernel.pool.fetch(_KEYS)]
    opened = [key for each in sealed if (key := kernel.sealer.opened(PURPOSE, each))]
    if not opened:
        raise Unavailable.because(NO_KEY)
    return [UUID(bytes=hmac.digest(key, one_spelling(email).encode(), "sha256")[:16]) for key in opened]


async def _key(kernel: Kernel, email: str) -> UUID:
    return (await _keys(kernel, email))[0]


class Standing(NamedTuple):
    """What an address has said. proven: alerts of this candidate may go there. refused: nobody's question may."""

    proven: bool
    refused: bool = False


async def standing(kernel: Kernel, who: Who, email: str) -> Standing:
    """The account's own address needs no question."""
    if one_spelling(email) == one_spelling(who.email):
        return Standing(proven=True)
    keys = await _keys(kernel, email)
    known = await kernel.states(*((RECIPIENT, key) for key in keys))
    recipients = [known.state(RECIPIENT, key) for key in keys]
    refused = any(each.refused for each in recipients)
    return Standing(any(who.account_id in each.confirmed for each in recipients), refused)


async def asking(
    kernel: Kernel, search_id: UUID, who: Who, email: str, *, refused: bool, request_id: UUID, network: str
) -> Also:
    """What to run with the command after which the alert awaits a yes: the question is mailed. It raises TooMany."""
    until = int((await kernel.now() + LINK_LASTS).timestamp())
    token = Signer(kernel.settings.master_key).signed(_purpose(search_id, email), str(until))
    link = {"link": f"/alerts/confirm/{search_id}/{token}", "days": LINK_LASTS.days}
    mail = Send(
        derived_id(request_id, f"confirm {one_spelling(email)}"), email.strip(), "alerts/mail/confirm", who.language,
        link, about=str(search_id), whose=account_of(who.account_id),
    )  # fmt: skip

    async def ask(connection: Connection) -> None:
        """None if the address has had too many mails, or wants none: this does not show, as it is others' affair."""
        await keep_within(connection, ADDRESSES, who.account_id)
        if await may_mail(connection, "alert", one_spelling(email), network) and not refused:
            await kernel.mail(connection, mail)

    return ask


def _purpose(search_id: UUID, email: str) -> str:
    return f"alerts/confirm/{search_id}/{one_spelling(email)}"


async def ask_again(kernel: Kernel, search_id: UUID, who: Who, request_id: UUID, network: str) -> SavedSearch:
    """Another mail, unless somebody said yes meanwhile; the search as it was. Raises NotFound, TooMany."""
    search = await kernel.state(SEARCH, search_id)
    if search.candidate_id != who.account_id or not search.kept:
        raise NotFound.because(N_("This saved search does not exist, or no longer exists."))
    if not search.awaits:
        return search
    known = await standing(kernel, who, search.email)
    if known.proven:
        await kernel.execute(SEARCH, search_id, ConfirmAlert(email=search.email))
        return await kernel.state(SEARCH, search_id)
    ask = await asking(
        kernel, search_id, who, search.email, refused=known.refused, request_id=request_id, network=network
    )
    async with kernel.pool.acquire() as connection, connection.transaction():
        await ask(connection)
    return search


async def asked(kernel: Kernel, search_id: UUID, token: str) -> SavedSearch:
    """The search whose alert the link of the mail is about. Raises NotFound unless the link is good."""
    search = await kernel.state(SEARCH, search_id)
    until = Signer(kernel.settings.master_key).read(_purpose(search_id, search.email), token)
    if until is None or int(until) < (await kernel.now()).timestamp() or not (search.kept and search.alert):
        raise NotFound.because(DEAD_LINK)
    return search


async def confirm(kernel: Kernel, search_id: UUID, token: str) -> str:
    """Yes to all alerts of this candidate; returns the address. Raises NotFound."""
    search = await asked(kernel, search_id, token)
    if search.candidate_id is None:
        raise NotFound.because(DEAD_LINK)
    yes = Do(RECIPIENT, await _key(kernel, search.email), ConfirmAddress(candidate_id=search.candidate_id))
    theirs = (await kernel.state(QUOTA, search.candidate_id)).places
    alerts = [Do(SEARCH, each, ConfirmAlert(email=search.email)) for each in sorted({search_id, *theirs})]
    await kernel.execute_all(yes, *alerts)
    return search.email


async def refuse(kernel: Kernel, search_id: UUID, token: str) -> str:
    """No, and no more questions; returns the address. Raises NotFound."""
    search = await asked(kernel, search_id, token)
    await kernel.execute_all(*await _leaving(kernel, search_id, search))
    return search.email


async def unsubscribe(kernel: Kernel, search_id: UUID, token: str) -> str:
    """Whoever holds the link of an alert's mail may; returns the search's name. Raises NotFound."""
    search = await kernel.state(SEARCH, search_id)
    check_link(token, search)
    if search.kept and search.mailing:
        await kernel.execute_all(*await _leaving(kernel, search_id, search))
    return search.name


async def _leaving(kernel: Kernel, search_id: UUID, search: SavedSearch) -> Sequence[Do]:
    no: Any = Do(RECIPIENT, await _key(kernel, search.email), RefuseMail())
    return no, Do(SEARCH, search_id, Unsubscribe(token=search.token))
