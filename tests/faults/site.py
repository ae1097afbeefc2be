"""The platform as it is deployed, whose servers and processes may be killed, frozen, filled up and set up anew."""

import asyncio
import base64
import json
import os
import shutil
import signal
import ssl
import sys
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import psutil
from aiokafka.errors import KafkaError

from deploy.local import kafka_security, postgres
from deploy.local import servers as embedded
from deploy.local.apart import Apart, Fleet
from deploy.local.folder import Addresses, write_addresses
from deploy.local.kafka import java
from deploy.local.operator import environment, merged
from deploy.local.options import Options
from deploy.local.platform import listening
from deploy.local.processes import Program, free_ports
from tests.faults.evidence import Undone
from tests.faults.smtp import Gate
from tests.shared.waiting import running

SECURITY: Final = "sasl_ssl"
EACH: Final = 2
"""Processes of each service."""
LOOK_SECONDS: Final = 0.2
HERE: Final = "127.0.0.1"
PATIENCE: Final = 90.0
"""Seconds within which a server that was killed is there again."""
SCRIPTS: Final = Path(__file__).resolve().parents[2] / "deploy"
AWAY: Final = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, KafkaError)
T = TypeVar("T")


async def persist(action: Callable[[], Awaitable[T]]) -> T:
    """What it returns, as soon as the server that it needs is there. Raises what it raised last after PATIENCE."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return await action()
        except AWAY:
            if time.monotonic() > end:
                raise
        await asyncio.sleep(LOOK_SECONDS)


class Replica(NamedTuple):
    """One process of a service, as it runs now."""

    service: str
    number: int
    port: int
    pid: int


def send(replicas: Iterable[Replica], number: signal.Signals) -> None:
    for replica in replicas:
        with suppress(ProcessLookupError):
            os.kill(replica.pid, number)


@dataclass
class Server:
    """PostgreSQL or Kafka: started again with the same words whenever it ends, as a cluster does it, unless held."""

    program: Program
    folder: Path
    held: bool = False

    def signal(self, number: signal.Signals) -> None:
        for process in self._processes():
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)

    def _processes(self) -> list[psutil.Process]:
        try:
            own = psutil.Process(self.program.process.pid)
            return [own, *own.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def again(self) -> None:
        (self.folder / "data" / "postmaster.pid").unlink(missing_ok=True)  # Of a server that was killed.
        old = self.program
        words: list[str | Path] = list(old.process.args)  # type: ignore[arg-type]
        self.program = Program(old.name, words, old.log, goes_on=True)


@dataclass
class Site:
    """What a fault may do, and where things are."""

    data: Path
    addresses: Addresses
    postgres: Server
    kafka: Server
    gate: Gate
    planted: set[uuid.UUID] = field(default_factory=set)
    """Events that a fault put on Kafka and that no store knows."""
    undone: list[Undone] = field(default_factory=list)
    fleet: Fleet = field(init=False)
    """The processes, as soon as they have been started."""

    @property
    def clock(self) -> Path:
        """What libfaketime reads, where it is there: how far the services' clocks are off."""
        return self.data / "clock"

    def replicas(self, services: Iterable[str] = ()) -> list[Replica]:
        noted = json.loads((self.data / "processes" / "processes.json").read_text())
        wanted = set(services)
        return [Replica(**each) for each in noted if not wanted or each["service"] in wanted]

    async def operator(self, *words: str, check: bool = True) -> str:
        """What a command of `python -m services` says."""
        return await self._done(sys.executable, "-m", "services", *words, check=check)

    async def script(self, name: str, *words: str | Path) -> str:
        """What a script for operators says."""
        clients = f"env PATH={postgres.binaries()}"
        around = {"POSTULO_COMMAND": f"{sys.executable} -m services", "POSTULO_CLIENT_COMMAND": clients}
        return await self._done(SCRIPTS / name, *words, around=around)

    async def _done(self, *words: str | Path, around: Mapping[str, str] | None = None, check: bool = True) -> str:
        settings = merged(os.environ, {**environment(self.addresses, self.data), **(around or {})})
        process = await asyncio.create_subprocess_exec(
            *map(str, words), env=settings, cwd=SCRIPTS.parent,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await process.communicate()
        if check and process.returncode:
            raise RuntimeError(f"{' '.join(map(str, words))}: {said.decode()[-2000:]}")
        return said.decode()

    def database(self, service: str) -> str:
        """A service's database, for the superuser."""
        return urlunsplit(urlsplit(self.addresses.database_url)._replace(path=f"/postulo_{service}"))

    @asynccontextmanager
    async def connected(self, service: str) -> AsyncIterator[asyncpg.Connection]:
        """A connection of the superuser, as soon as PostgreSQL takes one."""
        connection = await persist(lambda: asyncpg.connect(self.database(service), timeout=10))
        try:
            yield connection
        finally:
            connection.terminate()

    def kafka_client(self, user: str = "", password: str = "") -> dict[str, Any]:
        """Arguments of a plain client of aiokafka: the administrator's, unless somebody else is named."""
        access = self.addresses.access
        return {
            "bootstrap_servers": self.addresses.kafka,
            "security_protocol": "SASL_SSL",
            "sasl_mechanism": "PLAIN",
            "sasl_plain_username": user or access["kafka_admin_user"],
            "sasl_plain_password": password or access["kafka_admin_password"],
            "ssl_context": ssl.create_default_context(cafile=access["kafka_ca"]),
        }

    def kafka_password(self, name: str) -> str:
        return Path(self.addresses.access["kafka_passwords"], name).read_text()

    async def empty_kafka(self) -> None:
        """Another cluster where the broker was, empty; who operates it makes the topics again."""
        self.kafka.held = True
        self.kafka.signal(signal.SIGKILL)
        await asyncio.to_thread(self.kafka.program.process.wait)
        folder = self.kafka.folder
        shutil.rmtree(folder / "data")
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
        words = java("kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", "-c",
                     folder.resolve() / "server.properties", *kafka_security.users(folder))  # fmt: skip
        process = await asyncio.create_subprocess_exec(*map(str, words), stdout=asyncio.subprocess.DEVNULL)
        if await process.wait():
            raise RuntimeError("Kafka's folder could not be formatted")
        self.kafka.held = False
        while True:
            with suppress(RuntimeError):
                await self.operator("topics")
                return

    async def keep(self) -> None:
        """Starts again what has ended, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            for server in (self.postgres, self.kafka):
                if not server.program.alive and not server.held:
                    await asyncio.to_thread(server.again)


def _options(data: Path) -> Options:
    pages, mailbox, smtp = free_ports(3)
    return Options(
        host=HERE, port=pages, data=data, mailbox_port=mailbox, smtp_port=smtp, database_url="", kafka="",
        kafka_security=SECURITY, processes=EACH,
    )  # fmt: skip


@asynccontextmanager
async def opened(data: Path, say: Callable[[str], None], around: Mapping[str, str]) -> AsyncIterator[Site]:
    """The platform on a data folder of its own, until the block ends. around: what its services are given besides."""
    options = _options(data)
    async with AsyncExitStack() as stack:
        sockets = [
            stack.enter_context(listening(HERE, port, "another run"))
            for port in (options.port, options.mailbox_port, options.smtp_port)
        ]
        stack.push_async_callback(asyncio.to_thread, embedded.stop, data)
        servers = await asyncio.to_thread(embedded.start, data, security=SECURITY)
        gate = await stack.enter_async_context(Gate(HERE, options.smtp_port).opened())
        url = f"http://{HERE}:{options.port}"
        addresses = Addresses(
            url=url, mailbox_url=f"http://{HERE}:{options.mailbox_port}", smtp=f"{HERE}:{gate.port}",
            kafka=servers.kafka, database_url=servers.database_url, access=dict(servers.access), public_url=url,
        )  # fmt: skip
        by_name = {program.name: program for program in servers.programs}
        site = Site(
            data, addresses, Server(by_name["PostgreSQL"], data / "postgres"),
            Server(by_name["Kafka"], data / "kafka"), gate,
        )  # fmt: skip
        await stack.enter_async_context(_kept(site))
        platform = Apart.loaded()._replace(besides=around)
        site.fleet = await stack.enter_async_context(platform.opened(options, addresses, sockets, say))
        write_addresses(data, addresses)
        yield site


@asynccontextmanager
async def _kept(site: Site) -> AsyncIterator[None]:
    try:
        async with running(site.keep()):
            yield
    finally:
        for server in (site.postgres, site.kafka):
            server.held = True
            server.signal(signal.SIGCONT)
