"""What keeps somebody from using a page: rules of accessibility that it breaks, and scrolling sideways."""

from typing import Final

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

from tests.browser.person import SIDEWAYS

WIDE, NARROW = 1280, 320
CONTRAST: Final = {"runOnly": ["color-contrast"], "resultTypes": ["violations"]}


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
