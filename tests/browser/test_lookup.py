"""Lookup fields with a script (R23, R24): a list that is searched by typing, a value outside it, and the way back."""

import pytest
from playwright.async_api import Browser, Locator, expect

from tests.browser.axe import broken_rules
from tests.browser.driver import Keyboard
from tests.browser.person import SIDEWAYS, Person, come_in, person
from tests.platform import Candidate, Kit, until
from tests.shared.waiting import equals

PAGE = "/profile/nationality"
OUTSIDE = (
    "Cette valeur ne figure pas dans la liste. Effacez le contenu du champ, puis choisissez une valeur de la liste"
)
WRONG = "Nationalité actuelle – « Atlantis » ne figure pas dans la liste. Effacez le contenu du champ"


async def nationality(candidate: Candidate) -> str:
    """What is saved."""
    saved = (await candidate.api("GET", "/profile/api/nationality")).json()
    return str(saved["values"].get("nationality", ""))


def current(anna: Person) -> Locator:
    return anna.page.get_by_role("combobox", name="Nationalité actuelle")


@pytest.mark.rule("R23")
async def test_a_value_is_found_by_typing_and_taken_with_the_keyboard(
    platform: Kit, browser: Browser, address: str
) -> None:
    candidate = await platform.candidate(language="fr")
    async with person(browser, address, driver=Keyboard) as anna:
        await come_in(anna, candidate)
        await anna.open(PAGE)
        field = current(anna)
        await anna.driver.write(field, "emirats")
        await expect(field).to_have_attribute("aria-expanded", "true")
        await expect(anna.page.get_by_role("option")).to_have_text(["Émirats arabes unis"])
        await anna.page.keyboard.press("ArrowDown")
        await expect(anna.page.get_by_role("option", selected=True)).to_have_text("Émirats arabes unis")
        await anna.page.keyboard.press("Enter")
        await expect(field).to_have_value("Émirats arabes unis")
        await expect(field).to_have_attribute("aria-expanded", "false")

        async def saved() -> bool:
            return await nationality(candidate) == "AE"

        await until(saved, "the background save")
        anna.watch.assert_nothing_unusual()


@pytest.mark.rule("R23")
@pytest.mark.rule("R24")
async def test_a_value_outside_the_list_is_a_problem_with_its_remedy_cleared_then_picked(
    platform: Kit, browser: Browser, address: str
) -> None:
    candidate = await platform.candidate(language="fr")
    async with person(browser, address, driver=Keyboard) as anna:
        await come_in(anna, candidate)
        await anna.open(PAGE)
        field = current(anna)
        await anna.driver.write(field, "Atlantis")
        await anna.page.keyboard.press("Tab")
        await anna.reads(OUTSIDE)
        await anna.press("Enregistrer")
        assert await nationality(candidate) == "Atlantis"
        problem = anna.page.get_by_role("link", name=WRONG)
        await anna.driver.press(problem)
        await expect(field).to_be_focused()
        await expect(field).to_have_value("Atlantis")
        await anna.page.keyboard.press("Escape")
        await expect(field).to_have_value("")
        await anna.driver.pick(field, "Norvège")
        await anna.press("Enregistrer")
        await expect(problem).to_have_count(0)
        await expect(field).to_have_value("Norvège")
        await expect(anna.page.get_by_role("link", name="Deuxième nationalité")).to_have_count(0)
    assert await nationality(candidate) == "NO"


async def test_the_open_list_is_accessible_and_fits_a_phone(platform: Kit, browser: Browser, address: str) -> None:
    candidate = await platform.candidate(language="fr")
    async with person(browser, address, viewport={"width": 320, "height": 640}) as anna:
        await come_in(anna, candidate)
        await anna.open(PAGE)
        await current(anna).click()
        await expect(anna.page.get_by_role("listbox", name="Nationalité actuelle")).to_be_visible()
        await anna.page.keyboard.press("ArrowDown")
        assert await broken_rules(anna.page) == []
        assert not await anna.page.evaluate(SIDEWAYS)


async def test_the_mouse_picks_from_the_list(platform: Kit, browser: Browser, address: str) -> None:
    candidate = await platform.candidate(language="fr")
    async with person(browser, address) as anna:
        await come_in(anna, candidate)
        await anna.open(PAGE)
        await anna.driver.pick(current(anna), "Pérou")
        await anna.press("Enregistrer")
        await expect(current(anna)).to_have_value("Pérou")
        await equals("PE", lambda: nationality(candidate), "the nationality is saved")
