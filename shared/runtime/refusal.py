"""Why a start or an operator's command was refused: one line that names the setting and the way out."""

import os
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Literal

import asyncpg
import structlog
from aiokafka.errors import KafkaError

from shared.http.problems import outage
from shared.kafka.connection import KafkaRefused
from shared.ops.logs import configure
from shared.ops.misconfigured import Misconfigured, with_sources
from shared.store.epoch import EpochChanged
from shared.store.keys import KeyAwaited, KeyMissing
from shared.store.roles import NotOneRole

ADMINISTRATOR: Final = "POSTULO_DATABASE_ADMIN_URL"
_KEY_WRONG: Final = "POSTULO_MASTER_KEY has to be the one that was in use, until it is changed"
_KEY_ON_ITS_WAY: Final = "the service has to run, which learns it from Kafka"
_OF_DATABASE: Final = (
    (
        asyncpg.InvalidAuthorizationSpecificationError,
        "PostgreSQL refuses the login of {setting}: correct user and password, or run `migrate` as an administrator",
    ),
    (
        asyncpg.InvalidCatalogNameError,
        "the database is not there: run `python -m services migrate`, or correct {setting}",
    ),
    (asyncpg.UndefinedTableError, "the database is not migrated: run `python -m services migrate`"),
    (
        asyncpg.InsufficientPrivilegeError,
        "the role of {setting} may not do this: name one that may in " + ADMINISTRATOR,
    ),
    (asyncpg.ClientConfigurationError, "{setting} cannot be used: look at its sslmode, sslrootcert and other options"),
    (ssl.SSLError, "PostgreSQL's certificate is not the one that {setting} asks for: look at its host and sslrootcert"),
)


def reason(error: BaseException) -> str | None:
    """The line; None for what only a developer can make something of."""
    if isinstance(error, Misconfigured | EpochChanged):
        return str(error)
    if isinstance(error, KeyMissing | KeyAwaited):
        return with_sources(f"{error}: {_KEY_WRONG if isinstance(error, KeyMissing) else _KEY_ON_ITS_WAY}")
    if isinstance(error, NotOneRole):
        return with_sources(str(error))
    if isinstance(error, KafkaRefused):
        return with_sources(f"Kafka does not let us in: {error.args[0]}")
    if isinstance(error, KafkaError):
        return with_sources("Kafka does not do it: start it where POSTULO_KAFKA says, or correct that")
    return _of_database(error)


def _of_database(error: BaseException) -> str | None:
    setting = next(iter(getattr(error, "__notes__", ())), "POSTULO_DATABASE_URL")
    for kind, said in _OF_DATABASE:
        if isinstance(error, kind):
            return with_sources(said.format(setting=setting))
    if outage(error):
        return with_sources(f"PostgreSQL does not answer: start it where {setting} says, or correct that")
    return None


@contextmanager
def in_one_line() -> Iterator[None]:
    """Ends the program with exit status 1 and that line, as JSON where logs are JSON."""
    configure(_log_format(), "WARNING")
    try:
        yield
    except Exception as error:
        line = reason(error)
        if line is None:
            raise
        _say(line)
        raise SystemExit(1) from None


def _say(line: str) -> None:
    if _log_format() == "json":
        structlog.get_logger(__name__).error("refused", reason=line)
    else:
        print(line, file=sys.stderr)


def _log_format() -> Literal["console", "json"]:
    """As set, even where other settings cannot be used."""
    chosen = os.environ.get("POSTULO_LOG_FORMAT")
    if path := os.environ.get("POSTULO_LOG_FORMAT_FILE"):
        with suppress(OSError, ValueError):
            chosen = Path(path).read_text().strip()
    return "json" if chosen == "json" else "console"
