"""Faults of the machine: disks that fill up and a network that is slow, both our own, and clocks that step."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from functools import cache
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Final

from deploy.local.debian import USUAL, NoPackage, unpack
from deploy.local.install import BUILD
from tests.faults.site import Site
from tests.shared.waiting import running

DISKS: Final = ("postgres", "kafka")
DISK_BYTES: Final = 1_500_000_000
LEFT: Final = (65536, 1_000_000, 8_000_000)
"""Bytes that are left free on a disk that is full."""
INSIDE: Final = "POSTULO_FAULTS_INSIDE"
APART: Final = ("unshare", "--mount", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh")
"""Starts the words behind it with mounts and a network of their own, which reaches nobody else."""
SLOW: Final = "netem delay 20ms 10ms loss 0.5% limit 10000"
"""What tc makes of the network: late and lossy."""
NARROW: Final = "tbf rate 10mbit burst 64kb latency 300ms"
"""What it makes of it where the kernel has no netem: what is said waits up to 300 ms, and whatever would wait longer is
lost.
"""
LOSING: Final = (
    "table inet faults { chain input { type filter hook input priority 0; numgen random mod 200 0 drop; }; }"
)
"""What nft makes of it then: as lossy as it would be."""
NFTABLES: Final = ("nftables", "libjansson4", "libmnl0", "libnftables1", "libnftnl11", "libxtables12")
NFT: Final = BUILD / "nftables"
QUEUE_OF: Final = ("tc", "qdisc", "add", "dev", "lo", "root")
FAKETIME: Final = BUILD / "faketime"
STEPS: Final = ("+3600", "-3600", "+120", "-120")
"""Seconds that the clocks of all services are off, one after the other: an hour ahead, then an hour behind."""


def is_inside() -> bool:
    """Whether mounts and network are our own, so that what is done to them ends with us."""
    return INSIDE in os.environ


def apart(words: list[str]) -> None:
    """Starts this program anew with mounts and a network of its own, where root may; else goes on."""
    if is_inside() or os.geteuid() != 0 or not all(map(shutil.which, ("unshare", "ip", "tc"))):
        return
    clocks_can_step()
    packets_can_be_lost()  # Here, because inside nothing can be fetched any more.
    os.environ[INSIDE] = "1"
    os.execvp(APART[0], [*APART, *words])  # noqa: S606


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
                else:
                    raise RuntimeError("the disk could not be filled")
            yield
        finally:
            rubbish.unlink()

    return filled


@asynccontextmanager
async def network_slow(_: Site, __: Random) -> AsyncIterator[None]:
    """For everybody: between browser and gateway, gateway and services, and these and their servers."""
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(_shaped(SLOW))
        except RuntimeError:  # The kernel has no netem.
            await stack.enter_async_context(_shaped(NARROW))
            if packets_can_be_lost():
                await stack.enter_async_context(_losing())
        yield


@asynccontextmanager
async def _shaped(kind: str) -> AsyncIterator[None]:
    await run(*QUEUE_OF, *kind.split())
    try:
        yield
    finally:
        await run("tc", "qdisc", "del", "dev", "lo", "root")


@asynccontextmanager
async def _losing() -> AsyncIterator[None]:
    await run(*_nft(LOSING))
    try:
        yield
    finally:
        await run(*_nft("delete table inet faults"))


@cache
def packets_can_be_lost() -> bool:
    """Whether the kernel has netem, or nft is to be had, the machine's own or Debian's, and works here."""
    return _works(*QUEUE_OF, *SLOW.split()) or (_there(_filter, NFTABLES, NFT) and _works(*_nft(LOSING)))


def _works(*words: str) -> bool:
    """In a network that is there for this only."""
    return subprocess.run(["unshare", "--net", *words], check=False, capture_output=True).returncode == 0


def _nft(command: str) -> tuple[str, ...]:
    libraries = ":".join(map(str, NFT.glob("usr/lib/*-linux-gnu")))
    return ("env", f"LD_LIBRARY_PATH={libraries}", str(_filter()), command)


def _filter() -> Path | None:
    found = shutil.which("nft", path=USUAL)
    return Path(found) if found else next(NFT.rglob("sbin/nft"), None)


def _there(found: Callable[[], Path | None], packages: Sequence[str], folder: Path) -> bool:
    """Whether it is found, once what is missing has been unpacked in a folder of our own."""
    folder.mkdir(parents=True, exist_ok=True)
    with suppress(NoPackage):
        if not found():
            unpack(packages, folder)
    return found() is not None


def clocks_can_step() -> bool:
    """Whether libfaketime is to be had: Debian's."""
    return _there(_library, ["libfaketime"], FAKETIME)


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

    try:
        async with running(stepping()):
            yield
    finally:
        site.clock.write_text("+0")
