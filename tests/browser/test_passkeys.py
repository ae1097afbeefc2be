"""Passkeys in a browser, with Chromium's virtual authenticator: one is made at "My account", and lets in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, expect

from services.identity.api.operator import change
from services.identity.domain.account import GrantRole
from tests.browser.axe import broken_rules
from tests.browser.person import come_in, person
from tests.platform import PASSWORD, Kit


@pytest.fixture
async def at_localhost(platform: Kit, address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The platform at the name under which a browser makes passkeys without TLS."""
    here = f"http://localhost:{urlsplit(address).port}"
    monkeypatch.setattr(platform.service("identity").kernel.settings, "public_url", here)
    return here


@asynccontextmanager
async def authenticator(page: Page) -> AsyncIterator[None]:
    session = await page.context.new_cdp_session(page)
    await session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    await session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    yield
    await session.detach()


async def test_a_passkey_is_made_and_lets_in_and_the_role_works(
    platform: Kit, browser: Browser, at_localhost: str
) -> None:
    candidate = await platform.candidate(language="fr")
    await change(platform.service("identity").kernel, candidate.email, GrantRole(role="support"))
    async with person(browser, at_localhost) as anna, authenticator(anna.page):
        await come_in(anna, candidate)
        page = anna.page
        await page.goto(f"{at_localhost}/identity/account")
        await page.get_by_role("link", name="Gérer mes seconds facteurs").click()
        await page.locator("a", has_text="Ajouter une clé d’accès").click()
        await page.get_by_label("Nom de la clé d’accès").fill("Mon téléphone")
        await page.get_by_label("Votre mot de passe actuel").fill(PASSWORD)
        assert await broken_rules(page) == []
        await page.get_by_role("button", name="Ajouter une clé d’accès").click()
        await expect(page.get_by_role("heading", name="Vos codes de secours")).to_be_visible()
        assert await broken_rules(page) == []
        await page.locator("a", has_text="Je les ai conservés").click()
        await expect(page.get_by_role("heading", name="Clé d’accès: Mon téléphone")).to_be_visible()
        await page.get_by_role("button", name="Déconnexion").click()
        await page.goto(f"{at_localhost}/identity/login?next=/support/desk")
        await page.get_by_label("Code utilisateur ou adresse").fill(candidate.email)
        await page.get_by_label("Mot de passe").fill(PASSWORD)
        await page.get_by_role("main").get_by_role("button", name="Connexion").click()
        await expect(page.get_by_role("heading", name="Deuxième étape de la connexion")).to_be_visible()
        await page.get_by_role("button", name="Utiliser ma clé d’accès").click()
        await page.wait_for_url("**/support/desk")


async def test_without_an_authenticator_the_page_says_so_and_stays(
    platform: Kit, browser: Browser, at_localhost: str
) -> None:
    candidate = await platform.candidate(language="fr")
    async with person(browser, at_localhost) as anna:
        await come_in(anna, candidate)
        page = anna.page
        await page.goto(f"{at_localhost}/identity/account/security/passkey")
        await page.evaluate("() => { navigator.credentials.create = () => Promise.reject(new Error('none')); }")
        await page.get_by_label("Votre mot de passe actuel").fill(PASSWORD)
        await page.get_by_role("button", name="Ajouter une clé d’accès").click()
        await expect(page.get_by_role("alert")).to_contain_text("Aucune clé d’accès n’a été créée")
        assert page.url.endswith("/identity/account/security/passkey")
