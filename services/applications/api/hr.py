"""The door at which HR systems read what was submitted for their vacancies (scope applications.read)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from services.applications.api.candidate import FILES, PDF
from services.applications.api.models import RESOURCES, SubmittedPage, SubmittedRead, submitted_read
from services.applications.events import Status
from services.applications.projections import ApplicationDocument
from services.applications.use_cases import applications, downloads, submissions
from services.applications.use_cases.submitted import erase_file, submitted
from services.identity.events import account_of
from shared.auth import ApplicationReader, StatusSetter
from shared.http import api_router
from shared.http.paging import NEXT, next_link
from shared.runtime.kernel import Kernel, KernelDep

router = api_router("applications", RESOURCES)


async def answer(kernel: Kernel, document: ApplicationDocument) -> SubmittedRead:
    """A submitted application, with the candidate's contact block as it is now."""
    candidate = await applications.candidate_of(kernel, document["candidate_id"])
    erased_at = None if candidate else await kernel.keys.erased_at(account_of(document["candidate_id"]))
    return submitted_read(document, candidate, erased_at)


@router.get("/submitted", responses={200: {"headers": NEXT}})
async def list_submitted(  # noqa: PLR0917 - one argument a part of the address
    request: Request,
    response: Response,
    kernel: KernelDep,
    who: ApplicationReader,
    vacancy_id: Annotated[UUID | None, Query(description="Only for this job opening.")] = None,
    status: Annotated[Status | None, Query(description="Only those that have it now.")] = None,
    changed_after: Annotated[
        datetime | None, Query(description="Only those submitted, or whose status changed, later; UTC if it says none.")
    ] = None,
    after: Annotated[
        str, Query(max_length=submissions.LONGEST, description="`next` of the page before, to go on from there.")
    ] = "",
    limit: Annotated[int, Query(ge=1, le=500, description="Applications a page.")] = 100,
) -> SubmittedPage:
    """Every submitted application for vacancies within reach, what changed longest ago first: to compare yours with.

    Nothing is listed twice or left out while you page; what changes meanwhile is listed again at the end. What is
    recorded at the same moment may become visible up to 30 seconds apart: go on from a minute before the last one.
    """
    asked = submissions.Asked(vacancy_id, status, changed_after, after, limit)
    page = await submissions.page_of(kernel, who.owners, asked)
    response.headers.update(next_link(request, page.next))
    return SubmittedPage.model_validate({"applications": page.lines, "next": page.next})


@router.get("/submitted/{application_id}")
async def read_submitted(kernel: KernelDep, who: ApplicationReader, application_id: UUID) -> SubmittedRead:
    """A submitted application: the frozen file, its timeline, and the candidate's contact block as it is now.

    The id is that of the event ApplicationSubmitted: its key on the topic `postulo.applications.application.v1`.
    404: there is none, or its vacancy is another organisation's. 410: it was erased, and when.
    """
    return await answer(kernel, await submitted(kernel, who.owners, application_id))


@router.get("/submitted/{application_id}/php", responses=PDF, response_class=Response)
async def read_submitted_php(
    request: Request, kernel: KernelDep, who: ApplicationReader, application_id: UUID
) -> Response:
    """The personal history profile as PDF, the same bytes as the candidate's, for ever the same."""
    return await downloads.send_php(request, kernel, await submitted(kernel, who.owners, application_id))


@router.get("/submitted/{application_id}/attachments/{attachment_id}", responses=FILES, response_class=Response)
async def read_submitted_attachment(
    kernel: KernelDep, who: ApplicationReader, application_id: UUID, attachment_id: UUID
) -> Response:
    """A file of a submitted application, by its id among `attachments`."""
    return await downloads.send_attachment(kernel, await submitted(kernel, who.owners, application_id), attachment_id)


@router.delete("/submitted/{application_id}/file", status_code=204)
async def erase_submitted(kernel: KernelDep, who: StatusSetter, application_id: UUID) -> None:
    """Erases what was submitted, with its attachments and its PDF, for ever: because its holder asks for it.

    Without that it goes at the end of its retention. Its number, dates and status stay. Erasing again changes nothing.
    """
    await erase_file(kernel, who.owners, application_id)
