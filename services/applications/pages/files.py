"""A draft's attachments, throwing it away, and everything held as a download."""

from uuid import UUID

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from services.applications.domain.inputs import MOST_FILES
from services.applications.events import Status
from services.applications.projections import ApplicationDocument
from services.applications.use_cases import applications, downloads
from services.applications.use_cases import my_data as held
from shared.auth import Candidate, SignedIn
from shared.files.data_export import zip_response
from shared.http import RequestId
from shared.http.problems import status_of
from shared.model.errors import N_, Invalid, Problem, Unavailable
from shared.runtime.kernel import KernelDep
from shared.web import Page, PageContext, pages_router
from shared.web.environment import web_of

router = pages_router()


@router.get("/applications/{application_id:uuid}/attachments")
async def attachments(kernel: KernelDep, page: Page, who: Candidate, application_id: UUID) -> Response:
    document = await applications.own(kernel, who, application_id)
    if document["status"] != Status.DRAFT:
        return page.redirect(f"/applications/{application_id}")
    return _attachments(page, document)


def _attachments(
    page: PageContext, document: ApplicationDocument, problems: tuple[Problem, ...] = (), status: int = 200
) -> Response:
    room = len(document["attachments"]) < MOST_FILES
    asked = document["target"] is not None and any(each["type"] == "file" for each in document["questions"])
    return page.render(
        "applications/attachments.html", status, document=document, problems=problems, room=room, asked=asked
    )


@router.post("/applications/{application_id:uuid}/attachments")
async def attach(kernel: KernelDep, page: Page, who: Candidate, file_id: RequestId, application_id: UUID) -> Response:
    upload = (await page.form()).get("file")
    document = await applications.own(kernel, who, application_id)
    if not isinstance(upload, UploadFile) or not upload.filename:
        return _attachments(page, document, (Problem("file", N_("Choose a file")),), 422)
    try:
        await applications.attach(kernel, who, application_id, file_id, upload)
    except (Invalid, Unavailable) as refusal:
        return _attachments(page, document, refusal.problems, status_of(refusal))
    return page.redirect(f"/applications/{application_id}/attachments", N_("The file is attached"))


@router.get("/applications/{application_id:uuid}/attachments/{attachment_id:uuid}")
async def download(kernel: KernelDep, who: Candidate, application_id: UUID, attachment_id: UUID) -> Response:
    return await downloads.send_attachment(kernel, await applications.own(kernel, who, application_id), attachment_id)


@router.post("/applications/{application_id:uuid}/attachments/{attachment_id:uuid}/remove")
async def remove(kernel: KernelDep, page: Page, who: Candidate, application_id: UUID, attachment_id: UUID) -> Response:
    await page.form()
    await applications.detach(kernel, who, application_id, attachment_id)
    return page.redirect(f"/applications/{application_id}/attachments", N_("The file is removed"))


@router.get("/applications/{application_id:uuid}/discard")
async def ask_discard(kernel: KernelDep, page: Page, who: Candidate, application_id: UUID) -> Response:
    document = await applications.own(kernel, who, application_id)
    return page.render("applications/discard.html", document=document)


@router.post("/applications/{application_id:uuid}/discard")
async def discard(kernel: KernelDep, page: Page, who: Candidate, application_id: UUID) -> Response:
    await page.form()
    await applications.discard(kernel, who, application_id)
    return page.redirect("/careers", N_("The draft is discarded"))


@router.get("/applications/my-data")
async def my_data(request: Request, kernel: KernelDep, who: SignedIn) -> Response:
    """Everything that this service holds about whoever asks."""
    return zip_response("applications", who.user_code, held.my_data(kernel, who, web_of(request).texts))
