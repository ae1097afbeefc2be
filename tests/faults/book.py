"""The driver's book: each command under an id of its own, tried until it is answered, with what was answered."""

import asyncio
import json
import re
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import httpx

from tests.faults.evidence import Command, Fact, Outcome, Undone

FACTS: Final[dict[str, tuple[str, str, str]]] = {
    "register": ("identity", "CandidateRegistered", "account"),
    "verify": ("identity", "EmailVerified", "account"),
    "close": ("identity", "AccountClosed", "account"),
    "draft": ("applications", "DraftCreated", "application"),
    "save": ("applications", "DraftSaved", "application"),
    "attach": ("applications", "AttachmentAdded", "application"),
    "submit": ("applications", "ApplicationSubmitted", "application"),
    "withdraw": ("applications", "ApplicationWithdrawn", "application"),
    "discard": ("applications", "DraftDiscarded", "application"),
    "consider": ("applications", "ApplicationMovedUnderConsideration", "application"),
    "ticket": ("support", "TicketOpened", "ticket"),
    "search": ("alerts", "SearchSaved", "search"),
    "unsave": ("alerts", "SearchDeleted", "search"),
    "publish": ("vacancies", "VacancyPublished", "vacancy"),
    "amend": ("vacancies", "VacancyAmended", "vacancy"),
    "extend": ("vacancies", "DeadlineExtended", "vacancy"),
    "cancel": ("vacancies", "VacancyCancelled", "vacancy"),
}
"""By kind of command: in which service it writes which event, and in which kind of stream."""

SECONDS: Final = 15.0
"""For which a client waits for an answer."""
PATIENCE: Final = 90.0
"""Seconds for which a client asks again before it gives up."""
PAUSES: Final = (0.2, 0.5, 1.0, 2.0)
AGAIN: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
IN_USE: Final = 409
WROTE: Final = re.compile(r"\.([0-9a-f]{32})(?=[,~]|$)")


@dataclass
class Book:
    """All commands of a run."""

    commands: list[Command] = field(default_factory=list)
    gone: set[UUID] = field(default_factory=set)
    """Events that were named by answers, and may be in no store any more."""

    def undo(self, undone: Iterable[Undone]) -> None:
        """Of what was answered then, nobody can say what became. Later answers still name what was written then."""
        for each in undone:
            told = [command for command in self.commands if each.holds(command.answered, command.fact.service)]
            before = {event for command in self.commands if command.answered < each.since for event in command.wrote}
            self.gone |= {event for command in told for event in command.wrote} - before
            for command in told:
                command.outcome = Outcome.UNKNOWN if command.outcome is Outcome.ACCEPTED else command.outcome
        for command in self.commands:
            command.wrote = tuple(event for event in command.wrote if event not in self.gone)

    def kept(self, file: Path) -> None:
        """The evidence, a line a command."""
        lines = (json.dumps(asdict(each), default=lambda value: getattr(value, "value", str(value)))
                 for each in self.commands)  # fmt: skip
        file.write_text("\n".join(lines))


class Client:
    """Somebody who sends commands, each with an Idempotency-Key of its own, as often as it takes to be answered."""

    def __init__(self, book: Book, browser: httpx.AsyncClient, who: str) -> None:
        self.book, self.browser, self.who = book, browser, who
        browser.timeout = httpx.Timeout(SECONDS)
        self._number = 0

    async def renew(self) -> None:
        """Gets what an expired session or token is replaced by."""

    def key(self) -> str:
        self._number += 1
        return f"{self.who}-{self._number}"

    async def ask(
        self, kind: str, method: str, path: str, about: str = "", part: str = "", **options: Any
    ) -> tuple[Command, httpx.Response | None]:
        """The command, and its answer; None where there was none in time.

        about: the id of what it is about; part: the section of it.
        """
        service, event, category = FACTS[kind]
        key = self.key()
        command = Command(key, kind, self.who, Fact(service, event, f"{category}-{about}" if about else "", part))
        self.book.commands.append(command)
        answer = await self._answered(command, method, path, {**options, "headers": {"idempotency-key": key}})
        command.answered = time.time()
        if answer is not None:
            _note(command, answer, category)
        return command, answer

    async def _answered(
        self, command: Command, method: str, path: str, options: dict[str, Any]
    ) -> httpx.Response | None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            command.tries += 1
            answer = await self.attempt(method, path, **options)
            command.status = answer.status_code if answer is not None else 0
            if answer is not None and answer.status_code == httpx.codes.UNAUTHORIZED:
                await self.renew()
                command.tries -= 1
            elif answer is not None and not _is_to_be_asked_again(answer):
                return answer
            await asyncio.sleep(PAUSES[min(command.tries, len(PAUSES) - 1)])
        return None

    async def attempt(self, method: str, path: str, **options: Any) -> httpx.Response | None:
        """One attempt; None where the connection broke or it took too long."""
        try:
            return await self.browser.request(method, path, **options)
        except httpx.TransportError:
            return None

    async def read(self, path: str) -> Any:
        """What a GET answers, as soon as it is well; None where it is refused or takes too long."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            answer = await self.attempt("GET", path)
            if answer is not None and answer.status_code == httpx.codes.UNAUTHORIZED:
                await self.renew()
            elif answer is not None and not _is_to_be_asked_again(answer):
                return answer.json() if answer.is_success else None
            await asyncio.sleep(PAUSES[0])
        return None


def _is_to_be_asked_again(answer: httpx.Response) -> bool:
    in_use = answer.status_code == IN_USE and "key-in-use" in str(_json(answer).get("type", ""))
    return answer.status_code in AGAIN or in_use


def _note(command: Command, answer: httpx.Response, category: str) -> None:
    """A refusal after an attempt of which nobody knows may mean that it was carried out."""
    if answer.is_success:
        command.outcome = Outcome.ACCEPTED
    elif command.tries == 1:
        command.outcome = Outcome.REFUSED
    found = _json(answer)
    made = found.get("account_id") or found.get("id")
    if answer.is_success and made and not command.fact.stream:
        command.fact = command.fact._replace(stream=f"{category}-{made}")
    if answer.is_success:
        command.wrote = _wrote(answer, command.fact.service)


def _wrote(answer: httpx.Response, service: str) -> tuple[UUID, ...]:
    """The events that the answer names, of the service that was asked."""
    parts = answer.headers.get("postulo-wrote", "").partition(".")[2].split("~")
    return tuple(UUID(hex=found) for part in parts if part.startswith(f"{service}:") for found in WROTE.findall(part))


def _json(answer: httpx.Response) -> dict[str, Any]:
    if not answer.content or "json" not in answer.headers.get("content-type", ""):
        return {}
    found = answer.json()
    return found if isinstance(found, dict) else {}
