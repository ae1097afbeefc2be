"""What goes with an account beside its events: what it was entered with, and what waited for a code."""

from typing import Final
from uuid import UUID

from shared.store.database import Connection

SECRETS: Final = (
    "codes",
    "reset_links",
    "address_changes",
    "sessions",
    "second_factors",
    "recovery_codes",
    "pending_logins",
)
"""Tables of what an account is entered with; the password is in one of its own."""


async def forget(connection: Connection, subject: str) -> None:
    """Deletes it with the account's key, however the account came to its end."""
    category, _, key = subject.partition("-")
    if category == "account":
        for table in (*SECRETS, "passwords"):
            await connection.execute(f"delete from {table} where account_id = $1", UUID(key))  # noqa: S608
