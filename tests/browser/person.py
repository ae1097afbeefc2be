"""A person at a browser: finds things by their words, fills declared forms, and nothing unusual goes unnoticed."""

import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.async_api import Browser, ConsoleMessage, Locator, Page, Request, Response, expect

from shared.vocabulary.fields import AnyField, Entries, Field, PromptList, Values
from shared.web.environment import OURS, SERVICES
from shared.web.language import Catalogues, Texts
from shared.web.widgets import MANY
from tests.browser.driver import Driver, Mouse
from tests.browser.words import said_in, saying
from tests.platform import Visitor

HEAVIEST: Final = 150_000
LOADED: Final = re.compile(r"Failed to load resource: the server responded with a status of (\d+)")
"""What Chromium says about a page that is no success: no fault if it refuses something in words."""
REFUSALS: Final = frozenset({409, 422})

BEING_UPDATED: Final = "This page is being updated: your last change is saved and will show in a moment."


@cache
def texts_of(service: str, language: str) -> Texts:
    return Catalogues([SERVICES / service / "templates", OURS])[language]


class Watch:
    """What a page's browser noticed: requests to other hosts, faults on the console, how heavy the pages were."""

    def __init__(self, page: Page, address: str, refusals: Iterable[int] = REFUSALS) -> None:
        self.address, self.refusals = address, frozenset(refusals)
        self.elsewhere: list[str] = []
        self.faults: list[str] = []
        self.pages: dict[str, int] = {}
        self.assets: dict[str, int] = {}
        self.status = 0
        page.on("request", self._request)
        page.on("response", self._response)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(str(error)))

    def _request(self, request: Request) -> None:
        if request.url.startswith("http") and not request.url.startswith(self.address + "/"):
            self.elsewhere.append(request.url)

    def _response(self, response: Response) -> None:
        kind, size = response.headers.get("content-type", ""), int(response.headers.get("content-length", HEAVIEST))
        if "/assets/" in response.url:
            self.assets[response.url] = size
        elif kind.startswith("text/html"):
            self.pages[response.url] = max(size, self.pages.get(response.url, 0))
            self.status = response.status

    def _console(self, line: ConsoleMessage) -> None:
        loaded = LOADED.match(line.text)
        if line.type in ("error", "warning") and not (loaded and int(loaded[1]) in self.refusals):
            self.faults.append(line.text)

    @property
    def heaviest(self) -> int:
        """Bytes on the wire of the heaviest page with all that it loads."""
        return max(self.pages.values()) + sum(self.assets.values())

    def assert_nothing_unusual(self) -> None:
        assert self.elsewhere == []
        assert self.faults == []
        assert self.assets
        assert self.heaviest <= HEAVIEST, self.pages


class Person:
    """Somebody who reads the pages in one language, and handles them with a mouse or otherwise.

    What is looked for is said in French; who reads another language looks for what the catalogues say in its place.
    """

    def __init__(self, page: Page, address: str, language: str, driver: type[Driver] = Mouse) -> None:
        self.page, self.address, self.language = page, address, language
        self.watch = Watch(page, address)
        self.main = page.locator("main")
        self.driver = driver(page)

    def words(self, french: str) -> str | re.Pattern[str]:
        """The sentence in the reader's language."""
        return said_in(self.language, french)

    def saying(self, service: str, key: str) -> re.Pattern[str]:
        """A pattern of a service's sentence in the reader's language, whatever fills its gaps."""
        return saying(self.language, service, key)

    async def open(self, path: str) -> None:
        await self.page.goto(self.address + path)

    async def follow(self, link: str, within: Locator | None = None) -> None:
        """Takes the first link with exactly these words."""
        await self.driver.follow((within or self.main).get_by_role("link", name=self.words(link), exact=True).first)

    async def menu(self, link: str) -> None:
        names = (texts_of("careers", self.language)(name) for name in ("Main menu", "Account menu"))
        await self.follow(link, self.page.get_by_role("navigation", name=re.compile("|".join(names))))

    async def press(self, button: str, within: Locator | None = None) -> None:
        await self.driver.follow((within or self.main).get_by_role("button", name=self.words(button), exact=True).first)

    async def reloads_what_is_being_updated(self) -> None:
        """On a busy machine a view may be more than a second behind; the page says so, and a person looks again."""
        behind = self.main.get_by_text(texts_of("careers", self.language)(BEING_UPDATED))
        for _ in range(10):
            if not await behind.is_visible():
                return
            await self.page.reload()

    def labelled(self, label: str) -> Locator:
        return self.main.get_by_label(self.words(label))

    async def reads(self, *words: str | re.Pattern[str]) -> None:
        """All of this is on the page, or soon will be."""
        for each in words:
            await expect(self.main).to_contain_text(self.words(each) if isinstance(each, str) else each)

    async def stands_on(self, heading: str) -> None:
        """The page with this heading has come; if not, the page that there is tells why."""
        try:
            await expect(self.page.get_by_role("heading", level=1)).to_have_text(self.words(heading))
        except AssertionError as missing:
            missing.add_note(f"{self.page.url}, answered with {self.watch.status}:\n{await self.main.inner_text()}")
            raise

    async def fill(self, service: str, fields: Sequence[AnyField], values: Values) -> None:
        """Fills these fields of a form as the service shows them; adds entries as needed."""
        texts = texts_of(service, self.language)
        for field in fields:
            if field.name in values:
                await self._fill(Form(self.main, texts, self.driver), field, values[field.name])

    async def _fill(self, form: "Form", field: AnyField, value: Any) -> None:
        if isinstance(field, Field):
            return await form.fill(field, value)
        for number, entry in enumerate(value, 1):
            await form.opens(field, number)
            await expect(self.page.get_by_role("heading", level=1)).to_have_text(form.entry(field, number))
            for inner in field.fields:
                if inner.name in entry:
                    await form.fill(inner, entry[inner.name])
            await self.press("Enregistrer")
            await self.reloads_what_is_being_updated()
            await expect(self.main.get_by_role("group", name=form.entry(field, number), exact=True)).to_be_visible()
        return None


class Form:
    """The controls of one form, found by their labels."""

    def __init__(self, area: Locator, texts: Texts, driver: Driver) -> None:
        self.area, self.texts, self.driver = area, texts, driver

    def entry(self, group: Entries, number: int) -> str:
        """What it is called on its page and in the list."""
        return f"{self.texts(group.one)}\u00a0{number}"

    async def opens(self, group: Entries, number: int) -> None:
        """Presses "Change" if the entry is there, else "Add" or "Add another"."""
        change = self.area.get_by_role(
            "button", name=f"{self.texts('Change')} {self.texts(group.one)} {number}", exact=True
        )
        adds = "|".join(map(re.escape, (self.texts("Add"), self.texts("Add another"))))
        words = re.compile(rf"^({adds}) *{re.escape(self.texts(group.one))}$")
        await self.driver.follow(change if await change.count() else self.area.get_by_role("button", name=words))

    async def fill(self, field: Field, value: Any) -> None:
        label = self.texts(field.label) + (" *" if field.required else "")
        group = self.area.get_by_role("group", name=label, exact=True)
        if field.kind == "date":
            return await self._date(group, value)
        if field.kind == "checkbox":
            return await self.driver.tick(self._labelled(label), value == "yes")
        if field.kind == "lookup" or (field.kind == "choice" and self._is_list(field)):
            return await self.driver.pick(self._labelled(label), self._names(field)[value])
        if field.kind in ("yesno", "choice", "choices"):
            for each in value if isinstance(value, list) else [value]:
                await self.driver.tick(group.get_by_label(self._names(field)[each], exact=True))
            return None
        return await self.driver.write(self._labelled(label), value)

    def _labelled(self, label: str) -> Locator:
        return self.area.get_by_label(label, exact=True).filter(visible=True)

    async def _date(self, group: Locator, value: str) -> None:
        year, month, day = value.split("-")
        for box, number in (("Day", day), ("Month", month), ("Year", year)):
            await self.driver.write(group.get_by_label(self.texts(box), exact=True), number)

    def _is_list(self, field: Field) -> bool:
        return isinstance(field.options, PromptList) or len(field.options) > MANY

    def _names(self, field: Field) -> Mapping[str, str]:
        if field.kind == "yesno":
            return {"yes": self.texts("Yes"), "no": self.texts("No")}
        if isinstance(field.options, PromptList):
            return field.options.labels(self.texts.language)
        return {option.value: self.texts(option.label) for option in field.options}


SIDEWAYS: Final = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
TELL: Final = f"""for (const event of ['load', 'change']) addEventListener(event, () => {{
    if ({SIDEWAYS}) console.error('has to be scrolled sideways: ' + location.pathname);
}});"""
"""A page that is wider than its window says so on the console, where the watch hears it."""

LOCALES: Final = {"ar": "ar-EG", "zh": "zh-CN", "en": "en-GB", "fr": "fr-FR", "ru": "ru-RU", "es": "es-ES"}


@asynccontextmanager
async def person(
    browser: Browser, address: str, language: str = "fr", driver: type[Driver] = Mouse, **options: Any
) -> AsyncIterator[Person]:
    """Somebody with a browser of their own, in Paris if nothing else is said."""
    context = await browser.new_context(**{"locale": LOCALES[language], "timezone_id": "Europe/Paris", **options})
    context.set_default_timeout(15_000)
    await context.add_init_script(TELL)
    try:
        yield Person(await context.new_page(), address, language, driver)
    finally:
        await context.close()


async def come_in(someone: Person, candidate: Visitor) -> None:
    """The person is this candidate, who has logged in before."""
    place = {"domain": urlsplit(someone.address).hostname, "path": "/", "secure": True, "httpOnly": True}
    found = [{"name": cookie.name, "value": cookie.value, **place} for cookie in candidate.client.cookies.jar]
    await someone.page.context.add_cookies(found)  # type: ignore[arg-type]
