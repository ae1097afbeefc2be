"""What goes with a subject beside its events: files, documents, the PDF of record, what was typed and reported."""

from uuid import UUID

from services.applications.domain.library import LIBRARY
from services.applications.domain.quota import QUOTA
from services.applications.projections import APPLICATION, REPORT
from shared.files.uploads import detach
from shared.store.database import Connection

_ATTACHED = "select data->>'attachment_id' from events where stream = $1 and type = 'AttachmentAdded'"
_OF_DRAFTS = """select f.data->>'attachment_id' from events as d
    join events as f on f.stream = 'application-' || (d.data->>'application_id') and f.type = 'AttachmentAdded'
    where d.stream = $1 and d.type = 'DraftCounted'
    and not exists (select from events as s where s.stream = f.stream and s.type = 'ApplicationSubmitted')"""
_KEPT = "select data->>'document_id' from events where stream = $1 and type = 'DocumentKept'"
_TYPED = """update documents
    set document = document || '{"sections": {}, "proposals": {}, "overrides": {}}', revision = revision + 1
    where view = $1 and key in (
        select data->>'application_id' from events where stream = $2 and type = 'DraftCounted')"""
_REPORTS = "delete from documents where view = $1 and document->'report'->>'candidate_id' = $2"


async def forget(connection: Connection, subject: str) -> None:
    """Deletes what a submitted application holds, or what a closed account has typed and reported beside it."""
    category, _, key = subject.partition("-")
    if category == "application":
        rows = await connection.fetch(_ATTACHED, subject)
        await detach(connection, [UUID(row[0]) for row in rows])
        await connection.execute("delete from documents_of_record where application_id = $1", UUID(key))
    if category == "account":
        rows = await connection.fetch(_OF_DRAFTS, QUOTA.stream(key))
        rows += await connection.fetch(_KEPT, LIBRARY.stream(key))
        await detach(connection, [UUID(row[0]) for row in rows])
        await connection.execute(_TYPED, APPLICATION.name, QUOTA.stream(key))
        await connection.execute(_REPORTS, REPORT.name, key)
