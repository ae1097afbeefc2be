"""Saving a search and switching its alert on, to whatever address (R46–R48)."""

from collections.abc import Sequence
from uuid import UUID

from services.alerts.domain import SEARCH, EnableAlert, SaveSearch, saving
from services.alerts.use_cases.recipients import asking, is_proven
from shared.auth import Who
from shared.model.reaction import Do
from shared.runtime.kernel import Kernel
from shared.vocabulary.addresses import one_spelling


async def save(kernel: Kernel, who: Who, search_id: UUID, command: SaveSearch, network: str) -> bool:
    """Saves it; True if its alert awaits a yes, for which the question is on its way."""
    awaits = command.alert and not await is_proven(kernel, who, command.email)
    ask = await asking(kernel, search_id, who, command.email, request_id=search_id, network=network) if awaits else None
    await kernel.execute_all(*saving(search_id, command.model_copy(update={"proven": not awaits})), also=ask)
    return awaits


async def enable(  # noqa: PLR0917 - whose alert, and how
    kernel: Kernel, who: Who, search_id: UUID, wish: EnableAlert, request_id: UUID, network: str,
    before: Sequence[Do] = (),
) -> bool:  # fmt: skip
    """Switches the alert on, or sends it elsewhere; True if it awaits a yes. One that awaits already asks no more."""
    search = await kernel.state(SEARCH, search_id)
    same = search.alert and one_spelling(search.email) == one_spelling(wish.email)
    proven = await is_proven(kernel, who, wish.email)
    unknown = not (proven or same)
    ask = await asking(kernel, search_id, who, wish.email, request_id=request_id, network=network) if unknown else None
    enabled = Do(SEARCH, search_id, wish.model_copy(update={"proven": proven}))
    await kernel.execute_all(*before, enabled, also=ask)
    return unknown or (search.awaits and not proven)
