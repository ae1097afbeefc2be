"""What is typed into a lookup answers in a browser exactly as it does at the door (R23)."""

from collections.abc import AsyncIterator

import pytest
from fastapi import Response
from playwright.async_api import Browser, Page, expect

from shared.vocabulary.fields import COUNTRIES, LANGUAGES, Field, PromptList
from shared.vocabulary.naming import found, keys
from shared.web import Page as PageOf
from shared.web import pages_router
from tests.browser import chromium
from tests.shared.vocabulary.typed import BEGUN, COUNTRIES_TYPED, LANGUAGES_TYPED
from tests.shared.web.site import site

MOST = 300
FIELDS = (
    Field("country", "Country", "lookup", options=COUNTRIES),
    Field("tongue", "Mother tongue", "lookup", options=LANGUAGES),
    Field("other", "Its name", when=("tongue", ("mis",))),
)
LISTED = "input => [...document.getElementById(`${input.id}-list`).children].map(row => row.textContent)"


@pytest.fixture(scope="module")
async def address() -> AsyncIterator[str]:
    app, router = site(), pages_router()

    @router.get("/sample/lookups")
    async def lookups(page: PageOf) -> Response:
        values = {"country": "NO", "tongue": "vo"}
        return page.render("sample/form.html", fields=FIELDS, values=values, problems=())

    app.include_router(router)
    async with chromium.listening(app) as found_at:
        yield found_at


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium.browser() as started:
        yield started


@pytest.fixture(params=["fr", "en"])
async def page(request: pytest.FixtureRequest, browser: Browser, address: str) -> AsyncIterator[Page]:
    context = await browser.new_context(base_url=address)
    page = await context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    async with page.expect_response("**/list-languages-*"), page.expect_response("**/list-countries-*"):
        await page.goto(f"/sample/lookups?lang={request.param}")
    yield page
    await context.close()
    assert faults == []


def offered(prompts: PromptList, typed: str, language: str) -> list[str]:
    values = [(value, [keys(label)[0], *more]) for value, label, more in prompts.searched(language)]
    return [prompts.label(value, language) for value in found(typed, values)][:MOST]


@pytest.mark.rule("R23")
@pytest.mark.parametrize(
    ("label", "prompts", "table"),
    [("Country", COUNTRIES, COUNTRIES_TYPED), ("Mother tongue", LANGUAGES, LANGUAGES_TYPED)],
    ids=["countries", "languages"],
)
async def test_the_page_offers_and_takes_what_the_door_would(
    page: Page, label: str, prompts: PromptList, table: tuple[tuple[str, str], ...]
) -> None:
    language = str(await page.evaluate("document.documentElement.lang"))
    field = page.get_by_role("combobox", name=label)
    await field.click()
    await expect(page.get_by_role("option").first).to_be_visible()
    for typed, code in [*table, *((begun, prompts.names.meant(begun)) for begun in BEGUN)]:
        await field.fill(typed)
        assert await field.evaluate(LISTED) == offered(prompts, typed, language), typed
        await field.blur()
        assert await field.input_value() == (prompts.label(code, language) if code else typed), typed


@pytest.mark.rule("R23")
async def test_a_language_of_a_long_list_is_picked_and_another_one_is_named(page: Page) -> None:
    language = str(await page.evaluate("document.documentElement.lang"))
    tongue, other = page.get_by_role("combobox", name="Mother tongue"), page.get_by_label("Its name")
    await expect(tongue).to_have_value("Volapük")
    await expect(other).to_be_hidden()
    await tongue.fill("kaby")
    await expect(page.get_by_role("option", name="Kabyle")).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(tongue).to_have_value("Kabyle")
    await tongue.fill(LANGUAGES.label("mis", language))
    await expect(other).to_be_visible()
    await tongue.fill("Klingon")
    await tongue.blur()
    await expect(tongue).to_have_value("Klingon")
    await expect(page.locator(".postulo-lookup__remedy").last).not_to_be_empty()
    await expect(other).to_be_hidden()
