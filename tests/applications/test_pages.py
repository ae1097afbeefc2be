"""The pages, on the whole platform: the guide's own path through an application, in French and in English."""

import re
from html import unescape
from typing import Any

import pytest

from tests.applications.doors import API, applicant, draft, fill, publish, submitted
from tests.applications.values import SECTIONS, pdf
from tests.filling import fill_in
from tests.platform import Candidate, Kit, hidden_fields

SAVED_FR = "Vous avez enregistré votre candidature à l’emploi avec succès"


def text_of(page: Any) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", page.text))


async def start(anna: Candidate, vacancy: dict[str, Any] | None = None, **values: str) -> str:
    """Through "Postuler maintenant"; returns the hub's path."""
    page = "/applications/new" + (f"?vacancy={vacancy['id']}" if vacancy else "")
    answer = await anna.post_form("/applications/new", {"confirmed": "yes", **values}, page=page)
    assert answer.status_code == 200, answer.text
    return answer.url.path


@pytest.mark.rule("R16")
@pytest.mark.rule("R35")
async def test_no_draft_without_confirming_the_recommendations(platform: Kit) -> None:
    anna = await platform.candidate(language="fr")
    shown = text_of(await anna.get("/applications/new"))
    for words in ("Créer un projet de candidature", "Recommandations", "Confirmer", "Continuer"):
        assert words in shown
    assert "Consultez attentivement le descriptif de l’offre" not in shown
    refused = await anna.post_form("/applications/new", {})
    assert refused.status_code == 422
    assert "Confirmez que vous avez lu les recommandations" in text_of(refused)
    assert (await anna.api("GET", API)).json() == []


def radios(page: Any) -> dict[str, str]:
    """The attributes of the ways to start, by their values."""
    return dict(re.findall(r'name="start" type="radio" value="(\w+)"([^>]*)>', page.text))


@pytest.mark.rule("R16")
@pytest.mark.rule("R34")
@pytest.mark.rule("R35")
async def test_a_newcomer_sees_both_ways_to_start_and_why_one_is_not_possible_yet(platform: Kit) -> None:
    vacancy, anna = await publish(platform), await platform.candidate(language="fr")
    for path in ("/applications/new", f"/applications/new?vacancy={vacancy['id']}"):
        page = await anna.get(path)
        ways, shown = radios(page), text_of(page).replace("\u00a0", " ")
        assert list(ways) == ["copy_previous", "start_blank"]
        assert ("disabled" in ways["copy_previous"], "checked" in ways["copy_previous"]) == (True, False)
        assert ("disabled" in ways["start_blank"], "checked" in ways["start_blank"]) == (False, True)
        for words in (
            "Reprendre une candidature précédente", "C’est ici votre première : il n’y en a pas encore à reprendre.",
            "Partir d’un dossier vierge", "Les six onglets sont vides.",
        ):  # fmt: skip
            assert words in shown
        assert "Modèle de candidature précédente" not in shown
    forced = await anna.post_form("/applications/new", {"confirmed": "yes", "start": "copy_previous"})
    assert forced.status_code == 422
    assert "Partez d’un dossier vierge" in text_of(forced)
    assert "checked" in radios(forced)["start_blank"]
    hub = await start(anna, start="start_blank")
    again = await anna.get("/applications/new")
    assert "disabled" not in again.text[again.text.index('name="start"') :]
    assert "checked" in radios(again)["copy_previous"]
    assert "Tout est repris, sauf vos réponses aux questions présélection et vos déclarations." in text_of(again)
    assert (await anna.get(hub)).status_code == 200


@pytest.mark.rule("R36")
async def test_what_is_decisive_in_a_copy_is_flagged_until_it_is_saved(platform: Kit) -> None:
    vacancy, anna = await publish(platform), await applicant(platform, language="fr")
    earlier = await draft(anna, vacancy)
    await fill(anna, earlier)
    hub = await start(anna, await publish(platform), start="copy_previous", source_application_id=earlier)
    shown = text_of(await anna.get(hub))
    assert shown.count("À vérifier") == 3
    assert "3 onglets sur 6 sont terminés." in shown
    for words in (
        "réponses précédentes ne sont pas reprises",
        "vérifiez, puis enregistrez.",
        "répondez de nouveau aux",
    ):
        assert words in shown
    letter = await anna.get(f"{hub}/letter")
    assert SECTIONS["letter"]["letter"] in unescape(letter.text)
    assert "checked" not in letter.text[letter.text.index("<form") :]
    assert text_of(letter).count("À vérifier") == 3
    review = await anna.get(f"{hub}/review")
    assert "Vous n’avez pas encore vérifié" in text_of(review)
    assert re.findall(rf'href="{hub}/(\w+)">(?:Questions présélection|Compétences|Lettre)', review.text) == [
        "screening", "skills", "letter",
    ]  # fmt: skip
    kept = await anna.post_form(f"{hub}/skills", {"mother_tongue": "fr", "it_skills": "Python", "_action": "save"})
    assert text_of(kept).count("À vérifier") == 2
    await anna.post_form(f"{hub}/screening", {"experience": "yes", "degree": "master", "_action": "save"})
    done = await anna.post_form(f"{hub}/letter", {**SECTIONS["letter"], "_action": "later"})
    assert "6 onglets sur 6 sont terminés." in text_of(done)
    assert "À vérifier" not in text_of(done)
    assert "Vous n’avez pas encore vérifié" not in text_of(await anna.get(f"{hub}/review"))


@pytest.mark.rule("R15")
@pytest.mark.rule("R17")
@pytest.mark.rule("R18")
async def test_the_hub_lists_the_six_sections_in_the_guides_words(platform: Kit) -> None:
    anna = await platform.candidate(language="fr")
    hub = await anna.get(await start(anna))
    shown = text_of(hub)
    labels = (
        "Complétez votre candidature",
        "Questions présélection",
        "Préférences",
        "Etudes et expériences",
        "Compétences",
        "Références",
        "Lettre de motivation & autres",
        "Visualiser & Soumettre",
    )
    places = [shown.index(label) for label in labels]
    assert places == sorted(places)
    assert "Pas encore disponible" in shown
    screening = await anna.get(f"{hub.url.path}/screening")
    assert "Cet onglet est vide tant que vous n’avez pas choisi d’offre d’emploi" in text_of(screening)
    assert f'href="{hub.url.path}/vacancy"' in screening.text
    assert 'name="_action"' not in screening.text


async def press_submit(anna: Candidate, hub: str) -> Any:
    """As if the review of a draft without a job opening had the button."""
    revision = (await anna.api("GET", f"{API}/{hub.rpartition('/')[2]}")).json()["revision"]
    return await anna.post_form(f"{hub}/review", {"_version": revision})


@pytest.mark.rule("R31")
@pytest.mark.rule("R22")
async def test_a_draft_without_a_job_opening_is_led_to_one_and_cannot_be_submitted(platform: Kit) -> None:
    anna = await applicant(platform, language="fr")
    hub = await start(anna)
    await fill_in(anna, f"{hub}/letter", SECTIONS["letter"])
    review = await anna.get(f"{hub}/review")
    assert f'<a href="{hub}/vacancy" class="govuk-button">Choisir l’offre d’emploi</a>' in review.text
    assert "n’est plus modifiable" not in text_of(review)
    assert "Soumettre</button>" not in review.text
    refused = await press_submit(anna, hub)
    assert refused.status_code == 422
    summary = refused.text[refused.text.index("govuk-error-summary__title") : refused.text.index("<h1")]
    assert "Passez en revue ces champs avant de soumettre" in summary
    assert f'<a href="{hub}/vacancy">Choisissez l’offre d’emploi à laquelle vous postulez</a>' in unescape(summary)
    assert re.findall(r"<h3[^>]*>(.*?)</h3>", unescape(summary)) == [
        "Préférences",
        "Etudes et expériences",
        "Compétences",
        "Références",
    ]


async def test_the_hub_counts_what_is_completed_and_says_what_comes_next(platform: Kit) -> None:
    anna = await platform.candidate(language="fr")
    hub = await start(anna)
    shown = await anna.get(hub)
    assert "0 onglet sur 6 est terminé." in text_of(shown)
    assert re.search(r"Enregistré le\s+\d", text_of(shown))
    assert "Joindre des fichiers" in text_of(shown)
    assert f'<a href="{hub}/vacancy" class="govuk-button">Choisir l’offre d’emploi</a>' in shown.text
    assert text_of(shown).count("Accordez une attention particulière à cet onglet.") == 2
    await fill_in(anna, f"{hub}/letter", SECTIONS["letter"])
    assert text_of(await anna.get(hub)).count("Accordez une attention particulière à cet onglet.") == 1


@pytest.mark.rule("R34")
async def test_the_last_created_application_is_offered_first(platform: Kit) -> None:
    vacancy, anna = await publish(platform), await platform.candidate(language="fr")
    first = await draft(anna, vacancy)
    await fill(anna, first)
    last = await draft(anna)
    page = await anna.get("/applications/new")
    shown = text_of(page)
    assert "Modèle de candidature précédente" in shown
    assert "Reprendre une candidature précédente" in shown
    assert "Partir d’un dossier vierge" in shown
    assert re.findall(r'<option value="([0-9a-f-]{36})"', page.text) == [last, first]
    assert re.search(r"Sans offre d’emploi – \d{1,2}(?:er)? \w+ \d{4} à \d\d:\d\d UTC – Brouillon", shown)
    assert shown.index("La dernière candidature créée est choisie") < shown.index("Sans offre d’emploi")
    hub = await start(anna, start="copy_previous", source_application_id=first)
    assert "Repris de votre candidature précédente" in text_of(await anna.get(hub))


@pytest.mark.rule("R23")
@pytest.mark.rule("R34")
async def test_words_that_mean_no_earlier_application_copy_none(platform: Kit) -> None:
    vacancy, anna = await publish(platform), await platform.candidate(language="fr")
    titled = await draft(anna, vacancy)
    await draft(anna)
    posted = {"confirmed": "yes", "start": "copy_previous", "source_application_id": "Économiste de Mars"}
    before = (await anna.get("/applications/new")).text.count("<option")
    refused = await anna.post_form("/applications/new", posted)
    assert (refused.status_code, refused.url.path) == (422, "/applications/new")
    assert '<a href="#source_application_id">' in refused.text
    assert "« Économiste de Mars » ne figure pas dans la liste. Effacez" in text_of(refused).replace("\u00a0", " ")
    assert '<option value="Économiste de Mars" selected>' in refused.text
    assert (await anna.get("/applications/new")).text.count("<option") == before
    blank = await anna.post_form("/applications/new", {**posted, "start": "start_blank"})
    assert re.fullmatch(r"/applications/[0-9a-f-]{36}", blank.url.path)
    named = await start(anna, start="copy_previous", source_application_id=vacancy["job_opening_number"].lower())
    document = (await anna.api("GET", f"{API}/{named.rpartition('/')[2]}")).json()
    assert document["source_application_id"] == titled


@pytest.mark.rule("R33")
@pytest.mark.rule("R36")
@pytest.mark.rule("R37")
@pytest.mark.rule("R38")
@pytest.mark.rule("R39")
@pytest.mark.rule("R41")
@pytest.mark.rule("R52")
async def test_from_postuler_to_the_confirmation(platform: Kit) -> None:
    vacancy, anna = await publish(platform), await applicant(platform, language="fr")
    earlier = await draft(anna)
    await fill(anna, earlier, SECTIONS)
    hub = await start(anna, vacancy, start="copy_previous", source_application_id=earlier)
    assert vacancy["job_opening_number"] in text_of(await anna.get(hub))
    early = await anna.post_form(f"{hub}/review", {}, page=f"{hub}/review")
    assert early.status_code == 422
    assert f'href="{hub}/screening?check=1#experience"' in early.text
    await anna.post_form(f"{hub}/screening", {"experience": "yes", "degree": "master", "_action": "save"})
    undeclared = await anna.post_form(f"{hub}/review", {}, page=f"{hub}/review")
    assert f'href="{hub}/letter?check=1#truthful"' in undeclared.text
    await fill_in(anna, f"{hub}/letter", SECTIONS["letter"])
    review = await anna.get(f"{hub}/review")
    for words in ("Analysed trade.", "Cinq ans ?", "Rosa Diop", "Coordonnées", "Soumettre"):
        assert words in text_of(review)
    for words in ("Dossier de candidature (PHP)", anna.user_code, "Brouillon – non soumis"):
        assert words in text_of(review)
    terms = await anna.post(f"{hub}/review", hidden_fields(review.text))
    assert terms.url.path == f"{hub}/terms"
    assert "Conditions générales" in text_of(terms)
    unaccepted = await anna.post(f"{hub}/terms", hidden_fields(terms.text))
    assert unaccepted.status_code == 422
    assert "Acceptez les conditions générales" in text_of(unaccepted)
    done = await anna.post(f"{hub}/terms", {**hidden_fields(terms.text), "terms": "yes"})
    assert done.url.path == f"{hub}/confirmation"
    assert re.search(r"\d{4}-\w{4}-\w{4}-\w{4}", done.text)
    assert "Postulé" in text_of(await anna.get(hub))
    assert (await anna.get(f"{hub}/letter")).url.path == hub


@pytest.mark.rule("R38")
async def test_a_change_after_the_review_is_reviewed_again(platform: Kit) -> None:
    vacancy, anna = await publish(platform), await applicant(platform)
    application = await draft(anna, vacancy)
    await fill(anna, application)
    hub = f"/applications/{application}"
    review = hidden_fields((await anna.get(f"{hub}/review")).text)
    terms = await anna.post(f"{hub}/review", review)
    await anna.post_form(f"{hub}/letter", {**SECTIONS["letter"], "letter": "Another", "_action": "save"})
    refused = await anna.post(f"{hub}/terms", {**hidden_fields(terms.text), "terms": "yes"})
    assert refused.status_code == 409
    assert "Review it again" in text_of(refused)
    assert "There is a problem" in text_of(refused)
    assert "Review these fields" not in text_of(refused)
    assert (await anna.post(f"{hub}/review", review)).status_code == 409


@pytest.mark.rule("R28")
@pytest.mark.rule("R40")
@pytest.mark.rule("R43")
@pytest.mark.rule("R44")
async def test_a_submitted_application_is_read_and_withdrawn_after_a_warning(platform: Kit) -> None:
    vacancy, anna = await publish(platform), await applicant(platform)
    sent = await submitted(anna, vacancy)
    hub = f"/applications/{sent['id']}"
    token = hidden_fields((await anna.get(f"{hub}/withdraw")).text)
    edited = await anna.post(f"{hub}/letter", {**token, "letter": "Changed", "_action": "save"})
    assert edited.status_code == 409
    assert "can be changed, without exception" in text_of(edited)
    asked = text_of(await anna.get(f"{hub}/withdraw"))
    assert "Withdraw only if you are no longer interested" in asked
    gone = await anna.post(f"{hub}/withdraw", token)
    assert "Withdrawn" in text_of(gone)
    again = await anna.get(f"/applications/new?vacancy={vacancy['id']}")
    assert "You have already submitted an application for this job opening" in text_of(again)
    assert f'<a href="{hub}" class="govuk-button">See this application</a>' in again.text
    assert 'name="confirmed"' not in again.text
    body = {**token, "vacancy": vacancy["id"], "confirmed": "yes", "start": "start_blank"}
    assert (await anna.post("/applications/new", body)).status_code == 409
    steps = re.findall(r"<li[^>]*><strong>(.*?)</strong>(.*?)</li>", gone.text, re.DOTALL)
    assert [name for name, _ in steps] == ["Draft", "Applied", "Withdrawn"]
    for (_, said), meaning in zip(steps, ("was begun", "was received", "You withdrew"), strict=True):
        assert meaning in said


@pytest.mark.rule("R27")
@pytest.mark.rule("R55")
async def test_the_php_is_a_plain_download(platform: Kit) -> None:
    anna = await platform.candidate(language="fr")
    hub = await start(anna)
    page = await anna.get(hub)
    assert f'href="{hub}/php"' in page.text
    assert "Voir/Imprimer PHP" in text_of(page)
    assert "target=" not in page.text
    got = await anna.get(f"{hub}/php")
    assert got.headers["content-type"] == "application/pdf"
    assert got.headers["content-disposition"].startswith("attachment;")


@pytest.mark.rule("R61")
@pytest.mark.rule("R62")
async def test_files_are_attached_and_removed_on_their_page(platform: Kit) -> None:
    anna = await platform.candidate()
    hub = await start(anna)
    page = f"{hub}/attachments"
    refused = await anna.post_form(page, {}, files={"file": ("Mon diplôme.pdf", pdf())})
    assert refused.status_code == 422
    assert "Your-Initials_Diploma.pdf" in text_of(refused)
    assert '<button type="submit" class="govuk-button">Attach</button>' in refused.text
    added = await anna.post_form(page, {}, files={"file": ("AM_Diploma.pdf", pdf())})
    assert "The file is attached" in text_of(added)
    assert '<button type="submit" class="govuk-button govuk-button--secondary">Attach</button>' in added.text
    [link] = re.findall(rf'href="({page}/[0-9a-f-]+)"', added.text)
    assert (await anna.get(link)).content == pdf()
    removed = await anna.post(f"{link}/remove", hidden_fields(added.text))
    assert "No file is attached yet" in text_of(removed)


async def test_a_draft_is_discarded_after_asking(platform: Kit) -> None:
    anna = await platform.candidate()
    hub = await start(anna)
    await anna.post_form(f"{hub}/discard", {})
    assert (await anna.api("GET", API)).json() == []
    assert (await anna.get(hub)).status_code == 404


async def test_a_double_click_creates_one_draft(platform: Kit) -> None:
    anna = await platform.candidate()
    hidden = hidden_fields((await anna.get("/applications/new")).text)
    one = await anna.post("/applications/new", {**hidden, "confirmed": "yes"})
    two = await anna.post("/applications/new", {**hidden, "confirmed": "yes"})
    assert one.url.path == two.url.path
    assert len((await anna.api("GET", API)).json()) == 1


async def test_a_visitor_is_sent_to_log_in_and_strangers_see_nothing(platform: Kit) -> None:
    anna, ben = await platform.candidate(), await platform.candidate()
    hub = await start(anna)
    assert (await platform.visitor().get(hub)).url.path == "/identity/login"
    for path in (hub, f"{hub}/letter", f"{hub}/review", f"{hub}/php", f"{hub}/attachments", f"{hub}/withdraw"):
        assert (await ben.get(path)).status_code == 404, path
