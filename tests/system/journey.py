"""One candidate's whole journey against a running platform, step by step, with the events as they arrive on Kafka.

`make journey` plays it against `make run`; a test plays it against a platform of its own.
"""

import argparse
import asyncio
import io
import re
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from aiokafka import AIOKafkaConsumer
from pypdf import PdfWriter
from rich.console import Console

from deploy.local.folder import Addresses, read_addresses
from deploy.local.trouble import Trouble
from services.__main__ import chosen, service
from services.identity.api.machines import add_client
from shared.cloudevents import from_record
from shared.runtime import with_kernel
from shared.settings import Settings, load
from shared.topics import partitions_of
from tests.profile.values import COMPLETE
from tests.system.answers import ANSWERS, SECTIONS, vacancy

PASSWORD = "seven quiet herons at dawn"
PATIENCE = 20.0


class Broken(Exception):
    """The platform did not do what the journey expects; says what it did instead."""


def expect(condition: object, what: str) -> None:
    if not condition:
        raise Broken(what)


class Journey:
    """Anna's journey. `say` prints one line of what is seen."""

    def __init__(self, addresses: Addresses, settings: Settings, say: Callable[[str], None]) -> None:
        self.addresses, self.settings, self.say = addresses, settings, say
        self.number = f"J{time.time_ns() // 1_000_000}"
        self.email = f"anna.{self.number.lower()}@example.org"
        self.anna = self._browser({"accept-language": "fr"})
        self.hr = self._browser({})
        self.account = self.earlier = self.vacancy = self.application = ""

    def _browser(self, headers: dict[str, str]) -> httpx.AsyncClient:
        """A client that keeps secure cookies on this machine too, as browsers do."""
        client = httpx.AsyncClient(base_url=self.addresses.url, timeout=30, follow_redirects=True, headers=headers)

        async def with_cookies(request: httpx.Request) -> None:
            request.headers["cookie"] = "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.cookies.jar)

        client.event_hooks = {"request": [with_cookies]}
        return client

    async def play(self) -> None:
        """Raises Broken at the first step that does not go as it should."""
        steps = (
            self.registers, self.completes_the_profile, self.saves_a_search, self.prepares_a_draft,
            self.hr_publishes_a_vacancy, self.applies, self.is_refused_a_second_time, self.hr_considers_it,
            self.withdraws, self.asks_for_help,
        )  # fmt: skip
        async with self.anna, self.hr:
            for number, step in enumerate(steps, 1):
                self.say(f"[bold]{number}. {(step.__doc__ or '').strip()}[/bold]")
                await step()

    async def call(self, client: httpx.AsyncClient, method: str, path: str, status: int = 200, **options: Any) -> Any:
        """The JSON answer to a call that must have this status."""
        answer = await client.request(method, path, **options)
        expect(
            answer.status_code == status, f"{method} {path}: {answer.status_code} instead of {status}: {answer.text}"
        )
        return answer.json() if answer.headers.get("content-type", "").endswith("json") else answer.content

    async def mail(self, about: str) -> dict[str, Any]:
        """The newest mail to Anna whose subject or text holds this, once it has arrived."""

        async def arrived() -> dict[str, Any] | None:
            async with httpx.AsyncClient() as client:
                answer = await client.get(f"{self.addresses.mailbox_url}/api/mails", params={"to": self.email})
            return next((mail for mail in answer.json() if about in mail["subject"] + mail["text"]), None)

        mail: dict[str, Any] = await until(arrived, f"a mail with “{about}”")
        self.say(f"   mail: {mail['subject']}")
        return mail

    async def careers(self, *shown: str) -> None:
        """The Careers page, on its next load, shows all of this, and no notice that it is being updated."""
        page = (await self.anna.get("/careers")).text
        for text in shown:
            expect(text in page, f"the Careers page does not show “{text}”")
        expect("data-stale" not in page, "the Careers page is stale")
        self.say(f"   Careers page: {', '.join(shown)}")

    async def registers(self) -> None:
        """A visitor registers as an external candidate, verifies the address, logs in"""
        form = {
            "link": "none", "title": "ms", "given_names": "Anna", "family_name": "Müller", "birth_date": "1990-11-23",
            "email": self.email, "language": "fr", "password": PASSWORD,
        }  # fmt: skip
        answer = await self.call(self.anna, "POST", "/identity/api/registrations", 202, json=form)
        self.account = answer["account_id"]
        code = re.search(r"\b\d{4} \d{4}\b", (await self.mail("code"))["text"])
        expect(code, "the mail holds no code")
        path = f"/identity/api/registrations/{self.account}/verification"
        verified = await self.call(self.anna, "POST", path, json={"code": code[0] if code else ""})
        login = {"login": verified["user_code"], "password": PASSWORD}
        session = await self.call(self.anna, "POST", "/identity/api/login", json=login)
        self.say(f"   logged in as {session['name']}, user code {session['user_code']}")

    async def completes_the_profile(self) -> None:
        """Fills the four profile sections; completeness goes to 100 %"""
        await until(self._profile_is_open, "the profile")
        percent = 0
        for section in COMPLETE:
            values = {**COMPLETE[section], **({"email": self.email} if section == "contact" else {})}
            saved = await self.call(
                self.anna, "PUT", f"/profile/api/{section.replace('_', '-')}", json={"values": values}
            )
            percent = saved["percent"]
            self.say(f"   {section}: {percent} %")
        expect(percent == 100, "the profile is not complete")
        await self.careers("100")

    async def _profile_is_open(self) -> bool:
        return (await self.anna.get("/profile/api/completeness")).status_code == 200

    async def saves_a_search(self) -> None:
        """Saves a search as a job alert"""
        search = {"name": "Eau", "criteria": {"keywords": self.number}, "alert": True, "rhythm": "at_once"}
        await self.call(self.anna, "POST", "/alerts/api/searches", 201, json=search)
        await self.careers("Eau")

    async def prepares_a_draft(self) -> None:
        """Prepares a draft without a vacancy, section by section, attaches a PDF, closes, finds it on Careers"""
        self.earlier = await self._new_draft({"confirmed": True, "start": "start_blank"})
        for section, values in SECTIONS.items():
            path = f"/applications/api/applications/{self.earlier}/sections/{section}"
            await self.call(self.anna, "PUT", path, json={"values": values})
            self.say(f"   saved: {section}")
        files = {"file": ("AM_Diplome.pdf", pdf(), "application/pdf")}
        path = f"/applications/api/applications/{self.earlier}/attachments"
        await self.call(self.anna, "POST", path, 201, files=files)
        await self.careers("Brouillon", self.earlier)

    async def _new_draft(self, wish: dict[str, Any]) -> str:
        created = await self.call(self.anna, "POST", "/applications/api/applications", 201, json=wish)
        return str(created["id"])

    async def hr_publishes_a_vacancy(self) -> None:
        """An HR system publishes a vacancy with screening questions; the candidate gets the alert mail for it"""
        secret = await with_kernel(
            service("identity"), self.settings, lambda kernel: add_client(kernel.pool, self.number, ["hr"])
        )
        grant = {"grant_type": "client_credentials", "scope": "hr"}
        token = await self.call(
            self.hr, "POST", "/identity/api/oauth/token", data=grant, auth=httpx.BasicAuth(self.number, secret)
        )
        self.hr.headers["authorization"] = f"Bearer {token['access_token']}"
        closes_on = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
        notice = vacancy(self.number, closes_on)
        published = await self.call(self.hr, "POST", "/vacancies/api/vacancies", 201, json=notice)
        self.vacancy = published["id"]
        self.say(f"   {published['title']}, until {published['closes_at']}")
        await self.mail(self.number)

    async def applies(self) -> None:
        """Finds it in search, applies from the earlier draft, answers, reviews, submits; Careers shows « Postulé »"""
        found = await self.call(self.anna, "GET", "/vacancies/api/vacancies", params={"keywords": self.number})
        expect([each["id"] for each in found["vacancies"]] == [self.vacancy], "the search does not find the vacancy")
        await until(self._can_apply, "the vacancy in applications")
        wish = {"confirmed": True, "start": "copy_previous", "vacancy_id": self.vacancy}
        self.application = await self._new_draft({**wish, "source_application_id": self.earlier})
        path = f"/applications/api/applications/{self.application}"
        await self.call(self.anna, "PUT", f"{path}/sections/screening", json={"values": ANSWERS})
        await self.call(self.anna, "PUT", f"{path}/sections/letter", json={"values": SECTIONS["letter"]})
        blockers = await self.call(self.anna, "GET", f"{path}/blockers")
        self.say(f"   in the way of submitting: {blockers['problems'] or 'nothing'}")
        await self._submit(self.application, 200)
        await self.careers("Postulé", self.number)
        await self.mail("candidature")
        php = await self.call(self.anna, "GET", f"/applications/{self.application}/php")
        expect(php.startswith(b"%PDF"), "the PHP is no PDF")
        self.say(f"   PHP: {len(php):,} bytes of PDF")

    async def _can_apply(self) -> bool:
        page = await self.anna.get("/applications/new", params={"vacancy": self.vacancy})
        return page.status_code == 200 and self.number in page.text

    async def _submit(self, application: str, status: int) -> Any:
        path = f"/applications/api/applications/{application}"
        revision = (await self.call(self.anna, "GET", path))["revision"]
        wish = {"revision": revision, "accept_terms": True}
        return await self.call(self.anna, "POST", f"{path}/submission", status, json=wish)

    async def is_refused_a_second_time(self) -> None:
        """A second submission for the same vacancy is refused; an edit of the submitted application is refused"""
        await self._second_submission_is_refused()
        path = f"/applications/api/applications/{self.application}/sections/letter"
        refused = await self.call(self.anna, "PUT", path, 409, json={"values": {"letter": "Another one"}})
        self.say(f"   refused: {refused['errors'][0]['message']}")

    async def _second_submission_is_refused(self) -> None:
        wish = {"confirmed": True, "start": "copy_previous", "source_application_id": self.application}
        answer = await self.anna.post("/applications/api/applications", json={**wish, "vacancy_id": self.vacancy})
        if answer.status_code == 201:
            refused = await self._submit(answer.json()["id"], 409)
        else:
            expect(answer.status_code == 409, f"a second application was answered with {answer.status_code}")
            refused = answer.json()
        self.say(f"   refused: {refused['errors'][0]['message']}")

    async def hr_considers_it(self) -> None:
        """HR moves it to under consideration; the Careers page shows the dated timeline"""
        path = f"/applications/api/submitted/{self.application}/status"
        moved = await self.call(self.hr, "POST", path, json={"status": "under_consideration"})
        self.say(f"   HR: {moved['status']}")

        async def shown() -> bool:
            return "l’étude" in (await self.anna.get("/careers")).text

        await until(shown, "“À l’étude” on the Careers page")
        await self.careers("À l’étude", "Postulé")

    async def withdraws(self) -> None:
        """The candidate withdraws; a new submission for the vacancy is still refused"""
        await self.call(self.anna, "POST", f"/applications/api/applications/{self.application}/withdrawal")
        await self.careers("Retirée")
        await self._second_submission_is_refused()

    async def asks_for_help(self) -> None:
        """The candidate opens a support ticket and sees its number"""
        ticket = {
            "full_name": "Anna Müller", "email": self.email, "nature": "question", "about_opening": "no",
            "subject": "PHP", "description": "Where do I find the PDF of an application that I have withdrawn?",
        }  # fmt: skip
        opened = await self.call(self.anna, "POST", "/support/api/tickets", 201, json=ticket)
        self.say(f"   ticket {opened['number']}")
        await self.mail(opened["number"])


async def until(condition: Callable[[], Awaitable[Any]], what: str) -> Any:
    """The condition's value as soon as it is true; raises Broken when it does not become so in time."""
    end = time.monotonic() + PATIENCE
    while not (value := await condition()):
        if time.monotonic() > end:
            raise Broken(f"waited {PATIENCE:.0f} s in vain for {what}")
        await asyncio.sleep(0.05)
    return value


def pdf() -> bytes:
    """A PDF of one empty page."""
    writer, content = PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    writer.write(content)
    return content.getvalue()


async def watch(settings: Settings, seen: Callable[[str], None], ready: asyncio.Event) -> None:
    """Says every event of every service that arrives on Kafka from now on."""
    topics = {topic for each in chosen(None) for topic in each.published.topics(settings.topic_prefix)}
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka, enable_auto_commit=False, auto_offset_reset="latest")
    await consumer.start()
    try:
        consumer.assign(await partitions_of(consumer, topics))
        await consumer.seek_to_end()
        ready.set()
        async for record in consumer:
            event = from_record(record)
            aggregate = event.stream.partition("-")[0]
            seen(f"[dim]      ⟵ {event.type} ({event.source}, {aggregate} version {event.version})[/dim]")
    finally:
        await consumer.stop()


async def play(addresses: Addresses, settings: Settings, say: Callable[[str], None]) -> None:
    """Plays the journey while the events are watched."""
    ready = asyncio.Event()
    watching = asyncio.create_task(watch(settings, say, ready))
    await ready.wait()
    try:
        await Journey(addresses, settings, say).play()
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


def main() -> int:
    parser = argparse.ArgumentParser(prog="make journey", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(".postulo"), help="the data folder of the running platform")
    console = Console(highlight=False)
    try:
        addresses = read_addresses(parser.parse_args().data)
        settings = load(database_url=addresses.database_url, kafka=addresses.kafka, public_url=addresses.url)
        asyncio.run(play(addresses, settings, console.print))
    except (Broken, Trouble) as error:
        console.print(f"[red]{error}[/red]")
        return 1
    console.print("[green]The journey ended well.[/green]")
    return 0


if __name__ == "__main__":
    sys.exit(main())
