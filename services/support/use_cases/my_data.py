"""What support holds about a candidate: every ticket, its screenshots, what was said of the site."""

from collections.abc import AsyncIterator
from uuid import UUID

from services.support.domain import EXTENSIONS
from services.support.projections import TICKET
from services.support.use_cases import feedback, tickets
from shared.auth import Who
from shared.files.data_export import Part, as_json
from shared.files.uploads import content_of
from shared.runtime.kernel import Kernel


async def my_data(kernel: Kernel, who: Who) -> AsyncIterator[Part]:
    """The tickets and the feedback as JSON, then the screenshots under their tickets' numbers."""
    ids = [line["id"] for line in await tickets.all_mine(kernel, who)]
    found = await kernel.views.many(TICKET, ids)
    yield "tickets.json", as_json([found[each] for each in ids if each in found])
    if said := await feedback.mine(kernel, who):
        yield "feedback.json", as_json(said)
    for ticket in found.values():
        for number, picture in enumerate(ticket["screenshots"], 1):
            if content := await content_of(kernel.pool, UUID(picture["id"])):
                yield f"{ticket['number']}/{number}.{EXTENSIONS[picture['kind']]}", content
