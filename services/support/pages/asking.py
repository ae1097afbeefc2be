"""Support's pages: "Contactez-nous" for candidates and visitors (R63), the number at once (R64), one's own tickets."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from fastapi import Response
from starlette.datastructures import FormData, UploadFile

from services.support.domain import (
    LARGEST,
    MESSAGE,
    MOST,
    STANDARD_ANSWER,
    USER_CODE,
    Screenshot,
    fields_of,
)
from services.support.pages.showing import NOTHING, Tried, whole
from services.support.pages.words import STATUSES
from services.support.projections import CANDIDATE, TicketDocument, TicketLine
from services.support.use_cases import my_data as held
from services.support.use_cases import tickets
from shared.auth import Candidate, SignedIn
from shared.files.data_export import zip_response
from shared.files.uploads import Uploaded, read_upload
from shared.http import RequestId
from shared.http.networks import Network
from shared.http.problems import status_of
from shared.model.errors import N_, Invalid, NotFound, Problem, Refused, TooMany, Unavailable, refuse_if
from shared.runtime.kernel import Kernel, KernelDep
from shared.vocabulary.fields import excess
from shared.web import Page, PageContext, pages_router
from shared.web.dates import date
from shared.web.forms import read, text

router = pages_router(prefix="/support")

REPLIED: Final = N_("Your message was added to the ticket")
ENDED: Final = N_("The ticket is closed. Thank you for letting us know")


@router.get("")
async def contact(page: Page, kernel: KernelDep) -> Response:
    return _form(page, await _known(kernel, page))


async def _known(kernel: Kernel, page: PageContext) -> dict[str, Any]:
    """Whoever is logged in need not say who they are again (R65)."""
    who = tickets.candidate_of(page.who)
    if who is None:
        return {}
    told = await kernel.views.get(CANDIDATE, who.account_id)
    return {**told} if told else {"user_code": who.user_code, "full_name": who.name, "email": who.email}


def _form(
    page: PageContext,
    values: Mapping[str, Any],
    problems: Sequence[Problem] = (),
    status: int = 200,
    chosen: bool = False,
) -> Response:
    """`chosen`: whether screenshots had been chosen, which no browser keeps."""
    candidate = tickets.candidate_of(page.who)
    return page.render(
        "support/contact.html",
        status,
        fields=[field for field in fields_of(candidate is not None) if not (candidate and field is USER_CODE)],
        values=values,
        problems=problems,
        user_code=values.get("user_code", "") if candidate else "",
        most=MOST,
        megabytes=LARGEST // 1_000_000,
        chosen=chosen,
    )


@router.post("")
async def open_ticket(page: Page, kernel: KernelDep, request_id: RequestId, network: Network) -> Response:
    who, form = tickets.candidate_of(page.who), await page.form()
    fields = fields_of(who is not None)
    values = {**read(fields, form), **({"user_code": who.user_code} if who else {})}
    try:
        pictures = await _pictures(kernel, form, request_id)
        refuse_if(excess(fields, values))
        ticket = await tickets.open_ticket(
            kernel, who, request_id, values=values, language=page.language, pictures=pictures, network=network
        )
    except (Invalid, TooMany, Unavailable) as refused:
        return _form(page, values, refused.problems, status_of(refused), bool(_uploads(form)))
    return page.redirect(f"/support/opened/{ticket}")


async def _pictures(kernel: Kernel, form: FormData, request_id: UUID) -> dict[Screenshot, Uploaded]:
    """The files that came, each once; more than may come are still named, so that the rule can refuse them."""
    uploads = _uploads(form)[: MOST + 1]
    files = [await read_upload(upload, LARGEST, kernel.inspector, "screenshots") for upload in uploads]
    await form.close()
    return tickets.pictures_of(request_id, files)


def _uploads(form: FormData) -> list[UploadFile]:
    return [item for item in form.getlist("screenshots") if isinstance(item, UploadFile) and item.filename]


@router.get("/opened/{ticket}")
async def opened(page: Page, kernel: KernelDep, ticket: UUID) -> Response:
    """The number, for whoever holds the address of this page; nothing else of the ticket is shown."""
    document = await tickets.shown(kernel, await tickets.document_of(kernel, ticket))
    who = tickets.candidate_of(page.who)
    mine = who is not None and document["candidate_id"] == str(who.account_id)
    return page.render("support/opened.html", ticket=document, mine=mine, answer=STANDARD_ANSWER)


@router.get("/tickets")
async def my_tickets(page: Page, kernel: KernelDep, who: Candidate) -> Response:
    mine = await tickets.all_mine(kernel, who)
    return page.render("support/tickets.html", tickets=[_line(page, line) for line in mine])


def _line(page: PageContext, line: TicketLine) -> dict[str, Any]:
    return {**line, "opened": date(line["opened_at"], page.texts), "status_of": STATUSES[line["status"]]}


@router.get("/tickets/{ticket}")
async def show_ticket(page: Page, kernel: KernelDep, who: Candidate, ticket: UUID) -> Response:
    return _ticket(page, await tickets.shown(kernel, await tickets.mine(kernel, who, ticket)))


def _ticket(page: PageContext, document: TicketDocument, tried: Tried = NOTHING, chosen: bool = False) -> Response:
    megabytes = LARGEST // 1_000_000
    return whole(page, "support/ticket.html", document, tried, most=MOST, megabytes=megabytes, chosen=chosen)


@router.post("/tickets/{ticket}/reply")
async def reply(page: Page, kernel: KernelDep, who: Candidate, ticket: UUID, request_id: RequestId) -> Response:
    form = await page.form()
    values = read(MESSAGE, form)
    try:
        pictures = await _pictures(kernel, form, request_id)
        refuse_if(excess(MESSAGE, values))
        await tickets.reply(kernel, who, ticket, message_id=request_id, text=values["text"], pictures=pictures)
    except NotFound:
        raise
    except Refused as refused:
        tried = Tried(values, refused.problems, status_of(refused))
        shown = await tickets.shown(kernel, await tickets.mine(kernel, who, ticket))
        return _ticket(page, shown, tried, bool(_uploads(form)))
    return page.redirect(f"/support/tickets/{ticket}", REPLIED)


@router.post("/tickets/{ticket}/read")
async def mark_read(page: Page, kernel: KernelDep, who: Candidate, ticket: UUID) -> Response:
    """The page posts this form by itself as it opens, a reader without script with its button; reading writes nothing.

    The form names the last answer that the page shows, so that one which came meanwhile stays new.
    """
    form = await page.form()
    try:
        message_id = UUID(text(form, "seen"))
    except ValueError:
        raise NotFound.because(N_("This message does not exist")) from None
    await tickets.mark_read(kernel, who, ticket, message_id)
    return Response() if "hx-request" in page.request.headers else page.redirect(f"/support/tickets/{ticket}")


@router.post("/tickets/{ticket}/close")
async def close(page: Page, kernel: KernelDep, who: Candidate, ticket: UUID) -> Response:
    await page.form()
    await tickets.close(kernel, who, ticket)
    return page.redirect(f"/support/tickets/{ticket}", ENDED)


@router.get("/my-data")
async def my_data(kernel: KernelDep, who: SignedIn) -> Response:
    """Everything that this service holds about whoever asks."""
    return zip_response("support", who.user_code, held.my_data(kernel, who))
