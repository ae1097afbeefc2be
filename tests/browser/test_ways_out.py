"""Leaving a form that saves itself, by every way out (R20): what was typed is saved, or kept for its owner alone."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, NamedTuple

import pytest
from playwright.async_api import Browser, Dialog, Page, expect

from tests.applications.doors import API, draft
from tests.browser.axe import broken_rules
from tests.browser.driver import Driver, Keyboard, Mouse
from tests.browser.journey import LOGIN, PASSWORD_FIELD
from tests.browser.person import Person, come_in, person
from tests.platform import PASSWORD, Candidate, Kit, until
from tests.shared.waiting import equals

PASTED: Final = ("Madame, Monsieur, je souhaite travailler à Genève. " * 58)[:2870].strip()
LABEL: Final = "Lettre de motivation"
LEFT: Final = "et quitté la page avant son enregistrement"
PUT_BACK, DISCARD = "Remettre dans le formulaire", "Supprimer ce qui n’a pas été enregistré"
CONFLICT: Final = "Modifié dans une autre fenêtre. Cliquez sur Enregistrer pour voir les deux versions"
SAVED: Final = "Vous avez enregistré votre candidature à l’emploi avec succès"
KEPT: Final = "Object.keys(localStorage).filter(key => key.startsWith('postulo:'))"
ASLEEP: Final = """() => {
    for (let timer = setTimeout(() => {}); timer > 0; timer -= 1) clearTimeout(timer);
    Object.defineProperty(document, 'hidden', {value: true});
    document.dispatchEvent(new Event('visibilitychange'));
}"""
NO_LINE: Final = "chrome-error://chromewebdata/"
"""What Chromium shows in place of a page that it cannot reach."""
GOING: Final = "addEventListener('pagehide', () => { if (origin !== 'null') localStorage.setItem('gone', 'yes'); });"
DEAF: Final = "() => { window.fetch = () => Promise.reject(new TypeError('no line')); }"
"""Chromium gives a page that is being replaced its line back before the page has gone."""
NO_ROOM: Final = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };"

WayOut = Callable[[Person], Awaitable[Any]]


class Form(NamedTuple):
    """A page with a form that saves itself, the field that is typed into, and what is saved of it."""

    path: str
    label: str
    saved: Callable[[], Awaitable[str]]


async def letter(candidate: Candidate) -> Form:
    application = await draft(candidate)

    async def saved() -> str:
        read = (await candidate.api("GET", f"{API}/{application}")).json()
        return str(read["sections"].get("letter", {}).get("values", {}).get("letter", ""))

    return Form(f"/applications/{application}/letter", LABEL, saved)


async def job(candidate: Candidate) -> Form:
    application = await draft(candidate)

    async def saved() -> str:
        read = (await candidate.api("GET", f"{API}/{application}")).json()
        jobs = read["sections"].get("education", {}).get("values", {}).get("jobs") or [{}]
        return str(jobs[0].get("duties", ""))

    return Form(f"/applications/{application}/education/jobs/0", "Attributions", saved)


async def place_of_birth(candidate: Candidate) -> Form:
    async def saved() -> str:
        return str((await candidate.api("GET", "/profile/api/contact")).json()["values"].get("birth_place", ""))

    return Form("/profile/contact", "Lieu de naissance", saved)


@asynccontextmanager
async def writing(
    platform: Kit,
    browser: Browser,
    address: str,
    of: Callable[[Candidate], Awaitable[Form]] = letter,
    driver: type[Driver] = Mouse,
) -> AsyncIterator[tuple[Person, Form, Candidate]]:
    """Somebody who has logged in with a browser, one of the own forms that save themselves, and whose it is."""
    candidate = await platform.candidate(language="fr")
    await platform.settled()
    form = await of(candidate)
    async with person(browser, address, driver=driver) as anna:
        await come_in(anna, candidate)
        yield anna, form, candidate


async def section_link(anna: Person) -> None:
    await anna.main.get_by_role("navigation").get_by_role("link").first.click()


async def language_link(anna: Person) -> None:
    await anna.page.get_by_role("link", name="English", exact=True).click()


async def menu_link(anna: Person) -> None:
    await anna.menu("Carrières")


async def link_back(anna: Person) -> None:
    await anna.page.locator("[class*=govuk-caption] a").click()


async def close_link(anna: Person) -> None:
    await anna.follow("Fermer")


async def reload(anna: Person) -> None:
    await anna.page.reload()


async def back(anna: Person) -> None:
    await anna.page.go_back()


async def closing(anna: Person) -> None:
    """The window goes; its browser stays."""
    async with anna.page.expect_event("close"):
        await anna.page.close(run_before_unload=True)


async def falls_asleep(anna: Person) -> None:
    """As on a phone that locks: nothing is told after this."""
    await anna.page.evaluate(ASLEEP)


async def typed(anna: Person, form: Form, text: str) -> None:
    await anna.open(form.path)
    await anna.page.get_by_label(form.label).first.fill(text)


async def comes_back(anna: Person, form: Form) -> Page:
    page = await anna.page.context.new_page()
    await page.goto(f"{anna.address}{form.path}?lang=fr")
    return page


@pytest.mark.rule("R20")
@pytest.mark.parametrize(
    "leaves", [section_link, language_link, menu_link, link_back, close_link, reload, back, closing, falls_asleep]
)
async def test_what_was_pasted_a_moment_before_leaving_is_saved(
    platform: Kit, browser: Browser, address: str, leaves: WayOut
) -> None:
    async with writing(platform, browser, address) as (anna, form, _):
        await anna.open("/careers")
        await typed(anna, form, PASTED)
        await leaves(anna)
        await equals(PASTED, form.saved, "the letter is saved")
        page = await comes_back(anna, form)
        await expect(page.get_by_label(LABEL)).to_have_value(PASTED)
        await expect(page.get_by_text(LEFT)).to_be_hidden()
        assert anna.watch.faults == []


@pytest.mark.rule("R20")
@pytest.mark.parametrize("leaves", [section_link, language_link, reload, closing])
async def test_the_profile_is_saved_on_leaving_too(
    platform: Kit, browser: Browser, address: str, leaves: WayOut
) -> None:
    async with writing(platform, browser, address, place_of_birth) as (anna, form, _):
        await typed(anna, form, "Zürich")
        await leaves(anna)
        await equals("Zürich", form.saved, "the place of birth is saved")
        assert anna.watch.faults == []


@pytest.mark.rule("R20")
@pytest.mark.parametrize("leaves", [link_back, close_link, language_link])
async def test_an_entry_is_saved_on_leaving_too(platform: Kit, browser: Browser, address: str, leaves: WayOut) -> None:
    async with writing(platform, browser, address, job) as (anna, form, _):
        await typed(anna, form, PASTED)
        await leaves(anna)
        await equals(PASTED, form.saved, "the duties are saved")
        assert anna.watch.faults == []


@pytest.mark.rule("R20")
async def test_a_reload_shows_what_was_typed_also_if_the_page_is_asked_for_before_the_save_arrives(
    platform: Kit, browser: Browser, address: str
) -> None:
    """The browser's last request for the old page is lost; the new page finds in the storage what it was."""
    async with writing(platform, browser, address) as (anna, form, _):
        await anna.open(form.path)
        await anna.page.get_by_label(LABEL).fill(PASTED)
        await anna.page.evaluate("""() => { window.fetch = () => new Promise(() => {}); }""")
        await anna.page.reload()
        await expect(anna.page.get_by_label(LABEL)).to_have_value(PASTED)
        await equals(PASTED, form.saved, "the letter is saved")
        await equals([], lambda: anna.page.evaluate(KEPT), "nothing is kept in the browser")
        assert anna.watch.faults == []


@asynccontextmanager
async def no_line(anna: Person, form: Form) -> AsyncIterator[None]:
    """The form is open, and there is no line until its page is gone: one that is still there saves when it is back."""
    beside = await anna.page.context.new_page()
    await beside.goto(anna.address + "/help")
    await anna.page.add_init_script(GOING)
    await anna.open(form.path)
    await beside.evaluate("localStorage.removeItem('gone')")
    await anna.page.context.set_offline(True)
    await anna.page.evaluate(DEAF)
    yield
    await until(lambda: beside.evaluate("() => 'gone' in localStorage"), "the page to have gone")
    await anna.page.wait_for_url(NO_LINE)
    await anna.page.context.set_offline(False)
    await beside.close()


async def left_offline(anna: Person, form: Form, text: str = PASTED) -> None:
    """Types without a line and leaves by a link."""
    async with no_line(anna, form):
        await anna.page.get_by_label(form.label).first.fill(text)
        await link_back(anna)


@pytest.mark.rule("R20")
async def test_what_could_not_be_sent_is_offered_on_return_and_put_back_by_keyboard(
    platform: Kit, browser: Browser, address: str
) -> None:
    async with writing(platform, browser, address, driver=Keyboard) as (anna, form, _):
        await left_offline(anna, form)
        await anna.open(form.path)
        offer = anna.page.get_by_role("alert").filter(has_text=LEFT)
        await expect(offer).to_contain_text(PASTED[:300])
        await expect(anna.page.get_by_label(LABEL)).to_have_value("")
        assert await broken_rules(anna.page) == []
        await anna.page.emulate_media(forced_colors="active")
        assert await broken_rules(anna.page) == []
        await anna.driver.press(offer.get_by_role("button", name=PUT_BACK))
        await expect(anna.page.get_by_label(LABEL)).to_have_value(PASTED)
        await expect(anna.page.get_by_label(LABEL)).to_be_focused()
        await expect(offer).to_be_hidden()
        await equals(PASTED, form.saved, "the letter is saved")
        await expect(anna.page.get_by_role("status")).to_contain_text("Enregistré à")
        await equals([], lambda: anna.page.evaluate(KEPT), "nothing is kept in the browser")


@pytest.mark.rule("R20")
async def test_what_is_offered_can_be_discarded(platform: Kit, browser: Browser, address: str) -> None:
    async with writing(platform, browser, address) as (anna, form, _):
        await left_offline(anna, form)
        await anna.open(form.path)
        await anna.press(DISCARD)
        await expect(anna.page.get_by_text(LEFT)).to_be_hidden()
        await anna.page.reload()
        await expect(anna.page.get_by_label(LABEL)).to_have_value("")
        await expect(anna.page.get_by_text(LEFT)).to_be_hidden()
        await equals([], lambda: anna.page.evaluate(KEPT), "nothing is kept in the browser")
    assert await form.saved() == ""


@pytest.mark.rule("R20")
async def test_what_is_too_large_for_a_page_that_goes_is_offered_too(
    platform: Kit, browser: Browser, address: str
) -> None:
    candidate = await platform.candidate(language="fr")
    form, long = await letter(candidate), "é" * 15_000
    async with person(browser, address) as anna:
        await come_in(anna, candidate)
        await typed(anna, form, long)
        await anna.page.reload()
        await anna.press(PUT_BACK)
        await expect(anna.page.get_by_label(LABEL)).to_have_value(long)
        await equals(long, form.saved, "the letter is saved")
        assert anna.watch.faults == []


@pytest.mark.rule("R20")
@pytest.mark.parametrize("keeps", ["mine", "theirs"])
async def test_what_is_older_than_what_was_saved_meanwhile_comes_to_both_versions(
    platform: Kit, browser: Browser, address: str, keeps: str
) -> None:
    async with writing(platform, browser, address) as (anna, form, candidate):
        await left_offline(anna, form)
        answer = await candidate.post_form(form.path, {"letter": "Ailleurs", "_action": "save"})
        assert answer.status_code == 200, answer.text
        await anna.open(form.path)
        await expect(anna.page.get_by_label(LABEL)).to_have_value("Ailleurs")
        await anna.press(PUT_BACK)
        await expect(anna.page.get_by_role("status")).to_have_text(CONFLICT)
        await anna.press("Enregistrer")
        await anna.reads("Enregistré ailleurs", "Ailleurs", "Saisi ici", PASTED[:100])
        assert await form.saved() == "Ailleurs"
        if keeps == "mine":
            await anna.press("Garder ce que j’ai saisi ici")
        else:
            await anna.follow("Garder ce qui a été enregistré ailleurs")
        kept = PASTED if keeps == "mine" else "Ailleurs"
        await expect(anna.page.get_by_label(LABEL)).to_have_value(kept)
        await expect(anna.page.get_by_text(LEFT)).to_be_hidden()
        await equals([], lambda: anna.page.evaluate(KEPT), "nothing is kept in the browser")
    assert await form.saved() == kept


@pytest.mark.rule("R20")
async def test_who_chooses_no_version_finds_what_they_typed_again(
    platform: Kit, browser: Browser, address: str
) -> None:
    async with writing(platform, browser, address) as (anna, form, candidate):
        await anna.open(form.path)
        await candidate.post_form(form.path, {"letter": "Ailleurs", "_action": "save"})
        await anna.page.get_by_label(LABEL).fill(PASTED)
        await anna.press("Enregistrer")
        await anna.reads("Enregistré ailleurs")
        await anna.menu("Carrières")
        await anna.open(form.path)
        await expect(anna.page.get_by_role("alert").filter(has_text=LEFT)).to_contain_text(PASTED[:300])
    assert await form.saved() == "Ailleurs"


@pytest.mark.rule("R20")
async def test_nobody_else_who_logs_in_is_shown_it_and_its_owner_is(
    platform: Kit, browser: Browser, address: str
) -> None:
    """The profile's pages have one address for everybody."""
    candidate, other = await platform.candidate(language="fr"), await platform.candidate(language="fr")
    await platform.settled()
    form = await place_of_birth(candidate)
    async with person(browser, address) as anna:
        await come_in(anna, candidate)
        await left_offline(anna, form, "Zürich, à la maison")
        await anna.page.context.clear_cookies()
        await come_in(anna, other)
        for path in (form.path, "/profile"):
            await anna.open(path)
            await expect(anna.page.get_by_role("heading", level=1)).to_be_visible()
            await expect(anna.page.get_by_role("alert")).to_have_count(0)
            assert "Zürich" not in await anna.page.content()
        await anna.page.context.clear_cookies()
        await come_in(anna, candidate)
        await anna.open(form.path)
        await expect(anna.page.get_by_role("alert").filter(has_text=LEFT)).to_contain_text("Zürich, à la maison")


@pytest.mark.rule("R20")
async def test_a_log_out_saves_and_leaves_nothing_in_the_browser(platform: Kit, browser: Browser, address: str) -> None:
    candidate = await platform.candidate(language="fr")
    form, other = await letter(candidate), await job(candidate)
    async with person(browser, address) as anna:
        await come_in(anna, candidate)
        await left_offline(anna, other)
        await typed(anna, form, PASTED)
        assert len(await anna.page.evaluate(KEPT)) == 1
        await anna.page.get_by_role("button", name="Déconnexion").click()
        await anna.page.wait_for_url(address + "/")
        await equals([], lambda: anna.page.evaluate(KEPT), "nothing is kept in the browser")
        await anna.open("/identity/login")
        await anna.fill("identity", (LOGIN, PASSWORD_FIELD), {"login": candidate.email, "password": PASSWORD})
        await anna.press("Connexion")
        await anna.stands_on("Carrières")
        await anna.open(form.path)
        await expect(anna.page.get_by_label(LABEL)).to_have_value(PASTED)
        await anna.open(other.path)
        await expect(anna.page.get_by_label(other.label).first).to_have_value("")
        await expect(anna.page.get_by_text(LEFT)).to_be_hidden()


@pytest.mark.rule("R20")
@pytest.mark.parametrize("room", [True, False], ids=["storage", "no-storage"])
async def test_a_browser_asks_before_closing_only_if_it_can_neither_send_nor_keep(
    platform: Kit, browser: Browser, address: str, room: bool
) -> None:
    async with writing(platform, browser, address) as (anna, form, _):
        if not room:
            await anna.page.add_init_script(NO_ROOM)
        await anna.open(form.path)
        await anna.page.context.set_offline(True)
        await anna.page.get_by_label(LABEL).press_sequentially("Madame,")
        asked: list[Dialog] = []
        anna.page.on("dialog", lambda dialog: asked.append(dialog))  # noqa: PLW0108 - playwright marks it
        if room:
            await closing(anna)
            assert asked == []
        else:
            async with anna.page.expect_event("dialog") as asking:
                await anna.page.close(run_before_unload=True)
            assert (await asking.value).type == "beforeunload"
            await (await asking.value).dismiss()
            await anna.page.context.set_offline(False)
            await equals("Madame,", form.saved, "the letter is saved once the line is back")


@pytest.mark.rule("R20")
async def test_a_press_of_save_without_a_line_loses_nothing(platform: Kit, browser: Browser, address: str) -> None:
    async with writing(platform, browser, address) as (anna, form, _):
        async with no_line(anna, form):
            await anna.page.get_by_label(LABEL).fill(PASTED)
            await anna.press("Enregistrer et revenir plus tard")
        await anna.open(form.path)
        await anna.press(PUT_BACK)
        await anna.press("Enregistrer et revenir plus tard")
        await anna.stands_on("Complétez votre candidature")
        await anna.reads(SAVED)
        await equals([], lambda: anna.page.evaluate(KEPT), "nothing is kept in the browser")
    assert await form.saved() == PASTED


@pytest.mark.rule("R20", "R21")
async def test_the_hub_saves_what_is_pending_and_says_the_guides_sentence(
    platform: Kit, browser: Browser, address: str
) -> None:
    candidate = await platform.candidate(language="fr")
    form = await letter(candidate)
    hub = form.path.removesuffix("/letter")
    async with person(browser, address) as anna:
        await come_in(anna, candidate)
        await left_offline(anna, form)
        await anna.open(hub)
        pending = anna.page.get_by_role("alert").get_by_role("link", name="Lettre de motivation & autres")
        await expect(pending).to_have_attribute("href", form.path)
        assert await broken_rules(anna.page) == []
        await anna.press("Enregistrer")
        await anna.reads(SAVED)
        await expect(pending).to_have_count(0)
        assert await form.saved() == PASTED


@pytest.mark.rule("R20", "R21")
async def test_the_hub_does_not_call_saved_what_another_window_overtook(
    platform: Kit, browser: Browser, address: str
) -> None:
    async with writing(platform, browser, address) as (anna, form, candidate):
        await left_offline(anna, form)
        await candidate.post_form(form.path, {"letter": "Ailleurs", "_action": "save"})
        await anna.open(form.path.removesuffix("/letter"))
        await anna.press("Enregistrer")
        notice = anna.page.get_by_role("alert")
        await expect(notice).to_be_focused()
        await expect(anna.main).not_to_contain_text(SAVED)
        await notice.get_by_role("link").click()
        await expect(anna.page.get_by_role("alert").filter(has_text=LEFT)).to_contain_text(PASTED[:300])
    assert await form.saved() == "Ailleurs"


@pytest.mark.rule("R20")
async def test_while_somebody_else_is_logged_in_it_is_said_who_must_come_back_and_nothing_is_lost(
    platform: Kit, browser: Browser, address: str
) -> None:
    berta = await platform.candidate(language="fr")
    async with writing(platform, browser, address) as (anna, form, candidate):

        async def logs_in(somebody: Candidate) -> None:
            """In another window of the same browser."""
            known = {"login": somebody.email, "password": PASSWORD}
            answer = await anna.page.context.request.post(f"{address}/identity/api/login", data=known)
            assert answer.ok, await answer.text()

        await typed(anna, form, "Madame,")
        said = anna.page.locator(".postulo-saved")
        await expect(said).to_contain_text("Enregistré à")
        await logs_in(berta)
        await anna.page.get_by_label(form.label).first.fill(PASTED)
        await expect(said).to_contain_text("Une autre personne est maintenant connectée ici")
        await expect(said).to_contain_text(f"en tant que {candidate.given_names} {candidate.family_name}")
        known = {"login": candidate.email, "password": PASSWORD}
        assert (await candidate.api("POST", "/identity/api/login", json=known)).status_code == 200
        assert await form.saved() == "Madame,"
        await logs_in(candidate)
        await anna.open(form.path)
        await expect(anna.page.get_by_role("alert").filter(has_text=LEFT)).to_contain_text(PASTED[:300])
        await anna.press(PUT_BACK)
        await expect(said).to_contain_text("Enregistré à")
    assert await form.saved() == PASTED


@pytest.mark.rule("R21", "R25", "R59")
@pytest.mark.parametrize("script", [True, False], ids=["script", "noscript"])
async def test_a_new_draft_saved_once_and_closed_is_listed(
    platform: Kit, browser: Browser, address: str, script: bool
) -> None:
    """The guide's way, word for word: Confirmer, Continuer, Enregistrer, Fermer."""
    candidate = await platform.candidate(language="fr")
    await platform.settled()
    async with person(browser, address, java_script_enabled=script) as anna:
        await come_in(anna, candidate)
        await anna.open("/careers")
        await anna.follow("Créer un projet de candidature")
        await anna.stands_on("Créer un projet de candidature")
        await anna.page.get_by_label("Confirmer").check()
        await anna.press("Continuer")
        await anna.stands_on("Complétez votre candidature")
        await anna.press("Enregistrer")
        await anna.reads(SAVED)
        await anna.stands_on("Complétez votre candidature")
        await anna.follow("Fermer")
        await anna.stands_on("Carrières")
        await anna.reloads_what_is_being_updated()
        await anna.reads("Mes candidatures", "Brouillon")
        anna.watch.assert_nothing_unusual()
