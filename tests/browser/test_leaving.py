"""What Chromium still holds of somebody who has logged out: nothing, and the way back shows nothing either."""

from collections.abc import Sequence
from typing import Any, Final

from playwright.async_api import Browser, expect

from tests.browser.person import come_in, person
from tests.platform import Kit

FILL: Final = """async name => {
    localStorage.setItem('name', name);
    sessionStorage.setItem('name', name);
    await (await caches.open('pages')).put('/careers', new Response(name));
    await new Promise((done, failed) => {
        const opening = indexedDB.open('forms');
        opening.onsuccess = () => { opening.result.close(); done(); };
        opening.onerror = failed;
    });
}"""
HELD: Final = """async () => [
    ...Object.keys(localStorage), ...Object.keys(sessionStorage), ...await caches.keys(),
    ...(await indexedDB.databases()).map(database => database.name),
]"""


def values(cookies: Sequence[Any]) -> dict[str, str]:
    return {cookie["name"]: cookie["value"] for cookie in cookies}


async def test_nothing_of_the_person_is_left_after_logging_out(platform: Kit, browser: Browser, address: str) -> None:
    candidate = await platform.candidate(language="fr")
    async with person(browser, address) as anna:
        await come_in(anna, candidate)
        await anna.open("/careers?lang=fr")
        await anna.open("/identity/account")
        await expect(anna.page.locator("body")).to_contain_text(candidate.email)
        await anna.page.evaluate(FILL, candidate.family_name)
        assert await anna.page.evaluate(HELD) == ["name", "name", "pages", "forms"]
        before = values(await anna.page.context.cookies())
        assert {"__Host-session", "__Host-form", "lang"} <= before.keys()
        await anna.press("Déconnexion", anna.page.locator("header"))
        await expect(anna.page).to_have_url(address + "/")
        await expect(anna.page.locator("body")).to_contain_text("Vous êtes déconnecté(e)")
        assert await anna.page.evaluate(HELD) == []
        after = values(await anna.page.context.cookies())
        assert after.keys() <= {"lang", "__Host-zone", "__Host-form"}
        assert {name for name in after if after[name] == before.get(name)} == {"lang", "__Host-zone"}
        await anna.page.go_back()
        await anna.stands_on("Connexion")
        for told in (candidate.email, candidate.family_name, candidate.user_code):
            assert told not in await anna.page.content()
        assert anna.watch.elsewhere == []
