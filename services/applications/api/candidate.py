"""The candidate's JSON door."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request, Response, UploadFile

from services.applications.api.models import (
    RESOURCES,
    ApplicationRead,
    Blockers,
    Created,
    DraftName,
    ListedRead,
    NewDraft,
    SectionContent,
    Submission,
    Target,
    Withdrawal,
    application_read,
    problem_texts,
)
from services.applications.projections import ApplicationDocument
from services.applications.use_cases import applications, downloads
from shared.auth import Candidate
from shared.http import CREATED, RequestId, api_router
from shared.http.conditional import IfMatch, expect_unchanging
from shared.http.routers import refusal
from shared.runtime.kernel import Kernel, KernelDep
from shared.web.environment import web_of
from shared.web.language import Texts, accepted

router = api_router("applications", RESOURCES)


def texts_of(request: Request) -> Texts:
    """The texts in the language that the client asks for."""
    return web_of(request).texts(accepted(request.headers.get("accept-language", "")))


TextsDep = Annotated[Texts, Depends(texts_of)]
FILES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/pdf": {}, "image/png": {}, "image/jpeg": {}}, "description": "The file, to be saved"}
}
PDF: dict[int | str, dict[str, Any]] = {200: {"content": {"application/pdf": {}}, "description": "The PDF"}}


async def _answer(kernel: Kernel, document: ApplicationDocument, texts: Texts) -> ApplicationRead:
    return application_read(applications.ordered(document), (await kernel.now()).date(), texts)


@router.get("/applications")
async def list_applications(kernel: KernelDep, who: Candidate) -> list[ListedRead]:
    """All applications of the candidate, the last created first (R53)."""
    return [ListedRead.model_validate(row) for row in await applications.all_of(kernel, who)]


@router.post("/applications", status_code=201, responses=CREATED)
async def create_draft(
    kernel: KernelDep, who: Candidate, new_id: RequestId, body: NewDraft, response: Response
) -> Created:
    """Creates a draft, blank or from an earlier application, with or without a job opening. Retry with the same key."""
    await applications.create(
        kernel,
        who,
        new_id,
        confirmed=body.confirmed,
        start=body.start or "",
        source=body.source_application_id,
        vacancy_id=body.vacancy_id,
    )
    response.headers["location"] = f"/applications/api/applications/{new_id}"
    return Created(id=new_id)


@router.get("/applications/{application_id}")
async def read_application(kernel: KernelDep, who: Candidate, application_id: UUID, texts: TextsDep) -> ApplicationRead:
    """One application: its sections, what to correct in them, its files and its timeline."""
    return await _answer(kernel, await applications.own(kernel, who, application_id), texts)


@router.delete("/applications/{application_id}", status_code=204)
async def discard_draft(kernel: KernelDep, who: Candidate, application_id: UUID) -> None:
    """Throws a draft away."""
    await applications.discard(kernel, who, application_id)


@router.put("/applications/{application_id}/vacancy")
async def target_vacancy(
    kernel: KernelDep, who: Candidate, application_id: UUID, body: Target, texts: TextsDep
) -> ApplicationRead:
    """Means the draft for a job opening and loads its screening questions (R18)."""
    await applications.aim(kernel, who, application_id, await applications.vacancy_of(kernel, body.vacancy_id))
    return await _answer(kernel, await applications.own(kernel, who, application_id), texts)


@router.put("/applications/{application_id}/name", status_code=204)
async def name_draft(kernel: KernelDep, who: Candidate, application_id: UUID, body: DraftName) -> None:
    """Calls a draft by a name, which only its candidate sees."""
    await applications.rename(kernel, who, application_id, body.name)


@router.put("/applications/{application_id}/archive", status_code=204)
async def archive_application(kernel: KernelDep, who: Candidate, application_id: UUID) -> None:
    """Puts an application that is decided, withdrawn or cancelled out of the way, in the candidate's own list."""
    await applications.archive(kernel, who, application_id)


@router.delete("/applications/{application_id}/archive", status_code=204)
async def restore_application(kernel: KernelDep, who: Candidate, application_id: UUID) -> None:
    """Takes an application back from the archive."""
    await applications.restore(kernel, who, application_id)


@router.put("/applications/{application_id}/sections/{section}")
async def save_section(  # noqa: PLR0917 - one argument a part of the request
    kernel: KernelDep, who: Candidate, application_id: UUID, section: str, body: SectionContent, texts: TextsDep
) -> ApplicationRead:
    """Saves one section of a draft, whatever it holds; what is to correct stands in the answer."""
    document = await applications.own(kernel, who, application_id)
    saved = await applications.save(kernel, who, document, section, values=body.values, seen=body.seen)
    return await _answer(kernel, saved, texts)


@router.post("/applications/{application_id}/attachments", status_code=201, responses=CREATED)
async def add_attachment(  # noqa: PLR0917 - one argument a part of the request
    kernel: KernelDep, who: Candidate, file_id: RequestId, application_id: UUID, file: UploadFile, response: Response
) -> Created:
    """Attaches a PDF, PNG or JPEG of fewer than 1,000,000 bytes (R61) with a short plain name (R62)."""
    await applications.attach(kernel, who, application_id, file_id, file)
    response.headers["location"] = f"/applications/api/applications/{application_id}/attachments/{file_id}"
    return Created(id=file_id)


@router.get("/applications/{application_id}/attachments/{attachment_id}", responses=FILES, response_class=Response)
async def read_attachment(kernel: KernelDep, who: Candidate, application_id: UUID, attachment_id: UUID) -> Response:
    """Downloads an attached file."""
    return await downloads.send_attachment(kernel, await applications.own(kernel, who, application_id), attachment_id)


@router.delete(
    "/applications/{application_id}/attachments/{attachment_id}", status_code=204, responses={412: refusal(412)}
)
async def remove_attachment(
    kernel: KernelDep, who: Candidate, application_id: UUID, attachment_id: UUID, if_match: IfMatch = ""
) -> None:
    """Removes an attached file from a draft."""
    document = await applications.own(kernel, who, application_id)
    for file in document["attachments"]:
        if file["attachment_id"] == str(attachment_id):
            expect_unchanging(if_match, file["sha256"])
    await applications.detach(kernel, who, application_id, attachment_id)


@router.get("/applications/{application_id}/blockers")
async def read_blockers(kernel: KernelDep, who: Candidate, application_id: UUID, texts: TextsDep) -> Blockers:
    """Everything that stands in the way of submitting this draft now."""
    problems = await applications.what_blocks(
        kernel, who, await applications.own(kernel, who, application_id), texts.language
    )
    return Blockers(problems=problem_texts(problems, texts))


@router.post("/applications/{application_id}/submission")
async def submit_application(
    kernel: KernelDep, who: Candidate, application_id: UUID, body: Submission, texts: TextsDep
) -> ApplicationRead:
    """Submits the application: once for each job opening (R42), and nothing can be changed afterwards (R40)."""
    submitted = await applications.submit(kernel, who, application_id, body.revision, body.accept_terms)
    return await _answer(kernel, submitted, texts)


@router.post("/applications/{application_id}/withdrawal")
async def withdraw_application(
    kernel: KernelDep, who: Candidate, application_id: UUID, texts: TextsDep, body: Withdrawal | None = None
) -> ApplicationRead:
    """Withdraws a submitted application (R43). No other can be submitted for the same job opening (R44)."""
    said = body or Withdrawal()
    await applications.withdraw(kernel, who, application_id, said.reason, said.explanation)
    return await _answer(kernel, await applications.own(kernel, who, application_id), texts)


@router.get("/applications/{application_id}/php", responses=PDF, response_class=Response)
async def read_php(request: Request, kernel: KernelDep, who: Candidate, application_id: UUID) -> Response:
    """Downloads the personal history profile as PDF (R27)."""
    return await downloads.send_php(request, kernel, await applications.own(kernel, who, application_id))
