"""What goes with a ticket beside its events: the screenshots."""

from typing import Final
from uuid import UUID

from services.support.domain import ALL_OF_A_CANDIDATE
from shared.files.uploads import detach
from shared.store.database import Connection

_OF_TICKET: Final = "select data->>'screenshot_id' from events where stream = $1 and type = 'ScreenshotAdded'"
_OF_ACCOUNT: Final = """select s.data->>'screenshot_id' from events as o
    join events as s on s.stream = o.stream and s.type = 'ScreenshotAdded'
    where o.type = 'TicketOpened' and o.data->>'candidate_id' = $1"""
_LOOK: Final = """insert into timers (key, rule, due, data)
    values ('erase-all/' || $1, $2, now() + interval '1 minute', jsonb_build_object('candidate_id', $1::text))
    on conflict (key) do update set due = excluded.due, claimed = null"""


async def forget(connection: Connection, subject: str) -> None:
    """Deletes those of a visitor's ticket, or of all tickets of an account.

    A minute later, what is left of an account's tickets is erased: one that was opened in the same moment, and those of
    a store that was not told when the account was closed, because it is older than that, or was then of a version that
    kept them.
    """
    category, _, key = subject.partition("-")
    of_account = category == "account"
    rows = await connection.fetch(*((_OF_ACCOUNT, key) if of_account else (_OF_TICKET, subject)))
    await detach(connection, [UUID(row[0]) for row in rows])
    if of_account:
        await connection.execute(_LOOK, key, ALL_OF_A_CANDIDATE)
