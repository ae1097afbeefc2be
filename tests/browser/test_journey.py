"""A stranger gets from the portal to a submitted application and beyond, however the browser is used."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from playwright.async_api import Browser

from tests.browser.driver import Keyboard
from tests.browser.journey import Journey
from tests.browser.person import person
from tests.platform import Kit
from tests.system.answers import vacancy

WAYS: Final[dict[str, dict[str, Any]]] = {
    "mouse": {"language": "fr"},
    "keyboard": {"language": "en", "driver": Keyboard},
    "noscript": {"language": "zh", "java_script_enabled": False},
    "phone": {"language": "ar", "viewport": {"width": 320, "height": 640}},
}
"""With a mouse; with nothing but the keyboard; without a script, in Chinese; and in Arabic on 320 px, where nothing is
scrolled sideways."""


@pytest.mark.parametrize("way", WAYS)
async def test_the_whole_journey(platform: Kit, browser: Browser, address: str, way: str) -> None:
    async with person(browser, address, **WAYS[way]) as anna:
        journey = Journey(platform, anna, way)
        await journey.registers()
        await journey.logs_in()
        await journey.completes_the_profile()
        await journey.saves_an_alert()
        await journey.prepares_a_draft()
        hr = await platform.machine("hr")
        notice = vacancy(journey.number, (datetime.now(UTC) + timedelta(days=30)).date().isoformat())
        published = await hr.api("POST", "/vacancies/api/vacancies", json=notice)
        assert published.status_code == 201, published.text
        await journey.finds_the_vacancy_and_applies(notice["title"])
        await journey.submits()
        await journey.keeps_a_copy()
        await journey.is_refused(notice["title"])
        await journey.cannot_edit()
        await journey.is_considered(hr)
        await journey.withdraws()
        await journey.is_refused(notice["title"])
        await journey.asks_for_help()
        anna.watch.assert_nothing_unusual()
