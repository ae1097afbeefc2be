"""The whole platform as an operator starts it, and the journey played against it over HTTP, mail and Kafka."""

import asyncio
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from deploy.local.folder import read_addresses
from deploy.local.processes import free_port
from shared.ops.settings import load
from tests.system.answers import SECTIONS
from tests.system.guide import Shell, follow, shell
from tests.system.journey import entering, play
from tests.system.journey.traveller import Traveller, until

STARTING = 120.0
STOPPING = 60.0


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


@asynccontextmanager
async def started(data: Path) -> AsyncIterator[None]:
    """`make run` on a data folder of its own, its Kafka behind TLS and a login, stopped by SIGTERM at the end."""
    pages, mailbox, smtp = free_ports(3)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("POSTULO_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "deploy.local", "--data", str(data), "--port", str(pages),
        "--mailbox-port", str(mailbox), "--smtp-port", str(smtp), "--kafka-security", "sasl_ssl",
        env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdout
    said: list[str] = []
    reading = asyncio.create_task(_read(process.stdout, said))
    try:
        async with asyncio.timeout(STARTING):
            while not any("Postulo runs at" in line for line in said):
                assert process.returncode is None, "".join(said)
                await asyncio.sleep(0.05)
        yield
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), STOPPING)
        await reading
    assert process.returncode == 0, "".join(said)


async def _read(stream: asyncio.StreamReader, said: list[str]) -> None:
    while line := await stream.readline():
        said.append(line.decode())


@pytest.fixture(scope="module")
async def data(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Path]:
    """The data folder of the platform that `make run` has started."""
    folder = tmp_path_factory.mktemp("made") / "data"
    async with started(folder):
        yield folder


@pytest.mark.timeout(280)
async def test_a_candidates_whole_journey_on_the_platform_that_make_run_starts(data: Path) -> None:
    said: list[str] = []
    addresses = read_addresses(data)
    assert addresses.access["kafka_security"] == "sasl_ssl"
    settings = load(**addresses.settings(), public_url=addresses.url)
    await play(addresses, settings, said.append)
    seen = {match[1] for line in said if (match := re.search(r"⟵ (\w+) ", line))}
    assert {"CandidateRegistered", "DraftSaved", "VacancyPublished", "VacancyMatched", "ApplicationSubmitted"} <= seen


@pytest.mark.timeout(280)
async def test_whoever_follows_the_guide_gets_on_the_platform_what_it_says(data: Path, tmp_path: Path) -> None:
    addresses = read_addresses(data)
    settings = load(**addresses.settings(), public_url=addresses.url)

    async def somebody_applies(reader: Shell) -> None:
        vacancy = (await reader.run("echo $VACANCY")).strip()
        async with Traveller(addresses, settings, lambda _: None) as anna:
            await entering.registers(anna)
            await entering.completes_the_profile(anna)
            await applies_for(anna, vacancy)

    async def somebody_closes_their_account(_: Shell) -> None:
        async with Traveller(addresses, settings, lambda _: None) as boris:
            await entering.registers(boris)
            await boris.call("POST", "/identity/api/account/closure", 204, json={"current_password": boris.password})

    acts = {"somebody applies": somebody_applies, "somebody closes their account": somebody_closes_their_account}
    variables = {"SITE": addresses.url, "PORT": str(free_port())}
    async with shell(tmp_path, data, variables) as reader:
        said = await follow(reader, tmp_path, acts)
    assert re.search(r"^ApplicationSubmitted application-[0-9a-f-]{36} ", said, re.MULTILINE), said
    assert "All 8 scenarios went well." in said


async def applies_for(anna: Traveller, vacancy: str) -> None:
    async def known() -> bool:
        return (await anna.anna.get("/applications/new", params={"vacancy": vacancy})).status_code == 200

    await until(known, "the vacancy in applications")
    application = await anna.new_draft(start="start_blank", vacancy_id=vacancy)
    for section, values in {**SECTIONS, "screening": {"years": "12"}}.items():
        await anna.save(application, section, values)
    await anna.submit(application)
