"""The portal, the Careers page and the help pages in the running platform."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest

from tests.platform import Candidate, Kit, Visitor, until
from tests.profile.values import COMPLETE
from tests.system.answers import ANSWERS, SECTIONS, vacancy

APPLICATIONS = "/applications/api/applications"
UPDATING = ("being updated", "en cours de mise à jour")


async def careers(anna: Candidate, query: str = "") -> str:
    """The Careers page, which must never be stale."""
    answer = await anna.get(f"/careers{query}")
    assert answer.status_code == 200, answer.text
    assert not any(words in answer.text for words in UPDATING), "the Careers page is stale"
    return answer.text


def card(page: str, application: str) -> str:
    """What the page says of one application."""
    found = re.search(rf'id="application-{application}".*?(?=id="application-|</section>)', page, re.DOTALL)
    assert found, f"application {application} is not on the page"
    return found[0]


def steps(row: str) -> list[str]:
    """The statuses of the timeline, each of which is dated."""
    return re.findall(r"<li[^>]*><strong>([^<]*)</strong> – <time datetime=", row)


def meanings(row: str) -> int:
    return len(re.findall(r"<li[^>]*><strong>[^<]*</strong> – <time[^>]*>[^<]*</time><br>", row))


async def call(who: Visitor, method: str, path: str, status: int = 200, **options: Any) -> Any:
    answer = await who.api(method, path, **options)
    assert answer.status_code == status, f"{path}: {answer.status_code} {answer.text}"
    return answer.json() if answer.content else None


async def complete_profile(anna: Candidate) -> None:
    async def opened() -> bool:
        return (await anna.api("GET", "/profile/api/completeness")).status_code == 200

    await until(opened, "the profile")
    for section, values in COMPLETE.items():
        own = {**values, "email": anna.email} if section == "contact" else values
        await call(anna, "PUT", f"/profile/api/{section.replace('_', '-')}", json={"values": own})


async def draft(anna: Candidate, **other: Any) -> str:
    created = await call(anna, "POST", APPLICATIONS, 201, json={"confirmed": True, "start": "start_blank", **other})
    return str(created["id"])


async def publish(platform: Kit, hr: Visitor) -> tuple[str, str]:
    """An open vacancy that every service has heard of: its id and its number."""
    number = f"26-{uuid4().hex[:8]}"
    closes_on = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    published = await call(hr, "POST", "/vacancies/api/vacancies", 201, json=vacancy(number, closes_on))
    await platform.settled()
    return str(published["id"]), number


async def submit(anna: Candidate, application: str) -> None:
    await fill(anna, application)
    revision = (await call(anna, "GET", f"{APPLICATIONS}/{application}"))["revision"]
    wish = {"revision": revision, "accept_terms": True}
    await call(anna, "POST", f"{APPLICATIONS}/{application}/submission", json=wish)


@pytest.mark.rule("R1")
@pytest.mark.rule("R8")
async def test_the_portal_leads_to_log_in_registration_the_manual_and_help(platform: Kit) -> None:
    page = (await platform.visitor("fr").get("/")).text
    for link, words in [
        ("/identity/login", "Connexion"), ("/identity/register", "Inscription immédiate"), ("/help", "Aide"),
        ("/support", "Contactez-nous"), ("/help/manual", "anuel pour le candidat"),
        ("/vacancies", "Rech. emplois"),
    ]:  # fmt: skip
        assert f'"{link}"' in page, link
        assert words in page, words


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("path", ["/", "/help"])
async def test_public_pages_open_in_both_languages(platform: Kit, path: str, language: str) -> None:
    answer = await platform.visitor(language).get(path)
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.text


async def test_the_careers_page_needs_a_login(platform: Kit) -> None:
    assert (await platform.visitor().get("/careers")).url.path == "/identity/login"
    assert (await platform.visitor().api("GET", "/careers/api/overview")).status_code == 401


async def test_a_new_candidate_sees_an_empty_page_with_the_guides_buttons(platform: Kit) -> None:
    page = await careers(await platform.candidate(language="fr"))
    for words in ("Carrières", "Mes candidatures", "Créer un projet de candidature", "Mon profil", "Recherche avancée"):
        assert words in page
    for link in ("/applications/new", "/profile", "/vacancies"):
        assert f'href="{link}"' in page


async def fill(anna: Candidate, application: str, *sections: str) -> None:
    known = {**SECTIONS, "screening": ANSWERS}
    for section in sections or known:
        path = f"{APPLICATIONS}/{application}/sections/{section}"
        await call(anna, "PUT", path, json={"values": known[section]})


def todo(page: str) -> str:
    """What needs attention, in words."""
    found = page[page.index('class="postulo-todo"') : page.index("</section>", page.index('class="postulo-todo"'))]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found)).split())


@pytest.mark.rule("R22")
@pytest.mark.rule("R37")
async def test_complete_sections_are_counted_although_nothing_typed_leaves_and_all_six_are_to_be_reviewed(
    platform: Kit,
) -> None:
    hr, anna = await platform.machine("hr"), await platform.candidate(language="fr")
    vacancy_id, number = await publish(platform, hr)
    await complete_profile(anna)
    application = await draft(anna, vacancy_id=vacancy_id)
    assert "Onglets terminés" not in todo(await careers(anna))
    await fill(anna, application, *SECTIONS)
    five = todo(await careers(anna))
    assert "Onglets terminés : 5 sur 6" in five.replace("\u00a0", " ")
    assert "Visualisez et soumettez votre candidature" not in five
    await fill(anna, application, "screening")
    page = await careers(anna)
    assert "Onglets terminés : 6 sur 6" in todo(page).replace("\u00a0", " ")
    assert f'href="/applications/{application}/review">Visualisez et soumettez votre candidature</a>' in page
    assert f"(<bdi>{number}</bdi>)" in page
    await call(anna, "PUT", f"{APPLICATIONS}/{application}/sections/letter", json={"values": {}})
    assert "Onglets terminés : 5 sur 6" in todo(await careers(anna)).replace("\u00a0", " ")


@pytest.mark.rule("R25")
@pytest.mark.rule("R26")
@pytest.mark.rule("R59")
async def test_a_draft_is_listed_on_the_very_next_page(platform: Kit) -> None:
    anna = await platform.candidate(language="fr")
    for _ in range(3):
        application = await draft(anna)
        row = card(await careers(anna), application)
        for words in ("Brouillon", "Date de création", "Date de Candidature", "Voir/Imprimer PHP", "Modifier"):
            assert words in row


@pytest.mark.rule("R26")
@pytest.mark.rule("R41")
@pytest.mark.rule("R53")
async def test_a_submitted_application_is_postule_on_the_very_next_page_with_its_vacancy(platform: Kit) -> None:
    anna, hr = await platform.candidate(language="fr"), await platform.machine("hr")
    vacancy_id, number = await publish(platform, hr)
    await complete_profile(anna)
    assert "100% complet" in await careers(anna)
    application = await draft(anna, vacancy_id=vacancy_id)
    assert number in card(await careers(anna), application)
    await submit(anna, application)
    row = card(await careers(anna), application)
    assert "Postulé" in row
    assert number in row
    assert "Retirer" in row
    assert "Modifier" not in row
    await call(hr, "POST", f"/applications/api/submitted/{application}/status", json={"status": "under_consideration"})
    await platform.settled()
    assert steps(card(await careers(anna), application)) == ["Brouillon", "Postulé", "À l’étude"]
    await call(anna, "POST", f"{APPLICATIONS}/{application}/withdrawal")
    assert steps(card(await careers(anna), application)) == ["Brouillon", "Postulé", "À l’étude", "Retirée"]
    assert meanings(card(await careers(anna), application)) == 4
    seen = await call(anna, "GET", "/careers/api/overview")
    timeline = [step["status"] for step in seen["applications"][0]["timeline"]]
    assert timeline == ["draft", "applied", "under_consideration", "withdrawn"]


@pytest.mark.rule("R53")
@pytest.mark.rule("R58")
async def test_the_filter_shows_one_status_and_toutes_shows_all(platform: Kit) -> None:
    anna = await platform.candidate(language="fr")
    ids = [await draft(anna) for _ in range(2)]
    page = await careers(anna, "?show=all")
    assert "Afficher candidatures\u00a0:" in page
    assert "Actualiser" in page
    assert re.search(r'<option value="all" selected>Toutes', page)
    assert all(card(page, each) for each in ids)
    drafts, none = await careers(anna, "?show=draft"), await careers(anna, "?show=applied")
    assert all(card(drafts, each) for each in ids)
    assert not any(f"application-{each}" in none for each in ids)
    assert "Toutes" in none
    unknown = await careers(anna, "?show=nonsense")
    assert all(card(unknown, each) for each in ids)


async def test_the_php_link_gives_the_pdf(platform: Kit) -> None:
    anna = await platform.candidate()
    application = await draft(anna)
    link = re.search(r'href="(/applications/[^"]*php[^"]*)"', card(await careers(anna), application))
    assert link
    php = await anna.get(link[1])
    assert php.status_code == 200
    assert php.content.startswith(b"%PDF")


async def test_nobody_sees_what_concerns_somebody_else(platform: Kit) -> None:
    anna, boris = await platform.candidate(), await platform.candidate()
    application = await draft(anna)
    await careers(anna)
    assert application not in await careers(boris)
    assert (await call(boris, "GET", "/careers/api/overview"))["applications"] == []


async def test_saved_searches_matches_and_tickets_are_seen_at_a_glance(platform: Kit) -> None:
    anna, hr = await platform.candidate(), await platform.machine("hr")
    search = {"name": "My water search", "criteria": {"keywords": "sanitation"}}
    await call(anna, "POST", "/alerts/api/searches", 201, json=search)
    assert "My water search" in await careers(anna)
    vacancy_id, number = await publish(platform, hr)
    page = await careers(anna)
    assert f"/vacancies/{vacancy_id}" in page
    assert number in page
    seen = await call(anna, "GET", "/careers/api/overview")
    assert seen["suggestions"][0]["vacancy_id"] == vacancy_id
    assert seen["searches"][0]["days_left"] == 365


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", "PHP (Personal History Profile)\u00a0: votre dossier de candidature complet, en PDF."),
        ("en", "PHP (Personal History Profile): your whole application as a PDF file."),
    ],
)
async def test_what_a_php_is_stands_before_the_first_link_to_one(platform: Kit, language: str, said: str) -> None:
    anna = await platform.candidate(language=language)
    assert said not in await careers(anna)
    await draft(anna)
    await platform.settled()
    page = await careers(anna)
    assert page.index(said) < page.index("/php")
