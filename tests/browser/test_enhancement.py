"""What a script adds, and that nothing needs it: background saving on the real forms, and the way without a script."""

import re

import pytest
from playwright.async_api import Browser, expect

from services.applications.events.sections import SECTIONS
from services.profile.domain import SECTIONS as PROFILE
from tests.applications.doors import API, draft
from tests.browser.person import Person, come_in, person
from tests.platform import Kit
from tests.profile.values import COMPLETE

MINE, THEIRS = "Dans cette fenêtre", "Dans l’autre fenêtre"
SAVED = re.compile(r"Enregistré à \d{1,2}[:h ]+\d{2}")


async def test_a_profile_section_saves_itself_and_nothing_is_lost_on_leaving(
    platform: Kit, browser: Browser, address: str
) -> None:
    candidate = await platform.candidate(language="fr")
    async with person(browser, address) as anna:
        await come_in(anna, candidate)
        await anna.open("/profile/nationality")
        await anna.fill("profile", PROFILE[3].fields, {**COMPLETE["nationality"], "nationality": "NO"})
        await expect(anna.page.get_by_role("status")).to_contain_text(SAVED)
        await anna.follow("Retour à mon profil")
        await anna.stands_on("Mon profil")
        await anna.open("/profile/nationality")
        await expect(anna.page.get_by_role("combobox", name="Nationalité actuelle *")).to_have_value("Norvège")
        anna.watch.assert_nothing_unusual()


async def test_an_application_section_saves_itself_and_the_button_then_finds_no_conflict(
    platform: Kit, browser: Browser, address: str
) -> None:
    candidate = await platform.candidate(language="fr")
    application = await draft(candidate)
    async with person(browser, address) as anna:
        await come_in(anna, candidate)
        await anna.open(f"/applications/{application}/letter")
        letter = anna.page.get_by_label("Lettre de motivation")
        await letter.press_sequentially("Madame,")
        await expect(anna.page.get_by_role("status")).to_contain_text(SAVED)
        await letter.press_sequentially(" Monsieur,")
        await anna.press("Enregistrer")
        await anna.reads("Vous avez enregistré votre candidature à l’emploi avec succès")
        await expect(letter).to_have_value("Madame, Monsieur,")
    kept = (await candidate.api("GET", f"{API}/{application}")).json()
    assert kept["sections"]["letter"]["values"]["letter"] == "Madame, Monsieur,"


@pytest.mark.parametrize("kept", [MINE, THEIRS], ids=["mine", "theirs"])
async def test_two_windows_with_one_section_of_an_application_show_both_versions(
    platform: Kit, browser: Browser, address: str, kept: str
) -> None:
    candidate = await platform.candidate(language="fr")
    application = await draft(candidate)
    path, label = f"/applications/{application}/letter", "Lettre de motivation"
    async with person(browser, address) as anna:
        await come_in(anna, candidate)
        await _write_in_two_windows(anna, path, label)
        await anna.reads("Enregistré ailleurs", THEIRS, "Saisi ici", MINE)
        if kept == MINE:
            await anna.press("Garder ce que j’ai saisi ici")
        else:
            await anna.follow("Garder ce qui a été enregistré ailleurs")
        await expect(anna.page.get_by_label(label)).to_have_value(kept)
        anna.watch.assert_nothing_unusual()
    saved = (await candidate.api("GET", f"{API}/{application}")).json()
    assert saved["sections"]["letter"]["values"]["letter"] == kept


@pytest.mark.parametrize("kept", [MINE, THEIRS], ids=["mine", "theirs"])
async def test_two_windows_with_one_section_of_the_profile_show_both_versions(
    platform: Kit, browser: Browser, address: str, kept: str
) -> None:
    candidate = await platform.candidate(language="fr")
    path, label = "/profile/contact", "Lieu de naissance"
    async with person(browser, address) as anna:
        await come_in(anna, candidate)
        await _write_in_two_windows(anna, path, label)
        both = anna.page.locator("#clash")
        await expect(both).to_contain_text(f"Enregistré ailleurs {THEIRS} Saisi ici {MINE}")
        if kept == MINE:
            await anna.press("Garder ce que j’ai saisi ici")
        else:
            await anna.follow("Garder ce qui a été enregistré ailleurs")
        await expect(both).to_have_count(0)
        await expect(anna.page.get_by_label(label)).to_have_value(kept)
        anna.watch.assert_nothing_unusual()
    saved = (await candidate.api("GET", "/profile/api/contact")).json()
    assert saved["values"]["birth_place"] == kept


async def _write_in_two_windows(anna: Person, path: str, label: str) -> None:
    """What was typed here is not saved over what the other window has saved meanwhile; Save is pressed here."""
    await anna.open(path)
    other = await anna.page.context.new_page()
    await other.goto(anna.address + path)
    await other.get_by_label(label).press_sequentially(THEIRS)
    await expect(other.get_by_role("status")).to_contain_text(SAVED)
    await anna.page.get_by_label(label).press_sequentially(MINE)
    await expect(anna.page.get_by_role("status")).to_contain_text("Modifié dans une autre fenêtre")
    await anna.press("Enregistrer")


async def test_without_a_script_entries_are_added_and_removed(platform: Kit, browser: Browser, address: str) -> None:
    candidate = await platform.candidate(language="fr")
    application = await draft(candidate)
    async with person(browser, address, java_script_enabled=False) as anna:
        await come_in(anna, candidate)
        await anna.open(f"/applications/{application}/skills")
        spoken = next(field for field in SECTIONS["skills"].fields if field.name == "languages")
        skills = {"read": "fluent", "write": "fluent", "speak": "fluent", "understand": "fluent"}
        languages = [{"language": code, **skills} for code in ("fr", "en", "ar")]
        await anna.fill("applications", (spoken,), {spoken.name: languages})
        await _removes(anna, "Langue 2")
        await anna.press("Enregistrer")
        await anna.reads("avec succès")
    kept = (await candidate.api("GET", f"{API}/{application}")).json()
    assert [each["language"] for each in kept["sections"]["skills"]["values"]["languages"]] == ["fr", "ar"]


async def _removes(anna: Person, entry: str) -> None:
    third = anna.main.get_by_role("group", name="Langue 3", exact=True)
    await expect(third).to_be_visible()
    await anna.press(f"Supprimer {entry}")
    await expect(third).to_have_count(0)
