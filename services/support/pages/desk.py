"""The agents' desk on pages: what waits for an answer first, each ticket whole, and what an agent does with it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Final
from uuid import UUID

from babel.dates import format_timedelta
from fastapi import Query, Response

from services.support.domain import (
    MESSAGE,
    TICKET,
    CloseTicket,
    DeclineOutOfScope,
    ReopenTicket,
)
from services.support.events import Status
from services.support.pages.showing import NOTHING, Tried, whole
from services.support.pages.words import NAMES_OF_LISTS, STATUSES
from services.support.projections import TicketDocument
from services.support.use_cases import answering
from services.support.use_cases.tickets import document_of, shown
from shared.auth import Agent
from shared.http import RequestId
from shared.http.problems import status_of
from shared.model.errors import N_, Conflict, Invalid, refuse_if
from shared.model.message import Command
from shared.runtime.kernel import Kernel, KernelDep
from shared.vocabulary.fields import excess
from shared.web import Page, PageContext, pages_router
from shared.web.forms import action, read

router = pages_router(prefix="/support/desk")

ROWS: Final = 50
SENT: Final = N_("Your answer has been sent")
SENT_AND_CLOSED: Final = N_("Your answer has been sent, and the ticket is closed")
DECLINED: Final = N_("The request is declined. The standard answer has been sent")
CLOSED: Final = N_("The ticket is closed")
REOPENED: Final = N_("The ticket has been reopened")


@router.get("")
async def tickets(
    page: Page,
    kernel: KernelDep,
    _: Agent,
    state: Annotated[str, Query(max_length=20)] = "",
    number: Annotated[int, Query(alias="page", ge=1, le=100_000)] = 1,
) -> Response:
    state = state if state in STATUSES else ""
    found, now = await answering.open_first(kernel, state, ROWS, (number - 1) * ROWS), await kernel.now()
    total = found.counts.get(state, 0) if state else sum(found.counts.values())
    return page.render(
        "support/desk.html",
        tickets=[_line(page, ticket, now) for ticket in found.tickets],
        states=_states(page, state, found.counts),
        number=number,
        pages=-(-total // ROWS),
        address=f"/support/desk?state={state}&page=",
    )


def _states(page: PageContext, chosen: str, counts: Mapping[str, int]) -> list[dict[str, Any]]:
    counted = {"": sum(counts.values()), **counts}
    return [
        {
            "href": f"/support/desk?state={code}" if code else "/support/desk",
            "text": page._(name),
            "current": code == chosen,
            "state": str(counted.get(code, 0)),
        }
        for code, name in NAMES_OF_LISTS.items()
    ]


def _line(page: PageContext, ticket: TicketDocument, now: datetime) -> dict[str, Any]:
    age = datetime.fromisoformat(str(ticket["opened_at"])) - now
    messages = ticket["messages"]
    return {
        "ticket": ticket,
        "age": format_timedelta(min(age, -timedelta(seconds=1)), add_direction=True, locale=page.language),
        "replied": ticket["status"] == Status.WAITING and bool(messages) and messages[-1]["by"] == "candidate",
        "status": STATUSES[ticket["status"]],
    }


@router.get("/{ticket:uuid}")
async def show(page: Page, kernel: KernelDep, _: Agent, ticket: UUID) -> Response:
    return _ticket(page, await shown(kernel, await document_of(kernel, ticket)))


def _ticket(page: PageContext, document: TicketDocument, tried: Tried = NOTHING) -> Response:
    return whole(page, "support/desk_ticket.html", document, tried, over=Status.of(document["status"]).over)


@router.post("/{ticket:uuid}/answers")
async def answer(page: Page, kernel: KernelDep, agent: Agent, ticket: UUID, request_id: RequestId) -> Response:
    form = await page.form()
    values, pressed = read(MESSAGE, form), action(form)
    close = pressed == "close"
    try:
        refuse_if(excess(MESSAGE, values))
        await answering.write(kernel, agent, ticket, request_id, values["text"], close, pressed == "reopen")
    except (Invalid, Conflict) as refused:
        tried = Tried(values, refused.problems, status_of(refused))
        return _ticket(page, await shown(kernel, await document_of(kernel, ticket)), tried)
    return page.redirect(f"/support/desk/{ticket}", SENT_AND_CLOSED if close else SENT)


@router.post("/{ticket:uuid}/decline")
async def decline(page: Page, kernel: KernelDep, _: Agent, ticket: UUID) -> Response:
    return await _done(page, kernel, ticket, DeclineOutOfScope(), DECLINED)


@router.post("/{ticket:uuid}/close")
async def close(page: Page, kernel: KernelDep, _: Agent, ticket: UUID) -> Response:
    return await _done(page, kernel, ticket, CloseTicket(), CLOSED)


@router.post("/{ticket:uuid}/reopen")
async def reopen(page: Page, kernel: KernelDep, _: Agent, ticket: UUID) -> Response:
    return await _done(page, kernel, ticket, ReopenTicket(), REOPENED)


async def _done(page: PageContext, kernel: Kernel, ticket: UUID, command: Command, said: str) -> Response:
    await page.form()
    try:
        await kernel.execute(TICKET, ticket, command)
    except Conflict as refused:
        return _ticket(page, await shown(kernel, await document_of(kernel, ticket)), Tried({}, refused.problems, 409))
    return page.redirect(f"/support/desk/{ticket}", said)
