"""The agents' desk: what waits for an answer, each ticket whole, and what an agent does with it."""

from typing import Annotated, NamedTuple
from uuid import UUID

import orjson
from fastapi import Query, Response

from services.support.api.files import FILE, attachment
from services.support.api.models import Answer, ScreenshotId, Ticket, TicketId, TicketLine
from services.support.api.tickets import document_of
from services.support.domain import TICKET, AnswerTicket, CloseTicket, DeclineOutOfScope, ReopenTicket
from services.support.events import Status
from services.support.projections import TICKET as VIEW
from services.support.projections import TicketDocument
from shared.auth import Agent, Who
from shared.http import RequestId, api_router
from shared.model.message import Command
from shared.model.reaction import Do
from shared.runtime.kernel import Kernel, KernelDep

router = api_router("support")

_QUEUE = """select document::text from documents_of_view where document->>'status' = $2 and document->>'number' > $3
    order by document->>'number' limit $4"""
_OPEN_FIRST = """select document::text from documents_of_view where $2 in ('', document->>'status')
    order by document->>'status' in ('closed', 'declined'), document->>'status' <> 'waiting',
        case document->>'status' when 'waiting' then document->>'number' end, document->>'changed_at' desc
    limit $3 offset $4"""
_COUNTED = "select document->>'status' as status, count(*) as number from documents_of_view group by 1"


class Desk(NamedTuple):
    """A page of tickets, and how many there are in each state."""

    tickets: list[TicketDocument]
    counts: dict[str, int]


async def open_first(kernel: Kernel, status: str, limit: int, offset: int) -> Desk:
    """Tickets in this state, or in all: what waits longest comes first, then the latest change."""
    rows = await kernel.views.fetch(VIEW, _OPEN_FIRST, status, limit, offset)
    counts = await kernel.views.fetch(VIEW, _COUNTED)
    return Desk([orjson.loads(row[0]) for row in rows], {row["status"]: row["number"] for row in counts})


async def write(  # noqa: PLR0917 - who writes what, and what becomes of the ticket
    kernel: Kernel, agent: Who, ticket: UUID, message_id: UUID, text: str, close: bool = False, reopen: bool = False
) -> None:
    """An agent's answer, which may end the ticket, or take a closed one up again first."""
    command = AnswerTicket(message_id=message_id, text=text, agent_email=agent.email, close=close)
    back = [Do(TICKET, ticket, ReopenTicket())] if reopen else []
    await kernel.execute_all(*back, Do(TICKET, ticket, command))


@router.get("/desk", summary="List tickets")
async def queue(
    _: Agent,
    kernel: KernelDep,
    status: Annotated[Status, Query(description="How they stand")] = Status.WAITING,
    after: Annotated[str, Query(max_length=20, description="The last number of the page before")] = "",
    limit: Annotated[int, Query(ge=1, le=200, description="At most so many")] = 50,
) -> list[TicketLine]:
    """Tickets in this state, the oldest first, page by page."""
    rows = await kernel.views.fetch(VIEW, _QUEUE, status, after, limit)
    return [TicketLine.model_validate(orjson.loads(row[0])) for row in rows]


@router.get("/desk/{ticket}", summary="Read a ticket")
async def whole_ticket(ticket: TicketId, _: Agent, kernel: KernelDep) -> Ticket:
    """A ticket with everything that was written."""
    return Ticket.of(await document_of(kernel, ticket))


async def _done(kernel: Kernel, ticket: UUID, command: Command) -> Ticket:
    await kernel.execute(TICKET, ticket, command)
    return Ticket.of(await document_of(kernel, ticket))


@router.post("/desk/{ticket}/answers", status_code=201, summary="Answer a ticket")
async def answer(ticket: TicketId, body: Answer, agent: Agent, kernel: KernelDep, request_id: RequestId) -> Ticket:
    """Answers whoever asked, by mail and on the ticket's page; a retry with the same Idempotency-Key answers once."""
    await write(kernel, agent, ticket, request_id, body.text, body.close)
    return Ticket.of(await document_of(kernel, ticket))


@router.post("/desk/{ticket}/decline", summary="Decline a ticket")
async def decline(ticket: TicketId, _: Agent, kernel: KernelDep) -> Ticket:
    """Declines what is not technical with the standard answer, and closes it (R68)."""
    return await _done(kernel, ticket, DeclineOutOfScope())


@router.post("/desk/{ticket}/closure", summary="Close a ticket")
async def close(ticket: TicketId, _: Agent, kernel: KernelDep) -> Ticket:
    """Closes a ticket."""
    return await _done(kernel, ticket, CloseTicket())


@router.post("/desk/{ticket}/reopening", summary="Reopen a ticket")
async def reopen(ticket: TicketId, _: Agent, kernel: KernelDep) -> Ticket:
    """Takes a closed ticket up again."""
    return await _done(kernel, ticket, ReopenTicket())


@router.get(
    "/desk/{ticket}/screenshots/{screenshot}", responses=FILE, response_class=Response, summary="Download a screenshot"
)
async def screenshot_of(ticket: TicketId, screenshot: ScreenshotId, _: Agent, kernel: KernelDep) -> Response:
    """A screenshot of a ticket."""
    return await attachment(kernel, await document_of(kernel, ticket), screenshot)
