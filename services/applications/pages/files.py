"""A draft's attachments and its job opening, throwing it away, and everything held as a download."""

from uuid import UUID

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from services.applications.domain.inputs import MOST_FILES
from services.applications.events import Status
from services.applications.pages.saving import SAVED
from services.applications.projections import ApplicationDocument
from services.applications.use_cases import applications, downloads
from services.applications.use_cases import my_data as held
from shared.auth import Candidate, SignedIn
from shared.files.data_export import zip_response
from shared.http import RequestId
from shared.http.problems import status_of
from shared.model.errors import N_, Conflict, Invalid, NotFound, Problem, Unavailable
from shared.runtime.kernel import KernelDep
from shared.vocabulary.fields import Field, check
from shared.web import Page, PageContext, pages_router
from shared.web.environment import web_of
from shared.web.forms import read

router = pages_router()

NUMBER = Field("vacancy", N_("Job opening number"), required=True, autocomplete="off")


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
    return page.render("applications/attachments.html", status, document=document, problems=problems, room=room)


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


@router.get("/applications/{application_id:uuid}/vacancy")
async def choose(kernel: KernelDep, page: Page, who: Candidate, application_id: UUID) -> Response:
    document = await applications.own(kernel, who, application_id)
    if document["status"] != Status.DRAFT:
        return page.redirect(f"/applications/{application_id}")
    target = document["target"]
    return _choice(page, document, target["job_opening_number"] if target else "")


def _choice(
    page: PageContext, document: ApplicationDocument, number: str, problems: tuple[Problem, ...] = (), status: int = 200
) -> Response:
    return page.render(
        "applications/vacancy.html",
        status,
        document=document,
        number=NUMBER,
        values={"vacancy": number},
        problems=problems,
    )


@router.post("/applications/{application_id:uuid}/vacancy")
async def aim(kernel: KernelDep, page: Page, who: Candidate, application_id: UUID) -> Response:
    number = read((NUMBER,), await page.form())[NUMBER.name]
    document = await applications.own(kernel, who, application_id)
    if problems := check((NUMBER,), {NUMBER.name: number}):
        return _choice(page, document, number, tuple(problems), 422)
    try:
        await applications.aim(kernel, who, application_id, await applications.vacancy_numbered(kernel, number))
    except NotFound as refusal:
        return _choice(page, document, number, refusal.problems, 422)
    except Conflict as refusal:
        return _choice(page, document, number, refusal.problems, 409)
    return page.redirect(f"/applications/{application_id}", SAVED)


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
