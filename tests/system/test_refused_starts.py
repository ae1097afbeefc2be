"""A start or a command that cannot work: one line that names the setting, its source and the way out; status 1."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import pytest
from typer.testing import CliRunner

from deploy.local import options
from deploy.local.processes import free_port
from deploy.local.servers import Servers
from services.__main__ import app
from services.site import chosen, prepare
from shared.ops.addresses import DATABASE, SERVERS
from shared.ops.sealing import Sealer
from shared.ops.settings import Settings
from shared.store.keys import PURPOSE

SECRET = "a-quiet-heron-that-nobody-is-to-see"
UNSET = ("POSTULO_KAFKA", "POSTULO_KAFKA_SECURITY", "POSTULO_MAIL_FROM", "POSTULO_MASTER_KEY", "POSTULO_PUBLIC_URL",
         "POSTULO_SMTP", "POSTULO_SMTP_SECURITY", "POSTULO_TRUSTED_HOPS")  # fmt: skip
UNREADABLE = (
    "POSTULO_KAFKA_PASSWORD (file {POSTULO_KAFKA_PASSWORD_FILE}) cannot be read: correct POSTULO_KAFKA_PASSWORD_FILE,"
    " or let us read it"
)
AWAY = f"postgresql://postulo:{SECRET}@127.0.0.1:1/postgres"


class Said(NamedTuple):
    status: int
    output: str
    line: str


def typed(words: str, environment: Mapping[str, str], module: str = "services") -> Said:
    """The command as it is typed, with these settings and no others; it says one line, and nothing that is secret."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("POSTULO_")}
    done = subprocess.run(
        [sys.executable, "-m", module, *words.split()], env=clean | dict(environment), capture_output=True, text=True,
        check=False, cwd=options.ROOT, timeout=120,
    )  # fmt: skip
    assert SECRET not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    (line,) = done.stderr.strip().splitlines()
    return Said(done.returncode, done.stdout, line)


@pytest.mark.parametrize(
    ("environment", "line"),
    [
        (
            {"POSTULO_TRUSTED_HOPS": SECRET},
            "POSTULO_TRUSTED_HOPS (environment): has to be a valid integer, unable to parse string as an integer",
        ),
        (
            {"POSTULO_MASTER_KEY": SECRET[:10]},
            "POSTULO_MASTER_KEY (environment): has to have at least 32 characters",
        ),
        (
            {"POSTULO_DATABASE_URL": f"postgresql://me:{SECRET}/x@db:5432/postgres"},
            f"POSTULO_DATABASE_URL (environment): {DATABASE}",
        ),
        (
            {"POSTULO_KAFKA": SECRET, "POSTULO_SMTP": "mail"},
            f"POSTULO_KAFKA (environment): {SERVERS}; POSTULO_SMTP (environment): {SERVERS}",
        ),
        (
            {"POSTULO_SMTP_USER": "me", "POSTULO_SMTP_PASSWORD": SECRET},
            "POSTULO_SMTP_USER (environment) needs POSTULO_SMTP_SECURITY (not set) to be starttls or tls",
        ),
        (
            {"POSTULO_KAFKA_PASSWORD_FILE": f"/nowhere/{uuid4()}"},
            UNREADABLE,
        ),
        (
            {"POSTULO_ENVIRONMENT": "production", "POSTULO_DATABASE_URL": AWAY},
            f"production needs {', '.join(f'{name} (not set)' for name in UNSET)} to be set",
        ),
    ],
)
def test_settings_that_cannot_be_used_refuse_the_start(environment: dict[str, str], line: str) -> None:
    assert typed("run support", environment) == (1, "", line.format(**environment))


def test_of_a_value_from_a_file_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(SECRET[:10])
    said = typed("run support", {"POSTULO_MASTER_KEY_FILE": str(tmp_path / "key")})
    assert said == (1, "", f"POSTULO_MASTER_KEY (file {tmp_path / 'key'}): has to have at least 32 characters")


@pytest.mark.parametrize(
    "words",
    ["run support", "migrate support", "parked support", "republish support", "identity clients", "adopt support"],
)
def test_a_database_that_is_away_is_told_by_every_command(words: str) -> None:
    said = typed(words, {"POSTULO_DATABASE_URL": AWAY})
    line = "PostgreSQL does not answer: start it where POSTULO_DATABASE_URL (environment) says, or correct that"
    assert said == (1, "", line)


def test_a_log_format_that_cannot_be_read_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "format").write_bytes(b"\xff")
    status, output, line = typed("run support", {"POSTULO_LOG_FORMAT_FILE": str(tmp_path / "format")})
    assert (status, output) == (1, "")
    assert line.startswith(f"POSTULO_LOG_FORMAT (file {tmp_path / 'format'}) cannot be read")


def test_where_logs_are_json_the_line_is_too() -> None:
    said = typed("parked support", {"POSTULO_DATABASE_URL": AWAY, "POSTULO_LOG_FORMAT": "json"})
    told = json.loads(said.line)
    assert (said.status, said.output, told["level"], told["event"]) == (1, "", "error", "refused")
    assert told["reason"].startswith("PostgreSQL does not answer: start it where POSTULO_DATABASE_URL (environment)")


def test_a_kafka_that_is_away_is_told() -> None:
    said = typed("topics support", {"POSTULO_KAFKA": f"127.0.0.1:{free_port()}"})
    assert said == (1, "", "Kafka does not do it: start it where POSTULO_KAFKA (environment) says, or correct that")


class Here(NamedTuple):
    """A server that is there, and names on it that nobody else uses."""

    url: str
    prefix: str

    def settings(self, user: str = "", **more: str) -> dict[str, str]:
        parts = urlsplit(self.url)
        login = f"{user}:{SECRET}@{parts.netloc.rpartition('@')[2]}" if user else parts.netloc
        url = urlunsplit(parts._replace(netloc=login))
        return {"POSTULO_DATABASE_URL": url, "POSTULO_DATABASE_PREFIX": self.prefix, **more}


@pytest.fixture
def here(servers: Servers) -> Here:
    return Here(servers.database_url, f"refused-{uuid4()}")


def test_a_login_that_is_refused_is_told(here: Here) -> None:
    login = "PostgreSQL refuses the login of {} (environment): correct user and password, or run `migrate` as an"
    said = typed("run support", here.settings("nobody"))
    assert said == (1, "", f"{login.format('POSTULO_DATABASE_URL')} administrator")
    administrator = here.settings("nobody")["POSTULO_DATABASE_URL"]
    said = typed("migrate support", here.settings("me_{service}", POSTULO_DATABASE_ADMIN_URL=administrator))
    assert said == (1, "", f"{login.format('POSTULO_DATABASE_ADMIN_URL')} administrator")


def test_a_database_that_is_not_there_or_not_migrated_is_told(here: Here) -> None:
    line = "the database is not there: run `python -m services migrate`, or correct POSTULO_DATABASE_URL (environment)"
    assert typed("run support", here.settings()) == (1, "", line)
    nothing = here.settings(POSTULO_DATABASE_PASSWORDS="/nowhere")
    line = "POSTULO_DATABASE_PASSWORDS (environment) has no file “support” that can be read: put it there"
    assert typed("run support", nothing) == (1, "", line)


def test_one_role_for_several_services_is_refused(here: Here) -> None:
    said = typed("migrate support careers", here.settings("me", POSTULO_DATABASE_ADMIN_URL=here.url))
    line = "POSTULO_DATABASE_URL (environment) gives several services one role: its user has to hold {service}"
    assert said == (1, "", line)


def test_a_database_restored_elsewhere_is_told(here: Here) -> None:
    settings = Settings(database_url=here.url, database_prefix=here.prefix)
    asyncio.run(prepare(chosen(["support"]), settings))
    asyncio.run(_restore(settings.database("support")))
    said = typed("run support", here.settings())
    assert (said.status, said.output) == (1, "")
    assert said.line.endswith("Stop the service, run `python -m services adopt NAME`, and start it again")
    said = asyncio.run(_beside_another(settings.database("support"), "adopt support", here.settings()))
    line = f"other connections to the database {here.prefix}_support are open: 1; stop the service first"
    assert said == (1, "", line)
    for done in ("adopted", "nothing to adopt, the database is of this cluster"):
        assert CliRunner().invoke(app, ["adopt", "support"], env=here.settings()).stdout == f"support: {done}\n"


def test_another_master_key_than_the_store_s_is_told(here: Here) -> None:
    settings = Settings(database_url=here.url, database_prefix=here.prefix)
    asyncio.run(prepare(chosen(["support"]), settings))
    asyncio.run(_keep_a_key(settings.database("support")))
    said = typed("run support", here.settings(POSTULO_MASTER_KEY=SECRET))
    line = "the keys of what is personal here were wrapped under another master key: POSTULO_MASTER_KEY (environment)"
    assert said == (1, "", f"{line} has to be the one that was in use, until it is changed")


def test_make_run_refuses_in_one_line_too(tmp_path: Path) -> None:
    words = f"--data {tmp_path} --port {free_port()} --mailbox-port {free_port()} --smtp-port {free_port()}"
    said = typed(words, {"POSTULO_TRUSTED_HOPS": SECRET}, module="deploy.local")
    assert said.status == 1
    assert said.line == (
        "POSTULO_TRUSTED_HOPS (environment): has to be a valid integer, unable to parse string as an integer"
    )


async def _keep_a_key(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    sealed = Sealer("the master key that was in use until now").sealed(PURPOSE, b"k" * 32, "ticket-1")
    await connection.execute("insert into subject_keys values ('ticket-1', $1)", sealed)
    await connection.close()


async def _restore(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute("update epoch set cluster = 'another'")
    await connection.close()


async def _beside_another(dsn: str, words: str, environment: dict[str, str]) -> "Said":
    """What a command says while somebody else is connected."""
    connection = await asyncpg.connect(dsn)
    try:
        return await asyncio.to_thread(typed, words, environment)
    finally:
        await connection.close()
