"""Somebody goes through the whole journey, closes the account, and is found nowhere any more."""

import base64
import io
import os
from collections.abc import Iterable, Mapping
from html import unescape
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import pytest
from pypdf import PdfWriter

from deploy.local.servers import Servers
from services.applications.domain.application import APPLICATION
from services.applications.events import OFFICE
from services.site import NAMES, service
from shared.kafka.rebuild import rebuild_foreign, rebuild_own
from shared.ops.settings import Settings
from shared.runtime.kernel import with_kernel
from shared.runtime.retention import apply_list
from shared.store.snapshots import EVENTS
from tests.applications.doors import API, SLUGS, draft, fill, publish, submit
from tests.applications.values import ANSWERS, SECTIONS
from tests.conftest import WORKER, named, role_a_service
from tests.identity.test_expired_forms import come_back, post_late
from tests.platform import PASSWORD, Candidate, Kit, running_platform, until
from tests.profile.values import COMPLETE, CV
from tests.shared.kafka.records import delete_topics
from tests.shared.logged import logged
from tests.support.samples import PROBLEM, VISITOR, picture
from tests.support.test_doors import opened, sent
from tests.system.canary import BORN, MARK, Kept, branded, in_pages, in_tables, in_texts, on_topics, traces

LEFT: Final = frozenset({
    "identity.documents.document", "profile.documents.document", "applications.documents.document",
    "applications.documents_of_record.content", "applications.files.content", "applications.kept_forms.fields",
    "alerts.documents.document", "support.documents.document",
})  # fmt: skip
"""Columns in which the person is found while there is an account."""
STAYS: Final = frozenset({
    "applications.documents.document", "applications.documents_of_record.content", "applications.files.content",
    "support.documents.document",
})  # fmt: skip
"""And afterwards, until what was submitted and what was asked without an account has had its time."""
RETENTION = 2 * 365 + 60
"""Days after which the retention of what was submitted today is over."""


def marked_pdf(about: str = "") -> bytes:
    """A PDF that names the person, and what it was attached to."""
    written, writer = io.BytesIO(), PdfWriter()
    writer.add_blank_page(200, 200)
    writer.add_metadata({"/Author": MARK, "/Subject": about})
    writer.write(written)
    return written.getvalue()


async def journey(kit: Kit) -> tuple[Candidate, Kept]:
    """Every service, and every kind of data that a candidate leaves there, also without logging in."""
    anna = await kit.candidate(
        language="fr", given_names=f"Anna {MARK}", family_name=MARK, birth_date=BORN,
        email=f"{MARK.lower()}.{WORKER}@example.org",
    )  # fmt: skip
    await kit.settled()
    for section, values in branded({**COMPLETE, **CV}).items():
        saved = await anna.api("PUT", f"/profile/api/{SLUGS.get(section, section)}", json={"values": values})
        assert saved.status_code == 200, saved.text
    vacancy = await publish(kit)
    application = await submitted_by(kit, anna, vacancy)
    await reported_by(kit, anna, application)
    await discarded_by(anna)
    unfinished = await draft(anna)
    await fill(anna, unfinished, {"letter": {**SECTIONS["letter"], "letter": f"Cher {MARK}"}})
    await called(anna, unfinished)
    await often_saved(kit, anna, unfinished)
    await attached(anna, unfinished)
    await typed_too_late(kit, anna, unfinished)
    wish = {"name": MARK, "criteria": {"keywords": MARK}, "alert": True, "email": f"alerts.{anna.email}"}
    assert (await anna.api("POST", "/alerts/api/searches", json=wish)).status_code == 201
    await helped(kit, anna)
    said = await anna.post_form("/support/feedback", {"rating": "4", "text": f"{MARK} likes it"})
    assert said.url.path == "/careers", said.text
    ticket = await helped_as_visitor(kit)
    for path, body in (("user-code", {"email": anna.email}), ("password", {"login": anna.email})):
        assert (await anna.api("POST", f"/identity/api/reminders/{path}", json=body)).status_code == 202
    change = {"current_password": PASSWORD, "email": f"new.{anna.email}"}
    assert (await anna.api("POST", "/identity/api/account/email", json=change)).status_code == 202
    await again_registered(kit, anna)
    await kit.settled()
    return anna, Kept(application, ticket)


async def submitted_by(kit: Kit, anna: Candidate, vacancy: Mapping[str, Any]) -> str:
    application = await draft(anna, dict(vacancy))
    await called(anna, application)
    await attached(anna, application)
    await keeping(anna)
    await needing(anna, application)
    ready = await fill(anna, application, branded({**SECTIONS, "screening": ANSWERS}))
    answer = await submit(anna, application, ready["revision"])
    assert answer.status_code == 200, answer.text
    hr = await kit.machine("hr")
    change = {"status": "under_consideration", "reason": f"{MARK} convinced the panel."}
    status = await hr.api("POST", f"/applications/api/submitted/{application}/status", json=change)
    assert status.status_code == 200, status.text
    printed = await hr.api("GET", f"/applications/api/submitted/{application}/php")
    assert printed.status_code == 200, printed.text
    said = {"reason": "personal", "explanation": f"{MARK} moves to Peru."}
    withdrawn = await anna.api("POST", f"{API}/{application}/withdrawal", json=said)
    assert withdrawn.status_code == 200, withdrawn.text
    assert (await anna.api("PUT", f"{API}/{application}/archive")).status_code == 204
    return application


async def keeping(anna: Candidate) -> None:
    """A document that is kept apart from every application."""
    file = {"file": (f"{MARK}_Certificat.pdf", marked_pdf("kept"), "application/pdf")}
    answer = await anna.api("POST", "/applications/api/documents", files=file, data={"kind": "certificate"})
    assert answer.status_code == 201, answer.text


async def needing(anna: Candidate, application: str) -> None:
    need = {"need": f"{MARK} needs more time.", "steps": ["interview"], "contact": f"{MARK}, door 3"}
    answer = await anna.api("PUT", f"{API}/{application}/accommodation", json=need)
    assert answer.status_code == 204, answer.text


async def called(anna: Candidate, application: str) -> None:
    answer = await anna.api("PUT", f"{API}/{application}/name", json={"name": f"{MARK} for Geneva"})
    assert answer.status_code == 204, answer.text


async def reported_by(kit: Kit, anna: Candidate, application: str) -> None:
    """The level of a diploma is said to be wrong, and the office reads why."""
    diploma, *_ = (await anna.api("GET", f"{API}/{application}/diplomas")).json()
    assert MARK in diploma["title"]
    report = {"level": "doctorat", "explanation": f"{MARK} defended a thesis."}
    answer = await anna.api("POST", f"{API}/{application}/diplomas/{diploma['id']}/report", json=report)
    assert answer.status_code == 201, answer.text
    office = kit.service("applications").kernel.setting(OFFICE)
    assert report["explanation"] in (await kit.mail(office, "applications/mail/equivalence")).text


async def typed_too_late(kit: Kit, anna: Candidate, application: str) -> None:
    """A form posted after its session's end is kept, and there again after logging in."""
    letter = f"{MARK} has typed this for an hour."
    page = f"/applications/{application}/letter"
    login = await post_late(kit, anna, page, {"letter": letter, "_action": "save"})
    assert letter in unescape((await come_back(anna, login)).text)


async def discarded_by(anna: Candidate) -> None:
    thrown = await draft(anna)
    await needing(anna, thrown)
    await fill(anna, thrown, branded({"letter": SECTIONS["letter"]}))
    assert (await anna.api("DELETE", f"{API}/{thrown}")).status_code in (200, 204)


async def often_saved(kit: Kit, anna: Candidate, application: str) -> None:
    """Until there is a snapshot of it."""
    for number in range(EVENTS):
        await fill(anna, application, {"letter": {**SECTIONS["letter"], "letter": f"Cher {MARK}, {number}"}})
    sql = "select exists (select from snapshots where stream = $1 and subject = $2)"
    pool, subject = kit.service("applications").kernel.pool, f"account-{anna.account_id}"
    await until(lambda: pool.fetchval(sql, APPLICATION.stream(application), subject), "a snapshot")


async def attached(anna: Candidate, application: str) -> None:
    file = {"file": (f"{MARK}_Diplome.pdf", marked_pdf(UUID(application).hex), "application/pdf")}
    answer = await anna.api("POST", f"{API}/{application}/attachments", files=file)
    assert answer.status_code == 201, answer.text


async def helped(kit: Kit, anna: Candidate) -> None:
    """A ticket with a picture, an answer and a reply."""
    ticket = await opened(anna, branded({**PROBLEM, "email": anna.email}), screenshots=sent(picture()))
    await kit.settled()
    agent = await kit.machine("support")
    answer = await agent.api("POST", f"/support/api/desk/{ticket['id']}/answers", json={"text": f"Cher {MARK}"})
    assert answer.status_code == 201, answer.text
    reply = await anna.api("POST", f"/support/api/tickets/{ticket['id']}/replies", json={"text": f"{MARK} replies"})
    assert reply.status_code == 201, reply.text


async def helped_as_visitor(kit: Kit) -> str:
    """A ticket of somebody who is not logged in, answered and closed."""
    ticket = await opened(kit.visitor(language="fr"), branded(VISITOR), screenshots=sent(picture(colour="gold")))
    agent = await kit.machine("support")
    await kit.settled()
    answer = await agent.api("POST", f"/support/api/desk/{ticket['id']}/answers", json={"text": f"Cher {MARK}"})
    assert answer.status_code == 201, answer.text
    end = await agent.api("POST", f"/support/api/desk/{ticket['id']}/closure")
    assert end.status_code == 200, end.text
    return str(ticket["id"])


async def again_registered(kit: Kit, anna: Candidate) -> None:
    form = {
        "link": "none", "title": "ms", "given_names": MARK, "family_name": MARK, "birth_date": BORN,
        "email": anna.email, "language": "fr", "password": PASSWORD,
    }  # fmt: skip
    assert (await kit.visitor().api("POST", "/identity/api/registrations", json=form)).status_code == 202


async def closed(kit: Kit, anna: Candidate) -> None:
    """The account, and everything that follows from it."""
    again = kit.visitor()
    login = await again.api("POST", "/identity/api/login", json={"login": anna.email, "password": PASSWORD})
    assert login.status_code == 200, login.text
    answer = await again.api("POST", "/identity/api/account/closure", json={"current_password": PASSWORD})
    assert answer.status_code in (200, 202, 204), answer.text
    for name in NAMES:
        await until(lambda name=name: knows_erased(kit, name, f"account-{anna.account_id}"), f"{name} to erase")  # type: ignore[misc]
    await kit.settled()
    for name in NAMES:
        await until(lambda name=name: no_mail_waits(kit, name), f"{name} to send its mails")  # type: ignore[misc]


async def knows_erased(kit: Kit, name: str, subject: str) -> bool:
    sql = "select exists (select from erased_subjects where subject = $1)"
    return bool(await kit.service(name).kernel.pool.fetchval(sql, subject))


async def no_mail_waits(kit: Kit, name: str) -> bool:
    return not await kit.service(name).kernel.pool.fetchval("select exists (select from mails where due is not null)")


def databases(servers: Servers, settings: Settings) -> dict[str, str]:
    """As an administrator sees them."""
    return {name: named(servers.database_url, urlsplit(settings.database(name)).path[1:]) for name in NAMES}


def settings_of(servers: Servers, prefix: str) -> Settings:
    return Settings(
        environment="test", database_url=role_a_service(servers.database_url, prefix), topic_partitions=2,
        database_admin_url=servers.database_url, database_prefix=prefix, kafka=servers.kafka, topic_prefix=prefix,
    )  # fmt: skip


async def test_who_closes_the_account_is_found_nowhere_any_more(servers: Servers) -> None:
    settings = settings_of(servers, f"canary-{WORKER}-{os.getpid()}")
    places = databases(servers, settings)
    with logged("INFO") as log:
        async with running_platform(settings) as kit:
            anna, kept = await journey(kit)
        assert places_of(await in_tables(places)) >= LEFT, "there is something to be found"
        assert await on_topics(settings) == [], "nothing personal is ever readable on Kafka"
        await backed_up(servers, places)
        async with running_platform(settings) as kit:
            await closed(kit, anna)
            metrics = [(await kit.visitor().get(f"/{name}/metrics")).text for name in NAMES]
        assert places_of(await in_tables(places)) == STAYS
        assert await in_tables(places, kept.beside) == []
        async with running_platform(settings.model_copy(update={"days_ahead": RETENTION})) as kit:
            application, ticket = f"application-{kept.application}", f"ticket-{kept.ticket}"
            await until(lambda: knows_erased(kit, "applications", application), "the retention of the file to end")
            await until(lambda: knows_erased(kit, "support", ticket), "the retention of the ticket to end")
            await kit.settled()
        assert await in_tables(places) == []
        assert await on_topics(settings) == []
        lists = {name: await erased_of(name, place) for name, place in places.items()}
        await restored(servers, places)
        assert await in_tables(places), "the backup is from before"
        assert await in_pages(places), "what is in a table is in its file"
        for name in NAMES:
            await with_kernel(service(name), settings, lambda kernel, name=name: apply_list(kernel, lists[name]))  # type: ignore[misc]
        await delete_all_topics(settings)
        async with running_platform(settings) as kit:
            await until(lambda: nothing_left(places), "what the backup held to go", 60)
            await kit.settled()
            await every_view_anew(kit)
        assert await in_tables(places) == []
        assert await on_topics(settings) == []
        assert await in_pages(places) == []
    assert in_texts("metrics", metrics) == []
    assert in_texts("log", [log.getvalue()]) == []


def places_of(found: Iterable[str]) -> set[str]:
    """The columns in which these were found."""
    return {trace.partition(":")[0].partition(" ")[0].partition("/")[0] for trace in found}


async def nothing_left(places: Mapping[str, str]) -> bool:
    return not await in_tables(places)


async def every_view_anew(kit: Kit) -> None:
    """Each from the first event of its store or topic."""
    for name in NAMES:
        process = kit.service(name)
        for view in process.kernel.service.projections:
            if process.kernel.service.is_own(view):
                await rebuild_own(process.subscription, view, lambda _: None)
            else:
                topics = process.kernel.service.topics(kit.settings.topic_prefix)
                await rebuild_foreign(process.subscription, view, topics, process.lineages, lambda _: None)


async def erased_of(name: str, place: str) -> str:
    """As `erased` prints it."""
    connection = await asyncpg.connect(place)
    rows = await connection.fetch("select subject, erased_at from erased_subjects")
    await connection.close()
    return "\n".join([f"# erased in {name}", *(f"{row['subject']} {row['erased_at'].isoformat()}" for row in rows)])


async def backed_up(servers: Servers, places: Mapping[str, str]) -> None:
    """A copy of each database, as it is now."""
    await administered(servers, *(f'create database "{name}_backup" template "{name}"' for name in names(places)))


async def restored(servers: Servers, places: Mapping[str, str]) -> None:
    """The copies in place of the databases."""
    for name in names(places):
        await administered(
            servers, f'drop database "{name}" with (force)', f'alter database "{name}_backup" rename to "{name}"'
        )


def names(places: Mapping[str, str]) -> list[str]:
    return [urlsplit(place).path[1:] for place in places.values()]


async def administered(servers: Servers, *commands: str) -> None:
    connection = await asyncpg.connect(servers.database_url)
    for command in commands:
        await connection.execute(command)
    await connection.close()


async def delete_all_topics(settings: Settings) -> None:
    for name in NAMES:
        for topic in sorted(service(name).published.all_topics(settings.topic_prefix)):
            await delete_topics(settings, topic)


@pytest.mark.parametrize("wrapped", [MARK, f"x{MARK.lower()}x", MARK.upper()])
def test_the_search_finds_what_it_looks_for_in_every_spelling(wrapped: str) -> None:
    for content in (
        wrapped.encode(), wrapped.encode().hex().encode(), wrapped.encode("utf-16-le"),
        *(base64.b64encode(b"?" * shift + wrapped.encode()) for shift in range(3)), marked_pdf(),
    ):  # fmt: skip
        assert list(traces("here", content)), content
