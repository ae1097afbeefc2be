"""Which failures are the environment's, so that trying the same again can succeed."""

from typing import Final

import asyncpg

from shared.processing.handlers import BrokenMemory
from shared.store.appending import WrongVersion
from shared.store.folding import StaleDocument

OPERATIONAL: Final = ("08", "25", "28", "40", "53", "55", "57", "58")
"""SQLSTATE classes of the environment, not of the event: connection, login, rollback, resources, shutdown, system."""
FORBIDDEN: Final = "42501"
"""What a role may do is the environment's too: no event changes it."""

CLIENTS: Final = asyncpg.InterfaceError | asyncpg.InternalClientError
"""What asyncpg itself raises: of a connection that broke, or of an answer that it did not expect."""


def transient(error: BaseException) -> bool:
    """Whether trying the same again can succeed, because the event is not the cause."""
    if isinstance(error, asyncpg.PostgresError):
        state = str(error.sqlstate)
        return state[:2] in OPERATIONAL or state == FORBIDDEN or getattr(error, "constraint_name", "") == "handled_pkey"
    if isinstance(error, LookupError):
        return False  # A template that is not there is an OSError too.
    return isinstance(error, WrongVersion | StaleDocument | BrokenMemory | OSError | TimeoutError | CLIENTS)
