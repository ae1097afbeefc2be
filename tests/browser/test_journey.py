"""A stranger gets from the portal to a submitted application and beyond, in French, with a mouse."""

from datetime import UTC, datetime, timedelta

from playwright.async_api import Browser

from tests.browser.journey import NUMBER, Journey
from tests.browser.person import person
from tests.house import Kit
from tests.system.answers import vacancy


async def test_the_whole_journey_in_french(house: Kit, browser: Browser, address: str) -> None:
    async with person(browser, address) as anna:
        journey = Journey(house, anna, "anna.voyage@example.org")
        await journey.registers()
        await journey.logs_in()
        await journey.completes_the_profile()
        await journey.saves_an_alert()
        await journey.prepares_a_draft()
        hr = await house.machine("hr")
        notice = vacancy(NUMBER, (datetime.now(UTC) + timedelta(days=30)).date().isoformat())
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
