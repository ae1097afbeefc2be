"""What agents do at both doors: find what waits for an answer, and write it."""

from typing import Final, NamedTuple
from uuid import UUID

import orjson

from services.support.domain import TICKET, AnswerTicket, ReopenTicket
from services.support.events import Status
from services.support.projections import TICKET as VIEW
from services.support.projections import TicketDocument
from shared.auth import Who
from shared.model.reaction import Do
from shared.runtime.kernel import Kernel

_QUEUE = """select document::text from documents_of_view where document->>'status' = $2 and document->>'number' > $3
    order by document->>'number' limit $4"""
_OPEN_FIRST = """select document::text from documents_of_view where $2 in ('', document->>'status')
    order by document->>'status' = any($3), document->>'status' <> $4,
        case document->>'status' when $4 then document->>'number' end, document->>'changed_at' desc
    limit $5 offset $6"""
_COUNTED = "select document->>'status' as status, count(*) as number from documents_of_view group by 1"


OVER: Final = [status.value for status in Status if status.over]


class Desk(NamedTuple):
    """A page of tickets, and how many there are in each state."""

    tickets: list[TicketDocument]
    counts: dict[str, int]


async def in_state(kernel: Kernel, status: Status, after: str, limit: int) -> list[TicketDocument]:
    """Tickets in this state, the oldest first, with numbers behind `after`."""
    return [orjson.loads(row[0]) for row in await kernel.views.fetch(VIEW, _QUEUE, status.value, after, limit)]


async def open_first(kernel: Kernel, status: str, limit: int, offset: int) -> Desk:
    """Tickets in this state, or in all: what waits longest comes first, then the latest change."""
    rows = await kernel.views.fetch(VIEW, _OPEN_FIRST, status, OVER, Status.WAITING.value, limit, offset)
    counts = await kernel.views.fetch(VIEW, _COUNTED)
    return Desk([orjson.loads(row[0]) for row in rows], {row["status"]: row["number"] for row in counts})


async def write(  # noqa: PLR0917 - who writes what, and what becomes of the ticket
    kernel: Kernel, agent: Who, ticket: UUID, message_id: UUID, text: str, close: bool = False, reopen: bool = False
) -> None:
    """An agent's answer, which may end the ticket, or take a closed one up again first."""
    command = AnswerTicket(message_id=message_id, text=text, agent_email=agent.email, close=close)
    back = [Do(TICKET, ticket, ReopenTicket())] if reopen else []
    await kernel.execute_all(*back, Do(TICKET, ticket, command))
