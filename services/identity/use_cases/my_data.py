"""What identity holds about a person: the account and what happened to it, the sessions, an address to be proven."""

from collections.abc import AsyncIterator
from typing import Any

from services.identity.domain.account import ACCOUNT, Account
from services.identity.events import PossibleDuplicateFlagged
from shared.auth import Who
from shared.files.data_export import Part, as_json
from shared.model.message import Recorded
from shared.runtime.kernel import Kernel

_SESSIONS = """select session_id, browser, started_at, seen_at, ends_at, over_at from sessions where account_id = $1
    order by started_at"""
_FACTORS = "select kind, name, added_at, used_at from second_factors where account_id = $1 order by added_at"
_TO_PROVE = "select email, expires_at from address_changes where account_id = $1"


async def my_data(kernel: Kernel, who: Who) -> AsyncIterator[Part]:
    """No secret, and nothing about anybody else: that accounts may be of the same person is for staff only (R6)."""
    stream = ACCOUNT.stream(who.account_id)
    events = (await kernel.store.load(stream)).streams[stream]
    held = {
        "account": _account(who, ACCOUNT.fold(event.data for event in events)),
        "history": [_happened(event) for event in events if not isinstance(event.data, PossibleDuplicateFlagged)],
        "sessions": [dict(row) for row in await kernel.pool.fetch(_SESSIONS, who.account_id)],
        "second_factors": [dict(row) for row in await kernel.pool.fetch(_FACTORS, who.account_id)],
        "addresses_to_prove": [dict(row) for row in await kernel.pool.fetch(_TO_PROVE, who.account_id)],
    }
    yield "account.json", as_json(held)


def _account(who: Who, account: Account) -> dict[str, Any]:
    return {
        "account_id": who.account_id,
        "user_code": account.user_code,
        "name": account.name,
        "email": account.email,
        "language": account.language,
        "roles": sorted(account.roles),
    }


def _happened(event: Recorded[Any]) -> dict[str, Any]:
    return {"what": type(event.data).__name__, "at": event.at, **event.data.model_dump()}
