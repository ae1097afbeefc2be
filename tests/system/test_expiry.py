"""R49 through the pages: the platform is started anew, each time with its clock further ahead."""

import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest

from deploy.local.servers import Servers
from shared.ops.settings import Settings
from tests.alerts.test_doors import publish
from tests.conftest import WORKER, role_a_service
from tests.platform import PASSWORD, Candidate, Kit, Visitor, running_platform

NAMES = ("First", "Second", "Third", "Fourth", "Fifth")


@asynccontextmanager
async def days_later(settings: Settings, days: int) -> AsyncIterator[Kit]:
    """The same databases, topics and keys, with the clock so many days ahead."""
    async with running_platform(settings.model_copy(update={"days_ahead": days})) as kit:
        yield kit


async def back(kit: Kit, before: Candidate) -> Visitor:
    """Whoever registered then, logged in now."""
    anna = kit.visitor()
    form = {"login": before.email, "password": PASSWORD}
    page = await anna.post_form("/identity/login", form)
    assert page.url.path == "/careers", page.text
    return anna


def cards(html: str) -> dict[str, str]:
    """The text of each saved search on the page, by its name."""
    found = re.split(r'<div class="govuk-summary-card" id="search-', html)[1:]
    texts = [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", each.partition(">")[2])) for each in found]
    return {text.split()[0]: text for text in texts}


async def saved(anna: Visitor, name: str) -> str:
    form = {"name": name, "alert": "yes", "email": getattr(anna, "email", ""), "rhythm": "at_once"}
    return (await anna.post_form("/alerts/new?keywords=water", form)).text


def id_of(html: str, name: str) -> str:
    found = re.search(rf'id="search-([0-9a-f-]+)">\s*<div[^>]*>\s*<h2[^>]*>{name}<', html)
    assert found, html
    return found[1]


@pytest.mark.usefixtures("patient")
@pytest.mark.rule("R49")
@pytest.mark.rule("R50")
async def test_a_saved_search_is_reminded_of_renewed_expires_is_listed_and_leaves_its_place(servers: Servers) -> None:
    prefix = f"later-{WORKER}-{os.getpid()}"
    settings = Settings(
        environment="test", database_url=role_a_service(servers.database_url, prefix),
        database_admin_url=servers.database_url, database_prefix=prefix, kafka=servers.kafka, topic_prefix=prefix,
    )  # fmt: skip
    async with days_later(settings, 0) as kit:
        anna = await kit.candidate()
        for name in NAMES:
            assert "Your search has been saved." in await saved(anna, name)
        assert "already have 5 saved searches" in await saved(anna, "Sixth")
        page = (await anna.get("/alerts")).text
        assert page.count("Expires in 365 days") == 5
        await kit.settled()
        assert kit.mails(anna.email, "alerts/mail/reminder") == []
    async with days_later(settings, 352) as kit:
        again = await back(kit, anna)
        for number in range(1, 6):
            await kit.mail(anna.email, "alerts/mail/reminder", number)
        mails = kit.mails(anna.email, "alerts/mail/reminder")
        page = (await again.get("/alerts")).text
        assert page.count("Expires in 13 days") == 5
        (first,) = [mail for mail in mails if "“First”" in mail.subject]
        link = re.search(r"https://\S+(/alerts/[0-9a-f-]+)", first.text)
        assert link
        edit = await again.get(link[1])
        assert (edit.status_code, "Renew" in edit.text) == (200, True)
        renewed = await again.post_form(f"{link[1]}/renew", {}, page=link[1])
        assert "Your saved search is valid for another 365 days." in renewed.text
        assert "Expires in 365 days" in cards(renewed.text)["First"]
        await kit.settled()
        assert len(kit.mails(anna.email, "alerts/mail/reminder")) == 5
    async with days_later(settings, 366) as kit:
        again, hr = await back(kit, anna), await kit.machine("hr")
        page = (await again.get("/alerts")).text
        assert "You use 1 of 5 saved searches. Expired ones do not count." in re.sub(r"\s+", " ", page)
        shown = cards(page)
        assert sorted(shown) == sorted(NAMES), "expired ones stay listed"
        assert [name for name in NAMES if "A saved" in shown[name] or "Expired on" in shown[name]] == list(NAMES[1:])
        assert "Expires in 351 days" in shown["First"]
        await publish(hr, "water", days=366 + 30)
        await kit.mail(anna.email, "alerts/mail/vacancy")
        await kit.settled()
        told = kit.mails(anna.email, "alerts/mail/vacancy")
        assert [mail.subject.partition("”")[0] for mail in told] == ["Job alert “First"]
        for name in ("Sixth", "Seventh", "Eighth", "Ninth"):
            form = {"name": name, "email": "", "rhythm": "daily"}
            assert "Your search has been saved." in (await again.post_form("/alerts/new", form)).text
        second = id_of((await again.get("/alerts")).text, "Second")
        full = await again.post_form(f"/alerts/{second}/renew", {}, page="/alerts")
        assert (full.status_code, "already have 5 saved searches" in full.text) == (409, True)
        ninth = id_of((await again.get("/alerts")).text, "Ninth")
        await again.post_form(f"/alerts/{ninth}/delete", {})
        renewed = await again.post_form(f"/alerts/{second}/renew", {}, page="/alerts")
        assert "Expires in 365 days" in cards(renewed.text)["Second"]
        assert urlsplit(str(renewed.url)).path == "/alerts"
