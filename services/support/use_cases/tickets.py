"""What both doors do with a ticket: found, opened, replied to, read and closed by whoever asked."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from services.identity.events import account_of
from services.support.domain import (
    TICKET,
    CloseTicket,
    OpenTicket,
    ReadTicket,
    ReplyToTicket,
    Screenshot,
    problems_of,
    ticket_id,
)
from services.support.projections import MINE, TicketDocument, TicketLine
from services.support.projections import TICKET as VIEW
from shared.auth import Who
from shared.files.uploads import Uploaded, attaching
from shared.model.errors import N_, Gone, NotFound, refuse_if
from shared.processing.mail import given_up
from shared.runtime.kernel import Kernel
from shared.store.database import Also
from shared.store.erasing import unless_erased
from shared.store.limits import Limit, keep_within, may_mail
from shared.vocabulary.addresses import one_spelling

TICKETS: Final = Limit("tickets", 10, timedelta(minutes=2))
"""What a network that nobody is logged in from may open, and what one candidate may."""

Pictures = Mapping[Screenshot, Uploaded]


def candidate_of(who: Who | None) -> Who | None:
    """Whoever is logged in, if as a candidate; anybody else asks as a visitor."""
    return who if who and "candidate" in who.roles else None


def pictures_of(request_id: UUID, files: Iterable[Uploaded]) -> dict[Screenshot, Uploaded]:
    """The pictures that came with this request, each once."""
    once = {(file.sha256, file.size): file for file in files}
    return {
        Screenshot.of(request_id, file.name, file.kind, file.size, file.sha256, file.flaw): file
        for file in once.values()
    }


def _holding(pictures: Pictures, candidate: Who | None) -> Also | None:
    """Keeps the pictures; of a candidate, not once the person is erased."""
    if not pictures:
        return None
    attach = attaching({picture.id: file for picture, file in pictures.items()})
    return unless_erased(account_of(candidate.account_id), attach) if candidate else attach


class Shown(TicketDocument):
    """A ticket as its page shows it. `undelivered`: the last mail to whoever asked was given up."""

    undelivered: bool


async def shown(kernel: Kernel, document: TicketDocument) -> Shown:
    """The ticket with what has become of its mails."""
    return {**document, "undelivered": document["id"] in await given_up(kernel.pool, document["id"])}


async def document_of(kernel: Kernel, ticket: UUID) -> TicketDocument:
    """The ticket, whoever's it is; raises NotFound, and Gone where nothing is left of what was written."""
    document = await kernel.current(VIEW, TICKET, ticket)
    if document is None:
        raise NotFound.because(N_("This ticket does not exist"))
    if erased_at := document.get("erased_at"):
        day = str(erased_at)[:10]
        raise Gone.because(N_("What was written in this request has been erased on %(day)s"), day=day)
    return document


async def mine(kernel: Kernel, who: Who, ticket: UUID) -> TicketDocument:
    """One of one's own tickets; raises NotFound, also of somebody else's, and Gone."""
    document = await document_of(kernel, ticket)
    if document["candidate_id"] != str(who.account_id):
        raise NotFound.because(N_("This ticket does not exist"))
    return document


async def all_mine(kernel: Kernel, who: Who) -> list[TicketLine]:
    """One's own tickets, the newest first."""
    lines = await kernel.views.prefixed(MINE, f"{who.account_id}/")
    return sorted(lines, key=lambda line: str(line["opened_at"]), reverse=True)


async def open_ticket(
    kernel: Kernel,
    candidate: Who | None,
    request_id: UUID,
    *,
    values: Mapping[str, Any],
    language: str,
    pictures: Pictures,
    network: str,
) -> UUID:
    """The ticket's id. Checked before a number is taken, so that corrections use up none. Raises Invalid, TooMany."""
    screenshots = tuple(pictures)
    values = {**values, **({"user_code": candidate.user_code} if candidate else {})}
    refuse_if(problems_of(candidate is not None, values, screenshots))
    await keep_within(kernel.pool, TICKETS, candidate.account_id if candidate else network)
    command = OpenTicket(
        candidate_id=candidate.account_id if candidate else None,
        number=await kernel.pool.fetchval("select next_ticket_number()"),
        language=language,
        values=values,
        screenshots=screenshots,
        mail=await _may_be_told(kernel, candidate, values["email"], network),
    )
    ticket = ticket_id(request_id, values, screenshots)
    await kernel.execute(TICKET, ticket, command, also=_holding(pictures, candidate))
    return ticket


async def _may_be_told(kernel: Kernel, candidate: Who | None, email: str, network: str) -> bool:
    """Only the account's address is proven; any other may be somebody else's, who has not asked for anything."""
    address = one_spelling(email)
    if candidate and address == one_spelling(candidate.email):
        return True
    return await may_mail(kernel.pool, "ticket", address, network)


async def reply(kernel: Kernel, who: Who, ticket: UUID, *, message_id: UUID, text: str, pictures: Pictures) -> None:
    """Adds a message to one's own ticket."""
    command = ReplyToTicket(candidate_id=who.account_id, message_id=message_id, text=text, screenshots=tuple(pictures))
    await kernel.execute(TICKET, ticket, command, also=_holding(pictures, who))


async def mark_read(kernel: Kernel, who: Who, ticket: UUID, message_id: UUID) -> None:
    """The candidate has seen the answers up to this one."""
    await kernel.execute(TICKET, ticket, ReadTicket(candidate_id=who.account_id, message_id=message_id))


async def close(kernel: Kernel, who: Who, ticket: UUID) -> None:
    """The candidate's problem is solved."""
    await kernel.execute(TICKET, ticket, CloseTicket(candidate_id=who.account_id))
