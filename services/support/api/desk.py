"""The agents' desk: what waits for an answer, each ticket whole, and what an agent does with it."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from services.support.api.files import ERASED, FILE, attachment
from services.support.api.models import Answer, ScreenshotId, Ticket, TicketId, TicketLine
from services.support.domain import TICKET, CloseTicket, DeclineOutOfScope, ReopenTicket
from services.support.events import Status
from services.support.use_cases import answering
from services.support.use_cases.tickets import document_of, shown
from shared.auth import Agent
from shared.http import RequestId, api_router
from shared.http.paging import NEXT, next_link
from shared.model.message import Command
from shared.runtime.kernel import Kernel, KernelDep

router = api_router("support", {"ticket": TICKET, "screenshot": None})


@router.get("/desk", summary="List tickets", responses={200: {"headers": NEXT}})
async def queue(  # noqa: PLR0917 - one argument a part of the address
    request: Request,
    response: Response,
    _: Agent,
    kernel: KernelDep,
    status: Annotated[Status, Query(description="How they stand")] = Status.WAITING,
    after: Annotated[str, Query(max_length=20, description="The last number of the page before")] = "",
    limit: Annotated[int, Query(ge=1, le=200, description="At most so many")] = 50,
) -> list[TicketLine]:
    """Tickets in this state, the oldest first, page by page."""
    found = await answering.in_state(kernel, status, after, limit + 1)
    response.headers.update(next_link(request, found[limit - 1]["number"] if len(found) > limit else ""))
    return [TicketLine.model_validate(ticket) for ticket in found[:limit]]


@router.get("/desk/{ticket}", summary="Read a ticket", responses=ERASED)
async def whole_ticket(ticket: TicketId, _: Agent, kernel: KernelDep) -> Ticket:
    """A ticket with everything that was written."""
    return Ticket.of(await shown(kernel, await document_of(kernel, ticket)))


async def _done(kernel: Kernel, ticket: UUID, command: Command) -> Ticket:
    await kernel.execute(TICKET, ticket, command)
    return Ticket.of(await shown(kernel, await document_of(kernel, ticket)))


@router.post("/desk/{ticket}/answers", status_code=201, summary="Answer a ticket", responses=ERASED)
async def answer(ticket: TicketId, body: Answer, agent: Agent, kernel: KernelDep, request_id: RequestId) -> Ticket:
    """Answers whoever asked, by mail and on the ticket's page; a retry with the same Idempotency-Key answers once."""
    await answering.write(kernel, agent, ticket, request_id, body.text, body.close)
    return Ticket.of(await shown(kernel, await document_of(kernel, ticket)))


@router.post("/desk/{ticket}/decline", summary="Decline a ticket", responses=ERASED)
async def decline(ticket: TicketId, _: Agent, kernel: KernelDep) -> Ticket:
    """Declines what is not technical with the standard answer, and closes it (R68)."""
    return await _done(kernel, ticket, DeclineOutOfScope())


@router.post("/desk/{ticket}/closure", summary="Close a ticket", responses=ERASED)
async def close_at_the_desk(ticket: TicketId, _: Agent, kernel: KernelDep) -> Ticket:
    """Closes a ticket."""
    return await _done(kernel, ticket, CloseTicket())


@router.post("/desk/{ticket}/reopening", summary="Reopen a ticket", responses=ERASED)
async def reopen(ticket: TicketId, _: Agent, kernel: KernelDep) -> Ticket:
    """Takes a closed ticket up again."""
    return await _done(kernel, ticket, ReopenTicket())


@router.get(
    "/desk/{ticket}/screenshots/{screenshot}", responses=FILE, response_class=Response, summary="Download a screenshot"
)
async def screenshot_of(ticket: TicketId, screenshot: ScreenshotId, _: Agent, kernel: KernelDep) -> Response:
    """A screenshot of a ticket."""
    return await attachment(kernel, await document_of(kernel, ticket), screenshot)
