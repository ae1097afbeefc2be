"""The search in a real browser: with a script it answers in place, without one the same links and forms do."""

import re
from uuid import uuid4

import pytest
from playwright.async_api import Browser, Locator, expect

from shared.vocabulary.search import CRITERIA
from tests.browser.person import Person, come_in, person
from tests.platform import Kit
from tests.vacancies.doors import API, body

ALL, FEW, SHOWN = 22, 3, 20
PHONE = {"width": 320, "height": 700}


@pytest.fixture(scope="module")
async def lagoon(platform: Kit) -> str:
    """A word that stands in the titles of more vacancies than a page shows, a few of them at level P-5."""
    hr, word = await platform.machine("hr"), f"lagoon{uuid4().hex[:8]}"
    for number in range(ALL):
        level = "P-5" if number < FEW else "P-3"
        answer = await hr.api("POST", API, json=body(title=f"Keeper {number} of the {word}", level=level))
        assert answer.status_code == 201, answer.text
    await platform.settled()
    return word


def results(anna: Person) -> Locator:
    return anna.page.locator("#results")


async def finds(anna: Person, number: int) -> None:
    words = "1 job opening found" if number == 1 else f"{number} job openings found"
    await expect(results(anna)).to_have_text(words)
    await expect(anna.page.get_by_role("status").filter(has_text=words)).to_have_count(1)
    await expect(anna.page.locator(".postulo-card")).to_have_count(min(number, SHOWN))


async def unfolds(anna: Person, words: str) -> None:
    await anna.page.locator("summary", has_text=re.compile(f"^{words}")).click()


def box(anna: Person, label: str) -> Locator:
    return anna.page.get_by_role("checkbox", name=re.compile(rf"^{label} \(\d+\)$"))


@pytest.mark.rule("R32")
async def test_with_a_script_the_page_stays_and_only_its_results_change(
    browser: Browser, address: str, lagoon: str
) -> None:
    async with person(browser, address, "en") as anna:
        await anna.open("/vacancies")
        await anna.page.evaluate("window.stayed = true")
        keywords = anna.page.get_by_label("Keywords", exact=True)
        await keywords.press_sequentially(lagoon)
        await finds(anna, ALL)
        await expect(keywords).to_be_focused()
        await expect(anna.page).to_have_url(f"{address}/vacancies?keywords={lagoon}&sort=relevance")

        await unfolds(anna, "Level")
        await box(anna, "P-5").check()
        await finds(anna, FEW)
        await expect(box(anna, "P-5")).to_be_focused()
        await expect(box(anna, "P-3")).to_be_visible()
        await expect(anna.page).to_have_url(re.compile("levels=P-5"))
        french = anna.page.get_by_role("link", name="Français")
        await expect(french).to_have_attribute("href", re.compile(f"keywords={lagoon}.*levels=P-5.*lang=fr"))

        await anna.follow("Remove: Level, P-5")
        await finds(anna, ALL)
        await expect(results(anna)).to_be_focused()
        await anna.follow("Next page")
        await anna.reads("Page 2 of 2")
        await expect(anna.page.locator(".postulo-card")).to_have_count(ALL - SHOWN)
        await expect(results(anna)).to_be_focused()

        await anna.page.go_back()
        await finds(anna, ALL)
        await anna.page.go_back()
        await finds(anna, FEW)
        await expect(box(anna, "P-5")).to_be_checked()
        await expect(keywords).to_have_value(lagoon)
        assert await anna.page.evaluate("window.stayed")
        anna.watch.assert_nothing_unusual()


@pytest.mark.rule("R32")
async def test_without_a_script_the_same_is_found_by_the_same_links_and_forms(
    browser: Browser, address: str, lagoon: str
) -> None:
    async with person(browser, address, "en", java_script_enabled=False) as anna:
        await anna.open("/vacancies")
        await anna.fill("vacancies", CRITERIA, {"keywords": lagoon})
        await anna.press("Search")
        await finds(anna, ALL)
        await unfolds(anna, "Level")
        await box(anna, "P-5").check()
        await anna.press("Search")
        await finds(anna, FEW)
        await anna.follow("Remove: Level, P-5")
        await finds(anna, ALL)
        await anna.follow("Next page")
        await anna.reads("Page 2 of 2")
        await anna.follow("Previous page")
        await finds(anna, ALL)
        anna.watch.assert_nothing_unusual()


@pytest.mark.parametrize("script", [True, False])
async def test_on_a_phone_the_criteria_are_folded_and_the_results_are_read_first(
    browser: Browser, address: str, lagoon: str, script: bool
) -> None:
    async with person(browser, address, "en", viewport=PHONE, java_script_enabled=script) as anna:
        await anna.open(f"/vacancies?keywords={lagoon}")
        level = anna.page.locator("summary", has_text="Level")
        await expect(level).to_be_hidden()
        card = await anna.page.locator(".postulo-card").first.bounding_box()
        assert card
        assert card["y"] < 2 * PHONE["height"]
        assert card["x"] >= 0
        assert card["x"] + card["width"] <= PHONE["width"]
        await unfolds(anna, "Criteria and order")
        await expect(level).to_be_visible()
        await unfolds(anna, "Level")
        await box(anna, "P-5").check()
        if not script:
            await anna.press("Search")
        await finds(anna, FEW)
        anna.watch.assert_nothing_unusual()


async def test_on_a_wide_screen_nothing_has_to_be_unfolded_to_see_the_facets(browser: Browser, address: str) -> None:
    async with person(browser, address, "en", java_script_enabled=False) as anna:
        await anna.open("/vacancies")
        await expect(anna.page.locator("summary", has_text="Duty station")).to_be_visible()
        await expect(anna.page.locator("summary", has_text="Criteria and order")).to_be_hidden()


async def test_what_cannot_be_searched_for_is_said_in_place(browser: Browser, address: str, lagoon: str) -> None:
    async with person(browser, address, "en") as anna:
        await anna.open(f"/vacancies?keywords={lagoon}")
        await anna.page.evaluate("window.stayed = true")
        await anna.page.get_by_label("Day").fill("41")
        await anna.press("Search")
        await expect(anna.page).to_have_title(re.compile("^Error: "))
        await expect(anna.page.locator("[data-error-summary]")).to_be_focused()
        await expect(anna.page.get_by_label("Day")).to_have_value("41")
        await expect(anna.page.get_by_label("Keywords", exact=True)).to_have_value(lagoon)
        assert await anna.page.evaluate("window.stayed")
        anna.watch.assert_nothing_unusual()


async def test_a_search_that_is_not_answered_is_said_and_can_be_repeated(
    browser: Browser, address: str, lagoon: str
) -> None:
    async with person(browser, address, "en") as anna:
        await anna.open(f"/vacancies?keywords={lagoon}")
        await anna.page.route("**/vacancies?*", lambda route: route.abort())
        await unfolds(anna, "Level")
        await box(anna, "P-5").check()
        await expect(anna.page.get_by_role("alert")).to_contain_text("could not be fetched")
        await expect(results(anna)).to_have_text(f"{ALL} job openings found")
        await anna.page.unroute_all()
        await anna.press("Search")
        await finds(anna, FEW)
        await expect(anna.page.get_by_role("alert")).to_have_count(0)


@pytest.mark.rule("R46", "R47", "R48")
@pytest.mark.parametrize("script", [True, False])
async def test_a_search_becomes_a_job_alert_with_one_press(
    platform: Kit, browser: Browser, address: str, lagoon: str, script: bool
) -> None:
    candidate = await platform.candidate(language="fr")
    async with person(browser, address, "fr", java_script_enabled=script) as anna:
        await come_in(anna, candidate)
        await anna.open(f"/vacancies?keywords={lagoon}&levels=P-5")
        await anna.reads(f"Recevez une fois par jour, à l’adresse {candidate.email},")
        await anna.press("Activer une alerte emploi")
        await anna.stands_on("Recherches enregistrées")
        await anna.reads("Votre recherche a été enregistrée.", f"{lagoon}, P-5", candidate.email)
    (saved,) = (await candidate.api("GET", "/alerts/api/searches")).json()
    assert saved["alert"]
    assert (saved["name"], saved["email"], saved["rhythm"]) == (f"{lagoon}, P-5", candidate.email, "daily")
    assert (saved["criteria"]["keywords"], saved["criteria"]["levels"]) == (lagoon, ["P-5"])


@pytest.mark.rule("R46")
async def test_what_is_typed_goes_along_to_where_a_search_is_named(
    platform: Kit, browser: Browser, address: str, lagoon: str
) -> None:
    candidate = await platform.candidate()
    async with person(browser, address, "en") as anna:
        await come_in(anna, candidate)
        await anna.open("/vacancies")
        await anna.page.get_by_label("Keywords", exact=True).fill(lagoon)
        await anna.press("Save search")
        await anna.stands_on("Save search")
        await anna.reads(lagoon)
        await expect(anna.page.get_by_label("Name of the search")).to_have_value(lagoon)
        await expect(anna.page.get_by_label("Use as job alert")).not_to_be_checked()


@pytest.mark.rule("R46")
async def test_a_visitor_logs_in_first_and_finds_the_alert_prepared(
    platform: Kit, browser: Browser, address: str, lagoon: str
) -> None:
    candidate = await platform.candidate()
    async with person(browser, address, "en") as anna:
        await anna.open(f"/vacancies?keywords={lagoon}")
        await anna.follow("Activate a job alert")
        await anna.stands_on("Log in")
        await come_in(anna, candidate)
        await anna.open(f"/alerts/new?keywords={lagoon}&alert=yes")
        await expect(anna.page.get_by_label("Use as job alert")).to_be_checked()
        await expect(anna.page.get_by_label("Send job alert notifications to")).to_have_value(candidate.email)
