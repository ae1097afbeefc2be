"""What keeps somebody from using a page: rules of accessibility that it breaks, and scrolling sideways."""

from typing import Final

from playwright.async_api import Page

from tests.browser.axe import broken_rules
from tests.browser.gallery import Seen
from tests.browser.page_states import PageState
from tests.browser.person import SIDEWAYS, texts_of
from tests.browser.words import strangers

WIDE, NARROW = 1280, 320


async def is_as_it_should_be(seen: Seen, page_state: PageState, language: str) -> None:
    """In the reader's language; a refusal has its status; a page with problems, and no other, says so in its title."""
    assert await seen.page.locator("html").get_attribute("lang") == language
    title = await seen.page.title()
    is_wrong = title.startswith(texts_of("careers", language)("Error:"))
    assert is_wrong == (await seen.page.locator(".govuk-error-summary").count() > 0), title
    assert is_wrong or page_state.state != "errors", title
    assert page_state.state == "errors" or seen.watch.status == page_state.status
    found = strangers(await seen.page.content(), language)
    assert found == set(), found
    seen.watch.assert_nothing_unusual()


TOO_WIDE: Final = """() => [...document.querySelectorAll("main *")]
    .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
    .slice(-3).map((each) => each.outerHTML.slice(0, 200))"""


async def fits(page: Page, width: int) -> None:
    """At this width nothing has to be scrolled sideways."""
    await page.set_viewport_size({"width": width, "height": 900})
    if await page.evaluate(SIDEWAYS):
        raise AssertionError(f"{width} px: has to be scrolled sideways", await page.evaluate(TOO_WIDE))


async def no_barrier(page: Page, width: int) -> None:
    """At this width axe finds nothing."""
    await fits(page, width)
    assert await broken_rules(page) == [], f"{width} px"


async def no_barrier_in_the_dark(page: Page) -> None:
    await page.emulate_media(color_scheme="dark", reduced_motion="reduce")  # No colour is half-way to another.
    assert await broken_rules(page, runOnly=["color-contrast"]) == [], "dark"
