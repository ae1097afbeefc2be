"""Asking for help by JSON: open a ticket with or without an account, follow it, add to it, close it."""

from uuid import UUID

from fastapi import Request

from services.support.api.files import FILE, attachment
from services.support.api.models import Reply, RequestForHelp, Seen, Ticket, TicketLine, TicketOpened, received
from services.support.domain import (
    STANDARD_ANSWER,
    TICKET,
    CloseTicket,
    OpenTicket,
    ReadTicket,
    ReplyToTicket,
    problems_of,
    ticket_id,
)
from services.support.projections import MINE, TicketDocument
from services.support.projections import TICKET as VIEW
from shared.auth import Candidate, MaybeSignedIn, Who
from shared.errors import N_, NotFound, refuse_if
from shared.files import apart, holding
from shared.http import RequestId, api_router
from shared.runtime import Kernel, KernelDep
from shared.web.environment import web_of
from shared.web.language import accepted

router = api_router("support")


@router.post("/tickets", status_code=201)
async def open_ticket(
    body: RequestForHelp, who: MaybeSignedIn, kernel: KernelDep, request_id: RequestId, request: Request
) -> TicketOpened:
    """Opens a ticket and answers with its number (R64). What is not technical is answered and closed at once (R68)."""
    candidate = who if who and "candidate" in who.roles else None
    language = body.language or (
        candidate.language if candidate else accepted(request.headers.get("accept-language", ""))
    )
    values = {**body.values(), **({"user_code": candidate.user_code} if candidate else {})}
    pictures = await apart(received, body.screenshots, request_id)
    refuse_if(problems_of(candidate is not None, values, tuple(pictures)))
    command = OpenTicket(
        candidate_id=candidate.account_id if candidate else None,
        number=await kernel.pool.fetchval("select next_ticket_number()"),
        language=language,
        values=values,
        screenshots=tuple(pictures),
    )
    ticket = ticket_id(request_id, values, tuple(pictures))
    also = holding({picture.id: file for picture, file in pictures.items()})
    await kernel.execute(TICKET, ticket, command, also=also)
    state = await kernel.state(TICKET, ticket)
    answer = web_of(request).texts(language)(STANDARD_ANSWER) if state.status == "declined" else ""
    return TicketOpened.model_validate(
        {"id": ticket, "number": state.number, "status": state.status.value, "answer": answer}
    )


@router.get("/tickets")
async def my_tickets(who: Candidate, kernel: KernelDep) -> list[TicketLine]:
    """One's own tickets, the newest first."""
    lines = await kernel.views.prefixed(MINE, f"{who.account_id}/")
    return sorted((TicketLine.model_validate(line) for line in lines), key=lambda line: line.opened_at, reverse=True)


@router.get("/tickets/{ticket}")
async def my_ticket(ticket: UUID, who: Candidate, kernel: KernelDep) -> Ticket:
    """One of one's own tickets with everything that was written."""
    return Ticket.of(await _mine(kernel, who, ticket))


async def _mine(kernel: Kernel, who: Who, ticket: UUID) -> TicketDocument:
    document = await kernel.views.get(VIEW, ticket)
    if document is None or document["candidate_id"] != str(who.account_id):
        raise NotFound.because(N_("There is no such ticket"))
    return document


@router.post("/tickets/{ticket}/replies", status_code=201)
async def reply(ticket: UUID, body: Reply, who: Candidate, kernel: KernelDep, request_id: RequestId) -> Ticket:
    """Adds a message to one's own ticket; a closed one is reopened by it."""
    pictures = await apart(received, body.screenshots, request_id)
    command = ReplyToTicket(
        candidate_id=who.account_id, message_id=request_id, text=body.text, screenshots=tuple(pictures)
    )
    also = holding({picture.id: file for picture, file in pictures.items()})
    await kernel.execute(TICKET, ticket, command, also=also)
    return Ticket.of(await _mine(kernel, who, ticket))


@router.post("/tickets/{ticket}/reading")
async def mark_read(ticket: UUID, body: Seen, who: Candidate, kernel: KernelDep) -> Ticket:
    """The candidate has seen the answers up to this one: the Careers page counts them as new no more."""
    await kernel.execute(TICKET, ticket, ReadTicket(candidate_id=who.account_id, message_id=body.message_id))
    return Ticket.of(await _mine(kernel, who, ticket))


@router.post("/tickets/{ticket}/closure")
async def close(ticket: UUID, who: Candidate, kernel: KernelDep) -> Ticket:
    """The problem is solved: closes one's own ticket."""
    await kernel.execute(TICKET, ticket, CloseTicket(candidate_id=who.account_id))
    return Ticket.of(await _mine(kernel, who, ticket))


@router.get("/tickets/{ticket}/screenshots/{screenshot}", responses=FILE)
async def my_screenshot(ticket: UUID, screenshot: UUID, who: Candidate, kernel: KernelDep) -> object:
    """A screenshot of one's own ticket."""
    return await attachment(kernel, await _mine(kernel, who, ticket), screenshot)
