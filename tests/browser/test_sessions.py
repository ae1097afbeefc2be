"""The end of a session in a browser (R20): announced, put off, and survived with every word that was typed."""

from datetime import timedelta
from typing import Final, NamedTuple

import pytest
from playwright.async_api import Browser, expect

from tests.applications.doors import API, draft
from tests.browser.axe import broken_rules
from tests.browser.driver import Keyboard
from tests.browser.journey import LOGIN, PASSWORD_FIELD
from tests.browser.person import Person, come_in, person
from tests.identity.test_expired_forms import expire
from tests.platform import PASSWORD, Candidate, Kit

ENDED: Final = "Votre session a expiré. Cliquez sur Enregistrer pour vous reconnecter"
WAITS: Final = "vous retrouverez dans le formulaire ce que vous avez saisi"
FOUND: Final = "Ce que vous avez saisi est de nouveau dans le formulaire"
TYPED: Final = "Là où je suis née, « Zürich »"


class Section(NamedTuple):
    """A form that saves itself: one of its fields, and the JSON door at which its values are read."""

    page: str
    label: str
    values: str


async def section(candidate: Candidate, kind: str) -> Section:
    if kind == "profile":
        return Section("/profile/contact", "Lieu de naissance", "/profile/api/contact")
    application = await draft(candidate)
    return Section(f"/applications/{application}/letter", "Lettre de motivation", f"{API}/{application}")


@pytest.mark.rule("R20")
async def test_the_end_is_announced_five_minutes_ahead_and_the_session_continues_by_keyboard(
    platform: Kit, browser: Browser, address: str
) -> None:
    candidate = await platform.candidate(language="fr")
    async with person(browser, address, driver=Keyboard) as anna:
        await come_in(anna, candidate)
        await anna.page.clock.install()
        await anna.open("/profile/nationality")
        warning = anna.page.get_by_role("alert").filter(visible=True)
        await anna.page.clock.fast_forward("54:00")
        await expect(warning).to_have_count(0)
        await anna.page.clock.fast_forward("02:00")
        await expect(warning).to_contain_text("Votre session expire dans 4 minutes")
        assert await broken_rules(anna.page) == []
        await _sits_idle(platform, candidate, timedelta(minutes=56))
        await anna.driver.press(anna.page.get_by_role("button", name="Continuer ma session"))
        await expect(warning).to_have_count(0)
        assert await _idle(platform, candidate) < timedelta(minutes=1)
        await anna.page.clock.fast_forward("54:00")
        await expect(warning).to_have_count(0)
        await anna.page.clock.fast_forward("06:01")
        await expect(warning).to_contain_text("Votre session a expiré")
        anna.watch.assert_nothing_unusual()


async def _sits_idle(platform: Kit, candidate: Candidate, minutes: timedelta) -> None:
    """As many minutes have gone by since identity saw the candidate last."""
    pool = platform.service("identity").kernel.pool
    await pool.execute("update sessions set seen_at = now() - $2::interval where account_id = $1",
                       candidate.account_id, minutes)  # fmt: skip
    assert await _idle(platform, candidate) >= minutes


async def _idle(platform: Kit, candidate: Candidate) -> timedelta:
    pool = platform.service("identity").kernel.pool
    sql = "select clock_timestamp() - max(seen_at) from sessions where account_id = $1"
    found: timedelta = await pool.fetchval(sql, candidate.account_id)
    return found


@pytest.mark.rule("R20")
@pytest.mark.parametrize("script", [True, False], ids=["script", "noscript"])
@pytest.mark.parametrize("kind", ["profile", "application"])
async def test_after_the_end_logging_in_leads_to_the_same_form_with_what_was_typed(
    platform: Kit, browser: Browser, address: str, kind: str, script: bool
) -> None:
    candidate = await platform.candidate(language="fr")
    form = await section(candidate, kind)
    await platform.settled()
    async with person(browser, address, java_script_enabled=script) as anna:
        await come_in(anna, candidate)
        await anna.open(form.page)
        await expire(platform, candidate)
        field = anna.page.get_by_label(form.label)
        await field.press_sequentially(TYPED)
        if script:
            await expect(anna.page.get_by_role("status")).to_have_text(ENDED)
        await anna.press("Enregistrer")
        await anna.stands_on("Connexion")
        await anna.reads(WAITS)
        await _logs_in(anna, candidate)
        await expect(anna.page).to_have_url(address + form.page)
        await anna.reads(FOUND)
        await expect(field).to_have_value(TYPED)
        await anna.press("Enregistrer")
        await expect(anna.main).not_to_contain_text(FOUND)
        await anna.reloads_what_is_being_updated()
        await expect(field).to_have_value(TYPED)
        assert anna.watch.elsewhere == []
    await _log_in(candidate)
    assert TYPED in (await candidate.api("GET", form.values)).text


async def _logs_in(anna: Person, candidate: Candidate) -> None:
    form = {"login": candidate.email, "password": PASSWORD}
    await anna.fill("identity", (LOGIN, PASSWORD_FIELD), form)
    await anna.press("Connexion")


async def _log_in(candidate: Candidate) -> None:
    answer = await candidate.api("POST", "/identity/api/login", json={"login": candidate.email, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
