"""Tables that are behind what Kafka remembers of their group: their service reads again from where they stand."""

import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from random import Random
from typing import Final

from deploy.local import postgres
from shared.ops.settings import load
from tests.faults.events import groups_moved, to_the_end
from tests.faults.evidence import Undone
from tests.faults.machine import run
from tests.faults.reading import published
from tests.faults.site import EACH, PATIENCE, Site, send
from tests.shared.kafka.records import deleted
from tests.shared.waiting import eventually

READS_AGAIN: Final = "read again: the database is older"
REFUSES: Final = "relay refuses to publish"
ENDS: Final = "ends, to start anew: the database was replaced"


@asynccontextmanager
async def said(site: Site, line: str, times: int = 1) -> AsyncIterator[None]:
    """Fails if the services do not say this line so often afterwards: then nothing was tried, or nobody noticed."""

    async def told() -> int:
        logs = (site.data / "processes").glob("*.log")
        return sum(log.read_text(errors="replace").count(line) for log in logs)

    async def enough() -> bool:
        return await told() >= before + times

    before = await told()
    yield
    await eventually(enough, f"services say {times} times: {line}", PATIENCE)


@asynccontextmanager
async def groups_ahead(site: Site, random: Random) -> AsyncIterator[None]:
    """Of groups that have not read what was published last, Kafka remembers that they have."""
    async with said(site, READS_AGAIN), groups_moved(to_the_end)(site, random):
        yield


@asynccontextmanager
async def site_restored(site: Site, _: Random) -> AsyncIterator[None]:
    """As docs/operations.md says it of all services: backed up under load, and restored while no process runs."""
    since = time.time()
    made = (await site.script("backup.sh", site.data / "backups")).strip().splitlines()[-1]
    yield
    async with site.fleet.stopped():
        await site.script("restore.sh", made)
        site.undone.append(Undone(since, time.time()))
    await site.script("restore.sh", "--views")


def speaker_restored(service: str) -> Callable[[Site, Random], AbstractAsyncContextManager[None]]:
    """One to whom others listen: its relay refuses, and what others know too much is taken from them, as
    docs/runbooks/outbox-old.md says it.
    """

    @asynccontextmanager
    async def put_back(site: Site, _: Random) -> AsyncIterator[None]:
        since = time.time()
        dump = await _dumped(site, service)
        yield
        async with said(site, REFUSES):
            await _replaced(site, service, dump, then=signal.SIGKILL)
        site.undone.append(Undone(since, time.time(), service))
        administrator = load(**site.addresses.settings()).of_kafka_s_administrator()
        await deleted(administrator, *(topic for topic in published() if topic.startswith(f"postulo.{service}.")))
        await site.operator("topics", service)
        await site.operator("republish", service)
        await site.operator("reconcile")
        await site.operator("rebuild")

    return put_back


def restored(service: str, *, running_on: bool = False) -> Callable[[Site, Random], AbstractAsyncContextManager[None]]:
    """One that says nothing itself, so that nothing that was accepted goes with what the backup does not have.

    running_on: its processes go on, as after a failover, and have to notice by themselves.
    """

    @asynccontextmanager
    async def put_back(site: Site, _: Random) -> AsyncIterator[None]:
        dump = await _dumped(site, service)
        async with said(site, READS_AGAIN), said(site, ENDS, EACH if running_on else 0):
            yield
            await _replaced(site, service, dump, then=signal.SIGCONT if running_on else signal.SIGKILL)

    return put_back


async def _dumped(site: Site, service: str) -> Path:
    dump = site.data / f"{service}.dump"
    dump.unlink(missing_ok=True)
    await run(_client("pg_dump"), "--format=custom", f"--file={dump}", site.database(service))
    return dump


def _client(name: str) -> str:
    return str(postgres.binaries() / name)


async def _replaced(site: Site, service: str, dump: Path, *, then: signal.Signals) -> None:
    """While its processes stand still, which are sent this afterwards."""
    send(site.replicas([service]), signal.SIGSTOP)
    try:
        await _brought_back(site, service, dump)
    finally:
        send(site.replicas([service]), then)


async def _brought_back(site: Site, service: str, dump: Path) -> None:
    """As docs/operations.md says it of one service alone."""
    name = f"postulo_{service}"
    async with site.connected("identity") as administrator:
        await administrator.execute(f'drop database "{name}" with (force)')
        await administrator.execute(f'create database "{name}" owner "{name}"')
    words = ("--exit-on-error", "--single-transaction", "--no-owner", "--no-acl", f"--role={name}")
    await run(_client("pg_restore"), *words, f"--dbname={site.database(service)}", str(dump))
    await site.operator("migrate", service)
    await site.operator("adopt", service)
