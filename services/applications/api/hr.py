"""The door at which HR systems read what was submitted for their vacancies (scope applications.read)."""

from uuid import UUID

from fastapi import Request, Response

from services.applications.api.candidate import FILES, PDF
from services.applications.api.models import SubmittedRead, submitted_read
from services.applications.projections import ApplicationDocument
from services.applications.use_cases import applications, downloads
from services.applications.use_cases.submitted import submitted
from shared.auth import ApplicationReader
from shared.http import api_router
from shared.runtime.kernel import Kernel, KernelDep

router = api_router("applications")


async def answer(kernel: Kernel, document: ApplicationDocument) -> SubmittedRead:
    """A submitted application, with the candidate's contact block as it is now."""
    return submitted_read(document, await applications.candidate_of(kernel, document["candidate_id"]))


@router.get("/submitted/{application_id}")
async def read_submitted(kernel: KernelDep, who: ApplicationReader, application_id: UUID) -> SubmittedRead:
    """A submitted application: the frozen file, its timeline, and the candidate's contact block as it is now.

    The id is that of the event ApplicationSubmitted: its key on the topic `postulo.applications.application.v1`.
    404: there is none, or its vacancy is another organisation's.
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
