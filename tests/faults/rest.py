"""Waiting until the system has come to rest, and judging what there is then."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from typing import Final, NamedTuple

from tests.faults import reading
from tests.faults.evidence import Evidence
from tests.faults.load import Load
from tests.faults.oracle import WRONG, Finding, judge
from tests.faults.site import AWAY, Site

PATIENCE: Final = 120.0
"""Seconds after a fault within which everything has arrived everywhere."""
LOOK_SECONDS: Final = 0.5
ABSENT: Final = "(absent)"


async def restless(site: Site) -> list[str]:
    """What is still under way, service by service."""
    found = []
    for service in reading.SERVICES:
        async with site.connected(service) as connection:
            counts = await reading.unrest(connection)
        counts.pop("events")
        found += [f"{service}: {count} {what}" for what, count in counts.items() if count]
    return found


async def evidence(site: Site, load: Load, excused: Counter[str], *, again: bool) -> Evidence:
    """excused: how often more a mail may have arrived, since it came again before."""
    stores = {}
    for service in reading.SERVICES:
        async with site.connected(service) as connection:
            stores[service] = await reading.store(connection)
    undone = {mail.name for mail in load.post.mails if any(each.holds(mail.at, mail.service) for each in site.undone)}
    cut = Counter({name.partition("@")[0]: times for name, times in site.gate.cut.items()})
    return Evidence(
        load.book.commands, stores, await reading.records(site), reading.published(), load.post.arrived(),
        cut + excused, frozenset(site.planted), again, frozenset(undone),
    )  # fmt: skip


class Judgement(NamedTuple):
    """What was found that was not known before, after how many seconds."""

    seconds: float
    findings: list[Finding]


async def at_rest(look: Callable[[], Awaitable[Evidence]], site: Site, known: set[tuple[str, str, str]]) -> Judgement:
    """As soon as nothing is under way and there is nothing to find; else all that there is to find after PATIENCE."""
    begun = time.monotonic()
    while True:
        late = time.monotonic() - begun > PATIENCE
        with suppress(*AWAY if not late else ()):
            busy = await restless(site)
            if not busy or late:
                findings = judge(await look()) + [Finding(WRONG, "not at rest", each) for each in busy]
                new = [each for each in findings if each.name not in known]
                if not new or late:
                    return Judgement(time.monotonic() - begun, new)
        await asyncio.sleep(LOOK_SECONDS)


async def rebuilt(site: Site, settled: Callable[[], Awaitable[Judgement]]) -> list[Finding]:
    """Folds every view anew, and compares each with what it showed before; returns what was found on the way, too.

    Once more where something happened meanwhile, as when the time of a timer comes, for PATIENCE at most.
    """
    end = time.monotonic() + PATIENCE
    while True:
        begun = await _events(site)
        found = (await settled()).findings
        before = await _shown(site)
        await site.operator("rebuild")
        after = await _shown(site)
        if await _events(site) == begun:
            break
        if time.monotonic() > end:
            return [*found, Finding(WRONG, "events go on, and views cannot be compared", f"{begun}")]
    return found + [
        Finding(WRONG, f"{service}: {view} shows something else when it is built anew", f"{key}: {difference}")
        for service in reading.SERVICES
        for view, key in sorted(before[service].keys() | after[service].keys())
        if (difference := " ".join(differing(before[service].get((view, key)), after[service].get((view, key)))))
    ]


def differing(before: object, after: object, place: str = "") -> Iterator[str]:
    """Where two documents differ, and how."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted(before.keys() | after.keys()):
            yield from differing(before.get(name, ABSENT), after.get(name, ABSENT), f"{place}/{name}")
    elif before != after:
        yield f"{place} {before!r:.200} -> {after!r:.200}"


async def _events(site: Site) -> list[int]:
    """How many there are in each service."""
    counts = []
    for service in reading.SERVICES:
        async with site.connected(service) as connection:
            counts.append((await reading.unrest(connection))["events"])
    return counts


async def _shown(site: Site) -> dict[str, dict[tuple[str, str], object]]:
    found = {}
    for service in reading.SERVICES:
        async with site.connected(service) as connection:
            found[service] = await reading.documents(connection)
    return found
