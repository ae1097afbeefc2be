"""HR systems: they publish, amend, extend and cancel job openings, and set statuses; and what candidates know of it."""

import asyncio
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final, NamedTuple

import httpx

from tests.faults.book import Book, Client
from tests.faults.evidence import Outcome
from tests.system.answers import vacancy
from tests.system.journey.applying import VACANCIES, closing
from tests.system.journey.traveller import Broken, Traveller

STATUSES: Final = "/applications/api/statuses"
OPEN: Final = 12
"""So many openings are kept open."""


class Opening(NamedTuple):
    """A job opening as it was published."""

    id: str
    number: str


@dataclass
class Market:
    """What is open, and which applications were submitted and are nobody's yet."""

    openings: list[Opening] = field(default_factory=list)
    days: int = 30
    """Until which day from now whoever extends a deadline last has it, so that each extension says something."""
    submitted: list[str] = field(default_factory=list)

    def some(self, random: Random, without: set[str]) -> Opening | None:
        left = [each for each in self.openings if each.id not in without]
        return random.choice(left) if left else None


class Employer(Client):
    """An HR system with a token, which it replaces when it has expired."""

    def __init__(self, book: Book, hand: Traveller, name: str, market: Market) -> None:
        super().__init__(book, hand.browser({}), name)
        self.hand, self.market, self.random = hand, market, Random(name)  # noqa: S311 - repeatable, not secret

    async def renew(self) -> None:
        while True:
            try:
                machine = await self.hand.machine("hr")
            except (TimeoutError, Broken, OSError, httpx.HTTPError):
                await asyncio.sleep(1)
            else:
                self.browser.headers["authorization"] = machine.headers["authorization"]
                return

    async def step(self) -> None:
        if len(self.market.openings) < OPEN:
            return await self.publish()
        return await self.random.choice(
            (self.publish, self.amend, self.amend, self.extend, self.cancel, self.consider)
        )()

    async def publish(self) -> None:
        number = f"FAULTS-{self.key()}"
        _, answer = await self.ask("publish", "POST", VACANCIES, json=vacancy(number, closing(self.market.days)))
        if answer is not None and answer.is_success:
            self.market.openings.append(Opening(str(answer.json()["id"]), number))

    async def amend(self) -> None:
        opening = self.random.choice(self.market.openings)
        notice = vacancy(opening.number, closing(self.market.days)) | {"title": f"Water Engineer {self.key()}"}
        body = {name: value for name, value in notice.items() if name not in ("job_opening_number", "closes_on")}
        await self.ask("amend", "PUT", f"{VACANCIES}/{opening.id}", opening.id, json=body)

    async def extend(self) -> None:
        self.market.days += 1
        opening, day = self.random.choice(self.market.openings), {"closes_on": closing(self.market.days)}
        await self.ask("extend", "PUT", f"{VACANCIES}/{opening.id}/deadline", opening.id, json=day)

    async def cancel(self) -> None:
        opening = self.market.openings.pop(0)
        await self.ask("cancel", "PUT", f"{VACANCIES}/{opening.id}/cancellation", opening.id, json={"reason": "Budget"})

    async def consider(self) -> None:
        if self.market.submitted:
            application = self.market.submitted.pop(0)
            change: dict[str, Any] = {"application_id": application, "status": "under_consideration"}
            command, answer = await self.ask("consider", "POST", STATUSES, application, json={"changes": [change]})
            if answer is not None and answer.is_success and answer.json()["results"][0]["outcome"] == "refused":
                command.outcome = Outcome.REFUSED if command.tries == 1 else Outcome.UNKNOWN
