"""The faults of shared/quality.md, by their numbers there: each begins, lasts, and ends whatever happens meanwhile."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from random import Random
from typing import Final, NamedTuple

from tests.faults.events import events_again, groups_moved, poisoned, rebalancing, strangers, to_the_first
from tests.faults.machine import clocks_step, disk_full, network_slow
from tests.faults.restoring import groups_ahead, restored, site_restored, speaker_restored
from tests.faults.site import Site, send
from tests.faults.smtp import Mode
from tests.faults.versions import upgraded
from tests.shared.waiting import running

Weather = Callable[[Site, Random], AbstractAsyncContextManager[None]]
PUBLISHING: Final = ("identity", "profile", "applications", "vacancies", "alerts", "support")
CONSUMING: Final = ("profile", "applications", "vacancies", "alerts", "support", "careers")


class Fault(NamedTuple):
    """Something that happens to the site under load. rows: of the table; seconds: how long it lasts.

    again: who was sending a mail may have died before it noted that it was taken; needs: what the machine must allow.
    """

    name: str
    rows: str
    seconds: float
    weather: Weather
    again: bool = False
    needs: str = ""
    mixes: bool = True
    """Whether it may happen together with any other."""


class Part(NamedTuple):
    """Of faults that several runs play side by side, what one of them plays: every so many-th, from its own on."""

    number: int = 1
    of: int = 1

    def chosen(self, faults: Sequence[Fault]) -> Sequence[Fault]:
        return faults[self.number - 1 :: self.of]


@asynccontextmanager
async def repeatedly(action: Callable[[], Awaitable[None]], every: float) -> AsyncIterator[None]:
    async def go_on() -> None:
        while True:
            await action()
            await asyncio.sleep(every)

    async with running(go_on()):
        yield


@asynccontextmanager
async def broker_frozen(site: Site, _: Random) -> AsyncIterator[None]:
    site.kafka.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        site.kafka.signal(signal.SIGCONT)


@asynccontextmanager
async def broker_silent(site: Site, random: Random) -> AsyncIterator[None]:
    """It freezes again and again, so that its controller fences it and its answers come late or not at all."""

    async def silent() -> None:
        site.kafka.signal(signal.SIGSTOP)
        await asyncio.sleep(random.uniform(2, 5))
        site.kafka.signal(signal.SIGCONT)

    try:
        async with repeatedly(silent, 1.0):
            yield
    finally:
        site.kafka.signal(signal.SIGCONT)


@asynccontextmanager
async def broker_killed(site: Site, random: Random) -> AsyncIterator[None]:
    async def killed() -> None:
        site.kafka.signal(signal.SIGKILL)
        await asyncio.sleep(random.uniform(4, 8))

    async with repeatedly(killed, 4.0):
        yield


@asynccontextmanager
async def broker_wiped(site: Site, _: Random) -> AsyncIterator[None]:
    emptying = asyncio.create_task(site.empty_kafka())
    try:
        yield
    finally:
        await emptying


@asynccontextmanager
async def database_killed(site: Site, random: Random) -> AsyncIterator[None]:
    async def killed() -> None:
        await asyncio.sleep(random.uniform(0, 2))
        site.postgres.signal(signal.SIGKILL)

    async with repeatedly(killed, 6.0):
        yield


@asynccontextmanager
async def database_silent(site: Site, _: Random) -> AsyncIterator[None]:
    """As behind a network that lets nothing through: connections stay, and nobody answers."""
    site.postgres.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        site.postgres.signal(signal.SIGCONT)


@asynccontextmanager
async def pool_exhausted(site: Site, _: Random) -> AsyncIterator[None]:
    """Whoever writes waits for a lock, until no connection is left for anybody else."""
    async with site.connected("applications") as one, site.connected("identity") as other:
        for connection in (one, other):
            await connection.execute("begin; lock table streams in access exclusive mode")
        try:
            yield
        finally:
            for connection in (one, other):
                await connection.execute("rollback")


def killing(services: tuple[str, ...]) -> Weather:
    """Both processes of a service at once, so that whoever publishes or handles is among them; one by one service."""

    @asynccontextmanager
    async def killed(site: Site, random: Random) -> AsyncIterator[None]:
        async def one_service() -> None:
            send(site.replicas([random.choice(services)]), signal.SIGKILL)

        async with repeatedly(one_service, 3.0):
            yield

    return killed


def freezing(seconds: float, of: tuple[str, ...]) -> Weather:
    """One process of each service for so long, then the other one."""

    @asynccontextmanager
    async def frozen(site: Site, _: Random) -> AsyncIterator[None]:
        numbers = [1, 2]

        async def by_turns() -> None:
            replicas = [each for each in site.replicas(of) if each.number == numbers[0]]
            numbers.reverse()
            send(replicas, signal.SIGSTOP)
            try:
                await asyncio.sleep(seconds)
            finally:
                send(replicas, signal.SIGCONT)

        async with repeatedly(by_turns, 1.0):
            yield

    return frozen


def mailing(mode: Mode) -> Weather:
    @asynccontextmanager
    async def set_to(site: Site, _: Random) -> AsyncIterator[None]:
        await site.gate.set(mode)
        try:
            yield
        finally:
            await site.gate.set(Mode.OPEN)

    return set_to


ALL: Final = (
    Fault("from one version to the next", "15", 20, upgraded, needs="before", mixes=False),
    Fault("broker frozen", "1", 30, broker_frozen),
    Fault("broker silent and fenced", "19", 25, broker_silent),
    Fault("broker killed", "1", 20, broker_killed),
    Fault("broker wiped", "2", 15, broker_wiped),
    Fault("database killed", "3", 20, database_killed),
    Fault("database silent", "3", 12, database_silent),
    Fault("pool exhausted", "3", 10, pool_exhausted, mixes=False),
    Fault("relays killed", "4", 20, killing(PUBLISHING), again=True),
    Fault("consumers killed", "5", 20, killing(CONSUMING), again=True),
    Fault("every event five times", "6", 10, events_again, mixes=False),
    Fault("groups from offset 0", "6", 10, groups_moved(to_the_first), again=True, mixes=False),
    Fault("groups at the end of what they have not read", "17", 10, groups_ahead, again=True, mixes=False),
    Fault("careers restored from an older backup", "17", 20, restored("careers"), mixes=False),
    Fault("careers put back under its processes", "17", 20, restored("careers", running_on=True), mixes=False),
    Fault("vacancies restored from an older backup", "17", 20, speaker_restored("vacancies"), mixes=False),
    Fault("everything restored from a backup", "17", 20, site_restored, again=True, mixes=False),
    Fault("partitions behind", "7", 20, freezing(8.0, CONSUMING)),
    Fault("poison, then unpark", "8", 20, poisoned, mixes=False),
    Fault("strangers' records", "18", 5, strangers, mixes=False),
    Fault("disk full: PostgreSQL", "10", 12, disk_full("postgres"), needs="root"),
    Fault("disk full: Kafka", "10", 12, disk_full("kafka"), needs="root"),
    Fault("network slow", "19", 20, network_slow, needs="root"),
    Fault("clocks step", "11", 20, clocks_step, needs="faketime"),
    Fault("SMTP down", "13", 15, mailing(Mode.SHUT)),
    Fault("SMTP slow", "13", 15, mailing(Mode.SLOW)),
    Fault("SMTP cut after DATA", "13", 15, mailing(Mode.CUT)),
    Fault("leaders paused past their lease", "14", 26, freezing(12.0, PUBLISHING)),
    Fault("rebalance every 2 s", "16", 20, rebalancing),
)
