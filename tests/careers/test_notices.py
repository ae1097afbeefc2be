"""What the site says of itself: its cookies are those that it sets, and what works is what the services say."""

import asyncio
import re
from datetime import timedelta
from html import unescape
from http.cookies import SimpleCookie
from typing import Final

import httpx
import pytest

from services.careers.pages.notices import FUNCTIONS, lifetime
from services.identity.domain.codes import PENDING_LASTS
from services.identity.domain.secrets import CODE_LASTS
from services.site import NAMES
from shared.vocabulary import cookies
from shared.vocabulary.cookies import COOKIES
from shared.web.assets import assets
from tests.identity.people import new_address, registration
from tests.identity.test_expired_forms import come_back, post_late
from tests.platform import PASSWORD, Candidate, Kit, Visitor, add_app, until

DAY: Final = {"birth_date-day": "23", "birth_date-month": "11", "birth_date-year": "1990"}
SECONDS: Final = {each.name: each.seconds for each in COOKIES}
BY_SCRIPT: Final = cookies.TIME_ZONE


class Jar:
    """Every cookie that a browser has been given, with the seconds for which it is kept; not those taken away."""

    def __init__(self, *browsers: Visitor) -> None:
        self.given: dict[str, int | None] = {}
        for each in browsers:
            each.client.event_hooks["response"].append(self._look)

    async def _look(self, answer: httpx.Response) -> None:
        for line in answer.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(line).items():
                if morsel.value:
                    self.given[name] = int(morsel["max-age"]) if morsel["max-age"] else None


async def with_second_factor(anna: Candidate) -> None:
    """Logs in up to where the second factor is asked for."""
    await add_app(anna)
    await anna.post_form("/identity/login", {"login": anna.email, "password": PASSWORD})


async def test_the_cookies_that_are_declared_are_those_that_are_set(platform: Kit) -> None:
    anna, visitor = await platform.candidate(), platform.visitor()
    jar = Jar(anna, visitor)
    await visitor.get("/?lang=fr")
    await visitor.post_form("/identity/register", {**registration(email=new_address()), **DAY})
    await come_back(anna, await post_late(platform, anna, "/profile/contact", {"birth_place": "Zürich"}))
    await anna.post_form("/profile/contact", {"birth_place": "Zürich", "_action": "save"})
    await with_second_factor(anna)
    assert jar.given == {name: seconds for name, seconds in SECONDS.items() if name != BY_SCRIPT.name}
    script = assets()["postulo.js"].body.decode()
    assert re.findall(r"document\.cookie = `([\w-]+)=.*?max-age=(\d+)", script) == [
        (BY_SCRIPT.name, str(BY_SCRIPT.seconds))
    ]


@pytest.mark.parametrize(("language", "year"), [("en", "1 year"), ("fr", "1\u00a0an")])
async def test_each_cookie_is_named_with_its_purpose_and_lifetime(platform: Kit, language: str, year: str) -> None:
    page = unescape((await platform.visitor(language).get("/cookies")).text)
    texts = platform.service("careers").app.state.web.texts(language)
    rows = re.findall(r"<code>([\w-]+)</code></dt>\s*<dd[^>]*>(.*?)</dd>", page)
    kept = {each: lifetime(each.lasts, texts) for each in COOKIES}
    assert rows == [
        (each.name, f"{texts(each.purpose)} {texts('Kept: %(lasts)s.', lasts=kept[each])}") for each in COOKIES
    ]
    assert kept[cookies.LANGUAGE] == year
    assert kept[cookies.SESSION] == texts("until you close the browser")


def test_a_lifetime_is_said_in_words(platform: Kit) -> None:
    texts = platform.service("careers").app.state.web.texts("fr")
    assert lifetime(timedelta(hours=2), texts) == "2\u00a0heures"


def test_each_service_is_something_for_its_users() -> None:
    assert set(FUNCTIONS) == set(NAMES)


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_the_status_says_of_each_function_whether_it_works_and_nothing_else(platform: Kit, language: str) -> None:
    texts = platform.service("careers").app.state.web.texts(language)
    works = [(texts(label), texts("Works")) for label in FUNCTIONS.values()]

    async def all_works() -> httpx.Response | None:
        """Not as long as a service that has just been started is not ready."""
        page = await platform.visitor(language).get("/status")
        rows = re.findall(r"<dt[^>]*>(.*?)</dt>\s*<dd[^>]*>(.*?)</dd>", unescape(page.text), re.DOTALL)
        found = [(label, re.sub(r"<[^>]*>", "", said).strip()) for label, said in rows]
        return page if found == works else None

    page = await until(all_works, "every function works")
    assert page.status_code == 200
    assert not re.search(r"readyz|database|postgres|kafka", page.text, re.IGNORECASE)


async def test_error_pages_lead_to_the_status_and_to_the_search(platform: Kit) -> None:
    missing = await platform.visitor().get("/nothing")
    assert missing.status_code == 404
    assert '<form method="get" action="/vacancies" role="search">' in missing.text
    assert 'name="keywords" type="search" maxlength="200">' in missing.text
    assert '<a class="govuk-link" href="/status">' not in missing.text


async def test_the_status_names_what_does_not_work_and_waits_for_nobody(
    platform: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ready() -> dict[str, bool]:
        return {name: name != "vacancies" for name in NAMES}

    async def silent(_: str) -> None:
        await asyncio.Event().wait()

    state = platform.service("careers").app.state
    monkeypatch.setattr(state.standing, "ready", ready)
    monkeypatch.setattr(state.sessions, "resolve", silent)
    anna = platform.visitor()
    anna.client.cookies.set(cookies.SESSION.name, "something")
    page = unescape((await anna.get("/status")).text)
    rows = dict(re.findall(r"<dt[^>]*>(.*?)</dt>\s*<dd[^>]*>(.*?)</dd>", page, re.DOTALL))
    said = {label: re.sub(r"<[^>]*>", "", words).strip() for label, words in rows.items()}
    broken = FUNCTIONS["vacancies"]
    assert said == {label: "Does not work" if label == broken else "Works" for label in FUNCTIONS.values()}
    assert "Something does not work at the moment." in page
    assert "Everything works." not in page


def test_each_cookie_lasts_as_long_as_what_it_is_for() -> None:
    assert (cookies.MAILED.lasts, cookies.SECOND_FACTOR.lasts) == (CODE_LASTS, PENDING_LASTS)


async def test_the_foot_of_every_page_leads_to_them(platform: Kit) -> None:
    anna = await platform.candidate()
    for reader, path in ((platform.visitor(), "/"), (platform.visitor(), "/vacancies"), (anna, "/profile")):
        foot = (await reader.get(path)).text.partition("<footer")[2]
        assert re.findall(r'href="([^"]*)"', foot) == [
            "/help/manual", "/help", "/support", "/privacy", "/cookies", "/terms", "/accessibility", "/status",
        ]  # fmt: skip
