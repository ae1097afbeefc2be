"""The platform with all its pages to look at: everybody on the fixtures has a browser of their own in each language."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, Page

from tests.browser import chromium, troubled
from tests.browser.acts import act
from tests.browser.fixtures import Fixtures, set_up
from tests.browser.page_states import PageState, Who
from tests.browser.person import LOCALES, REFUSALS, Person, Watch, come_in
from tests.platform import Kit


class Seen(NamedTuple):
    """A page that has been brought into its state, and what its browser noticed on the way."""

    page: Page
    watch: Watch


class Gallery:
    """Opens page_states; each visitor's browser is kept from one to the next."""

    def __init__(self, browser: Browser, fixtures: Fixtures, stack: AsyncExitStack) -> None:
        self.browser, self.fixtures, self.stack = browser, fixtures, stack
        self.readers: dict[tuple[Who, str], BrowserContext] = {}

    @asynccontextmanager
    async def show(self, page_state: PageState, language: str) -> AsyncIterator[Seen]:
        reader = self.readers.get((page_state.who, language)) or await self._enters(page_state.who, language)
        page, path = await reader.new_page(), self.fixtures.path(page_state)
        url = path if path.startswith("http") else self.fixtures.gaps["platform"] + path
        watch = Watch(page, "http://" + urlsplit(url).netloc, {*REFUSALS, page_state.status})
        try:
            await page.goto(url)
            await act(page, page_state)
            yield Seen(page, watch)
        finally:
            await page.close()

    async def _enters(self, who: Who, language: str) -> BrowserContext:
        context = await self.browser.new_context(locale=LOCALES[language], timezone_id="Europe/Paris")
        self.stack.push_async_callback(context.close)
        page = await context.new_page()
        if who in self.fixtures.people:
            await come_in(Person(page, self.fixtures.gaps["platform"], language), self.fixtures.people[who])
        await page.goto(f"{self.fixtures.gaps['platform']}/help?lang={language}")
        await page.close()
        self.readers[who, language] = context
        return context


@asynccontextmanager
async def opened(platform: Kit, browser: Browser) -> AsyncIterator[Gallery]:
    """The platform, seen from many networks, and the applications in trouble, each at an address of its own."""
    applications: dict[str, Any] = {
        "platform": troubled.FromElsewhere(platform.host), "broken": troubled.broken(),
        "resting": await troubled.resting(platform), "crowded": await troubled.crowded(platform),
    }  # fmt: skip
    async with AsyncExitStack() as stack:
        listening = {name: await stack.enter_async_context(chromium.listening(a)) for name, a in applications.items()}
        yield Gallery(browser, await set_up(platform, listening), stack)
