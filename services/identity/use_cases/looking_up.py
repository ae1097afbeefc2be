"""Which account an operator is asked about: by its address or its user code, whatever has become of it."""

from collections.abc import Collection
from typing import Final, Literal, NamedTuple
from uuid import UUID

from services.identity.domain.account import ACCOUNT
from services.identity.domain.registration import address_id
from services.identity.projections import ACCOUNTS
from services.identity.use_cases.registering import holder_of
from shared.model.errors import N_, NotFound
from shared.runtime.kernel import Kernel

STATES: Final[dict[str, Literal["unproven", "active", "closed"]]] = {
    "pending": "unproven", "live": "active", "closed": "closed",
}  # fmt: skip
_PENDING: Final = """select key, document->>'email' as email from documents_of_view
    where document->>'state' = 'pending' order by key"""


class Found(NamedTuple):
    account_id: UUID
    state: Literal["unproven", "active", "closed"]
    roles: Collection[str]


async def accounts_of(kernel: Kernel, login: str) -> list[Found]:
    """Whose address or user code it is; then those who have registered with the address and not proven it.

    Raises NotFound where there is none. An address that was given up by closing the account leads to nobody.
    """
    ids = [await holder_of(kernel, login), *await _unproven(kernel, login)]
    states = {each: await kernel.state(ACCOUNT, each) for each in dict.fromkeys(ids) if each is not None}
    found = [Found(each, STATES[state.status], state.roles) for each, state in states.items() if state.status in STATES]
    if not found:
        raise NotFound.because(N_("There is no such account"))
    return found


async def _unproven(kernel: Kernel, email: str) -> list[UUID]:
    """They hold no address, so each is looked at; they lapse within days."""
    wanted = address_id(email)
    rows = await kernel.views.fetch(ACCOUNTS, _PENDING)
    return [UUID(row["key"]) for row in rows if address_id(row["email"]) == wanted]
