""" "Documents": what a candidate keeps to attach to applications, a section of the profile that is served here."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from starlette.datastructures import UploadFile
from starlette.responses import Response

from services.applications.domain.library import MOST_DOCUMENTS
from services.applications.events.library import KIND_FIELD, DocumentKind
from services.applications.use_cases import library
from services.applications.use_cases.downloads import download
from shared.auth import Candidate, Who
from shared.http import RequestId
from shared.http.problems import status_of
from shared.model.errors import N_, Conflict, Invalid, Problem, Unavailable
from shared.runtime.kernel import Kernel, KernelDep
from shared.vocabulary.fields import check
from shared.web import Page, PageContext, pages_router
from shared.web.forms import read

router = pages_router()

HERE: Final = "/applications/documents"
NO_FILE: Final = N_("Choose a file")
KEPT: Final = N_("The document is kept. You can attach it to your draft applications")
REMOVED: Final = N_("The document is removed. What you attached or submitted of it stays")


@router.get(HERE)
async def show(kernel: KernelDep, page: Page, who: Candidate) -> Response:
    return await _documents(kernel, page, who, {})


async def _documents(  # noqa: PLR0917 - what the page shows
    kernel: Kernel,
    page: PageContext,
    who: Who,
    values: dict[str, Any],
    problems: Sequence[Problem] = (),
    status: int = 200,
) -> Response:
    documents = await library.kept_by(kernel, who)
    return page.render(
        "applications/documents.html",
        status,
        documents=documents,
        labels={each.value: each.label for each in DocumentKind},
        room=len(documents) < MOST_DOCUMENTS,
        most=MOST_DOCUMENTS,
        kind=KIND_FIELD,
        values=values,
        problems=problems,
    )


@router.post(HERE)
async def keep(kernel: KernelDep, page: Page, who: Candidate, document_id: RequestId) -> Response:
    form = await page.form()
    upload, values = form.get("file"), read((KIND_FIELD,), form)
    problems = [] if isinstance(upload, UploadFile) and upload.filename else [Problem("file", NO_FILE)]
    problems += check((KIND_FIELD,), values)
    if problems or not isinstance(upload, UploadFile):
        return await _documents(kernel, page, who, values, problems, 422)
    try:
        await library.keep(kernel, who, document_id, upload, DocumentKind.of(values["kind"]))
    except (Invalid, Conflict, Unavailable) as refusal:
        return await _documents(kernel, page, who, values, refusal.problems, status_of(refusal))
    return page.redirect(HERE, KEPT)


@router.get(f"{HERE}/{{document_id:uuid}}")
async def read_document(kernel: KernelDep, who: Candidate, document_id: UUID) -> Response:
    document, content = await library.content_of(kernel, who, document_id)
    return download(content, document["name"], document["content_type"])


@router.post(f"{HERE}/{{document_id:uuid}}/remove")
async def remove(kernel: KernelDep, page: Page, who: Candidate, document_id: UUID) -> Response:
    await page.form()
    await library.remove(kernel, who, document_id)
    return page.redirect(HERE, REMOVED)
