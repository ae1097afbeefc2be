"""The house with all its pages to look at: everybody on the stage has a browser of their own in each language."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, Page

from tests.browser import chromium, troubled
from tests.browser.acts import act
from tests.browser.person import LOCALES, REFUSALS, Person, Watch, come_in
from tests.browser.sights import Sight, Who
from tests.browser.stage import Stage, set_up
from tests.house import Kit


class Seen(NamedTuple):
    """A page that has been brought into its state, and what its browser noticed on the way."""

    page: Page
    watch: Watch


class Gallery:
    """Opens sights; each visitor's browser is kept from one to the next."""

    def __init__(self, browser: Browser, stage: Stage, stack: AsyncExitStack) -> None:
        self.browser, self.stage, self.stack = browser, stage, stack
        self.readers: dict[tuple[Who, str], BrowserContext] = {}

    @asynccontextmanager
    async def show(self, sight: Sight, language: str) -> AsyncIterator[Seen]:
        reader = self.readers.get((sight.who, language)) or await self._enters(sight.who, language)
        page, path = await reader.new_page(), self.stage.path(sight)
        url = path if path.startswith("http") else self.stage.gaps["house"] + path
        watch = Watch(page, "http://" + urlsplit(url).netloc, {*REFUSALS, sight.status})
        try:
            await page.goto(url)
            await act(page, sight)
            yield Seen(page, watch)
        finally:
            await page.close()

    async def _enters(self, who: Who, language: str) -> BrowserContext:
        context = await self.browser.new_context(locale=LOCALES[language], timezone_id="Europe/Paris")
        self.stack.push_async_callback(context.close)
        page = await context.new_page()
        if who in self.stage.people:
            await come_in(Person(page, self.stage.gaps["house"], language), self.stage.people[who])
        await page.goto(f"{self.stage.gaps['house']}/help?lang={language}")
        await page.close()
        self.readers[who, language] = context
        return context


@asynccontextmanager
async def opened(house: Kit, browser: Browser) -> AsyncIterator[Gallery]:
    """The house, seen from many networks, and the applications in trouble, each listening at an address of its own."""
    applications: dict[str, Any] = {
        "house": troubled.FromElsewhere(house.house), "broken": troubled.broken(),
        "resting": await troubled.resting(house), "crowded": await troubled.crowded(house),
    }  # fmt: skip
    async with AsyncExitStack() as stack:
        listening = {name: await stack.enter_async_context(chromium.listening(a)) for name, a in applications.items()}
        yield Gallery(browser, await set_up(house, listening), stack)
