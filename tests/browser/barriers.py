"""What keeps somebody from using a page: rules of accessibility that it breaks, and scrolling sideways."""

import re
from typing import Final

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

from tests.browser.gallery import Seen
from tests.browser.person import SIDEWAYS
from tests.browser.sights import Sight

WIDE, NARROW = 1280, 320
CONTRAST: Final = {"runOnly": ["color-contrast"], "resultTypes": ["violations"]}


async def is_as_it_should_be(seen: Seen, sight: Sight, language: str) -> None:
    """In the reader's language; a refusal has its status, a form with problems says so in the title; nothing else."""
    assert await seen.page.locator("html").get_attribute("lang") == language
    title = await seen.page.title()
    wrong = re.match(r"(Erreur|Error)\s?: ", title)
    assert bool(wrong) == (sight.state == "errors"), title
    assert sight.state == "errors" or seen.watch.status == sight.status
    seen.watch.assert_nothing_unusual()


async def fits(page: Page, width: int) -> None:
    """At this width nothing has to be scrolled sideways."""
    await page.set_viewport_size({"width": width, "height": 900})
    assert not await page.evaluate(SIDEWAYS), f"{width} px: has to be scrolled sideways"


async def no_barrier(page: Page, width: int) -> None:
    """At this width axe finds nothing."""
    await fits(page, width)
    found = await Axe().run(page)
    assert found.violations_count == 0, f"{width} px: {found.generate_report()}"


async def no_barrier_in_the_dark(page: Page) -> None:
    await page.emulate_media(color_scheme="dark")
    found = await Axe().run(page, options=CONTRAST)
    assert found.violations_count == 0, f"dark: {found.generate_report()}"
