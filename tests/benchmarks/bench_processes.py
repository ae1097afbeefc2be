"""A process of each service: from its start to its first page, and the memory that it takes then."""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final
from uuid import uuid4

import httpx
import psutil

from deploy.local.processes import free_ports
from deploy.local.servers import Servers
from services.site import NAMES
from tests.benchmarks.table import Row

PAGES: Final = {
    "identity": "/identity/login", "profile": "/profile", "applications": "/applications/new",
    "vacancies": "/vacancies", "alerts": "/alerts", "support": "/support", "careers": "/",
}  # fmt: skip
PATIENCE: Final = 120.0
AIM_SECONDS, AIM_MB = 5.0, 300


async def rows(servers: Servers) -> Sequence[Row]:
    with tempfile.TemporaryDirectory() as folder:
        there = environment(servers, Path(folder))
        for job in ("migrate", "topics"):
            await carried_out(job, there)
        return [row for name in NAMES for row in await measured(name, there)]


def environment(servers: Servers, folder: Path) -> Mapping[str, str]:
    """Databases and topics of their own on the measured servers."""
    prefix = f"bench-{uuid4().hex[:8]}"
    ours = {
        "ENVIRONMENT": "local", "DATABASE_URL": servers.database_url, "DATABASE_PREFIX": prefix,
        "KAFKA": servers.kafka, "TOPIC_PREFIX": prefix, "TOPIC_PARTITIONS": "2", "HOST": "127.0.0.1",
        "LOG_LEVEL": "ERROR", "INDEXES": str(folder),
    }  # fmt: skip
    return {**os.environ, **{f"POSTULO_{name}": value for name, value in ours.items()}}


async def carried_out(job: str, there: Mapping[str, str]) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services", job, env=dict(there), stdout=asyncio.subprocess.DEVNULL
    )
    if await process.wait():
        raise RuntimeError(f"`services {job}` did not work")


async def measured(name: str, there: Mapping[str, str]) -> Sequence[Row]:
    [port] = free_ports(1)
    begun = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services", "run", name,
        env={**there, "POSTULO_PORT": str(port)}, stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await first_page(f"http://127.0.0.1:{port}{PAGES[name]}", begun)
        seconds = time.perf_counter() - begun
        memory = psutil.Process(process.pid).memory_info().rss / 1e6
    finally:
        process.terminate()
        await process.wait()
    return [
        Row(f"{name}: start to first page", f"{seconds:.1f} s", aim=f"< {AIM_SECONDS:g} s", met=seconds < AIM_SECONDS),
        Row(f"{name}: memory", f"{memory:.0f} MB", aim=f"< {AIM_MB} MB", met=memory < AIM_MB),
    ]


async def first_page(address: str, begun: float) -> None:
    """An answer that is a page, or that sends to one."""
    async with httpx.AsyncClient() as client:
        while time.perf_counter() - begun < PATIENCE:
            with suppress(httpx.TransportError):
                if (await client.get(address)).status_code in (200, 303):
                    return
            await asyncio.sleep(0.01)
    raise TimeoutError(address)
