"""Files as they are sent and taken away: those attached to drafts, and those kept for all of them."""

from collections.abc import Iterable
from uuid import UUID

from starlette.datastructures import UploadFile

from services.applications.domain.inputs import MOST_BYTES, FileFacts
from services.identity.events import account_of
from shared.auth import Who
from shared.files import uploads
from shared.runtime.kernel import Kernel
from shared.store.database import Also, Connection
from shared.store.erasing import unless_erased


async def uploaded(kernel: Kernel, who: Who, file_id: UUID, upload: UploadFile) -> tuple[FileFacts, Also]:
    """What an uploaded file is (R61, R62), and what holds its content in the command's transaction."""
    file = await uploads.read_upload(upload, MOST_BYTES, kernel.inspector, "file")
    facts = FileFacts(
        id=file_id, name=file.name, size=file.size, sha256=file.sha256, content_type=file.kind, flaw=file.flaw
    )
    return facts, unless_erased(account_of(who.account_id), uploads.attaching({file_id: file}))


def releasing(held: Iterable[UUID]) -> Also:
    """What lets go of these files' content in the command's transaction."""

    async def release(connection: Connection) -> None:
        await uploads.detach(connection, held)

    return release
