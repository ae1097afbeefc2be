"""The whole of Postulo on one machine, between two servers that it starts and stops.

The services run in this process (`inside`), or in processes of their own behind the gateway (`apart`). Loading either
takes a second or two, in which the servers start.
"""

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from deploy.local import elsewhere
from deploy.local import servers as embedded
from deploy.local.folder import Addresses, hold, write_addresses
from deploy.local.options import Options
from deploy.local.processes import Program
from deploy.local.servers import Servers
from deploy.local.trouble import Trouble

if TYPE_CHECKING:
    from deploy.local.apart import Apart
    from deploy.local.inside import Inside

LOOK_SECONDS = 1.0


async def run(options: Options) -> None:
    """Start everything, say where it is, and keep it until this task is cancelled; raises Trouble."""
    begun = time.monotonic()

    def say(what: str) -> None:
        print(f"  {time.monotonic() - begun:4.1f} s  {what}", flush=True)

    async with AsyncExitStack() as stack:
        stack.enter_context(hold(options.data))
        sockets = [
            stack.enter_context(listening(options.host, port, how_to_change))
            for port, how_to_change in (
                (options.port, "POSTULO_PORT or --port"),
                (options.mailbox_port, "POSTULO_MAILBOX_PORT or --mailbox-port"),
                (options.smtp_port, "POSTULO_SMTP_PORT or --smtp-port"),
            )
        ]
        await elsewhere.check(options.database_url, options.kafka, options.kafka_security)
        say("starting PostgreSQL and Kafka")
        loading = asyncio.create_task(asyncio.to_thread(_load, options.processes))
        servers = await stack.enter_async_context(_servers(options))
        say("PostgreSQL and Kafka are ready")
        addresses = _addresses(options, servers)
        platform = await loading
        await stack.enter_async_context(platform.opened(options, addresses, sockets, say))
        write_addresses(options.data, addresses)
        _say_where(addresses, begun)
        await _watch(servers.programs)


def _load(processes: int) -> "Inside | Apart":
    """Its import is what takes long."""
    if processes:
        from deploy.local.apart import Apart  # noqa: PLC0415

        return Apart.loaded()
    from deploy.local.inside import Inside  # noqa: PLC0415

    return Inside.loaded()


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
async def _servers(options: Options) -> AsyncIterator[Servers]:
    """Started in a thread, so that the services are loaded meanwhile; never left half started."""
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
    return embedded.start(
        options.data, database_url=options.database_url, kafka_address=options.kafka, security=options.kafka_security
    )


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


def _addresses(options: Options, servers: Servers) -> Addresses:
    url = f"http://{options.host}:{options.port}"
    return Addresses(
        url=url,
        mailbox_url=f"http://{options.host}:{options.mailbox_port}",
        smtp=f"{options.host}:{options.smtp_port}",
        kafka=servers.kafka,
        database_url=servers.database_url,
        access=dict(servers.access),
        public_url=os.environ.get("POSTULO_PUBLIC_URL") or url,
    )


def _say_where(addresses: Addresses, begun: float) -> None:
    print(
        f"\nPostulo runs at {addresses.url} (started in {time.monotonic() - begun:.1f} s)\n"
        f"  its mails arrive at {addresses.mailbox_url}\n"
        f"  its events are on Kafka at {addresses.kafka}\n"
        "Ctrl-C stops it; its data is kept.\n",
        flush=True,
    )
