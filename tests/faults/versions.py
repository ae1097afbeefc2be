"""The version before beside this one: while processes are replaced, both publish, handle and answer."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from random import Random
from typing import Final

import httpx

from tests.containers import ROOT
from tests.faults.site import EACH, HERE, LOOK_SECONDS, Replica, Site

CODE: Final = "code"
"""In the data folder: leads to the code that processes which start have."""
BESIDE_SECONDS: Final = 15.0
"""For so long half of the processes of each service are of either version."""
READY_SECONDS: Final = 180.0
PACKAGES: Final = "shared/web/node_modules"


def with_code(data: Path, before: str) -> dict[str, str]:
    """What has processes run the code to which a link leads, that of this commit at first; nothing if none is named."""
    if not before:
        return {}
    folder = data / "before"
    folder.mkdir()
    archive = subprocess.run(["git", "archive", before], cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
    subprocess.run(["tar", "--extract", "--directory", folder], input=archive, check=True)
    (folder / PACKAGES).symlink_to(ROOT / PACKAGES)
    _lead(data / CODE, folder)
    return {"PYTHONPATH": str(data / CODE)}


def _lead(link: Path, folder: Path) -> None:
    new = link.with_suffix(".new")
    new.symlink_to(folder)
    new.rename(link)


@asynccontextmanager
async def upgraded(site: Site, _: Random) -> AsyncIterator[None]:
    """As an operator does it: databases and topics first, then one process of each service, then the other. Half way it
    is rolled back, and begins once more. Then views are built anew, as the release notes say.
    """
    going = asyncio.create_task(_upgrade(site))
    try:
        yield
    finally:
        await going


async def _upgrade(site: Site) -> None:
    await site.operator("migrate")
    await site.operator("topics")
    before = (site.data / CODE).resolve()
    await _runs(site, ROOT, 1)
    await _runs(site, before, 1)
    for number in range(1, EACH + 1):
        await _runs(site, ROOT, number)
    await site.operator("rebuild")


async def _runs(site: Site, code: Path, number: int) -> None:
    """From now on this process of each service has this code, beside the other one."""
    _lead(site.data / CODE, code)
    await asyncio.gather(*(_replaced(site, each) for each in site.replicas() if each.number == number))
    await asyncio.sleep(BESIDE_SECONDS)


async def _replaced(site: Site, old: Replica) -> None:
    """Once its successor, which has the new code, is ready."""
    os.kill(old.pid, signal.SIGTERM)
    end = time.monotonic() + READY_SECONDS
    async with httpx.AsyncClient(base_url=f"http://{HERE}:{old.port}") as asking:
        while time.monotonic() < end:
            [now] = [each for each in site.replicas([old.service]) if each.number == old.number]
            with suppress(httpx.HTTPError):
                if now.pid != old.pid and (await asking.get(f"/{old.service}/readyz")).status_code == httpx.codes.OK:
                    return
            await asyncio.sleep(LOOK_SECONDS)
    raise RuntimeError(f"{old.service}-{old.number} is not ready with the other version after {READY_SECONDS:.0f} s")
