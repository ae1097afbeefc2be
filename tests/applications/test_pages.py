"""The pages, on the whole house: the guide's own path through an application, in French and in English."""

import re
from html import unescape
from typing import Any

import pytest

from tests.applications.doors import API, applicant, draft, fill, publish, submitted
from tests.applications.values import SECTIONS, pdf
from tests.filling import fill_in, typed
from tests.house import Candidate, Kit, hidden_fields

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
async def test_no_draft_without_confirming_the_recommendations(house: Kit) -> None:
    anna = await house.candidate(language="fr")
    shown = text_of(await anna.get("/applications/new"))
    for words in ("Créer un projet de candidature", "Recommandations", "Confirmer", "Continuer"):
        assert words in shown
    assert "Consultez attentivement le descriptif de l’offre" not in shown
    assert "Partir d’un dossier vierge" not in shown
    refused = await anna.post_form("/applications/new", {})
    assert refused.status_code == 422
    assert "Confirmez que vous avez lu les recommandations" in text_of(refused)
    assert (await anna.api("GET", API)).json() == []


@pytest.mark.rule("R15")
@pytest.mark.rule("R17")
@pytest.mark.rule("R18")
async def test_the_hub_lists_the_six_sections_in_the_guides_words(house: Kit) -> None:
    anna = await house.candidate(language="fr")
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
    assert "Ne peut pas encore être commencé" in shown
    screening = await anna.get(f"{hub.url.path}/screening")
    assert "Cet onglet est vide tant que vous n’avez pas choisi d’offre d’emploi" in text_of(screening)
    assert f'href="{hub.url.path}/vacancy"' in screening.text
    assert 'name="_action"' not in screening.text


@pytest.mark.rule("R19")
@pytest.mark.rule("R21")
@pytest.mark.rule("R25")
async def test_saving_says_the_guides_sentence_and_names_what_is_missing(house: Kit) -> None:
    anna = await house.candidate(language="fr")
    hub = await start(anna)
    page = await anna.get(f"{hub}/letter")
    assert "Lettre de motivation\u00a0*" in text_of(page)
    assert 'href="/careers"' in page.text
    assert "Fermer" in text_of(page)
    saved = await anna.post_form(f"{hub}/letter", {"letter": "Madame,\r\nMonsieur", "_action": "save"})
    assert SAVED_FR in text_of(saved)
    assert "<title>Erreur" in saved.text
    assert "Avez-vous déjà été licencié(e) pour faute" in text_of(saved)
    assert "Madame,\nMonsieur" in unescape(saved.text)
    on = await anna.post_form(f"{hub}/letter", {**SECTIONS["letter"], "_action": "continue"})
    assert on.url.path == f"{hub}/attachments"
    assert SAVED_FR in text_of(on)


@pytest.mark.rule("R23")
@pytest.mark.rule("R24")
async def test_a_value_outside_a_list_is_kept_and_a_remedy_named(house: Kit) -> None:
    anna = await house.candidate()
    hub = await start(anna)
    saved = await fill_in(anna, f"{hub}/skills", {**SECTIONS["skills"], "mother_tongue": "Frenchish"})
    assert "“Frenchish” is not in the list" in text_of(saved)
    assert "Clear it, then pick a value from the list" in text_of(saved)
    assert 'value="Frenchish" selected' in saved.text
    emptied = {"diplomas": [{**SECTIONS["education"]["diplomas"][0], "language": ""}]}
    education = await fill_in(anna, f"{hub}/education", emptied)
    assert "Diploma 1 – " not in education.text


async def test_an_entry_is_called_by_its_singular_and_number(house: Kit) -> None:
    anna = await house.candidate(language="fr")
    hub = await start(anna)
    education = text_of(await fill_in(anna, f"{hub}/education", SECTIONS["education"]))
    for title in ("Diplôme\u00a01", "Emploi\u00a01", "Certificat ou formation"):
        assert title in education
    assert "Référence\u00a01" in text_of(await anna.get(f"{hub}/references/referees/0"))


@pytest.mark.rule("R30")
async def test_each_entry_has_a_page_and_is_added_changed_and_removed(house: Kit) -> None:
    anna = await house.candidate()
    hub = await start(anna)
    (job,) = SECTIONS["education"]["jobs"]
    added = await anna.post_form(f"{hub}/education", {"_add": "jobs"})
    assert added.url.path == f"{hub}/education/jobs/0"
    assert 'name="duties"' in added.text
    assert 'name="achievements"' in added.text
    more = await anna.post_form(added.url.path, {**typed(job), "_action": "more"})
    assert more.url.path == f"{hub}/education/jobs/1"
    second = await anna.post_form(more.url.path, {**typed({**job, "title": "Analyst"}), "_action": "save"})
    assert (second.url.path, second.url.fragment) == (f"{hub}/education", "jobs")
    assert "You have successfully saved your job application" in text_of(second)
    changed = await anna.post_form(f"{hub}/education", {"_change": "jobs.1"})
    assert 'value="Analyst"' in changed.text
    await anna.post_form(changed.url.path, {**typed({**job, "title": "Chief"}), "_action": "save"})
    assert await titles(anna, hub) == [job["title"], "Chief"]
    fewer = await anna.post_form(f"{hub}/education", {"_remove": "jobs.0"})
    assert "Chief" in fewer.text
    assert await titles(anna, hub) == ["Chief"]
    await anna.post_form(f"{hub}/education/jobs/0", {**typed(job), "_action": "remove"})
    assert await titles(anna, hub) == []


async def titles(anna: Candidate, hub: str) -> list[str]:
    """Of the jobs as they are saved."""
    read = (await anna.api("GET", f"{API}/{hub.rpartition('/')[2]}")).json()
    return [job["title"] for job in read["sections"]["education"]["values"]["jobs"]]


@pytest.mark.rule("R22")
async def test_what_is_wrong_with_an_entry_is_told_with_its_name_and_leads_to_its_page(house: Kit) -> None:
    anna = await house.candidate()
    hub = await start(anna)
    (job,) = SECTIONS["education"]["jobs"]
    wrong = {**job, "title": "Analyst", "started_on": "2999-01-01"}
    here = await anna.post_form(f"{hub}/education/jobs/0", {**typed(wrong), "_action": "save"})
    assert here.url.path == f"{hub}/education/jobs/0"
    assert "<title>Error: " in here.text
    assert 'href="#started_on"' in here.text
    assert 'value="Analyst"' in here.text
    section = await anna.get(f"{hub}/education?check=1")
    review = await press_submit(anna, hub)
    for shown in (section, review):
        assert f'href="{hub}/education/jobs/0?check=1#started_on">Job 1 – ' in shown.text


async def press_submit(anna: Candidate, hub: str) -> Any:
    """As if the review of a draft without a job opening had the button."""
    revision = (await anna.api("GET", f"{API}/{hub.rpartition('/')[2]}")).json()["revision"]
    return await anna.post_form(f"{hub}/review", {"_version": revision})


@pytest.mark.rule("R31")
@pytest.mark.rule("R22")
async def test_a_draft_without_a_job_opening_is_led_to_one_and_cannot_be_submitted(house: Kit) -> None:
    anna = await applicant(house, language="fr")
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


async def test_the_hub_counts_what_is_completed_and_says_what_comes_next(house: Kit) -> None:
    anna = await house.candidate(language="fr")
    hub = await start(anna)
    shown = await anna.get(hub)
    assert "0 onglet sur 6 est terminé." in text_of(shown)
    assert re.search(r"Enregistré le\s+\d", text_of(shown))
    assert "Joindre des fichiers" in text_of(shown)
    assert f'<a href="{hub}/vacancy" class="govuk-button">Choisir l’offre d’emploi</a>' in shown.text
    assert text_of(shown).count("Accordez une attention particulière à cette section.") == 2
    await fill_in(anna, f"{hub}/letter", SECTIONS["letter"])
    assert text_of(await anna.get(hub)).count("Accordez une attention particulière à cette section.") == 1


async def test_two_windows_with_one_entry_show_both_versions_and_let_keep_both(house: Kit) -> None:
    anna = await house.candidate()
    hub = await start(anna)
    (job,) = SECTIONS["education"]["jobs"]
    path = f"{hub}/education/jobs/0"
    hidden = hidden_fields((await anna.get(path)).text)
    await anna.post_form(path, {**typed(job), "_action": "save"})
    both = await anna.post(path, {**hidden, **typed({**job, "title": "Analyst"}), "_action": "save"})
    assert both.status_code == 409
    assert job["title"] in text_of(both)
    assert "Analyst" in text_of(both)
    assert f'action="{hub}/education/jobs/1"' in both.text
    again = {**hidden_fields(both.text), "_action": "save"}
    kept = await anna.post(f"{hub}/education/jobs/1", again)
    assert kept.status_code == 200, kept.text
    assert await titles(anna, hub) == [job["title"], "Analyst"]
    removed = await anna.post(f"{hub}/education", {**hidden, "_remove": "jobs.0"})
    assert "nothing was removed" in text_of(removed)
    assert await titles(anna, hub) == [job["title"], "Analyst"]


async def test_an_entry_saves_itself_and_one_that_is_emptied_does_not_take_anothers_place(house: Kit) -> None:
    anna = await house.candidate()
    hub = await start(anna)
    (job,) = SECTIONS["education"]["jobs"]
    await fill_in(anna, f"{hub}/education", {"jobs": [job, {**job, "title": "Analyst"}]})
    path = f"{hub}/education/jobs/0"
    hidden = hidden_fields((await anna.get(path)).text)
    anna.client.headers["postulo-autosave"] = "1"
    emptied = await anna.post(path, {**hidden, **typed(dict.fromkeys(job, ""))})
    assert emptied.status_code == 204
    assert "postulo-version" not in emptied.headers
    again = await anna.post(path, {**hidden, **typed({**job, "title": "Anew"})})
    assert again.status_code == 204
    assert again.headers["postulo-version"] == str(int(hidden["_version"]) + 1)
    del anna.client.headers["postulo-autosave"]
    assert await titles(anna, hub) == ["Anew", "Analyst"]


@pytest.mark.parametrize("path", ["education/jobs/50", "education/cars/0", "letter/letter/0", "nothing/jobs/0"])
async def test_an_entry_that_cannot_be_is_not_found(house: Kit, path: str) -> None:
    anna = await house.candidate()
    hub = await start(anna)
    assert (await anna.get(f"{hub}/{path}")).status_code == 404
    for button in ("_add", "_change", "_remove"):
        assert (await anna.post_form(f"{hub}/education", {button: "cars.0"})).status_code == 404
    assert (await anna.get(f"{hub}/education/jobs/7")).status_code == 200  # a new one, whatever its number


async def test_a_section_is_saved_to_come_back_later(house: Kit) -> None:
    anna = await house.candidate(language="fr")
    hub = await start(anna)
    assert "Enregistrer et revenir plus tard" in text_of(await anna.get(f"{hub}/letter"))
    later = await anna.post_form(f"{hub}/letter", {"letter": "Madame,", "_action": "later"})
    assert later.url.path == hub
    assert SAVED_FR in text_of(later)
    assert "Madame," in (await anna.get(f"{hub}/letter")).text


@pytest.mark.rule("R20")
async def test_a_section_saves_itself_in_the_background(house: Kit) -> None:
    anna = await house.candidate()
    hub = await start(anna)
    hidden = hidden_fields((await anna.get(f"{hub}/letter")).text)
    anna.client.headers["postulo-autosave"] = "1"
    answer = await anna.post(f"{hub}/letter", {**hidden, "letter": "Half a sent"})
    assert (answer.status_code, answer.headers["postulo-version"]) == (204, "1")
    del anna.client.headers["postulo-autosave"]
    assert "Half a sent" in (await anna.get(f"{hub}/letter")).text


@pytest.mark.rule("R20")
async def test_a_save_says_its_own_version_also_while_the_view_is_behind(house: Kit) -> None:
    """Else the next save from the same window would be taken for another window's."""
    anna = await house.candidate()
    hub = await start(anna)
    hidden = hidden_fields((await anna.get(f"{hub}/letter")).text)
    anna.client.headers["postulo-autosave"] = "1"
    async with house.service("applications").kernel.pool.acquire() as elsewhere, elsewhere.transaction():
        await elsewhere.execute("select pg_current_xact_id()")  # hides what is written from all views
        answer = await anna.post(f"{hub}/letter", {**hidden, "letter": "Half a sent"})
    assert (answer.status_code, answer.headers["postulo-version"]) == (204, "1")


async def test_two_windows_show_both_versions_and_let_choose(house: Kit) -> None:
    anna = await house.candidate()
    hub = await start(anna)
    hidden = hidden_fields((await anna.get(f"{hub}/letter")).text)
    await anna.post_form(f"{hub}/letter", {"letter": "The first window", "_action": "save"})
    both = await anna.post(f"{hub}/letter", {**hidden, "letter": "The second window", "_action": "save"})
    assert both.status_code == 409
    assert "The first window" in text_of(both)
    assert "The second window" in text_of(both)
    assert re.findall(r'<h2 class="govuk-summary-card__title">(.*?)</h2>', both.text) == ["Cover letter"]
    chosen = await anna.post(f"{hub}/letter", {**hidden_fields(both.text), "_action": "save"})
    assert chosen.status_code == 200
    assert "The second window" in (await anna.get(f"{hub}/letter")).text


@pytest.mark.rule("R34")
async def test_the_last_created_application_is_offered_first(house: Kit) -> None:
    vacancy, anna = await publish(house), await house.candidate(language="fr")
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
    assert shown.index("Tout est repris sauf") < shown.index("Sans offre d’emploi")
    hub = await start(anna, start="copy_previous", source_application_id=first)
    assert "Repris de votre candidature précédente" in text_of(await anna.get(hub))


@pytest.mark.rule("R33")
@pytest.mark.rule("R36")
@pytest.mark.rule("R37")
@pytest.mark.rule("R38")
@pytest.mark.rule("R39")
@pytest.mark.rule("R41")
@pytest.mark.rule("R52")
async def test_from_postuler_to_the_confirmation(house: Kit) -> None:
    vacancy, anna = await publish(house), await applicant(house, language="fr")
    earlier = await draft(anna)
    await fill(anna, earlier, SECTIONS)
    hub = await start(anna, vacancy, start="copy_previous", source_application_id=earlier)
    assert vacancy["job_opening_number"] in text_of(await anna.get(hub))
    early = await anna.post_form(f"{hub}/review", {}, page=f"{hub}/review")
    assert early.status_code == 422
    assert f'href="{hub}/screening?check=1#experience"' in early.text
    await anna.post_form(f"{hub}/screening", {"experience": "yes", "degree": "master", "_action": "save"})
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
async def test_a_change_after_the_review_is_reviewed_again(house: Kit) -> None:
    vacancy, anna = await publish(house), await applicant(house)
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
async def test_a_submitted_application_is_read_and_withdrawn_after_a_warning(house: Kit) -> None:
    vacancy, anna = await publish(house), await applicant(house)
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
    assert all("<br>" in said for _, said in steps)


@pytest.mark.rule("R27")
@pytest.mark.rule("R55")
async def test_the_php_is_a_plain_download(house: Kit) -> None:
    anna = await house.candidate(language="fr")
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
async def test_files_are_attached_and_removed_on_their_page(house: Kit) -> None:
    anna = await house.candidate()
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


async def test_the_job_opening_is_chosen_by_its_number(house: Kit) -> None:
    vacancy, anna = await publish(house), await house.candidate()
    hub = await start(anna)
    nothing = await anna.post_form(f"{hub}/vacancy", {"vacancy": " "})
    assert nothing.status_code == 422
    assert "Enter: Job opening number" in text_of(nothing)
    unknown = await anna.post_form(f"{hub}/vacancy", {"vacancy": "26-NOTHING"})
    assert unknown.status_code == 422
    assert "There is no such job opening" in text_of(unknown)
    chosen = await anna.post_form(f"{hub}/vacancy", {"vacancy": f" {vacancy['job_opening_number'].lower()} "})
    assert chosen.url.path == hub
    assert vacancy["title"] in text_of(chosen)


async def test_a_draft_is_discarded_after_asking(house: Kit) -> None:
    anna = await house.candidate()
    hub = await start(anna)
    await anna.post_form(f"{hub}/discard", {})
    assert (await anna.api("GET", API)).json() == []
    assert (await anna.get(hub)).status_code == 404


async def test_a_double_click_creates_one_draft(house: Kit) -> None:
    anna = await house.candidate()
    hidden = hidden_fields((await anna.get("/applications/new")).text)
    one = await anna.post("/applications/new", {**hidden, "confirmed": "yes"})
    two = await anna.post("/applications/new", {**hidden, "confirmed": "yes"})
    assert one.url.path == two.url.path
    assert len((await anna.api("GET", API)).json()) == 1


async def test_a_visitor_is_sent_to_log_in_and_strangers_see_nothing(house: Kit) -> None:
    anna, ben = await house.candidate(), await house.candidate()
    hub = await start(anna)
    assert (await house.visitor().get(hub)).url.path == "/identity/login"
    for path in (hub, f"{hub}/letter", f"{hub}/review", f"{hub}/php", f"{hub}/attachments", f"{hub}/withdraw"):
        assert (await ben.get(path)).status_code == 404, path
