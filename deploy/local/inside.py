"""The services in the platform's process: its mailbox, its services on their databases and topics, its pages."""

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from socket import socket
from typing import Any, NamedTuple

import uvicorn

from deploy.local.folder import Addresses, master_key, secret
from deploy.local.mailbox import Mailbox, application, receiving
from deploy.local.options import Options
from deploy.local.trouble import Trouble
from services.site import SITE, chosen, prepare, provision
from shared.ops.logs import configure
from shared.ops.settings import Settings, load
from shared.runtime.declaration import Service
from shared.runtime.host import run_services
from shared.runtime.server import Server
from shared.web.environment import govuk_macros

Say = Callable[[str], None]

DRAINING_SECONDS = 10
# What they say at the start of a new cluster is expected, and whether Kafka works is watched by the platform.
QUIET = {
    "aiokafka.consumer": logging.CRITICAL,
    "aiokafka.producer": logging.CRITICAL,
    "faststream": logging.ERROR,
}


class Inside(NamedTuple):
    """The services, ready to be served."""

    services: Sequence[Service]

    @classmethod
    def loaded(cls) -> "Inside":
        """What takes a second or two: importing every service, and compiling the macros that all pages share."""
        govuk_macros()
        return cls(chosen(None))

    @asynccontextmanager
    async def opened(
        self, options: Options, addresses: Addresses, sockets: Sequence[socket], say: Say
    ) -> AsyncIterator[None]:
        """Receive mails and serve pages until the block ends; sockets: of the pages, of the mailbox, of SMTP."""
        pages, mailbox_page, smtp = sockets
        async with (
            mailbox_open(options.data, mailbox_page, smtp),
            self._host(options, addresses, say) as host,
            serving(host, pages),
        ):
            yield

    @asynccontextmanager
    async def _host(self, options: Options, addresses: Addresses, say: Say) -> AsyncIterator[Any]:
        """The one place where the platform meets the services: their databases and topics, then their doors."""
        settings = _settings(options, addresses)
        configure(settings.log_format, settings.log_level)
        for library, level in QUIET.items():
            logging.getLogger(library).setLevel(level)
        if folder := addresses.access.get("database_passwords"):  # of the server that we have started
            make_passwords(Path(folder), self.services)
        await prepare(self.services, settings)
        await provision(self.services, settings)
        say("databases and topics are there")
        async with run_services(SITE, self.services, settings) as host:
            await import_samples(options.data, addresses, say)
            yield host


def make_passwords(folder: Path, services: Sequence[Service]) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    for service in services:
        secret(folder / service.name)


@asynccontextmanager
async def mailbox_open(data: Path, page: socket, smtp: socket) -> AsyncIterator[None]:
    """Receives mails and shows them until the block ends."""
    mailbox = Mailbox(data / "mails")
    async with receiving(mailbox, smtp), serving(application(mailbox), page):
        yield


@asynccontextmanager
async def serving(app: Any, listener: socket) -> AsyncIterator[None]:
    """Serve an ASGI application until the block ends; then requests under way are finished first."""
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=DRAINING_SECONDS,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve([listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await task


class _Server(Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are for the platform, which stops its parts in order."""
        yield


async def import_samples(folder: Path, addresses: Addresses, say: Say) -> None:
    """Once a data folder, by the operator's own command; it tells what it does and may be repeated."""
    done = folder / "samples-imported"
    if done.exists():
        return
    say("importing sample vacancies")
    where = {f"POSTULO_{name.upper()}": value for name, value in addresses.settings().items()}
    words = (sys.executable, "-m", "services", "vacancies", "import", "--samples")
    command = await asyncio.create_subprocess_exec(*words, env={**os.environ, **where}, start_new_session=True)
    try:
        status = await command.wait()
    except asyncio.CancelledError:
        with suppress(ProcessLookupError):
            command.terminate()
        raise
    if status != 0:
        raise Trouble("The sample vacancies could not be imported.", f"See above, or leave them out: touch {done}")
    done.touch()


def _settings(options: Options, addresses: Addresses) -> Settings:
    """What the environment sets besides stays set."""
    return load(
        **addresses.settings(),
        smtp=addresses.smtp,
        host=options.host,
        port=options.port,
        public_url=addresses.public_url,
        master_key=os.environ.get("POSTULO_MASTER_KEY") or master_key(options.data),
        indexes=os.environ.get("POSTULO_INDEXES") or str(options.data / "indexes"),
        # The terminal is for people: only warnings and errors are shown.
        log_level=os.environ.get("POSTULO_LOG_LEVEL", "WARNING"),
    )
