"""Saving a search and switching its alert on, to whatever address (R46–R48)."""

from collections.abc import Sequence
from uuid import UUID

from services.alerts.domain import SEARCH, EnableAlert, SaveSearch, saving
from services.alerts.use_cases.recipients import Standing, asking, standing
from shared.auth import Who
from shared.model.reaction import Do
from shared.runtime.kernel import Kernel
from shared.vocabulary.addresses import one_spelling


async def save(kernel: Kernel, who: Who, search_id: UUID, command: SaveSearch, network: str) -> bool:
    """Saves it; True if its alert awaits a yes, for which the question is on its way."""
    known = await standing(kernel, who, command.email) if command.alert else Standing(proven=True)
    ask = None if known.proven else await asking(
        kernel, search_id, who, command.email, refused=known.refused, request_id=search_id, network=network
    )  # fmt: skip
    await kernel.execute_all(*saving(search_id, command.model_copy(update={"proven": known.proven})), also=ask)
    return not known.proven


async def enable(  # noqa: PLR0917 - whose alert, and how
    kernel: Kernel, who: Who, search_id: UUID, wish: EnableAlert, request_id: UUID, network: str,
    before: Sequence[Do] = (),
) -> bool:  # fmt: skip
    """Switches the alert on, or sends it elsewhere; True if it awaits a yes. One that awaits already asks no more."""
    search, known = await kernel.state(SEARCH, search_id), await standing(kernel, who, wish.email)
    same = search.alert and one_spelling(search.email) == one_spelling(wish.email)
    ask = None if known.proven or same else await asking(
        kernel, search_id, who, wish.email, refused=known.refused, request_id=request_id, network=network
    )  # fmt: skip
    enabled = Do(SEARCH, search_id, wish.model_copy(update={"proven": known.proven}))
    await kernel.execute_all(*before, enabled, also=ask)
    return ask is not None or (search.awaits and not known.proven)
