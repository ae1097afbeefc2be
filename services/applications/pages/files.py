"""A draft's attachments, throwing it away, and everything held as a download."""

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from services.applications.domain.inputs import MOST_FILES
from services.applications.events import Status
from services.applications.events.library import DocumentKind
from services.applications.pages.library import NO_FILE
from services.applications.projections import ApplicationDocument, KeptDocument
from services.applications.use_cases import applications, downloads, library
from services.applications.use_cases import my_data as held
from shared.auth import Candidate, SignedIn, Who
from shared.files.data_export import zip_response
from shared.http import RequestId
from shared.http.problems import status_of
from shared.model.errors import N_, Invalid, Problem, Unavailable, refuse_if
from shared.runtime.kernel import Kernel, KernelDep
from shared.vocabulary.fields import Field, Option, Values, check
from shared.web import Page, PageContext, pages_router
from shared.web.environment import web_of
from shared.web.forms import read

router = pages_router()

NOTHING: Final[Values] = {}
ATTACHED: Final = N_("The documents are attached")


@router.get("/applications/{application_id:uuid}/attachments")
async def attachments(kernel: KernelDep, page: Page, who: Candidate, application_id: UUID) -> Response:
    document = await applications.own(kernel, who, application_id)
    if document["status"] != Status.DRAFT:
        return page.redirect(f"/applications/{application_id}")
    return await _attachments(kernel, page, who, document)


async def _attachments(  # noqa: PLR0917 - what the page shows
    kernel: Kernel,
    page: PageContext,
    who: Who,
    document: ApplicationDocument,
    problems: Sequence[Problem] = (),
    status: int = 200,
    values: Values = NOTHING,
) -> Response:
    asked = document["target"] is not None and any(each["type"] == "file" for each in document["questions"])
    return page.render(
        "applications/attachments.html",
        status,
        document=document,
        problems=problems,
        room=len(document["attachments"]) < MOST_FILES,
        asked=asked,
        documents=_choice(page, _left(await library.kept_by(kernel, who), document)),
        values=values,
    )


def _left(kept: Iterable[KeptDocument], document: ApplicationDocument) -> list[KeptDocument]:
    """The documents that are not attached yet."""
    there = {file["name"].casefold() for file in document["attachments"]}
    return [each for each in kept if each["name"].casefold() not in there]


def _choice(page: PageContext, offered: Iterable[KeptDocument]) -> Field | None:
    """These documents to choose from; None if there is none."""
    kinds = {each.value: page._(each.label) for each in DocumentKind}
    options = tuple(Option(each["id"], f"{each['name']} – {kinds[each['kind']]}") for each in offered)
    return Field("documents", N_("From your documents"), "choices", options=options, own=True) if options else None


@router.post("/applications/{application_id:uuid}/attachments")
async def attach(kernel: KernelDep, page: Page, who: Candidate, file_id: RequestId, application_id: UUID) -> Response:
    upload = (await page.form()).get("file")
    document = await applications.own(kernel, who, application_id)
    if not isinstance(upload, UploadFile) or not upload.filename:
        return await _attachments(kernel, page, who, document, (Problem("file", NO_FILE),), 422)
    try:
        await applications.attach(kernel, who, application_id, file_id, upload)
    except (Invalid, Unavailable) as refusal:
        return await _attachments(kernel, page, who, document, refusal.problems, status_of(refusal))
    return page.redirect(f"/applications/{application_id}/attachments", N_("The file is attached"))


@router.post("/applications/{application_id:uuid}/attachments/documents")
async def attach_documents(
    kernel: KernelDep, page: Page, who: Candidate, request: RequestId, application_id: UUID
) -> Response:
    form = await page.form()
    document = await applications.own(kernel, who, application_id)
    # Of all that are kept, not only of what is left: the same form sent twice names what it has attached already.
    choice = _choice(page, await library.kept_by(kernel, who))
    values = read((choice,), form) if choice else {"documents": []}
    try:
        refuse_if(check((choice,), values) if choice else ())
        await library.attach(kernel, who, application_id, request, [*map(UUID, values["documents"])])
    except Invalid as refusal:
        problems = [Problem("documents", each.message, each.params) for each in refusal.problems]
        return await _attachments(kernel, page, who, document, problems, 422, values)
    return page.redirect(f"/applications/{application_id}/attachments", ATTACHED)


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
