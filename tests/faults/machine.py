"""Faults of the machine: disks that fill up, clocks that step, a network that is slow. In namespaces of our own."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Final

from deploy.local.debian import NoPackage, unpack
from deploy.local.install import BUILD
from tests.faults.site import Site

DISKS: Final = ("postgres", "kafka")
DISK_BYTES: Final = 1_500_000_000
LEFT: Final = (65536, 1_000_000, 8_000_000)
"""Bytes that are left free on a disk that is full."""
INSIDE: Final = "POSTULO_FAULTS_INSIDE"
FAKETIME: Final = BUILD / "faketime"
SLOW: Final = ("delay", "60ms", "30ms")
STEPS: Final = ("+3600", "-3600", "+120", "-120")
"""Seconds that the clocks of all services are off, one after the other: an hour ahead, then an hour behind."""


def is_inside() -> bool:
    """Whether mounts and network are our own, so that what is done to them ends with us."""
    return INSIDE in os.environ


def with_namespaces(words: list[str]) -> None:
    """Starts this program anew with mounts and a network of its own, where root may; else goes on."""
    if is_inside() or os.geteuid() != 0 or not shutil.which("unshare") or not shutil.which("ip"):
        return
    os.environ[INSIDE] = "1"
    script = 'ip link set lo up && exec "$@"'
    os.execvp("unshare", ["unshare", "--mount", "--net", "sh", "-c", script, "sh", *words])  # noqa: S606


async def run(*words: str) -> None:
    """Raises RuntimeError where the command fails."""
    process = await asyncio.create_subprocess_exec(*words, stderr=asyncio.subprocess.PIPE)
    _, said = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"{' '.join(words)}: {said.decode()}")


async def small_disks(data: Path) -> None:
    """A disk of its own for each server, in memory."""
    for name in DISKS:
        folder = data / name
        folder.mkdir(parents=True, exist_ok=True)
        await run("mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=0755", "none", str(folder))


def disk_full(name: str) -> Callable[[Site, Random], AbstractAsyncContextManager[None]]:
    """A file takes what is free on the disk of a server."""

    @asynccontextmanager
    async def filled(site: Site, _: Random) -> AsyncIterator[None]:
        rubbish = site.data / name / "rubbish"
        try:
            with rubbish.open("wb") as file:
                for left in LEFT:
                    with suppress(OSError):  # Somebody was faster.
                        os.posix_fallocate(file.fileno(), 0, max(1, shutil.disk_usage(rubbish.parent).free - left))
                        break
            yield
        finally:
            rubbish.unlink()

    return filled


def clocks_can_step() -> bool:
    """Whether libfaketime is to be had: Debian's, unpacked in our own folder."""
    FAKETIME.mkdir(parents=True, exist_ok=True)
    with suppress(NoPackage):
        if not _library():
            unpack(["libfaketime"], FAKETIME)
    return _library() is not None


def with_clock(clock: Path) -> dict[str, str]:
    """What has a process read its clock through libfaketime, which reads in this file how far it is off."""
    if not _library():
        return {}
    clock.write_text("+0")
    return {
        "LD_PRELOAD": str(_library()),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }


def _library() -> Path | None:
    return next(iter(sorted(FAKETIME.rglob("libfaketime.so.1"))), None)


@asynccontextmanager
async def clocks_step(site: Site, _: Random) -> AsyncIterator[None]:
    """The services' clocks; PostgreSQL's, which decides, stays."""

    async def stepping() -> None:
        for step in cycle(STEPS):
            site.clock.write_text(step)
            await asyncio.sleep(4)

    going = asyncio.create_task(stepping())
    try:
        yield
    finally:
        going.cancel()
        await asyncio.wait([going])
        site.clock.write_text("+0")


def network_can_be_slow() -> bool:
    """Whether the kernel knows how, in a network that is our own."""
    words = ("tc", "qdisc", "add", "dev", "lo", "root", "netem", *SLOW)
    if not (is_inside() and shutil.which("tc")) or subprocess.run(words, check=False, capture_output=True).returncode:
        return False
    subprocess.run(("tc", "qdisc", "del", "dev", "lo", "root"), check=True)
    return True


@asynccontextmanager
async def slow_network(_site: Site, _: Random) -> AsyncIterator[None]:
    """Every packet between any two of our processes takes its time."""
    await run("tc", "qdisc", "add", "dev", "lo", "root", "netem", *SLOW, "limit", "100000")
    try:
        yield
    finally:
        await run("tc", "qdisc", "del", "dev", "lo", "root")
