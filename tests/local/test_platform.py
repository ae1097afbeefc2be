"""`make run`, for real: it shows its pages, stops without leaving anything, and comes back after it was killed."""

import asyncio
import json
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import asyncpg
import httpx
import psutil
import pytest

from deploy.local import options, postgres
from deploy.local import servers as embedded
from deploy.local.folder import Addresses, read_addresses
from deploy.local.processes import free_port
from services.site import NAMES
from tests.local.commands import made

STARTING_SECONDS = 240
STOPPING_SECONDS = 60


class Platform:
    """The command as a person would start it, on free ports, with its words as they come."""

    def __init__(self, data: Path) -> None:
        self.data = data
        ports = [word for name in ("port", "mailbox-port", "smtp-port") for word in (f"--{name}", str(free_port()))]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "deploy.local", "--data", str(data), *ports],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=options.ROOT,
        )
        self.said, self._ended, self._news = "", False, threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                self._tell(line, ended=False)
        self._tell("", ended=True)

    def _tell(self, line: str, *, ended: bool) -> None:
        with self._news:
            self.said, self._ended = self.said + line, ended
            self._news.notify_all()

    def until(self, words: str) -> None:
        with self._news:
            self._news.wait_for(lambda: words in self.said or self._ended, STARTING_SECONDS)
        assert words in self.said, self.said

    def ended(self) -> tuple[int, str]:
        """Its exit status and all it said, once it has ended."""
        status = self.process.wait(STOPPING_SECONDS)
        with self._news:
            assert self._news.wait_for(lambda: self._ended, STOPPING_SECONDS)
        return status, self.said

    @property
    def addresses(self) -> Addresses:
        return read_addresses(self.data)


@contextmanager
def running(data: Path) -> Iterator[Platform]:
    platform = Platform(data)
    try:
        platform.until("Postulo runs at")
        platform.until("Ctrl-C stops it")
        yield platform
    finally:
        platform.process.kill()
        platform.ended()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("platform") / "data"
    yield folder
    embedded.stop(folder)


def left_running(data: Path) -> list[str]:
    """Command lines of what still works on this data."""

    def words(process: psutil.Process) -> str:
        try:
            return " ".join(process.cmdline())
        except psutil.Error:
            return ""

    return [line for line in map(words, psutil.process_iter()) if str(data) in line]


async def cluster(url: str) -> tuple[int, int]:
    """What tells one PostgreSQL data folder from another, and how many services have a database in it."""
    connection = await asyncpg.connect(url)
    try:
        number = await connection.fetchval("select system_identifier from pg_control_system()")
        databases = await connection.fetchval("select count(*) from pg_database where datname like 'postulo_%'")
        return int(number), int(databases)
    finally:
        await connection.close()


async def roles_at_work(where: Addresses) -> set[str]:
    """Who is connected to the services' databases, but for PostgreSQL's own workers."""
    sql = "select usename from pg_stat_activity where datname like 'postulo_%' and usename is not null"
    connection = await asyncpg.connect(where.settings()["database_admin_url"])
    try:
        return {str(row["usename"]) for row in await connection.fetch(sql)}
    finally:
        await connection.close()


async def send_mail(smtp: str, subject: str) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.org", "b@example.org", subject
    host, _, port = smtp.partition(":")
    await aiosmtplib.send(message, hostname=host, port=int(port))


def an_operator_works(data: Path, url: str) -> None:
    """A client is let in, gets a token in the way that is printed, and is seen; each command as the README has it."""
    status, said = made(data, "client", "NAME=OHRM d'été + 1", "SCOPES=vacancies.write events", "ORGANISATION=OHRM")
    assert status == 0, said
    *_, curl = said.splitlines()
    assert curl.endswith(f" {url}/identity/api/oauth/token")
    got = json.loads(subprocess.run(shlex.split(curl), capture_output=True, check=True).stdout)
    assert (got["token_type"], got["scope"]) == ("Bearer", "events vacancies.write")
    status, said = made(data, "services", "ARGS=identity clients")
    assert status == 0, said
    assert re.search(r"^OHRM d'été \+ 1: events, vacancies.write \(of OHRM, since [\d-]+\)$", said, re.MULTILINE)
    for words in ("topics", "parked support", "republish support"):
        status, said = made(data, "services", f"ARGS={words}")
        assert status == 0, said


async def test_it_runs_refuses_a_second_one_and_stops_without_leaving_anything(data: Path) -> None:
    with running(data) as platform:
        where = platform.addresses
        async with httpx.AsyncClient(timeout=60) as browser:
            assert (await browser.get(where.url)).status_code == 200
            assert (await browser.get(where.mailbox_url)).status_code == 200
        assert await roles_at_work(where) == {f"postulo_{name}" for name in NAMES}
        second = Platform(data)
        status, said = second.ended()
        assert status == 1
        assert f"already runs on the data in {data}, at {where.url}" in said
        platform.process.send_signal(signal.SIGTERM)
        status, said = platform.ended()
    assert status == 0, said
    assert said.endswith("Postulo has stopped.\n")
    assert "error" not in said.lower(), said
    assert not left_running(data)


async def test_after_it_was_killed_the_next_start_takes_over_with_all_data(data: Path) -> None:
    with running(data) as platform:
        before = await cluster(platform.addresses.settings()["database_admin_url"])
        left = platform.addresses
        await send_mail(left.smtp, "kept")
        platform.process.send_signal(signal.SIGKILL)
        platform.ended()
        assert left_running(data)
    with running(data) as platform:
        assert await cluster(platform.addresses.settings()["database_admin_url"]) == before
        with pytest.raises(OSError, match="111"):
            await cluster(left.settings()["database_admin_url"])
        async with httpx.AsyncClient(timeout=60) as browser:
            mails = (await browser.get(f"{platform.addresses.mailbox_url}/api/mails")).json()
        assert [mail["subject"] for mail in mails] == ["kept"]
        await asyncio.to_thread(an_operator_works, data, platform.addresses.url)
        platform.process.send_signal(signal.SIGINT)
        assert platform.ended()[0] == 0
    assert not left_running(data)


def test_a_port_in_use_stops_it_before_anything_is_started(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        words = [sys.executable, "-m", "deploy.local", "--data", str(data), "--port", str(port)]
        done = subprocess.run(words, capture_output=True, text=True, cwd=options.ROOT, check=False, timeout=60)
    assert done.returncode == 1
    assert f"Cannot listen on 127.0.0.1:{port}" in done.stderr
    assert "POSTULO_PORT or --port" in done.stderr
    assert not left_running(data)


def test_a_damaged_data_folder_stops_it_with_a_way_out_and_nothing_left(tmp_path: Path) -> None:
    (tmp_path / "postgres" / "data").mkdir(parents=True)
    platform = Platform(tmp_path)
    status, said = platform.ended()
    assert status == 1
    assert f"{tmp_path / 'postgres' / 'data'} holds no data of PostgreSQL {postgres.MAJOR}" in said
    assert "start again" in said
    assert not left_running(tmp_path)
