"""The PDF and the attached files of an application, as downloads."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from services.applications.projections import ApplicationDocument
from services.applications.use_cases import applications
from shared.runtime.kernel import Kernel
from shared.web.environment import web_of


async def send_php(request: Request, kernel: Kernel, document: ApplicationDocument) -> Response:
    """The PDF as a download."""
    content = await applications.php(kernel, document, web_of(request).texts)
    return download(content, applications.php_name(document), "application/pdf")


async def send_attachment(kernel: Kernel, document: ApplicationDocument, attachment_id: UUID) -> Response:
    """The attached file as a download."""
    file, content = await applications.attached(kernel, document, attachment_id)
    return download(content, file["name"], file["content_type"])


def download(content: bytes, name: str, kind: str) -> Response:
    """A file that is saved, never shown by the browser itself (R55)."""
    headers = {
        "content-disposition": f'attachment; filename="{name}"',
        "x-content-type-options": "nosniff",
        "cache-control": "private, no-store",
    }
    return Response(content, media_type=kind, headers=headers)
