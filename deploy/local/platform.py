"""The whole of Postulo in one process on one machine, between two servers that it starts and stops."""

import asyncio
import logging
import os
import socket
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn

from deploy.local import elsewhere
from deploy.local import servers as embedded
from deploy.local.folder import Addresses, hold, write_addresses
from deploy.local.mailbox import Mailbox, application, receiving
from deploy.local.options import Options
from deploy.local.processes import Program
from deploy.local.servers import Servers
from deploy.local.trouble import Trouble
from shared.settings import Settings, load

if TYPE_CHECKING:
    from shared.runtime import Service

DRAINING_SECONDS = 10
LOOK_SECONDS = 1.0
# What they say at the start of a new cluster is expected, and whether Kafka works is watched here.
QUIET = {"aiokafka": logging.CRITICAL, "faststream": logging.ERROR}


async def run(options: Options) -> None:
    """Start everything, say where it is, and keep it until this task is cancelled; raises Trouble."""
    begun = time.monotonic()
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(hold(options.data))
        pages, mailbox_page, smtp = (
            stack.enter_context(listening(options.host, port, name))
            for port, name in (
                (options.port, "POSTULO_PORT or --port"),
                (options.mailbox_port, "POSTULO_MAILBOX_PORT or --mailbox-port"),
                (options.smtp_port, "POSTULO_SMTP_PORT or --smtp-port"),
            )
        )
        declared = asyncio.create_task(asyncio.to_thread(_declared))
        servers = await stack.enter_async_context(_servers(options, begun))
        mailbox = Mailbox(folder / "mails")
        await stack.enter_async_context(receiving(mailbox, smtp))
        await stack.enter_async_context(serving(application(mailbox), mailbox_page))
        addresses = _addresses(options, servers)
        _say("PostgreSQL and Kafka are ready", begun)
        app = await stack.enter_async_context(_services(await declared, addresses, options, begun))
        await stack.enter_async_context(serving(app, pages))
        write_addresses(folder, addresses)
        _say_where(addresses, begun)
        await _watch(servers.programs)


@contextmanager
def listening(host: str, port: int, how_to_change: str) -> Iterator[socket.socket]:
    """A socket bound before anything is started, so that a port in use is told at once; raises Trouble."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        raise Trouble(
            f"Cannot listen on {host}:{port}: {error.strerror}.",
            f"Stop the program that uses this port, or choose another one with {how_to_change}.",
        ) from error
    listener.setblocking(False)  # noqa: FBT003 Its only argument.
    with listener:
        yield listener


@asynccontextmanager
async def serving(app: Any, listener: socket.socket) -> AsyncIterator[None]:
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


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are for the platform, which stops its parts in order."""
        yield


@asynccontextmanager
async def _servers(options: Options, begun: float) -> AsyncIterator[Servers]:
    """Started in a thread, so that the services are imported meanwhile; never left half started."""
    await elsewhere.check(options.database_url, options.kafka)
    _say("starting PostgreSQL and Kafka", begun)
    starting = asyncio.get_running_loop().run_in_executor(None, _start, options)
    try:
        try:
            servers = await asyncio.shield(starting)
        except asyncio.CancelledError:
            await asyncio.wait([starting])
            raise
        yield servers
    finally:
        print("Stopping PostgreSQL and Kafka", flush=True)
        await asyncio.to_thread(embedded.stop, options.data)


def _start(options: Options) -> Servers:
    return embedded.start(options.data, database_url=options.database_url, kafka_address=options.kafka)


def _declared() -> "list[Service]":
    """What takes a second or two of work, in which the servers start: imports, and the components of all pages."""
    from services.__main__ import chosen  # noqa: PLC0415
    from shared.web.environment import govuk_macros  # noqa: PLC0415

    services = chosen(None)
    govuk_macros()
    return services


@asynccontextmanager
async def _services(
    services: "list[Service]", addresses: Addresses, options: Options, begun: float
) -> AsyncIterator[Any]:
    """The one place where the platform meets the services: their databases and topics, then their doors."""
    from services.__main__ import prepare  # noqa: PLC0415
    from shared.house import open_house  # noqa: PLC0415
    from shared.log import configure  # noqa: PLC0415
    from shared.topics import create_topics  # noqa: PLC0415

    settings = _settings(addresses, options)
    configure(settings.log_format, settings.log_level)
    for library, level in QUIET.items():
        logging.getLogger(library).setLevel(level)
    await prepare(services, settings)
    await create_topics(settings, [service.published for service in services])
    _say("databases and topics are there", begun)
    async with open_house(services, settings) as house:
        await _import_samples(options.data, addresses, begun)
        yield house


async def _import_samples(folder: Path, addresses: Addresses, begun: float) -> None:
    """Once a data folder, by the operator's own command; it tells what it does and may be repeated."""
    done = folder / "samples-imported"
    if done.exists():
        return
    _say("importing sample vacancies", begun)
    where = {"POSTULO_DATABASE_URL": addresses.database_url, "POSTULO_KAFKA": addresses.kafka}
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


async def _watch(programs: tuple[Program, ...]) -> None:
    """Until cancelled; raises Trouble when a server that we started ends by itself."""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        for program in programs:
            if not program.alive:
                raise Trouble(
                    f"{program.name} ended by itself. Its last words:\n{program.last_words()}",
                    "Start Postulo again: nothing that it accepted is lost.",
                )


def _settings(addresses: Addresses, options: Options) -> Settings:
    """What the environment sets besides stays set."""
    return load(
        database_url=addresses.database_url,
        kafka=addresses.kafka,
        smtp=addresses.smtp,
        host=options.host,
        port=options.port,
        public_url=os.environ.get("POSTULO_PUBLIC_URL", addresses.url),
        # The terminal is for people: what goes well is not said.
        log_level=os.environ.get("POSTULO_LOG_LEVEL", "WARNING"),
    )


def _addresses(options: Options, servers: Servers) -> Addresses:
    return Addresses(
        url=f"http://{options.host}:{options.port}",
        mailbox_url=f"http://{options.host}:{options.mailbox_port}",
        smtp=f"{options.host}:{options.smtp_port}",
        kafka=servers.kafka,
        database_url=servers.database_url,
    )


def _say_where(addresses: Addresses, begun: float) -> None:
    print(
        f"\nPostulo runs at {addresses.url} (started in {time.monotonic() - begun:.1f} s)\n"
        f"  its mails arrive at {addresses.mailbox_url}\n"
        f"  its events are on Kafka at {addresses.kafka}\n"
        "Ctrl-C stops it; its data is kept.\n",
        flush=True,
    )


def _say(what: str, begun: float) -> None:
    print(f"  {time.monotonic() - begun:4.1f} s  {what}", flush=True)
