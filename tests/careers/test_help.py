"""The help pages through their door, in both languages: what the guide's questions mean on this site."""

import re
from html import unescape
from typing import Final

import pytest

from services.careers.pages.helping import AFFIN, TITLES
from shared.vocabulary.problems import EXPLANATIONS
from tests.platform import Kit

MANUAL: Final = '<a class="govuk-link" href="/help/manual'


async def read(platform: Kit, path: str, language: str = "fr") -> str:
    """The main part of a page, as it is written."""
    answer = await platform.visitor(language).get(path)
    assert answer.status_code == 200, path
    main = re.search(r"<main.*</main>", answer.text, re.DOTALL)
    assert main
    return unescape(main[0])


def text(page: str) -> str:
    """What a reader reads, each gap a plain space."""
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def sentences(page: str) -> set[str]:
    return set(re.findall(r"[A-Z][^.?!:]{20,}", text(page)))


async def said(platform: Kit, path: str, *words: str, language: str = "fr") -> str:
    page = await read(platform, path, language)
    for each in words:
        assert each in text(page), each
    return page


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_the_index_leads_to_every_help_page_in_both_languages(platform: Kit, language: str) -> None:
    index = await read(platform, "/help", language)
    assert set(re.findall(r'href="/help/([^"]*)"', index)) == set(TITLES)
    for name in TITLES:
        page = await read(platform, f"/help/{name}", language)
        assert 'href="/help"' in page
        assert ('href="/help/support"' in page) == (name != "support")


async def test_the_two_languages_say_different_things(platform: Kit) -> None:
    for name in TITLES:
        english = sentences(await read(platform, f"/help/{name}", "en"))
        assert not english & sentences(await read(platform, f"/help/{name}", "fr"))


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_every_reason_of_a_refusal_is_explained_under_its_type(platform: Kit, language: str) -> None:
    page = await read(platform, "/help/problems", language)
    told = platform.service("careers").app.state.web.texts(language)
    for reason, explanation in EXPLANATIONS.items():
        heading = f'id="{reason}"><code>urn:postulo:problem:<wbr>{reason}</code></h3>'
        assert f"{heading} {told(explanation.meaning)} {told(explanation.remedy)}" in re.sub(
            r"\s*<p[^>]*>", " ", page
        ), reason
    statuses = re.findall(r"<h2[^>]*>[^<]* (\d{3})</h2>", page)
    assert statuses == [str(status) for status in sorted({each.status for each in EXPLANATIONS.values()})]


async def test_an_unknown_help_page_is_not_there(platform: Kit) -> None:
    for name in ("nothing", "page", "mails", "..%2fhome", "index"):
        assert (await platform.visitor().get(f"/help/{name}")).status_code == 404


async def test_every_page_leads_to_help(platform: Kit) -> None:
    anna = await platform.candidate()
    for page in ("/", "/vacancies", "/identity/login", "/support"):
        assert 'href="/help"' in (await platform.visitor().get(page)).text
    for page in ("/careers", "/profile", "/applications/new", "/alerts"):
        assert 'href="/help"' in (await anna.get(page)).text


@pytest.mark.rule("R1")
@pytest.mark.parametrize("path", ["/", "/help", "/help/register", "/identity/register", "/help/deadline"])
async def test_the_manual_is_linked_before_registering_and_for_details_of_the_selection(
    platform: Kit, path: str
) -> None:
    assert MANUAL in await read(platform, path)


@pytest.mark.rule("R1")
async def test_the_manual_is_where_the_selection_process_is_told(platform: Kit) -> None:
    for path in ("/", "/help/deadline"):
        assert f'{MANUAL}#selection">Déroulement de la sélection des candidats' in await read(platform, path)


TOLD: Final = {
    "fr": (
        "Ce qu’il faut pour une candidature", "attributions et vos réalisations", "Durée habituelle",
        "Épreuves et entretiens", "de quatre à six mois", "Inscrit sur la liste de réserve",
    ),
    "en": (
        "What an application needs", "duties and your achievements", "Usual time", "Tests and interviews",
        "four to six months", "Rostered",
    ),
}  # fmt: skip


@pytest.mark.rule("R1")
@pytest.mark.parametrize("language", ["en", "fr"])
async def test_the_manual_says_what_is_needed_and_how_selection_goes_on_with_usual_times(
    platform: Kit, language: str
) -> None:
    page = await said(platform, "/help/manual", *TOLD[language], language=language)
    sections = set(re.findall(r'<h2[^>]* id="(\w+)"', page)) - {"contents"}
    assert set(re.findall(r'href="#(\w+)"', page)) == sections
    assert "selection" in sections
    assert page.count("Durée habituelle" if language == "fr" else "Usual time") == 7
    assert 'href="https://careers.un.org/" rel="external"' in page


@pytest.mark.rule("R1")
async def test_every_page_s_foot_leads_to_the_manual(platform: Kit) -> None:
    for page in ("/", "/vacancies", "/identity/register", "/support"):
        assert '<a href="/help/manual">Manuel pour le candidat</a>' in (await platform.visitor("fr").get(page)).text


async def test_help_says_who_registers_and_with_what(platform: Kit) -> None:
    await said(
        platform, "/help/register", "Les volontaires de l’ONU, personnels sous contrat temporaire", "policiers",
        "Galaxy", "les deux systèmes sont indépendants", "date de naissance", "adresse email privée",
    )  # fmt: skip


async def test_help_says_how_to_get_back_in_without_a_new_account(platform: Kit) -> None:
    page = await said(
        platform, "/help/register", "Inutile de vous inscrire de nouveau",
        "« Avez-vous oublié votre mot de passe ? »",
        "il vous faudrait vous inscrire de nouveau",
    )  # fmt: skip
    assert 'href="/identity/forgotten"' in page


@pytest.mark.rule("R5")
@pytest.mark.rule("R54")
@pytest.mark.parametrize("path", ["/help/register", "/help/received", "/help/alerts"])
async def test_help_says_where_our_mails_come_from_and_to_look_at_the_spam_filter(platform: Kit, path: str) -> None:
    await said(
        platform, path, "Nos emails proviennent de no-reply@careers.un.org", "votre filtre anti-spam ne bloque pas",
        "depuis le domaine careers.un.org",
    )  # fmt: skip


@pytest.mark.rule("R5")
async def test_the_mails_do_come_from_there(platform: Kit) -> None:
    anna = await platform.candidate()
    mail = await platform.mail(anna.email, "identity/mail/verify")
    assert mail.headers["From"].endswith("<no-reply@careers.un.org>")


@pytest.mark.rule("R19")
async def test_help_urges_to_save_often_also_after_the_mandatory_fields(platform: Kit) -> None:
    await said(
        platform, "/help/sessions", "60 minutes d’inactivité", "très régulièrement",
        "y compris après avoir complété tous les champs obligatoires", "identifiés par *",
    )  # fmt: skip


@pytest.mark.rule("R57")
async def test_help_advises_to_prepare_letter_duties_and_achievements_offline(platform: Kit) -> None:
    await said(
        platform, "/help/prepare", "hors ligne", "lettre de motivation", "attributions", "réalisations",
        "copier-coller",
        "quelques minutes vous suffiront",
    )  # fmt: skip


@pytest.mark.rule("R45")
async def test_help_advises_to_apply_well_before_the_deadline_and_says_when_that_is(platform: Kit) -> None:
    await said(platform, "/help/deadline", "bien avant l’échéance", "23:59:59", "New York", "heure locale", "agenda")
    await said(platform, "/help/deadline", "well before the deadline", "23:59:59", "three days ahead", language="en")


async def test_help_tells_how_job_alerts_work(platform: Kit) -> None:
    await said(
        platform, "/help/alerts", "« Enregistrer recherche »", "« Utiliser comme Alerte emploi »", "365 jours", "cinq",
        "n’incluent jamais les offres publiées sous Galaxy",
    )  # fmt: skip


@pytest.mark.rule("R52")
@pytest.mark.rule("R54")
async def test_without_a_confirmation_the_status_tells_and_the_profile_shows_the_address(platform: Kit) -> None:
    page = await said(
        platform, "/help/received", "« Postulé » ou « À l’étude »", "a bien été reçue", "affichée dans votre profil"
    )
    assert 'href="/careers"' in page
    assert 'href="/profile"' in page


@pytest.mark.rule("R55")
async def test_help_says_what_a_download_needs_in_browsers_of_today(platform: Kit) -> None:
    words = ("« Voir/Imprimer PHP »", "lire les fichiers PDF", "téléchargement de fichiers depuis careers.test")
    page = await said(platform, "/help/php", *words, "Aucune fenêtre ne s’ouvre", "Chrome", "Edge", "Firefox", "Safari")
    assert "Internet Explorer" not in page


@pytest.mark.rule("R56")
async def test_help_says_how_to_allow_cookies_in_browsers_of_today(platform: Kit) -> None:
    words = ("careers.test soit autorisé à utiliser des cookies", "Chrome", "Edge", "Firefox", "Safari")
    page = await said(platform, "/help/logged-out", *words)
    assert "Internet Explorer" not in page


@pytest.mark.rule("R56")
async def test_a_browser_without_cookies_is_told_so_where_it_logs_in(platform: Kit) -> None:
    page = (await platform.visitor("en").get("/identity/login")).text
    assert "allow cookies for this site" in page


@pytest.mark.rule("R58", "R59", "R60")
async def test_help_says_in_which_order_to_look_for_a_missing_application(platform: Kit) -> None:
    page = text(await said(platform, "/help/missing"))
    steps = [
        "« Afficher candidatures : »", "« Toutes »", "« Actualiser »",
        "Il n’est pas nécessaire de créer un nouveau projet", "capture d’écran de la page « Carrières »",
    ]  # fmt: skip
    places = [page.index(step) for step in steps]
    assert places == sorted(places)
    assert 'href="/support"' in await read(platform, "/help/missing")


@pytest.mark.rule("R60")
async def test_the_contact_form_asks_for_a_screenshot_of_the_careers_page(platform: Kit) -> None:
    hint = "attach a screenshot of the Careers page"
    assert hint in (await (await platform.candidate()).get("/support")).text
    assert hint not in await read(platform, "/support", "en"), "a visitor has no applications to miss"


async def test_help_says_what_can_be_attached(platform: Kit) -> None:
    await said(
        platform, "/help/attachments", "inférieure à 1 Mo", "résolution inférieure",
        "court et sans caractères spéciaux",
        "Vos-Initiales_Diplome.pdf",
    )  # fmt: skip


async def test_help_says_that_a_submitted_application_can_be_withdrawn_and_never_changed(platform: Kit) -> None:
    await said(
        platform, "/help/withdraw", "plus aucune modification ne peut être apportée",
        "vous pouvez retirer votre candidature",
        "ne vous permettra pas de soumettre un nouveau dossier pour la même offre",
    )  # fmt: skip


async def test_help_says_what_support_needs_and_does_not_do(platform: Kit) -> None:
    await said(
        platform, "/help/support", "votre nom complet ainsi que votre code utilisateur, jamais votre mot de passe",
        "sans joindre votre CV", "capture d’écran du message d’erreur", "Il ne traite pas les dossiers de candidatures",
        "candidatures spontanées",
    )  # fmt: skip


async def test_help_says_what_to_do_about_a_wrong_equivalence(platform: Kit) -> None:
    await said(
        platform, "/help/degrees", "Depuis le 11 mars 2012",
        "« Licence », « Diplôme national de Master » ou « Doctorat »",
        "diplômes d’ingénieur", "par exemple « Diplôme national de Master »", "academicsconsult@un.org",
        "avant le 11 mars 2012 restent valides",
    )  # fmt: skip


@pytest.mark.rule("R75")
async def test_the_group_on_facebook_is_an_external_link_and_nothing_more(platform: Kit) -> None:
    page = await said(platform, "/help/degrees", "(AFFIN)", "C’est un site externe")
    assert f'<a class="govuk-link" href="{AFFIN}" rel="external noopener noreferrer nofollow">' in page
    assert AFFIN.startswith("https://www.facebook.com/")
    assert "facebook" not in page.replace(AFFIN, "").replace("Facebook", "")
