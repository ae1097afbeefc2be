"""Submissions up to a deadline and over it: each in time stored once, each too late refused alike, one mail each."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from uuid import UUID, uuid4

import httpx

from deploy.local.servers import Servers
from services.applications.events import ApplicationEvent
from services.identity.events import CandidateRegistered, account_of
from services.profile.events import ProfileCompleted
from services.vacancies.events import VacancyPublished
from shared.auth import COOKIE, Sessions, Who
from shared.model.message import Event
from shared.store.appending import ANY, Write
from tests.applications.values import READY, REVISION, VACANCY, VACANCY_ID
from tests.benchmarks.bench_end_to_end import ms, p99
from tests.benchmarks.places import on_a_platform
from tests.benchmarks.table import Row
from tests.platform import ORIGIN, Kit, until

SUBMISSIONS, CRUSH, SECONDS, CRUSH_SECONDS = 2_000, 600, 120.0, 20.0
PATIENCE = 300.0
"""The last 600 press "Soumettre" within 20 seconds around the deadline; every tenth does so in two windows at once."""


class KnownSessions(Sessions):
    """Everybody is logged in: what is measured begins behind the session check."""

    def __init__(self, people: Sequence[UUID]) -> None:
        self.people = {str(person): Who(person, "", frozenset({"candidate"})) for person in people}

    async def resolve(self, cookie: str) -> Who | None:
        return self.people.get(cookie)


@dataclass(frozen=True)
class Answer:
    """What became of one press of "Soumettre"; times by this process's clock, seconds."""

    person: UUID
    sent: float
    answered: float
    status: int
    text: str


async def rows(servers: Servers) -> Sequence[Row]:
    async with on_a_platform(servers) as platform:
        people = [uuid4() for _ in range(SUBMISSIONS)]
        await seed(platform, people)
        deadline = await publish(platform)
        answers = await submitted(platform, people, deadline)
        return await figures(platform, answers, deadline)


async def seed(platform: Kit, people: Sequence[UUID]) -> None:
    """Complete profiles, which the accounts open, and finished drafts; a draft has its candidate's id."""
    for service, events in (("identity", account), ("profile", profile), ("applications", ready)):
        if service == "profile":
            await until(lambda: many(platform, "view = 'profile'", len(people), "profile"), "the profiles", PATIENCE)
        for start in range(0, len(people), 100):
            part = people[start : start + 100]
            category = {"identity": "account", "applications": "application"}.get(service, service)
            writes = [Write(f"{category}-{person}", ANY, list(events(person))) for person in part]
            store = platform.service(service).kernel.store
            if service != "identity":
                await store.keys.wait_for([account_of(person) for person in part], PATIENCE)
            await store.append(writes)
    complete = (
        "view = 'application' or view = 'candidate' and document @> '{\"complete\": true}' and document->>'email' > ''"
    )
    await until(lambda: many(platform, complete, 2 * len(people)), "the candidates and drafts", PATIENCE)


async def many(platform: Kit, which: str, count: int, service: str = "applications") -> bool:
    """Whether the service has so many documents of this kind."""
    found = await platform.service(service).kernel.pool.fetchval(f"select count(*) from documents where {which}")  # noqa: S608
    return bool(found >= count)


def account(person: UUID) -> Iterator[Event]:
    yield CandidateRegistered(
        user_code="", email=f"{person}@example.org", title="ms", given_names="Anna", family_name="Müller",
        birth_date=date(1990, 11, 23), language="fr", link="none",
    )  # fmt: skip


def profile(person: UUID) -> Iterator[Event]:
    yield ProfileCompleted(candidate_id=person)


def ready(person: UUID) -> Iterator[ApplicationEvent]:
    return (event.model_copy(update={"candidate_id": person}) for event in READY)


async def publish(platform: Kit) -> float:
    """A job opening that closes by itself while they submit; returns when, by this process's clock."""
    kernel = platform.service("vacancies").kernel
    now, here = await kernel.now(), time.monotonic()
    notice = VacancyPublished(
        **VACANCY.model_dump(include={"job_opening_number", "title", "language", "questions"}), description="",
        network="", family="ECO", category="P", level="P-3", duty_stations=(), department="DESA",
        opens_at=now - timedelta(days=1), closes_at=now + timedelta(seconds=SECONDS),
    )  # fmt: skip
    await kernel.store.append([Write(f"vacancy-{VACANCY_ID}", ANY, [notice])])
    await until(lambda: many(platform, "view = 'vacancy'", 1), "the vacancy", PATIENCE)
    return here + SECONDS


async def submitted(platform: Kit, people: Sequence[UUID], deadline: float) -> list[Answer]:
    """Everybody submits: most in good time, the crush around the deadline."""
    platform.host.processes["applications"].app.state.sessions = KnownSessions(people)
    begun, early = time.monotonic() + 1, SUBMISSIONS - CRUSH
    pause = (deadline - CRUSH_SECONDS - begun) / early
    times = [begun + number * pause for number in range(early)]
    times += [deadline + CRUSH_SECONDS * (number / CRUSH - 0.5) for number in range(CRUSH)]
    transport = httpx.ASGITransport(app=platform.host)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, timeout=60) as client:
        presses = [
            press(client, person, at)
            for number, (person, at) in enumerate(zip(people, times, strict=True))
            for _ in range(1 if number % 10 else 2)
        ]
        return await asyncio.gather(*presses)


async def press(client: httpx.AsyncClient, person: UUID, at: float) -> Answer:
    await asyncio.sleep(at - time.monotonic())
    sent = time.monotonic()
    answer = await client.post(
        f"/applications/api/applications/{person}/submission",
        json={"revision": REVISION, "accept_terms": True},
        headers={"cookie": f"{COOKIE}={person}"},
    )
    text = answer.json()["detail"] if answer.status_code != httpx.codes.OK else ""
    return Answer(person, sent, time.monotonic(), answer.status_code, text)


async def figures(platform: Kit, answers: Sequence[Answer], deadline: float) -> list[Row]:
    accepted = {answer.person for answer in answers if answer.status == httpx.codes.OK}
    refused = [answer for answer in answers if answer.status != httpx.codes.OK]
    stored = await events_of(platform, "ApplicationSubmitted")
    slots = await events_of(platform, "SlotReserved")
    times = [answer.answered - answer.sent for answer in answers]
    crush = [answer.answered - answer.sent for answer in answers if answer.sent > deadline - CRUSH_SECONDS / 2]
    words = Counter((answer.status, answer.text) for answer in refused)
    in_time = [answer for answer in answers if answer.answered < deadline]
    too_late = [answer for answer in answers if answer.sent > deadline]
    mails = await confirmations(platform, len(accepted))
    return [
        Row("answered before the deadline", f"{len(in_time):,}", aim="all accepted",
            met=all(answer.status == httpx.codes.OK for answer in in_time)),
        Row("sent after the deadline", f"{len(too_late):,}", aim="all refused alike",
            met=all(answer.status == httpx.codes.CONFLICT for answer in too_late) and len(words) == 1),
        Row("accepted, stored, slots", f"{len(accepted):,}, {len(stored):,}, {len(slots):,}", aim="each once",
            met=Counter(stored) == Counter(slots) == Counter(accepted)),
        Row("confirmations", f"{sum(mails.values()):,}", aim="one each",
            met=mails == Counter(f"{person}@example.org" for person in accepted)),
        Row("submission, p50 and p99", f"{ms(median(times))}, {ms(p99(times))}"),
        Row("in the crush, p50 and p99", f"{ms(median(crush))}, {ms(p99(crush))}"),
    ]  # fmt: skip


async def events_of(platform: Kit, kind: str) -> list[UUID]:
    """The candidates of all events of this type; each was decided before the deadline, by the database's clock."""
    sql = "select (data->>'candidate_id')::uuid, data->'snapshot'->>'submitted_at' from events where type = $1"
    rows = await platform.service("applications").kernel.pool.fetch(sql, kind)
    notice = await platform.service("applications").kernel.pool.fetchval(
        "select document->>'closes_at' from documents where view = 'vacancy' and key = $1", str(VACANCY_ID)
    )
    decided = [datetime.fromisoformat(row[1]) for row in rows if row[1]]
    assert all(at <= datetime.fromisoformat(notice) for at in decided)
    return [row[0] for row in rows]


async def confirmations(platform: Kit, expected: int) -> Counter[str]:
    """The confirmations by address, once as many have arrived as are expected and none is waiting."""
    pool = platform.service("applications").kernel.pool

    async def quiet() -> bool:
        waiting = await pool.fetchval("select count(*) from mails where sent_at is null")
        return waiting == 0 and len(platform.postbox.mails) >= expected

    await until(quiet, "the confirmations", PATIENCE)
    return Counter(mail.to for mail in platform.postbox.mails if mail.template == "applications/mail/submitted")
