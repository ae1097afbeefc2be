"""What a page shows differently to different readers: in forced colours, in the reader's zone, a password in clear."""

import re
from datetime import datetime, timedelta
from typing import Final

import pytest
from playwright.async_api import Browser, Locator, expect

from tests.applications.doors import draft
from tests.browser.axe import broken_rules
from tests.browser.driver import Keyboard
from tests.browser.person import Person, come_in, person
from tests.platform import PASSWORD, Kit

BORDER: Final = "link => getComputedStyle(link).borderBottomColor"


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_in_forced_colours_the_current_tab_is_seen(
    platform: Kit, browser: Browser, address: str, scheme: str
) -> None:
    candidate = await platform.candidate(language="fr")
    async with person(browser, address, forced_colors="active", color_scheme=scheme) as anna:
        await come_in(anna, candidate)
        await anna.open("/profile/family")
        for name in ("Menu principal", "Onglets du profil"):
            links = anna.page.get_by_role("navigation", name=name).get_by_role("link")
            current = {await _border(link) for link in await links.all() if await link.get_attribute("aria-current")}
            others = {await _border(link) for link in await links.all() if not await link.get_attribute("aria-current")}
            assert len(current) == len(others) == 1
            assert current != others


async def _border(link: Locator) -> str:
    return str(await link.evaluate(BORDER))


async def test_the_last_minute_of_a_session_is_one_minute(platform: Kit, browser: Browser, address: str) -> None:
    for language, said in (("fr", "expire dans 1 minute."), ("en", "ends in 1 minute.")):
        candidate = await platform.candidate(language=language)
        async with person(browser, address, language) as anna:
            await come_in(anna, candidate)
            await anna.page.clock.install()
            await anna.open("/profile/nationality")
            await anna.page.clock.fast_forward("59:10")
            await expect(anna.page.get_by_role("alert").filter(visible=True)).to_contain_text(said)


@pytest.mark.parametrize("page", ["/identity/login", "/identity/register"])
async def test_a_password_is_shown_on_request_and_sent_as_a_password(browser: Browser, address: str, page: str) -> None:
    async with person(browser, address, driver=Keyboard) as anna:
        await anna.open(page)
        field = anna.page.locator("[name=password]")
        await anna.driver.write(field, PASSWORD)
        await anna.driver.press(_toggle(anna, "Afficher"))
        await expect(field).to_have_attribute("type", "text")
        await expect(anna.page.get_by_text("Votre mot de passe est affiché")).to_be_attached()
        assert await broken_rules(anna.page) == []
        await anna.driver.press(_toggle(anna, "Masquer"))
        await expect(field).to_have_attribute("type", "password")
        await anna.driver.press(_toggle(anna, "Afficher"))
        await anna.page.evaluate("document.addEventListener('submit', event => event.preventDefault())")
        await anna.page.locator("main form button.govuk-button[type=submit]").first.click()
        await expect(field).to_have_attribute("type", "password")
        anna.watch.assert_nothing_unusual()


def _toggle(anna: Person, word: str) -> Locator:
    return anna.page.get_by_role("button", name=re.compile(f"^{word} Mot de passe"))


async def test_without_a_script_there_is_no_button_that_does_nothing(browser: Browser, address: str) -> None:
    async with person(browser, address, java_script_enabled=False) as anna:
        await anna.open("/identity/login")
        await expect(_toggle(anna, "Afficher")).to_have_count(0)
        await anna.open("/help/manual")
        await expect(anna.page.get_by_role("button", name="Imprimer le manuel")).to_have_count(0)


async def test_times_in_a_list_to_choose_from_are_the_reader_s_own(
    platform: Kit, browser: Browser, address: str
) -> None:
    candidate = await platform.candidate(language="fr")
    application = await draft(candidate)
    created = (await candidate.api("GET", f"/applications/api/applications/{application}")).json()["created_at"]
    for zone, hours in (("Asia/Tokyo", 9), ("America/Bogota", -5)):
        async with person(browser, address, timezone_id=zone) as anna:
            await come_in(anna, candidate)
            await anna.open("/careers")
            await anna.open("/applications/new")
            shown = await anna.page.locator("[name=source_application_id]").inner_text()
            assert _clock(created, timedelta(hours=hours)) in shown
            assert "UTC" not in shown


def _clock(moment: str, ahead: timedelta) -> str:
    return f"{datetime.fromisoformat(moment) + ahead:%H:%M}"


async def test_the_manual_is_printed_on_request_and_without_what_is_no_part_of_it(
    browser: Browser, address: str
) -> None:
    async with person(browser, address) as anna:
        await anna.page.add_init_script("window.print = () => { document.body.dataset.printed = 'yes'; }")
        await anna.open("/help/manual")
        await anna.press("Imprimer le manuel")
        await expect(anna.page.locator("body")).to_have_attribute("data-printed", "yes")
        await anna.page.emulate_media(media="print")
        await expect(anna.page.get_by_role("navigation", name="Menu principal")).to_be_hidden()
        await expect(anna.page.get_by_role("button", name="Imprimer le manuel")).to_be_hidden()
        await expect(anna.page.get_by_role("heading", name="Épreuves et entretiens", level=2)).to_be_visible()
