"""Pictures of every page in both languages and both widths, in build/screens/: `python -m tests.browser.screens`."""

import itertools
import sys
from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import Browser, Page

from tests.browser.person import come_in, person
from tests.browser.stage import Stage, set_up
from tests.house import Kit

FOLDER: Final = Path(__file__).parents[2] / "build" / "screens"
WIDTHS: Final = (320, 1280)
HEIGHT: Final = 900
PRESSED: Final = {"login", "register", "contact-visitor", "apply-first", "search-save", "terms", "account-password"}
"""Pages whose form is also sent empty, to see what it says."""

LANGUAGES: Final = ("fr", "en")
FORM: Final = "main form:not([role=search])"


@pytest.fixture(scope="session")
async def stage(house: Kit) -> Stage:
    return await set_up(house)


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("language", "width"), list(itertools.product(LANGUAGES, WIDTHS)))
async def test_screens(stage: Stage, browser: Browser, address: str, language: str, width: int) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    too_wide = []
    for who, paths in stage.readers:
        viewport = {"width": width, "height": HEIGHT}
        async with person(browser, address, language, viewport=viewport) as reader:
            await reader.open(f"/help?lang={language}")
            if who:
                await come_in(reader, who)
            for name, path in paths.items():
                await reader.open(path)
                too_wide += await _shoot(reader.page, f"{name}-{language}-{width}")
                if name in PRESSED:
                    await reader.page.locator(f"{FORM} button.govuk-button").first.click()
                    await reader.page.locator("[data-error-summary]").wait_for()
                    too_wide += await _shoot(reader.page, f"{name}-sent-empty-{language}-{width}")
            assert not reader.watch.elsewhere
            assert [each for each in reader.watch.faults if "404" not in each] == []
    assert too_wide == []


async def _shoot(page: Page, name: str) -> list[str]:
    """Takes the picture; returns the name if the page has to be scrolled sideways."""
    await page.screenshot(path=FOLDER / f"{name}.png", full_page=True)
    wide = await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return [name] if wide else []


if __name__ == "__main__":
    sys.exit(pytest.main([__file__, "-q", *sys.argv[1:]]))
