"""What goes with a ticket beside its events: the screenshots."""

from uuid import UUID

from services.support.projections import TICKETS_OF
from shared.files.uploads import detach
from shared.store.database import Connection
from shared.store.documents import read_documents

_SCREENSHOTS = "select data->>'screenshot_id' from events where stream = any($1) and type = 'ScreenshotAdded'"


async def forget(connection: Connection, subject: str) -> None:
    """Deletes those of a visitor's ticket, or of all tickets of an account."""
    category, _, key = subject.partition("-")
    streams = [subject]
    if category == "account":
        known = await read_documents(connection, TICKETS_OF, [key])
        streams = [f"ticket-{ticket}" for ticket in (known[key]["tickets"] if known else [])]
    rows = await connection.fetch(_SCREENSHOTS, streams)
    await detach(connection, [UUID(row[0]) for row in rows])
