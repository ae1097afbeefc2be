"""The candidate's JSON door to the documents that they keep, and attach to drafts."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Form, Response, UploadFile
from pydantic import BaseModel, Field

from services.applications.api.candidate import FILES
from services.applications.api.models import Body, Created
from services.applications.domain.application import APPLICATION
from services.applications.domain.inputs import MOST_FILES
from services.applications.events.library import DocumentKind
from services.applications.use_cases import library
from services.applications.use_cases.downloads import download
from shared.auth import Candidate
from shared.http import CREATED, RequestId, api_router
from shared.http.conditional import IfMatch, expect_unchanging
from shared.http.routers import refusal
from shared.runtime.kernel import KernelDep

router = api_router("applications", {"application_id": APPLICATION, "document_id": None})


class DocumentRead(BaseModel):
    """A document that the candidate keeps. `kind`: one of a list that may grow."""

    id: UUID
    kind: str
    name: str
    content_type: str
    size: int
    sha256: str
    kept_at: datetime


class Chosen(Body):
    """Which documents are attached."""

    document_ids: list[UUID] = Field(min_length=1, max_length=MOST_FILES)


class Attached(BaseModel):
    """The ids of the files that were attached, in the documents' order."""

    ids: list[UUID]


@router.get("/documents")
async def list_documents(kernel: KernelDep, who: Candidate) -> list[DocumentRead]:
    """The documents that the candidate keeps, the first kept first."""
    return [DocumentRead.model_validate(each) for each in await library.kept_by(kernel, who)]


@router.post("/documents", status_code=201, responses=CREATED)
async def keep_document(  # noqa: PLR0917 - one argument a part of the request
    kernel: KernelDep,
    who: Candidate,
    document_id: RequestId,
    file: UploadFile,
    kind: Annotated[DocumentKind, Form()],
    response: Response,
) -> Created:
    """Keeps a PDF, PNG or JPEG of fewer than 1,000,000 bytes (R61) with a short plain name (R62); twenty at most."""
    await library.keep(kernel, who, document_id, file, kind)
    response.headers["location"] = f"/applications/api/documents/{document_id}"
    return Created(id=document_id)


@router.get("/documents/{document_id}", responses=FILES, response_class=Response)
async def read_document(kernel: KernelDep, who: Candidate, document_id: UUID) -> Response:
    """Downloads a document."""
    document, content = await library.content_of(kernel, who, document_id)
    return download(content, document["name"], document["content_type"])


@router.delete("/documents/{document_id}", status_code=204, responses={412: refusal(412)})
async def remove_document(kernel: KernelDep, who: Candidate, document_id: UUID, if_match: IfMatch = "") -> None:
    """Keeps a document no longer. What was attached or submitted of it stays."""
    for document in await library.kept_by(kernel, who):
        if document["id"] == str(document_id):
            expect_unchanging(if_match, document["sha256"])
    await library.remove(kernel, who, document_id)


@router.post("/applications/{application_id}/attachments/documents", status_code=201)
async def attach_documents(
    kernel: KernelDep, who: Candidate, request: RequestId, application_id: UUID, body: Chosen
) -> Attached:
    """Attaches documents that the candidate keeps to a draft, all or none; the draft has copies of its own."""
    return Attached(ids=await library.attach(kernel, who, application_id, request, body.document_ids))
