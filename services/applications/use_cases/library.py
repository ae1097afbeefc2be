"""What both doors do with the documents that a candidate keeps, and with attaching them."""

from collections.abc import Sequence
from uuid import UUID

from starlette.datastructures import UploadFile

from services.applications.domain.application import APPLICATION
from services.applications.domain.library import LIBRARY as RULES
from services.applications.domain.library import NO_DOCUMENT, KeepDocument, RemoveDocument, attachments_of
from services.applications.events.library import DocumentKind
from services.applications.projections import LIBRARY, KeptDocument
from services.applications.use_cases.files import releasing, uploaded
from services.identity.events import account_of
from shared.auth import Who
from shared.files import uploads
from shared.model.errors import NotFound
from shared.model.reaction import Do
from shared.runtime.kernel import Kernel
from shared.store.database import Connection
from shared.store.erasing import unless_erased


async def kept_by(kernel: Kernel, who: Who) -> list[KeptDocument]:
    """The candidate's documents, the first kept first."""
    found = await kernel.current(LIBRARY, RULES, who.account_id)
    return found["documents"] if found else []


async def keep(kernel: Kernel, who: Who, document_id: UUID, upload: UploadFile, kind: DocumentKind) -> None:
    """Keeps an uploaded file (R61, R62), content and event in one transaction."""
    facts, hold = await uploaded(kernel, who, document_id, upload)
    command = KeepDocument(candidate_id=who.account_id, file=facts, kind=kind)
    await kernel.execute(RULES, who.account_id, command, also=hold)


async def remove(kernel: Kernel, who: Who, document_id: UUID) -> None:
    """Keeps a document no longer. What was attached of it has its content on its own account."""
    command = RemoveDocument(candidate_id=who.account_id, document_id=document_id)
    await kernel.execute(RULES, who.account_id, command, also=releasing([document_id]))


async def content_of(kernel: Kernel, who: Who, document_id: UUID) -> tuple[KeptDocument, bytes]:
    """A document: what is known of it, and its content."""
    found = next((each for each in await kept_by(kernel, who) if each["id"] == str(document_id)), None)
    content = await uploads.content_of(kernel.pool, document_id) if found else None
    if found is None or content is None:
        raise NotFound.because(NO_DOCUMENT)
    return found, content


async def attach(
    kernel: Kernel, who: Who, application_id: UUID, request: UUID, document_ids: Sequence[UUID]
) -> list[UUID]:
    """Attaches these documents to a draft, all or none; returns the files' ids. They are held, not uploaded again."""
    library = await kernel.state(RULES, who.account_id)
    commands = attachments_of(library, who.account_id, request, document_ids)

    async def hold(connection: Connection) -> None:
        for command in commands:
            await uploads.attach(connection, command.file.id, command.file.sha256)

    steps = (Do(APPLICATION, application_id, command) for command in commands)
    await kernel.execute_all(*steps, also=unless_erased(account_of(who.account_id), hold))
    return [command.file.id for command in commands]
