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
from services.site import chosen
from shared.ops.settings import load
from tests.platform import until
from tests.system.journey import entering
from tests.system.journey.traveller import Traveller

REQUESTS: Final = 500
PATIENCE: Final = 120.0
STARTING: Final = 300.0
"""Seconds for a process of every service to start, all at once, beside the requests."""
pytestmark = pytest.mark.timeout(900)  # Two rollouts of all programs; where it comes first, the platform's start.
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

    await until(again, "their successors", STARTING)


async def test_while_every_process_is_restarted_not_one_request_fails_and_each_tidies_up(apart_alone: Path) -> None:
    failed: list[str] = []
    asked: list[str] = []
    over = asyncio.Event()

    async def asks(anna: Traveller) -> None:
        section = f"/applications/api/applications/{anna.application}/sections/letter"
        while not over.is_set() or len(asked) < REQUESTS:
            answers = [await anna.anna.get(page) for page in PAGES]
            wish = {"values": {"letter": f"Wells, {len(asked)}"}}
            answers.append(await anna.anna.put(section, json=wish))
            asked.extend(str(answer.url) for answer in answers)
            failed.extend(f"{each.url}: {each.status_code}" for each in answers if each.status_code != 200)

    async with traveller(apart_alone) as anna, traveller(apart_alone) as ben:
        for each in (anna, ben):
            await entering.registers(each)
            each.application = await each.new_draft(start="start_blank")
        asking = [asyncio.create_task(asks(each)) for each in (anna, ben)]
        try:
            for number in (1, 2):
                await restarted(apart_alone, number)
        finally:
            over.set()
        await asyncio.gather(*asking)
    assert failed == []
    assert len(asked) >= REQUESTS
    logs = [apart_alone / "processes" / f"{each['service']}-{each['number']}.log" for each in processes(apart_alone)]
    assert [log.name for log in logs if '"event": "stopped"' not in log.read_text()] == []


async def test_of_each_service_one_process_publishes_and_both_read_partitions_of_their_own(apart_alone: Path) -> None:
    async def settled() -> bool:
        said = [(each["service"], await metrics(each)) for each in processes(apart_alone)]
        leaders = Counter(name for name, text in said if LEADS.search(text))
        shares: dict[str, list[set[tuple[str, str]]]] = defaultdict(list)
        for name, text in said:
            shares[name].append(set(READS.findall(text)))
        parted = all(one and other and not one & other for one, other in (shares[name] for name in READING))
        return leaders == Counter(PUBLISHING) and parted

    await until(settled, "one publisher each, and partitions of their own", PATIENCE)


PUBLISHING: Final = {service.name for service in chosen(None) if service.published.aggregates}
READING: Final = {service.name for service in chosen(None) if service.consumes}
LEADS: Final = re.compile(r"^postulo_relay_leader\S* 1\.0$", re.MULTILINE)
READS: Final = re.compile(r'^postulo_consumer_lag{partition="(\d+)",service="\w+",topic="([^"]+)"}', re.MULTILINE)


@pytest.mark.parametrize("sort", ["newest", "relevance", "deadline"])
async def test_both_processes_find_the_same_and_follow_each_other_s_bookmarks(apart_alone: Path, sort: str) -> None:
    doors = [f"http://127.0.0.1:{each['port']}/vacancies/api/vacancies" for each in processes(apart_alone)
             if each["service"] == "vacancies"]  # fmt: skip
    one_each = httpx.Limits(max_keepalive_connections=0)  # A connection that idles is closed by the server.
    async with httpx.AsyncClient(timeout=60, limits=one_each) as client:

        async def walked(*doors: str, size: int) -> list[str]:
            """The ids of all, each page from the next of these doors."""
            turned, seen = itertools.cycle(doors), list[str]()
            page: dict[str, Any] = {"next": ""}
            while not seen or page["next"]:
                params = {"everything": "true", "sort": sort, "size": str(size), "after": page["next"]}
                page = (await client.get(next(turned), params=params)).json()
                seen += [each["id"] for each in page["vacancies"]]
            return seen

        one, other = [await walked(door, size=100) for door in doors]
        both = await walked(*doors, size=7)
    assert len(set(one)) == len(one) > 7
    assert one == other == both


async def test_a_process_that_is_killed_is_not_missed_and_comes_back(apart_alone: Path) -> None:
    (victim, *_) = [process for process in processes(apart_alone) if process["service"] == "careers"]
    psutil.Process(victim["pid"]).kill()
    async with httpx.AsyncClient(base_url=read_addresses(apart_alone).url, timeout=60) as client:
        answers = [(await client.get("/help/problems")).status_code for _ in range(20)]
    assert set(answers) == {200}
    await until(lambda: ready(victim), "its successor", PATIENCE)


async def test_one_id_tells_the_story_from_the_form_to_the_mail(apart: Path) -> None:
    told: list[str] = []

    async def note(response: httpx.Response) -> None:
        if response.status_code == 202 and response.url.path == "/identity/api/registrations":
            told.append(response.headers["x-correlation-id"])

    async with traveller(apart) as anna:
        anna.anna.event_hooks["response"] = [note]
        await entering.registers(anna)
    (correlation,) = told

    async def complete() -> bool:
        story = {name: lines for name, lines in lines_with(correlation, apart).items() if lines}
        said = {line["event"] for lines in story.values() for line in lines}
        return {"gateway", "identity", "profile", "careers"} <= story.keys() and {
            "access", "request", "handled", "mail sent",
        } <= said  # fmt: skip

    await until(complete, "the whole story in the logs")


def lines_with(correlation: str, apart: Path) -> dict[str, list[dict[str, Any]]]:
    """What each service and the gateway have logged of a conversation."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for log in (apart / "processes").glob("*.log"):
        lines = [json.loads(line) for line in log.read_text().splitlines() if correlation in line]
        assert all(line["correlation"] == correlation for line in lines)
        found[log.stem.partition("-")[0]] += lines
    return found
