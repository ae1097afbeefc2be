"""The driver: all candidates and HR systems at once, for as long as a fault lasts."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from random import Random
from typing import Final

from shared.ops.settings import load
from tests.faults.book import Book
from tests.faults.market import Employer, Market
from tests.faults.people import Candidate
from tests.faults.reading import Post
from tests.faults.site import Site
from tests.system.journey.traveller import FIREFOX, Broken, Traveller

EMPLOYERS: Final = 2
OPENINGS: Final = 6
ENTERING: Final = 4
"""So many come in at once: their passwords are hashed."""
FINISHING: Final = 300.0
"""Seconds in which everybody has ended what they were about."""
LONGEST_PAUSE: Final = 2.0
"""Seconds at most between two things that somebody does."""
LEAVING_SECONDS: Final = 15.0
"""After so many at most somebody closes the account."""
LOOK_SECONDS: Final = 1.0
"""Between two looks into the mailbox, which keeps its last mails only."""


class Load:
    """Who uses the site. Everybody comes from a network of their own.

    pause: seconds at most between two things that a candidate does; the more there are, the longer it has to be on a
    machine that should still answer them.
    """

    def __init__(self, site: Site, seed: int, say: Callable[[str], None], pause: float = LONGEST_PAUSE) -> None:
        self.site, self.say, self.random = site, say, Random(seed)  # noqa: S311 - repeatable, not secret
        self.pause = pause
        self.seed, self.book, self.market = seed, Book(), Market()
        self.post = Post(site.data / "mails")
        settings = load(**site.addresses.settings(), public_url=site.addresses.url)
        self.hand = Traveller(site.addresses, settings, lambda _: None)
        self.people: list[Candidate] = []
        self.leaving: list[Candidate] = []
        self.closed: list[Candidate] = []
        self.employers = [Employer(self.book, self.hand, f"hr-{seed}-{n}", self.market) for n in range(EMPLOYERS)]
        self.failed: list[str] = []
        self._count = 0

    async def begin(self, candidates: int) -> None:
        """Openings, and candidates who are ready to apply."""
        for employer in self.employers:
            await employer.renew()
        while len(self.market.openings) < OPENINGS:
            await self.employers[0].publish()
        await self.join(candidates, self.people)
        await self.join(1, self.leaving)

    async def join(self, count: int, whom: list[Candidate]) -> None:
        """So many more candidates are among these."""
        free = asyncio.Semaphore(ENTERING)

        async def one(candidate: Candidate) -> None:
            async with free:
                await candidate.enter()
            whom.append(candidate)

        async with asyncio.timeout(FINISHING):
            await asyncio.gather(*(one(self._newcomer()) for _ in range(count)))

    def _newcomer(self) -> Candidate:
        self._count += 1
        network = f"127.1.{self._count // 250}.{self._count % 250 + 1}"
        browser = self.hand.browser({"accept-language": "en", "user-agent": FIREFOX}, network)
        name = f"c{self.seed}-{self._count}"
        return Candidate(self.book, browser, name, post=self.post, market=self.market)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Everybody does one thing after the other; at the end they finish what they have begun."""
        over = asyncio.Event()
        tasks = [
            *(asyncio.create_task(self._busy(each, self.pause, over)) for each in self.people),
            *(asyncio.create_task(self._busy(each, LONGEST_PAUSE, over)) for each in self.employers),
            asyncio.create_task(self._welcome(self.people)),
            asyncio.create_task(self._farewell(over)),
        ]
        try:
            yield
            over.set()
            _, late = await asyncio.wait(tasks, timeout=FINISHING)
            self.failed += [f"{len(late)} clients did not finish"] if late else []
        finally:
            for task in tasks:
                task.cancel()

    async def look(self) -> None:
        """Reads the mails that come, until cancelled."""
        while True:
            self.post.look()
            await asyncio.sleep(LOOK_SECONDS)

    async def _farewell(self, over: asyncio.Event) -> None:
        """Whoever joined for it closes the account in the middle of all this, and the next one joins."""
        with suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), self.random.uniform(0, LEAVING_SECONDS))
        leaving, self.leaving = self.leaving, []
        self.closed += [who for who in leaving if await who.close()]
        await self._welcome(self.leaving)

    async def _welcome(self, whom: list[Candidate]) -> None:
        """Somebody joins; somebody else, where who was about to is in no backup."""
        undone = len(self.site.undone)
        try:
            await self.join(1, whom)
        except (RuntimeError, TimeoutError, Broken) as error:
            if len(self.site.undone) > undone:
                await self._welcome(whom)
            else:
                self.failed.append(f"nobody could join: {error!r}")

    async def _busy(self, client: Candidate | Employer, pause: float, over: asyncio.Event) -> None:
        while not over.is_set():
            try:
                await client.step()
            except Exception as error:  # noqa: BLE001 - the campaign goes on, and says it
                self.failed.append(f"{client.who}: {error!r}")
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), self.random.uniform(0, pause))

    async def misread(self) -> list[str]:
        """Drafts that do not say what was saved last."""
        found = await asyncio.gather(*(candidate.misread() for candidate in self.people))
        return [each for part in found for each in part]

    async def close(self) -> None:
        await self.hand.__aexit__()
