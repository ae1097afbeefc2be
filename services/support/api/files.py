"""Screenshots on their way out: always as a download, under a name of ours."""

from typing import Any, Final
from uuid import UUID

from fastapi import Response

from services.support.domain import EXTENSIONS
from services.support.projections import TicketDocument
from shared.files.uploads import content_of
from shared.http.routers import refusal
from shared.model.errors import N_, NotFound
from shared.runtime.kernel import Kernel

Responses = dict[int | str, dict[str, Any]]
ERASED: Final[Responses] = {410: refusal(410)}
FILE: Final[Responses] = {200: {"content": {kind: {} for kind in EXTENSIONS}}, **ERASED}


async def attachment(kernel: Kernel, ticket: TicketDocument, screenshot: UUID) -> Response:
    """The picture, if it is one of this ticket's."""
    numbered = {item["id"]: (n, item["kind"]) for n, item in enumerate(ticket["screenshots"], 1)}
    found = numbered.get(str(screenshot))
    content = await content_of(kernel.pool, screenshot) if found else None
    if found is None or content is None:
        raise NotFound.because(N_("This screenshot does not exist"))
    number, kind = found
    name = f"{ticket['number']}-{number}.{EXTENSIONS[kind]}"
    return Response(content, media_type=kind, headers={"content-disposition": f'attachment; filename="{name}"'})
