"""A service whose database is put back to an older backup while the others go on."""

import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from random import Random

from deploy.local import postgres
from tests.faults.machine import run
from tests.faults.site import Site, send


def restored(service: str) -> Callable[[Site, Random], AbstractAsyncContextManager[None]]:
    """One that says nothing itself, so that nothing that was accepted goes with what the backup does not have."""

    @asynccontextmanager
    async def put_back(site: Site, _: Random) -> AsyncIterator[None]:
        dump = site.data / f"{service}.dump"
        dump.unlink(missing_ok=True)
        await run(_client("pg_dump"), "--format=custom", f"--file={dump}", site.database(service))
        yield
        send(site.replicas([service]), signal.SIGSTOP)
        try:
            await _replaced(site, service, dump)
        finally:
            send(site.replicas([service]), signal.SIGCONT)

    return put_back


def _client(name: str) -> str:
    return str(postgres.binaries() / name)


async def _replaced(site: Site, service: str, dump: Path) -> None:
    """As docs/operations.md says it of one service alone."""
    name = f"postulo_{service}"
    async with site.connected("identity") as administrator:
        await administrator.execute(f'drop database "{name}" with (force)')
        await administrator.execute(f'create database "{name}" owner "{name}"')
    words = ("--exit-on-error", "--single-transaction", "--no-owner", "--no-acl", f"--role={name}")
    await run(_client("pg_restore"), *words, f"--dbname={site.database(service)}", str(dump))
    await site.operator("migrate", service)
    await site.operator("adopt", service)
