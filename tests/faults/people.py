"""Candidates: they register, keep a profile, prepare and submit applications, save searches and ask for help."""

import asyncio
import re
import time
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

import httpx

from tests.faults.book import Book, Client
from tests.faults.evidence import Command, Outcome
from tests.faults.market import Market, Opening
from tests.faults.reading import Post
from tests.profile.values import COMPLETE
from tests.support.samples import QUESTION
from tests.system.answers import ANSWERS, SECTIONS
from tests.system.journey.preparing import pdf
from tests.system.journey.traveller import APPLICATIONS, PASSWORD, until

CLOSURE: Final = "/identity/api/account/closure"
LOGIN: Final = "/identity/api/login"
SEARCHES: Final = "/alerts/api/searches"
MOST_SEARCHES: Final = 5
MAILED: Final = 120.0
"""Seconds for which a candidate waits for the mail with the code, or for what follows from it."""
LATE: Final = 60.0
"""Of them, those after which another code is asked for: what a process was sending when it was killed stays its own for
two minutes.
"""


@dataclass
class Draft:
    """letters: what was written in its letter, by the command that saved it, with the revision that was answered.

    seen: the version of its letter that was read last. made: the command that it comes from.
    first: what its letter said before anything was saved.
    """

    id: str
    made: Command
    opening: Opening | None = None
    seen: int | None = None
    first: str | None = None
    letters: list[tuple[Command, int, str]] = field(default_factory=list)

    def may_read(self) -> set[str]:
        """What its letter may say now: what was saved last, and whatever nobody knows to have been saved."""
        known = [(revision, text) for command, revision, text in self.letters if command.outcome is Outcome.ACCEPTED]
        unknown = {text for command, _, text in self.letters if command.outcome is Outcome.UNKNOWN}
        if not unknown and not known:
            return set()
        return unknown | ({max(known)[1]} if known else {self.first or ""})


class ShutOut(RuntimeError):
    """The log-in is refused."""


class Candidate(Client):
    """What somebody has, and what they do next."""

    def __init__(self, book: Book, browser: httpx.AsyncClient, name: str, *, post: Post, market: Market) -> None:
        super().__init__(book, browser, name)
        self.post, self.market, self.random = post, market, Random(name)  # noqa: S311 - repeatable, not secret
        self.email = f"{name}@example.org"
        self.family_name = _letters(self.email)
        self.model = ""
        self.drafts: list[Draft] = []
        self.searches: list[str] = []
        self.over: set[str] = set()

    async def enter(self) -> None:
        """Registers, proves the address, logs in, completes the profile and a first draft."""
        account = await self._registered()
        await self._verified(account)
        self.who = account
        await self.renew()
        await until(lambda: self.read("/profile/api/completeness"), "the profile", MAILED)
        for section, values in COMPLETE.items():
            own = {**values, **({"email": self.email} if section == "contact" else {})}
            await self._until("PUT", f"/profile/api/{section.replace('_', '-')}", json={"values": own})
        draft = await self.new_draft({"start": "start_blank"})
        if draft is None:
            raise RuntimeError(f"{self.email} could not begin a draft")
        for section, values in SECTIONS.items():
            await self.save(draft, section, dict(values))
        await self.ask("attach", "POST", f"{APPLICATIONS}/{draft.id}/attachments", draft.id,
                       files={"file": ("AM_Diplome.pdf", pdf(), "application/pdf")})  # fmt: skip
        self.model = draft.id

    async def _registered(self) -> str:
        form = {
            "link": "none", "title": "ms", "given_names": "Anna", "family_name": self.family_name,
            "birth_date": "1990-11-23", "email": self.email, "language": "en", "password": PASSWORD,
        }  # fmt: skip
        _, answer = await self.ask("register", "POST", "/identity/api/registrations", json=form)
        if answer is None or answer.status_code != httpx.codes.ACCEPTED:
            raise RuntimeError(f"{self.email} could not register: {answer and answer.text}")
        return str(answer.json()["account_id"])

    async def _verified(self, account: str) -> None:
        path = f"/identity/api/registrations/{account}"
        while True:
            code = await self._code(f"{path}/codes")
            _, answer = await self.ask("verify", "POST", f"{path}/verification", account, json={"code": code})
            if answer is not None and answer.is_success:
                return
            if answer is not None and answer.status_code == httpx.codes.NOT_FOUND:
                raise RuntimeError(f"{self.email} has no account any more")
            await asyncio.sleep(1)

    async def _code(self, another: str) -> str:
        """The one that came last. another: where a further one is asked for if none comes."""
        begun = time.monotonic()
        for wait in (LATE, MAILED):
            while time.monotonic() < begun + wait:
                for mail in self.post.to(self.email, "identity/mail/verify"):
                    if found := re.search(r"\b\d{4} \d{4}\b", mail.text):
                        return found[0]
                await asyncio.sleep(0.3)
            await self.attempt("POST", another)
        raise RuntimeError(f"{self.email} got no code")

    async def renew(self) -> None:
        while True:
            answer = await self.attempt("POST", LOGIN, json={"login": self.email, "password": PASSWORD})
            if answer is not None and answer.is_success:
                return
            if answer is not None and answer.status_code == httpx.codes.UNAUTHORIZED:
                raise ShutOut(f"{self.email} cannot log in any more")
            await asyncio.sleep(0.5)

    async def _until(self, method: str, path: str, **options: Any) -> httpx.Response:
        """What is no command of the book: repeated until it is well."""
        while True:
            answer = await self.attempt(method, path, **options)
            if answer is not None and answer.is_success:
                return answer
            if answer is not None and answer.status_code == httpx.codes.UNAUTHORIZED:
                await self.renew()
            await asyncio.sleep(0.5)

    async def close(self) -> bool:
        """Closes the account; whether it is closed, by the answer or since nobody is let in any more."""
        try:
            command, _ = await self.ask("close", "POST", CLOSURE, self.who, json={"current_password": PASSWORD})
        except ShutOut:
            return True
        return command.outcome is Outcome.ACCEPTED or await self.is_shut_out()

    async def is_shut_out(self) -> bool:
        self.browser.cookies.clear()
        with suppress(ShutOut):
            await self.renew()
            return False
        return True

    async def step(self) -> None:
        """One thing that somebody does, chosen by chance."""
        acts = (self.write, self.write, self.apply, self.apply, self.withdraw, self.ask_for_help, self.keep_search,
                self.forget_search, self.attach, self.throw_away)  # fmt: skip
        await self.random.choice(acts)()

    async def new_draft(self, wish: dict[str, Any], opening: Opening | None = None) -> Draft | None:
        made, answer = await self.ask("draft", "POST", APPLICATIONS, json={"confirmed": True, **wish})
        if answer is None or not answer.is_success:
            return None
        draft = Draft(str(answer.json()["id"]), made, opening)
        self.drafts.append(draft)
        return draft

    async def save(self, draft: Draft, section: str, values: dict[str, Any]) -> None:
        """A letter over what was read: else one that a frozen process carries out late replaces what came after it."""
        path, letter = f"{APPLICATIONS}/{draft.id}/sections/{section}", section == "letter"
        if letter and draft.seen is None:
            await self._look(draft)
        content = {"values": values, **({"seen": draft.seen} if letter else {})}
        command, answer = await self.ask("save", "PUT", path, draft.id, section, json=content)
        saved = answer.json() if answer is not None and answer.is_success else None
        if letter:
            draft.letters.append((command, int(saved["revision"]) if saved else 0, values["letter"]))
            draft.seen = draft.seen if saved else None
            await self._look(draft, saved)

    async def _look(self, draft: Draft, shown: dict[str, Any] | None = None) -> None:
        if shown := shown or await self.read(f"{APPLICATIONS}/{draft.id}"):
            draft.seen = max(draft.seen or 0, shown["sections"]["letter"]["version"])
            if not draft.letters:
                draft.first = _letter_of(shown)

    async def write(self) -> None:
        """In two windows at once, as people do."""
        if self.drafts:
            draft = self.random.choice(self.drafts)
            await asyncio.gather(*(self._letter(draft) for _ in range(self.random.choice((1, 2)))))

    async def _letter(self, draft: Draft) -> None:
        await self.save(draft, "letter", {**SECTIONS["letter"], "letter": f"Wells, {self.key()}"})

    async def apply(self) -> None:
        """A draft from the first one, for an opening that was not tried yet; then all that is missing, and submit."""
        opening = self.market.some(self.random, self.over)
        if opening is None or len(self.drafts) > MOST_SEARCHES:
            return await self.write()
        wish = {"start": "copy_previous", "source_application_id": self.model, "vacancy_id": opening.id}
        draft = await self.new_draft(wish, opening)
        if draft is None:
            return None
        self.over.add(opening.id)
        await self.save(draft, "screening", ANSWERS)
        await self._letter(draft)
        return await self.submit(draft)

    async def submit(self, draft: Draft) -> None:
        shown = await self.read(f"{APPLICATIONS}/{draft.id}")
        if shown is None:
            return
        wish = {"revision": shown["revision"], "accept_terms": True}
        command, _ = await self.ask("submit", "POST", f"{APPLICATIONS}/{draft.id}/submission", draft.id, json=wish)
        if command.outcome is Outcome.ACCEPTED:
            self.market.submitted.append(draft.id)

    async def withdraw(self) -> None:
        if self.market.submitted:
            for draft in [each for each in self.drafts if each.id in self.market.submitted][:1]:
                await self.ask("withdraw", "POST", f"{APPLICATIONS}/{draft.id}/withdrawal", draft.id)
                with suppress(ValueError):
                    self.market.submitted.remove(draft.id)

    async def throw_away(self) -> None:
        for draft in [each for each in self.drafts if each.id not in {self.model, *self.market.submitted}][:1]:
            await self.ask("discard", "DELETE", f"{APPLICATIONS}/{draft.id}", draft.id)
            self.drafts.remove(draft)

    async def attach(self) -> None:
        if self.drafts:
            draft, file = self.random.choice(self.drafts), (f"AM_{self._number}.pdf", pdf(), "application/pdf")
            await self.ask("attach", "POST", f"{APPLICATIONS}/{draft.id}/attachments", draft.id, files={"file": file})

    async def ask_for_help(self) -> None:
        ticket = {**QUESTION, "email": self.email, "user_code": "", "description": f"Where is {self.key()}?"}
        await self.ask("ticket", "POST", "/support/api/tickets", json=ticket)

    async def keep_search(self) -> None:
        if len(self.searches) < MOST_SEARCHES:
            wish = {"name": self.key(), "criteria": {"families": ["ENG"]}, "alert": True, "rhythm": "at_once"}
            _, answer = await self.ask("search", "POST", SEARCHES, json=wish)
            if answer is not None and answer.is_success:
                self.searches.append(str(answer.json()["id"]))

    async def forget_search(self) -> None:
        if self.searches:
            search = self.searches.pop()
            await self.ask("unsave", "DELETE", f"{SEARCHES}/{search}", search)

    async def misread(self) -> list[str]:
        """Drafts whose letter is not what was saved last; each with what it says."""
        found = []
        for draft in [each for each in self.drafts if each.may_read()]:
            shown = await self.read(f"{APPLICATIONS}/{draft.id}")
            letter = _letter_of(shown) if shown else None
            gone = shown is None and draft.made.outcome is Outcome.UNKNOWN
            if letter not in draft.may_read() and not gone:
                found.append(f"{draft.id}: {letter!r}, not {sorted(draft.may_read())}")
        return found


def _letter_of(shown: dict[str, Any]) -> str:
    return str(shown["sections"]["letter"]["values"].get("letter", ""))


def _letters(text: str) -> str:
    """A name from any text, since names hold no digits."""
    return "".join(chr(ord("a") + ord(sign) % 26) for sign in text).capitalize()
