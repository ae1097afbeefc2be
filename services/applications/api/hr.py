"""The door for HR systems: submitted applications, and what becomes of them."""

from uuid import UUID

from fastapi import Request, Response

from services.applications.api import desk
from services.applications.api.candidate import FILES, PDF, send_attachment, send_php
from services.applications.api.models import StatusChange, SubmittedRead, submitted_read
from services.applications.domain.application import APPLICATION
from services.applications.domain.commands import ChangeStatus
from services.applications.domain.draft import UNKNOWN
from services.applications.projections import APPLICATION as APPLICATION_VIEW
from services.applications.projections import ApplicationDocument
from shared.auth import Hr
from shared.errors import NotFound
from shared.http import api_router
from shared.runtime import Kernel, KernelDep

router = api_router("applications")


async def _submitted(kernel: Kernel, application_id: UUID) -> ApplicationDocument:
    document = await kernel.views.get(APPLICATION_VIEW, application_id)
    if document is None or document["submitted"] is None:
        raise NotFound.because(UNKNOWN)
    return document


async def _answer(kernel: Kernel, application_id: UUID) -> SubmittedRead:
    document = await _submitted(kernel, application_id)
    return submitted_read(document, await desk.candidate_of(kernel, document["candidate_id"]))


@router.get("/submitted/{application_id}")
async def read_submitted(kernel: KernelDep, _: Hr, application_id: UUID) -> SubmittedRead:
    """A submitted application: the frozen file, its timeline, and the candidate's contact block as it is now."""
    return await _answer(kernel, application_id)


@router.get("/submitted/{application_id}/php", responses=PDF, response_class=Response)
async def read_submitted_php(request: Request, kernel: KernelDep, _: Hr, application_id: UUID) -> Response:
    """The personal history profile as PDF, the same bytes as the candidate's."""
    return await send_php(request, kernel, await _submitted(kernel, application_id))


@router.get("/submitted/{application_id}/attachments/{attachment_id}", responses=FILES, response_class=Response)
async def read_submitted_attachment(kernel: KernelDep, _: Hr, application_id: UUID, attachment_id: UUID) -> Response:
    """A file of a submitted application."""
    return await send_attachment(kernel, await _submitted(kernel, application_id), attachment_id)


@router.post("/applications/{application_id}/status")
async def change_status(kernel: KernelDep, _: Hr, application_id: UUID, body: StatusChange) -> SubmittedRead:
    """Sets the status of a submitted application. The status that it has already changes nothing."""
    await kernel.execute(APPLICATION, application_id, ChangeStatus(status=body.status, reason=body.reason))
    return await _answer(kernel, application_id)
