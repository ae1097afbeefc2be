"""An answer of support is read by opening its page, and without a script by pressing a button."""

import pytest
from playwright.async_api import Browser, expect

from tests.browser.person import come_in, person
from tests.careers.test_news import answer, asked
from tests.platform import Kit

NEW, MARK = "New answer", "Mark the answer as read"


@pytest.mark.parametrize("script", [True, False])
async def test_an_answer_is_new_until_its_page_was_opened(
    platform: Kit, browser: Browser, address: str, script: bool
) -> None:
    candidate, agent, ticket = await asked(platform)
    await answer(platform, agent, ticket, "Which browser?")
    async with person(browser, address, "en", java_script_enabled=script) as anna:
        await come_in(anna, candidate)
        await anna.open("/careers")
        await anna.reads(NEW)
        await anna.open(f"/support/tickets/{ticket}")
        await anna.reads("Which browser?")
        if not script:
            await anna.press(MARK)
        await expect(anna.page.get_by_role("button", name=MARK)).to_have_count(0)
        await anna.open("/careers")
        await expect(anna.main).not_to_contain_text(NEW)
        anna.watch.assert_nothing_unusual()
