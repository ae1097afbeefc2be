"""The test kit for doors: the platform on real servers in this process, and the people and machines that use it."""

import asyncio
import itertools
import os
import re
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html import unescape
from typing import Any, Final
from uuid import UUID

import httpx
import pyotp
from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as SmtpSession
from typer.testing import CliRunner

from services.__main__ import app, with_commands_of
from services.identity.api.operator import change
from services.identity.domain.account import GrantRole
from services.identity.domain.codes import STEP
from services.identity.use_cases.machines import TOKENS_LAST, add_client
from services.site import NAMES, SITE, chosen, prepare
from shared.kafka.topics import create_topics
from shared.model.message import START, Position
from shared.ops.logs import configure
from shared.ops.settings import Settings
from shared.processing.handlers import name_of
from shared.runtime.host import Host, run_services
from shared.runtime.process import ServiceProcess
from shared.runtime.refusal import reason

ORIGIN: Final = "https://careers.test"
PASSWORD: Final = "seven quiet herons at dawn"
ORGANISATION: Final = "Secretariat"
PATIENCE: Final = 120.0

_NUMBERS = itertools.count(1)
_NETWORKS = itertools.count()
_TOKEN = re.compile(r'name="_token"[^>]*value="([^"]*)"')
_HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*>')


async def until(condition: Callable[[], Awaitable[Any]], what: str, patience: float = PATIENCE) -> Any:
    """The condition's value as soon as it is true; fails the test when it does not become so in time."""
    loop = asyncio.get_running_loop()
    end = loop.time() + patience
    while not (value := await condition()):
        assert loop.time() < end, f"waited {patience} s in vain for {what}"
        await asyncio.sleep(0.02)
    return value


@dataclass(frozen=True)
class Mail:
    """A mail as it arrived."""

    to: str
    template: str
    subject: str
    text: str
    html: str
    headers: Mapping[str, str]


class Postbox:
    """An SMTP sink that keeps what it is sent, but for the addresses that it refuses for good."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.refuses: set[str] = set()

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: SmtpSession, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.refuses:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: SmtpSession, envelope: Envelope) -> str:  # noqa: N802
        parsed = message_from_bytes(envelope.content or b"", policy=default)  # type: ignore[arg-type]
        assert isinstance(parsed, EmailMessage)
        parts = {part.get_content_type(): part.get_content() for part in parsed.walk() if not part.is_multipart()}
        headers = dict(parsed.items())
        self.mails.append(
            Mail(
                str(parsed["To"]), headers.get("X-Postulo-Template", ""), str(parsed["Subject"]),
                parts.get("text/plain", ""), parts.get("text/html", ""), headers,
            )
        )  # fmt: skip
        return "250 OK"


class Visitor:
    """A browser, and a client of the JSON doors, with cookies of its own.

    Without an `address` it comes from a network that nobody else has, so that what it tries limits nobody else.
    """

    def __init__(
        self, host: Host, language: str = "en", headers: Mapping[str, str] | None = None, address: str = ""
    ) -> None:
        number = next(_NETWORKS)
        address = address or f"10.{number // 250 // 250 + 9}.{number // 250 % 250}.{number % 250 + 1}"
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=host, client=(address, 50_000)),
            base_url=ORIGIN,
            follow_redirects=True,
            headers={"accept-language": language, **(headers or {})},
            timeout=30,
        )
        self.language = language

    async def get(self, path: str, **options: Any) -> httpx.Response:
        return await self.client.get(path, **options)

    async def api(self, method: str, path: str, **options: Any) -> httpx.Response:
        """A call of a JSON door."""
        return await self.client.request(method, path, **options)

    async def post_form(
        self, path: str, data: Mapping[str, Any], *, page: str | None = None, files: Any = None
    ) -> httpx.Response:
        """Opens the page with the form, then posts the form with its hidden fields and these values."""
        shown = await self.client.get(page or path)
        assert shown.status_code == 200, f"{page or path}: {shown.status_code} {shown.text[:500]}"
        return await self.post(path, {**hidden_fields(shown.text), **data}, files=files)

    async def post(self, path: str, data: Mapping[str, Any], *, files: Any = None) -> httpx.Response:
        """Posts a form as it is, as a browser on our own site does."""
        headers = {"origin": ORIGIN, "sec-fetch-site": "same-origin"}
        return await self.client.post(path, data=dict(data), files=files, headers=headers)


def hidden_fields(html: str) -> dict[str, str]:
    """The hidden fields of a page's forms, the anti-forgery token among them."""
    found = {}
    for tag in _HIDDEN.findall(html):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name:
            found[name[1]] = unescape(value[1]) if value else ""
    return found


class Candidate(Visitor):
    """A registered external candidate, logged in."""

    account_id: UUID
    email: str
    user_code: str
    given_names: str
    family_name: str


async def add_app(someone: Visitor, password: str = PASSWORD) -> tuple[str, list[str]]:
    """Adds an authenticator app through the door; its secret, and the recovery codes that were shown."""
    begun = (await someone.api("GET", "/identity/api/account/second-factors/app")).json()
    body = {"current_password": password, "state": begun["state"]}

    async def added() -> httpx.Response | None:
        """With the code before the one that counts now, so that this one can be used; the next may begin meanwhile."""
        code = pyotp.TOTP(begun["secret"]).at(int(time.time()) - STEP)
        done = await someone.api("POST", "/identity/api/account/second-factors/app", json={**body, "code": code})
        return done if done.status_code == 201 else None

    answer = await until(added, "the app to be added")
    return begun["secret"], answer.json()["recovery_codes"]


class Kit:
    """What a test does with the platform."""

    def __init__(self, host: Host, settings: Settings, postbox: Postbox) -> None:
        self.host, self.settings, self.postbox = host, settings, postbox
        self._handled_to: dict[tuple[str, str], Position] = {}

    def service(self, name: str) -> ServiceProcess:
        """The running service, to look at its store and views."""
        return self.host.processes[name]

    def visitor(self, language: str = "en", address: str = "") -> Visitor:
        return Visitor(self.host, language, address=address)

    async def candidate(self, language: str = "en", **values: str) -> Candidate:
        """Somebody who registered, typed the mailed code and logged in, all through the doors."""
        number = next(_NUMBERS)
        anna = Candidate(self.host, language)
        form = {
            "link": "none", "title": "ms", "given_names": f"Anna {_letters(number)}", "family_name": "Müller",
            "birth_date": "1990-11-23", "email": f"anna.{number}@example.org", "language": language,
            "password": PASSWORD, **values,
        }  # fmt: skip
        answer = await anna.api("POST", "/identity/api/registrations", json=form)
        assert answer.status_code == 202, answer.text
        anna.account_id, anna.email = UUID(answer.json()["account_id"]), form["email"]
        anna.given_names, anna.family_name = form["given_names"], form["family_name"]
        mail = await self.mail(anna.email, "identity/mail/verify")
        code = re.search(r"\b(\d{4} \d{4})\b", mail.text)
        assert code, mail.text
        path = f"/identity/api/registrations/{anna.account_id}/verification"
        verified = await anna.api("POST", path, json={"code": code[1]})
        assert verified.status_code == 200, verified.text
        anna.user_code = verified.json()["user_code"]
        login = await anna.api("POST", "/identity/api/login", json={"login": anna.email, "password": form["password"]})
        assert login.status_code == 200, login.text
        return anna

    async def staff(self, role: str, language: str = "en") -> Candidate:
        """Somebody who registered like everybody, whom the operator has given this role, with a second factor."""
        someone = await self.candidate(language=language)
        await change(self.service("identity").kernel, someone.email, GrantRole(role=role))
        await add_app(someone)
        return someone

    async def machine(self, *scopes: str, organisation: str = ORGANISATION) -> Visitor:
        """An HR system or another machine with a token for these scopes; all of one organisation if none is named."""
        name = f"machine-{next(_NUMBERS)}"
        secret = await add_client(self.service("identity").kernel.pool, name, scopes, organisation)
        asking = self.visitor()

        async def token() -> str:
            answer = await asking.client.post(
                "/identity/api/oauth/token",
                data={"grant_type": "client_credentials", "scope": " ".join(scopes)},
                auth=(name, secret),
            )
            assert answer.status_code == 200, answer.text
            return f"Bearer {answer.json()['access_token']}"

        machine, taken = Visitor(self.host, headers={"authorization": await token()}), time.monotonic()

        async def renew(request: httpx.Request) -> None:
            """A token lasts ten minutes, the tests that share a machine longer."""
            nonlocal taken
            mine, used = (each.headers.get("authorization") for each in (machine.client, request))
            if time.monotonic() - taken > TOKENS_LAST.total_seconds() / 2 and used and used == mine:
                taken = time.monotonic()
                machine.client.headers["authorization"] = request.headers["authorization"] = await token()

        machine.client.event_hooks = {"request": [renew]}
        return machine

    async def mail(self, to: str, template: str, count: int = 1) -> Mail:
        """The count-th mail of this kind to this address, once it has arrived."""

        async def arrived() -> Mail | None:
            mails = self.mails(to, template)
            return mails[count - 1] if len(mails) >= count else None

        found: Mail = await until(arrived, f"{template} to {to}")
        return found

    def mails(self, to: str, template: str = "") -> list[Mail]:
        """The mails of this kind that have arrived at this address."""
        return [mail for mail in self.postbox.mails if mail.to == to and mail.template.startswith(template)]

    async def settled(self) -> None:
        """Returns when every event has been published, every handler has handled, or parked, all it listens to, every
        index shows it, and what fell due meanwhile has happened.
        """
        for name, running in self.host.processes.items():
            await until(lambda running=running: _relayed(running), f"the relay of {name}")  # type: ignore[misc]
        for _ in range(2):  # a reaction of one service may feed another
            for name, running in self.host.processes.items():
                await until(lambda running=running: self._handled(running), f"the handlers of {name}")  # type: ignore[misc]
                await until(lambda running=running: _relayed(running), f"the relay of {name}")  # type: ignore[misc]

    async def _handled(self, running: ServiceProcess) -> bool:
        pool, service = running.kernel.pool, running.kernel.service
        head = await _last(running)
        for handler in running.own:
            async with pool.acquire() as connection:
                name = await name_of(connection, handler)
            sql = "select (transaction, position) >= ($2, $3) from checkpoints where handler = $1"
            if head.position and not await pool.fetchval(sql, name, *head):
                return False
        if any(index.position < head for index in running.kernel.indexes) or await running.timers.late():
            return False
        wanted = service.topics(self.settings.topic_prefix)
        for published in service.consumes:
            source = self.host.processes.get(published.service)
            types = [
                event.__name__
                for category, events in published.aggregates.items()
                if published.topic(category, self.settings.topic_prefix) in wanted
                for event in events
            ]
            if source is None or not types:
                continue
            between = (service.name, published.service)
            rows = await source.kernel.pool.fetch(_SINCE, types, *self._handled_to.get(between, START))
            if not await _all_handled(running, [row["id"] for row in rows if row["id"]]):
                return False
            self._handled_to[between] = Position(*rows[0][1:])
        return True


_SINCE = """select e.id, r.transaction, r.position from relay r left join events e
    on e.type = any($1) and (e.transaction, e.position) > ($2, $3)"""
"""What a service has written since, of these types; and up to where all that it has written has left it."""


async def _all_handled(running: ServiceProcess, ids: Sequence[UUID]) -> bool:
    sql = """select count(*) from unnest($2::uuid[]) as e (id) where not exists
        (select 1 from handled where handler = $1 and event = e.id)
        and not exists (select 1 from parked where handler = $1 and id = e.id)"""
    for handler in running.foreign:
        async with running.kernel.pool.acquire() as connection:
            if await connection.fetchval(sql, await name_of(connection, handler), ids):
                return False
    return True


async def _last(running: ServiceProcess) -> Position:
    """The last event of the store, also while a transaction elsewhere in the cluster still hides it from readers."""
    sql = "select transaction, position from events order by transaction desc, position desc limit 1"
    row = await running.kernel.pool.fetchrow(sql)
    return Position(*row) if row else START


async def _relayed(running: ServiceProcess) -> bool:
    if not running.kernel.service.published.aggregates:
        return True
    head = await _last(running)
    return bool(await running.kernel.pool.fetchval("select (transaction, position) >= ($1, $2) from relay", *head))


def _letters(number: int) -> str:
    """A name from a number, since names hold no digits."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(number)).capitalize()


def _found_by_commands(platform: Kit) -> dict[str, str]:
    return {
        "POSTULO_DATABASE_URL": platform.settings.database_url,
        "POSTULO_DATABASE_PREFIX": platform.settings.database_prefix,
        "POSTULO_PUBLIC_URL": platform.settings.public_url,
        "POSTULO_MASTER_KEY": platform.settings.master_key,
    }


async def commanded(platform: Kit, *words: str) -> tuple[int, str]:
    """Exit status and output of `python -m services` with these words, on the databases of the platform."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services", *words, env=os.environ | _found_by_commands(platform),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


async def commanded_here(platform: Kit, *words: str) -> tuple[int, str]:
    """As `commanded`, in a thread of this process, which is faster; of a refusal the one line that is said."""
    if words[0] in NAMES:
        with_commands_of(words[0])
    configure("json", "WARNING")
    settings = _found_by_commands(platform)
    result = await asyncio.to_thread(CliRunner().invoke, app, list(words), env=settings)
    if isinstance(result.exception, Exception):
        line = reason(result.exception)
        assert line, result.exception
        return 1, f"{line}\n"
    return result.exit_code, result.output  # of which logs are no part: they go where they went before


@asynccontextmanager
async def running_platform(settings: Settings) -> AsyncIterator[Kit]:
    """All seven services, migrated, with topics and a postbox, until the block ends."""
    postbox = Postbox()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(postbox, enable_SMTPUTF8=True, loop=loop), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    settings = settings.model_copy(update={"smtp": f"127.0.0.1:{port}", "public_url": ORIGIN})
    services = chosen(None)
    await prepare(services, settings)
    await create_topics(settings, [service.published for service in services])
    try:
        async with run_services(SITE, services, settings) as host:
            yield Kit(host, settings, postbox)
    finally:
        server.close()
