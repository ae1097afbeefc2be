"""Asking for help by JSON: open a ticket with or without an account, follow it, add to it, close it."""

from fastapi import Request, Response

from services.support.api.files import ERASED, FILE, attachment
from services.support.api.models import (
    Reply,
    RequestForHelp,
    ScreenshotId,
    Seen,
    Ticket,
    TicketId,
    TicketLine,
    TicketOpened,
    received,
)
from services.support.domain import STANDARD_ANSWER, TICKET
from services.support.events import Status
from services.support.use_cases import tickets
from shared.auth import Candidate, MaybeSignedIn
from shared.http import CREATED, RequestId, api_router
from shared.http.networks import Network
from shared.runtime.kernel import KernelDep
from shared.web.environment import web_of
from shared.web.language import accepted

router = api_router("support", {"ticket": TICKET, "screenshot": None})


@router.post("/tickets", status_code=201, summary="Ask for help", responses=CREATED)
async def open_ticket(
    body: RequestForHelp,
    who: MaybeSignedIn,
    kernel: KernelDep,
    request_id: RequestId,
    *,
    request: Request,
    response: Response,
    network: Network,
) -> TicketOpened:
    """Opens a ticket and answers with its number (R64). What is not technical is answered and closed at once (R68)."""
    candidate = tickets.candidate_of(who)
    language = body.language or (
        candidate.language if candidate else accepted(request.headers.get("accept-language", ""))
    )
    pictures = await received(body.screenshots, request_id, kernel.inspector)
    ticket = await tickets.open_ticket(
        kernel, candidate, request_id, values=body.values(), language=language, pictures=pictures, network=network
    )
    if candidate:
        response.headers["location"] = f"/support/api/tickets/{ticket}"
    state = await kernel.state(TICKET, ticket)
    answer = web_of(request).texts(language)(STANDARD_ANSWER) if state.status is Status.DECLINED else ""
    return TicketOpened.model_validate(
        {"id": ticket, "number": state.number, "status": state.status, "answer": answer, "mailed": state.mailed}
    )


@router.get("/tickets", summary="List my tickets")
async def my_tickets(who: Candidate, kernel: KernelDep) -> list[TicketLine]:
    """One's own tickets, the newest first."""
    return [TicketLine.model_validate(line) for line in await tickets.all_mine(kernel, who)]


@router.get("/tickets/{ticket}", summary="Read my ticket", responses=ERASED)
async def my_ticket(ticket: TicketId, who: Candidate, kernel: KernelDep) -> Ticket:
    """One of one's own tickets with everything that was written."""
    return Ticket.of(await tickets.shown(kernel, await tickets.mine(kernel, who, ticket)))


@router.post("/tickets/{ticket}/replies", status_code=201, summary="Add to my ticket", responses=ERASED)
async def reply(ticket: TicketId, body: Reply, who: Candidate, kernel: KernelDep, request_id: RequestId) -> Ticket:
    """Adds a message to one's own ticket; a closed one is reopened by it."""
    pictures = await received(body.screenshots, request_id, kernel.inspector)
    await tickets.reply(kernel, who, ticket, message_id=request_id, text=body.text, pictures=pictures)
    return Ticket.of(await tickets.shown(kernel, await tickets.mine(kernel, who, ticket)))


@router.post("/tickets/{ticket}/reading", summary="Mark answers as read", responses=ERASED)
async def mark_read(ticket: TicketId, body: Seen, who: Candidate, kernel: KernelDep) -> Ticket:
    """The candidate has seen the answers up to this one: the Careers page counts them as new no more."""
    await tickets.mark_read(kernel, who, ticket, body.message_id)
    return Ticket.of(await tickets.shown(kernel, await tickets.mine(kernel, who, ticket)))


@router.post("/tickets/{ticket}/closure", summary="Close my ticket", responses=ERASED)
async def close(ticket: TicketId, who: Candidate, kernel: KernelDep) -> Ticket:
    """The problem is solved: closes one's own ticket."""
    await tickets.close(kernel, who, ticket)
    return Ticket.of(await tickets.shown(kernel, await tickets.mine(kernel, who, ticket)))


@router.get(
    "/tickets/{ticket}/screenshots/{screenshot}",
    responses=FILE,
    response_class=Response,
    summary="Download a screenshot of mine",
)
async def my_screenshot(ticket: TicketId, screenshot: ScreenshotId, who: Candidate, kernel: KernelDep) -> Response:
    """A screenshot of one's own ticket."""
    return await attachment(kernel, await tickets.mine(kernel, who, ticket), screenshot)
