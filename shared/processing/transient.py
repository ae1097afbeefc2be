"""Which failures are the environment's, so that trying the same again can succeed."""

from typing import Final

import asyncpg

from shared.model.reaction import BrokenMemory
from shared.store.appending import WrongVersion
from shared.store.folding import StaleDocument

OPERATIONAL: Final = ("08", "25", "26", "28", "3D", "40", "53", "55", "57", "58")
"""SQLSTATE classes of the environment, not of the event: connection, login, rollback, resources, shutdown, system; and
a database or a prepared statement that is not there, as during a restore or behind another pooler.
"""
ENVIRONMENT: Final = ("42501", "42P05")
"""What a role may do is the environment's too, and what somebody else has prepared: no event changes it."""

CLIENTS: Final = asyncpg.InterfaceError | asyncpg.InternalClientError
"""What asyncpg itself raises: of a connection that broke, or of an answer that it did not expect."""
MISUSED: Final = ValueError | asyncpg.UnsupportedClientFeatureError | asyncpg.UnsupportedServerFeatureError
"""Of what it raises so, that which is said of the arguments or of the statement: they will be the same again."""


def transient(error: BaseException) -> bool:
    """Whether trying the same again can succeed, because the event is not the cause."""
    if isinstance(error, asyncpg.PostgresError):
        return _of_the_environment(error) or getattr(error, "constraint_name", "") == "handled_pkey"
    if isinstance(error, LookupError):
        return False  # A template that is not there is an OSError too.
    if isinstance(error, CLIENTS):
        return not isinstance(error, MISUSED)
    return isinstance(error, WrongVersion | StaleDocument | BrokenMemory | OSError | TimeoutError)


def _of_the_environment(error: asyncpg.PostgresError) -> bool:
    state = str(error.sqlstate)
    migrated = isinstance(error, asyncpg.InvalidCachedStatementError)
    return state[:2] in OPERATIONAL or state in ENVIRONMENT or migrated
