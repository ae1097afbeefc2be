"""Each service in processes of its own, with the settings of production, behind the real gateway."""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from socket import socket
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import httpx
import psutil

from deploy.gateway import configuration as gateway
from deploy.gateway.configuration import Address
from deploy.local.folder import Addresses, secret
from deploy.local.inside import Say, import_samples, mailbox_open, make_passwords
from deploy.local.operator import environment, merged
from deploy.local.options import Options
from deploy.local.processes import Program, free_ports, stop_all
from deploy.local.trouble import Trouble
from services.site import NAMES, chosen
from shared.runtime.declaration import Service

READY_SECONDS: Final = 300.0
LOOK_SECONDS: Final = 0.2
LONGEST_PAUSE: Final = 30.0
"""Between two starts of a process that ends again and again."""
HERE: Final = "127.0.0.1"
INNER_DOORS: Final = 3
"""Of the gateway: for the services, for who watches, for its administration."""
RUN: Final = gateway.FOLDER / "run.sh"


class Apart(NamedTuple):
    """The services, each to be started by itself. besides: what else their processes find in their environment."""

    services: Sequence[Service]
    besides: Mapping[str, str] = MappingProxyType({})

    @classmethod
    def loaded(cls) -> "Apart":
        return cls(chosen(None))

    @asynccontextmanager
    async def opened(
        self, options: Options, addresses: Addresses, sockets: Sequence[socket], say: Say
    ) -> AsyncIterator["Fleet"]:
        """Receive mails and serve pages until the block ends; sockets: of the pages, of the mailbox, of SMTP."""
        pages, mailbox_page, smtp = sockets
        folder = options.data / "processes"
        folder.mkdir(exist_ok=True)
        doors = gateway.Addresses(
            Address(options.host, options.port), *(Address(HERE, port) for port in free_ports(INNER_DOORS))
        )
        settings = self._settings(options, addresses, doors)
        if passwords := addresses.access.get("database_passwords"):  # of the server that we have started
            make_passwords(Path(passwords), self.services)
        async with AsyncExitStack() as stack:
            stack.enter_context(_nothing_left_of(folder))
            await stack.enter_async_context(mailbox_open(options.data, mailbox_page, smtp))
            await _carried_out(settings, "migrate")
            await _carried_out(settings, "topics")
            say("databases and topics are there")
            fleet = Fleet(folder, settings, [service.name for service in self.services], options.processes)
            await stack.enter_async_context(fleet.running())
            pages.close()  # It was held so that nobody else took the port.
            await stack.enter_async_context(_gateway(folder, doors, fleet))
            say(f"{len(fleet.replicas)} processes are ready behind the gateway; their logs are in {folder}")
            await import_samples(options.data, addresses, say)
            yield fleet

    def _settings(self, options: Options, addresses: Addresses, doors: gateway.Addresses) -> dict[str, str]:
        """As docker-compose.yml sets them, for one machine."""
        ours = environment(addresses, options.data)
        key = options.data / "master-key"
        if "POSTULO_MASTER_KEY" not in os.environ:
            secret(key)
            del ours["POSTULO_MASTER_KEY"]
            ours["POSTULO_MASTER_KEY_FILE"] = str(key)
        for name in ("POSTULO_DATABASE_URL", "POSTULO_DATABASE_ADMIN_URL"):
            if ours.get(name):
                ours[name] += "" if "sslmode" in ours[name] else "?sslmode=disable"
        production = {
            "ENVIRONMENT": "production",
            "HOST": HERE,
            "INDEXES": os.environ.get("POSTULO_INDEXES") or str(options.data / "indexes"),
            "IDENTITY_URL": f"http://{doors.inside.host}:{doors.inside.port}",
            "LOG_FORMAT": "json",
            "LOG_LEVEL": "INFO",
            "MAIL_FROM": os.environ.get("POSTULO_MAIL_FROM", "Postulo <no-reply@careers.un.org>"),
            "SMTP_SECURITY": "none",
            "TRUSTED_HOPS": "1",
        }
        settings = merged(os.environ, {**ours, **{f"POSTULO_{name}": value for name, value in production.items()}})
        return {**settings, **self.besides}


async def _carried_out(settings: Mapping[str, str], command: str) -> None:
    """An operator's job, with the administrator's login; raises Trouble."""
    words = (sys.executable, "-m", "services", command)
    job = await asyncio.create_subprocess_exec(
        *words, env=dict(settings), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await job.communicate()
    if job.returncode:
        raise Trouble(f"`python -m services {command}` did not work:\n{said.decode()}", "See above.")


@contextmanager
def _nothing_left_of(folder: Path) -> Iterator[None]:
    """No process of this folder runs before or after, whoever started it."""

    def is_ours(process: psutil.Process) -> bool:
        return Path(process.cwd()) == folder.resolve()

    stop_all(is_ours, signal.SIGTERM)
    try:
        yield
    finally:
        stop_all(is_ours, signal.SIGTERM)


@dataclass
class Replica:
    """One process of a service, started again on the same port whenever it ends."""

    service: str
    number: int
    port: int
    program: Program | None = None
    began: float = 0.0
    pause: float = 0.0

    @property
    def name(self) -> str:
        return f"{self.service}-{self.number}"


@dataclass
class Fleet:
    """All processes of all services; processes.json in their folder says which is where."""

    folder: Path
    settings: Mapping[str, str]
    services: Sequence[str]
    each: int
    replicas: list[Replica] = field(default_factory=list)
    held: bool = False
    """Whether what has ended stays so."""

    def __post_init__(self) -> None:
        ports = iter(free_ports(len(self.services) * self.each))
        self.replicas = [Replica(name, n + 1, next(ports)) for name in self.services for n in range(self.each)]

    def upstreams(self) -> dict[str, list[Address]]:
        return {
            name: [Address(HERE, replica.port) for replica in self.replicas if replica.service == name]
            for name in self.services
        }

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        for replica in self.replicas:
            self._start(replica)
        self._note()
        keeping = asyncio.create_task(self._keep())
        try:
            yield
        finally:
            keeping.cancel()
            await asyncio.wait([keeping])

    @asynccontextmanager
    async def stopped(self) -> AsyncIterator[None]:
        """No process runs until the block ends, as an operator wants it who restores a backup."""
        self.held = True
        try:
            programs = [replica.program for replica in self.replicas if replica.program]
            for program in programs:
                program.process.terminate()
            await asyncio.gather(*(asyncio.to_thread(program.process.wait) for program in programs))
            yield
        finally:
            self.held = False

    async def _keep(self) -> None:
        """A process that has ended is started again, as a cluster does it."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            for replica in self.replicas if not self.held else ():
                if replica.program and not replica.program.alive and time.monotonic() > replica.began + replica.pause:
                    self._start(replica)
                    self._note()

    def _start(self, replica: Replica) -> None:
        now = time.monotonic()
        lasted = not replica.program or now - replica.began > LONGEST_PAUSE
        replica.pause = 0.0 if lasted else min(max(1.0, replica.pause * 2), LONGEST_PAUSE)
        log, again = self.folder / f"{replica.name}.log", replica.program is not None
        if again:
            print(f"{replica.name} has ended and is started again; see {log}", flush=True)
        words = (sys.executable, "-m", "services", "run", replica.service)
        settings = {**self.settings, "POSTULO_PORT": str(replica.port)}
        settings.pop("POSTULO_DATABASE_ADMIN_URL", None)
        replica.program = Program(replica.name, words, log, settings, goes_on=again)
        replica.began = now

    def _note(self) -> None:
        note = [
            {"service": each.service, "number": each.number, "port": each.port, "pid": each.program.process.pid}
            for each in self.replicas
            if each.program
        ]
        new = self.folder / "processes.new"
        new.write_text(json.dumps(note, indent=2))
        new.rename(self.folder / "processes.json")


@asynccontextmanager
async def _gateway(folder: Path, doors: gateway.Addresses, fleet: Fleet) -> AsyncIterator[None]:
    """Envoy, as soon as it knows all processes to be ready; at the end it lets what is under way end."""
    file = folder / "envoy.yaml"
    file.write_text(gateway.configuration(doors, fleet.upstreams()))
    words: list[str | Path] = [
        RUN,
        Path(sys.executable).with_name("envoy"),
        "--config-path",
        file,
        "--log-level",
        "warning",
    ]
    around = {**os.environ, "GATEWAY_ADMIN": f"{doors.admin.host}:{doors.admin.port}", "GATEWAY_LEAVING_SECONDS": "0"}
    program = Program(
        "gateway", [*words, "--concurrency", "1", "--disable-hot-restart"], folder / "gateway.log", around
    )
    try:
        await _ready(program, doors, fleet)
        yield
    finally:
        program.process.terminate()
        await asyncio.to_thread(program.process.wait)


async def _ready(program: Program, doors: gateway.Addresses, fleet: Fleet) -> None:
    deadline = time.monotonic() + READY_SECONDS
    async with httpx.AsyncClient(base_url=f"http://{doors.admin.host}:{doors.admin.port}") as admin:
        while not await _all_healthy(admin, len(fleet.replicas)):
            ended = next(
                (each for each in [program, *(it.program for it in fleet.replicas)] if each and not each.alive), None
            )
            if ended or time.monotonic() > deadline:
                which = ended or program
                raise Trouble(
                    f"{which.name} {'ended by itself' if ended else 'did not become ready'}. Its last words:\n"
                    f"{which.last_words()}",
                    f"Look into the logs in {fleet.folder}.",
                )
            await asyncio.sleep(LOOK_SECONDS)


async def _all_healthy(admin: httpx.AsyncClient, expected: int) -> bool:
    try:
        clusters: list[Any] = (await admin.get("/clusters", params={"format": "json"})).json()["cluster_statuses"]
    except (httpx.HTTPError, ValueError):
        return False
    states = [
        host.get("health_status", {}) for each in clusters if each["name"] in NAMES for host in each["host_statuses"]
    ]
    return len(states) == expected and not any(state.get("failed_active_health_check") for state in states)
