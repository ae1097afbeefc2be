"""Anna, the machines she has to do with, and what she remembers on her way."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any, Final, Self

import httpx

from deploy.local.folder import Addresses
from services.identity.use_cases.machines import add_client
from services.site import service
from shared.ops.settings import Settings
from shared.runtime.kernel import with_kernel
from tests.system.journey.mailboxes import mails_to

PATIENCE: Final = 120.0
AWAY: Final = {503, 504}
"""What the gateway answers where a service does not, as on a machine that has too much to do."""
SECOND_LOOK: Final = 90.0
"""Seconds after which what was missed in the moment is found."""
PASSWORD: Final = "seven quiet herons at dawn"
FIREFOX: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
APPLICATIONS: Final = "/applications/api/applications"


class Broken(Exception):
    """The platform did not do what the journey expects; says what it did instead."""


def expect(condition: object, what: str) -> None:
    if not condition:
        raise Broken(what)


async def until(condition: Callable[[], Awaitable[Any]], what: str, patience: float = PATIENCE) -> Any:
    """The condition's value as soon as it is true; raises Broken when it does not become so in time."""
    end = time.monotonic() + patience
    while not (value := await condition()):
        if time.monotonic() > end:
            raise Broken(f"waited {patience:.0f} s in vain for {what}")
        await asyncio.sleep(0.05)
    return value


class Traveller:
    """`say` prints one line of what is seen. `number` makes this journey's names different from every other's."""

    def __init__(self, addresses: Addresses, settings: Settings, say: Callable[[str], None]) -> None:
        self.addresses, self.settings, self.say = addresses, settings, say
        self.number = f"J{time.time_ns() // 1_000_000}"
        self.email = f"anna.{self.number.lower()}@example.org"
        self.password = PASSWORD
        self.user_code = self.earlier = self.application = ""
        self.vacancy: dict[str, Any] = {}
        self._open = AsyncExitStack()
        self.anna = self.browser({"accept-language": "fr", "user-agent": FIREFOX})

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    def browser(self, headers: dict[str, str], network: str | None = None) -> httpx.AsyncClient:
        """A client that keeps secure cookies on this machine too, as browsers do; closed at the journey's end.

        network: this machine's address that it comes from.
        """
        transport = httpx.AsyncHTTPTransport(local_address=network)
        client = httpx.AsyncClient(
            base_url=self.addresses.url, timeout=30, follow_redirects=True, headers=headers, transport=transport
        )

        async def with_cookies(request: httpx.Request) -> None:
            request.headers["cookie"] = "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.cookies.jar)

        client.event_hooks = {"request": [with_cookies]}
        self._open.push_async_callback(client.aclose)
        return client

    async def machine(self, scope: str) -> httpx.AsyncClient:
        """An HR system or a support desk, registered for one organisation, with a token for this scope."""
        name = f"{scope}-{self.number}-{time.time_ns()}"
        secret = await with_kernel(
            service("identity"), self.settings, lambda kernel: add_client(kernel.pool, name, [scope], self.number)
        )
        client, grant = self.browser({}), {"grant_type": "client_credentials", "scope": scope}
        asked = await self.call(
            "POST", "/identity/api/oauth/token", by=client, data=grant, auth=httpx.BasicAuth(name, secret)
        )
        client.headers["authorization"] = f"Bearer {asked['access_token']}"
        return client

    async def call(
        self, method: str, path: str, status: int = 200, *, by: httpx.AsyncClient | None = None, **options: Any
    ) -> Any:
        """The answer to a call that must have this status: its JSON, or its bytes; Anna's unless it is `by` another."""
        answer = await (by or self.anna).request(method, path, **options)
        expect(
            answer.status_code == status, f"{method} {path}: {answer.status_code} instead of {status}: {answer.text}"
        )
        is_json = answer.content and "json" in answer.headers.get("content-type", "")
        return answer.json() if is_json else answer.content

    async def refused(self, rule: str, method: str, path: str, status: int = 422, **options: Any) -> list[str]:
        """The fields that a refused call names; says why it was refused."""
        problem = await self.call(method, path, status, **options)
        self.say(f"   {rule} refused: {problem['errors'][0]['message']}")
        return [error["field"] for error in problem["errors"]]

    async def mails(self, to: str) -> list[dict[str, Any]]:
        """All mails to this address that have arrived, the newest first."""
        async with httpx.AsyncClient(timeout=60) as client:
            return await mails_to(to, client, self.addresses.mailbox_url)

    async def mail(self, about: str, to: str = "") -> dict[str, Any]:
        """The newest mail to Anna, or to somebody else, whose subject or text holds this, once it has arrived."""

        async def arrived() -> dict[str, Any] | None:
            mails = await self.mails(to or self.email)
            return next((mail for mail in mails if about in mail["subject"] + mail["text"]), None)

        mail: dict[str, Any] = await until(arrived, f"a mail with “{about}”")
        self.say(f"   mail{f' to {to}' if to else ''}: {mail['subject']}")
        return mail

    async def careers(self, *shown: str) -> None:
        """The Careers page, as soon as it no longer says that it is being updated, shows all of this (R59)."""

        async def fresh() -> str:
            answer = await self.anna.get("/careers")
            behind = answer.status_code in AWAY or "data-stale" in answer.text
            return "" if behind else answer.text

        page: str = await until(fresh, "a Careers page that is up to date")
        for text in shown:
            expect(text in page, f"the Careers page does not show “{text}”: {page}")
        self.say(f"   Careers page: {', '.join(shown)}")

    async def careers_soon(self, shown: str) -> None:
        """The Careers page shows this as soon as the news from elsewhere has come."""

        async def seen() -> bool:
            return shown in (await self.anna.get("/careers")).text

        await until(seen, f"“{shown}” on the Careers page")
        await self.careers(shown)

    async def new_draft(self, **wish: Any) -> str:
        created = await self.call("POST", APPLICATIONS, 201, json={"confirmed": True, **wish})
        return str(created["id"])

    async def save(self, application: str, section: str, values: dict[str, Any]) -> Any:
        """Saves a section; the answer is the application."""
        return await self.call("PUT", f"{APPLICATIONS}/{application}/sections/{section}", json={"values": values})

    async def submit(self, application: str, status: int = 200) -> Any:
        revision = (await self.call("GET", f"{APPLICATIONS}/{application}"))["revision"]
        wish = {"revision": revision, "accept_terms": True}
        return await self.call("POST", f"{APPLICATIONS}/{application}/submission", status, json=wish)

    async def blockers(self, application: str) -> list[dict[str, str]]:
        """What stands in the way of submitting."""
        found = await self.call("GET", f"{APPLICATIONS}/{application}/blockers")
        return list(found["problems"])
