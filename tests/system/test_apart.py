"""The platform as it is deployed: services in processes of their own, two of each, behind the gateway."""

import asyncio
import itertools
import json
import os
import re
import signal
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any, Final

import httpx
import psutil
import pytest

from deploy.local.folder import read_addresses
from services.__main__ import NAMES
from shared.ops.settings import load
from tests.platform import until
from tests.system.journey import entering
from tests.system.journey.traveller import Traveller

REQUESTS: Final = 500
PATIENCE: Final = 120.0
PAGES: Final = ("/", "/vacancies", "/careers", "/profile", "/applications", "/alerts", "/support", "/identity/account")


def processes(apart: Path) -> list[dict[str, Any]]:
    noted: list[dict[str, Any]] = json.loads((apart / "processes" / "processes.json").read_text())
    return noted


async def metrics(process: dict[str, Any]) -> str:
    async with httpx.AsyncClient() as client:
        return (await client.get(f"http://127.0.0.1:{process['port']}/{process['service']}/metrics", timeout=30)).text


async def ready(process: dict[str, Any]) -> bool:
    try:
        async with httpx.AsyncClient() as client:
            path = f"http://127.0.0.1:{process['port']}/{process['service']}/readyz"
            return (await client.get(path)).status_code == 200
    except httpx.TransportError:
        return False


def traveller(apart: Path) -> Traveller:
    addresses = read_addresses(apart)
    settings = load(**addresses.settings(), public_url=addresses.url)
    return Traveller(addresses, settings, lambda _: None)


async def restarted(apart: Path, number: int) -> None:
    """One process of every service, at the same time, as a rollout does it; the next may follow."""
    before = [process for process in processes(apart) if process["number"] == number]
    for process in before:
        os.kill(process["pid"], signal.SIGTERM)

    async def again() -> bool:
        now = [process for process in processes(apart) if process["number"] == number]
        others = not {process["pid"] for process in now} & {process["pid"] for process in before}
        return others and all(await asyncio.gather(*map(ready, now)))

    await until(again, "their successors", PATIENCE)


@pytest.mark.timeout(280)
async def test_while_every_process_is_restarted_not_one_request_fails(apart: Path) -> None:
    failed: list[str] = []
    numbers = itertools.count()
    over = asyncio.Event()

    async def asks(anna: Traveller) -> None:
        while not over.is_set() or next(numbers) < REQUESTS:
            for page in PAGES:
                answer = await anna.anna.get(page)
                if answer.status_code != 200:
                    failed.append(f"GET {page}: {answer.status_code}")
            wish = {"values": {"motivation": f"Wells, {next(numbers)}"}}
            answer = await anna.anna.put(
                f"/applications/api/applications/{anna.application}/sections/letter", json=wish
            )
            if answer.status_code != 200:
                failed.append(f"PUT: {answer.status_code} {answer.text}")

    async with traveller(apart) as anna, traveller(apart) as ben:
        for each in (anna, ben):
            await entering.registers(each)
            each.application = await each.new_draft(start="start_blank")
        asking = [asyncio.create_task(asks(each)) for each in (anna, ben)]
        try:
            for number in (1, 2):
                await restarted(apart, number)
        finally:
            over.set()
        await asyncio.gather(*asking)
    assert failed == []


async def test_of_each_service_one_process_publishes_and_both_share_its_partitions(apart: Path) -> None:
    async def settled() -> bool:
        said = [(each["service"], await metrics(each)) for each in processes(apart)]
        leaders = Counter(
            name for name, text in said if re.search(r"^postulo\w*relay_leader\S* 1\.0$", text, re.MULTILINE)
        )
        shared: dict[str, list[set[str]]] = defaultdict(list)
        for name, text in said:
            shared[name].append(set(re.findall(r'consumer_lag\S*?{.*?topic="([^"]+)".*?}', text)))
        return leaders == Counter(NAMES) and all(shared.values())

    await until(settled, "one publisher each", PATIENCE)


async def test_a_process_that_is_killed_is_not_missed_and_comes_back(apart: Path) -> None:
    (victim, *_) = [process for process in processes(apart) if process["service"] == "careers"]
    psutil.Process(victim["pid"]).kill()
    async with httpx.AsyncClient(base_url=read_addresses(apart).url) as client:
        answers = [(await client.get("/help/faq")).status_code for _ in range(20)]
    assert set(answers) == {200}
    await until(lambda: ready(victim), "its successor", PATIENCE)
