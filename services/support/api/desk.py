"""The agents' desk: what waits for an answer, each ticket whole, and what an agent does with it."""

from typing import Annotated
from uuid import UUID

import orjson
from fastapi import Query

from services.support.api.files import FILE, attachment
from services.support.api.models import Answer, Status, Ticket, TicketLine
from services.support.api.tickets import document_of
from services.support.domain import TICKET, AnswerTicket, CloseTicket, DeclineOutOfScope, ReopenTicket
from services.support.projections import TICKET as VIEW
from shared.auth import Agent
from shared.http import RequestId, api_router
from shared.message import Command
from shared.runtime import Kernel, KernelDep

router = api_router("support")

_QUEUE = """select document::text from documents_of_view where document->>'status' = $2 and document->>'number' > $3
    order by document->>'number' limit $4"""


@router.get("/desk")
async def queue(
    _: Agent,
    kernel: KernelDep,
    status: Status = "waiting",
    after: Annotated[str, Query(max_length=20, description="The last number of the page before")] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[TicketLine]:
    """Tickets in this state, the oldest first, page by page."""
    rows = await kernel.views.fetch(VIEW, _QUEUE, status, after, limit)
    return [TicketLine.model_validate(orjson.loads(row[0])) for row in rows]


@router.get("/desk/{ticket}")
async def whole_ticket(ticket: UUID, _: Agent, kernel: KernelDep) -> Ticket:
    """A ticket with everything that was written."""
    return Ticket.of(await document_of(kernel, ticket))


async def _done(kernel: Kernel, ticket: UUID, command: Command) -> Ticket:
    await kernel.execute(TICKET, ticket, command)
    return Ticket.of(await document_of(kernel, ticket))


@router.post("/desk/{ticket}/answers", status_code=201)
async def answer(ticket: UUID, body: Answer, agent: Agent, kernel: KernelDep, request_id: RequestId) -> Ticket:
    """Answers whoever asked, by mail and on the ticket's page; a retry with the same Idempotency-Key answers once."""
    command = AnswerTicket(message_id=request_id, text=body.text, agent_email=agent.email, close=body.close)
    return await _done(kernel, ticket, command)


@router.post("/desk/{ticket}/decline")
async def decline(ticket: UUID, _: Agent, kernel: KernelDep) -> Ticket:
    """Declines what is not technical with the standard answer, and closes it (R68)."""
    return await _done(kernel, ticket, DeclineOutOfScope())


@router.post("/desk/{ticket}/closure")
async def close(ticket: UUID, _: Agent, kernel: KernelDep) -> Ticket:
    """Closes a ticket."""
    return await _done(kernel, ticket, CloseTicket())


@router.post("/desk/{ticket}/reopening")
async def reopen(ticket: UUID, _: Agent, kernel: KernelDep) -> Ticket:
    """Takes a closed ticket up again."""
    return await _done(kernel, ticket, ReopenTicket())


@router.get("/desk/{ticket}/screenshots/{screenshot}", responses=FILE)
async def screenshot_of(ticket: UUID, screenshot: UUID, _: Agent, kernel: KernelDep) -> object:
    """A screenshot of a ticket."""
    return await attachment(kernel, await document_of(kernel, ticket), screenshot)
