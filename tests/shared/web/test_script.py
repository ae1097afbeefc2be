"""The script in a real browser: forms save themselves, problems get the focus, no accessibility rule is broken."""

import asyncio
from collections.abc import AsyncIterator
from typing import Literal
from urllib.parse import parse_qs

import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.browser import chromium
from tests.browser.axe import broken_rules
from tests.shared.web.site import site


@pytest.fixture(scope="module")
async def address() -> AsyncIterator[str]:
    async with chromium.listening(site()) as found:
        yield found


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium.browser() as started:
        yield started


@pytest.fixture
async def page(browser: Browser, address: str) -> AsyncIterator[Page]:
    context = await browser.new_context(base_url=address, locale="fr-FR", timezone_id="Europe/Paris")
    page = await context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on("console", lambda line: failures.append(line.text) if "Content Security Policy" in line.text else None)
    yield page
    await context.close()
    assert failures == []


async def test_a_form_saves_itself_within_five_seconds_and_says_when(page: Page) -> None:
    await page.clock.install()
    await page.goto("/sample/form")
    await page.get_by_label("Family name").press_sequentially("Petit")
    await page.clock.pause_at(await page.evaluate("Date.now() / 1000 + 5"))
    await expect(page.get_by_role("status")).to_contain_text("Enregistré à")
    await expect(page.locator("[name=_version]")).to_have_value("8")


async def test_a_failed_background_save_says_so_and_tries_again(page: Page) -> None:
    await page.goto("/sample/form")
    await page.route("**/sample/form", lambda route: route.abort())
    await page.get_by_label("Family name").press_sequentially("Petit")
    await expect(page.get_by_role("status")).to_contain_text("Pas encore enregistré")
    await page.unroute("**/sample/form")
    await expect(page.get_by_role("status")).to_contain_text("Enregistré à", timeout=30_000)


async def test_pressing_save_waits_for_a_save_on_its_way(page: Page) -> None:
    await page.goto("/sample/form")
    on_its_way, answer = asyncio.Event(), asyncio.Event()
    posted: list[str] = []

    async def slow(route: Route) -> None:
        background = "postulo-autosave" in route.request.headers
        version = parse_qs(route.request.post_data or "")["_version"][0]
        posted.append(f"{'background' if background else 'pressed'}: version {version}")
        if background:
            on_its_way.set()
            await answer.wait()
        await route.continue_()

    await page.route("**/sample/form", slow)
    await page.get_by_label("Family name").press_sequentially("Petit")
    await on_its_way.wait()
    await page.get_by_role("button", name="Enregistrer", exact=True).click()
    assert posted == ["background: version 7"]
    answer.set()
    await expect(page.locator("[data-error-summary]")).to_be_visible()
    assert posted == ["background: version 7", "pressed: version 8"]


async def test_problems_get_the_focus_and_lead_to_their_fields(page: Page) -> None:
    await page.goto("/sample/form")
    await page.get_by_role("button", name="Enregistrer", exact=True).click()
    await expect(page).to_have_title("Erreur : Carrières – Postulo")
    await expect(page.locator("[data-error-summary]")).to_be_focused()
    await page.get_by_role("link", name="À renseigner : Date of birth").click()
    await expect(page.locator("[name=birth_date-day]")).to_be_focused()
    await page.get_by_role("link", name="Répondez à la question « Employed by the UN »").click()
    await expect(page.locator("[name=employed]").first).to_be_focused()


async def test_a_dependent_field_shows_when_it_counts(page: Page) -> None:
    await page.goto("/sample/form")
    organisation = page.get_by_label("Organisation")
    await expect(organisation).to_be_hidden()
    await page.get_by_label("Oui").check()
    await expect(organisation).to_be_visible()
    await page.get_by_label("Non").check()
    await expect(organisation).to_be_hidden()


async def test_characters_are_counted(page: Page) -> None:
    await page.goto("/sample/form")
    await page.get_by_label("Letter").fill("x" * 801)
    await expect(page.locator("#letter-count")).to_have_text("Caractères en trop\u00a0: 1")


async def test_enter_saves_and_does_not_remove_an_entry(page: Page) -> None:
    await page.goto("/sample/form")
    await page.get_by_label("Family name").fill("Petit")
    await page.get_by_label("Family name").press("Enter")
    await expect(page.locator("[data-error-summary]")).to_be_visible()
    await expect(page.get_by_label("Family name")).to_have_value("Petit")
    await expect(page.get_by_role("group", name="Job 1")).to_contain_text("Clerk, 3 février 2001")


@pytest.mark.rule("R45")
async def test_a_deadline_is_also_told_in_the_readers_own_time(page: Page) -> None:
    await page.goto("/sample/form")
    await expect(page.locator("time").last).to_contain_text("heure locale : 1er décembre 2026 à 05:59")


@pytest.mark.rule("R20")
async def test_the_end_of_the_session_is_announced_five_minutes_ahead(page: Page) -> None:
    await page.clock.install()
    await page.goto("/sample/in")
    warning = page.get_by_role("alert")
    await page.clock.fast_forward("54:00")
    await expect(warning).to_be_hidden()
    await page.clock.fast_forward("02:00")
    await expect(warning).to_contain_text("Votre session expire dans 4 minutes")
    await page.get_by_role("button", name="Continuer ma session").click()
    await expect(warning).to_be_hidden()
    await page.clock.fast_forward("01:01:00")
    await expect(warning).to_contain_text("Votre session a expiré")


@pytest.mark.parametrize(
    ("language", "width", "scheme"), [("en", 320, "light"), ("fr", 1280, "light"), ("fr", 320, "dark")]
)
async def test_no_accessibility_rule_is_broken(
    page: Page, language: str, width: int, scheme: Literal["light", "dark"]
) -> None:
    await page.set_viewport_size({"width": width, "height": 900})
    await page.emulate_media(color_scheme=scheme)
    await page.goto(f"/sample/form?lang={language}")
    await no_violation(page)
    await page.locator("main form button:not([aria-hidden])").last.click()
    await expect(page.locator("[data-error-summary]")).to_be_visible()
    await no_violation(page)


@pytest.mark.parametrize("path", ["/sample/private", "/sample/nothing"])
async def test_nor_on_a_readers_own_page_and_on_ours_for_refusals(page: Page, path: str) -> None:
    await page.goto("/sample/in")
    await page.goto(path)
    await expect(page.get_by_role("button", name="Déconnexion")).to_be_visible()
    await no_violation(page)


async def no_violation(page: Page) -> None:
    assert await broken_rules(page) == []
    too_wide = await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not too_wide
