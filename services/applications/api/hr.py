"""The door at which HR systems read submitted applications."""

from uuid import UUID

from fastapi import Request, Response

from services.applications.api.candidate import FILES, PDF
from services.applications.api.models import SubmittedRead, submitted_read
from services.applications.domain.draft import UNKNOWN
from services.applications.projections import APPLICATION, ApplicationDocument
from services.applications.use_cases import applications, downloads
from shared.auth import Hr
from shared.http import api_router
from shared.model.errors import NotFound
from shared.runtime.kernel import Kernel, KernelDep

router = api_router("applications")


async def _submitted(kernel: Kernel, application_id: UUID) -> ApplicationDocument:
    """From the store where the view is behind: who learnt of it from Kafka may ask in the same moment."""
    document = await kernel.views.get(APPLICATION, application_id)
    if document is None or document["submitted"] is None:
        document = await applications.folded(kernel, application_id)
    if document is None or document["submitted"] is None:
        raise NotFound.because(UNKNOWN)
    return document


async def answer(kernel: Kernel, application_id: UUID) -> SubmittedRead:
    """A submitted application; NotFound for a draft."""
    document = await _submitted(kernel, application_id)
    return submitted_read(document, await applications.candidate_of(kernel, document["candidate_id"]))


@router.get("/submitted/{application_id}")
async def read_submitted(kernel: KernelDep, _: Hr, application_id: UUID) -> SubmittedRead:
    """A submitted application: the frozen file, its timeline, and the candidate's contact block as it is now.

    The id is that of the event ApplicationSubmitted: its key on the topic `postulo.applications.application.v1`.
    """
    return await answer(kernel, application_id)


@router.get("/submitted/{application_id}/php", responses=PDF, response_class=Response)
async def read_submitted_php(request: Request, kernel: KernelDep, _: Hr, application_id: UUID) -> Response:
    """The personal history profile as PDF, the same bytes as the candidate's, for ever the same."""
    return await downloads.send_php(request, kernel, await _submitted(kernel, application_id))


@router.get("/submitted/{application_id}/attachments/{attachment_id}", responses=FILES, response_class=Response)
async def read_submitted_attachment(kernel: KernelDep, _: Hr, application_id: UUID, attachment_id: UUID) -> Response:
    """A file of a submitted application, by its id among `attachments`."""
    return await downloads.send_attachment(kernel, await _submitted(kernel, application_id), attachment_id)
