"""Sections and entries of a draft as they are saved on their pages: by a button, in the background, in two windows."""

import re
from html import unescape

import pytest

from tests.applications.doors import API, applicant, publish, submitted
from tests.applications.test_pages import SAVED_FR, press_submit, start, text_of
from tests.applications.values import SECTIONS
from tests.filling import fill_in, typed
from tests.platform import Candidate, Kit, hidden_fields


@pytest.mark.rule("R19")
@pytest.mark.rule("R21")
@pytest.mark.rule("R25")
async def test_saving_says_the_guides_sentence_and_names_what_is_missing(platform: Kit) -> None:
    anna = await platform.candidate(language="fr")
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
async def test_a_value_outside_a_list_is_kept_and_a_remedy_named(platform: Kit) -> None:
    anna = await platform.candidate()
    hub = await start(anna)
    saved = await fill_in(anna, f"{hub}/skills", {**SECTIONS["skills"], "mother_tongue": "Frenchish"})
    assert "“Frenchish” is not in the list" in text_of(saved)
    assert "Clear it, then pick a value from the list" in text_of(saved)
    assert "such as: French" in text_of(saved)
    assert re.search(r'<input[^>]* id="mother_tongue"[^>]* value="Frenchish"', saved.text)
    emptied = {"diplomas": [{**SECTIONS["education"]["diplomas"][0], "language": ""}]}
    education = await fill_in(anna, f"{hub}/education", emptied)
    assert "Diploma 1 – " not in education.text


@pytest.mark.rule("R23")
async def test_words_that_mean_a_language_are_saved_without_a_script(platform: Kit) -> None:
    anna = await platform.candidate(language="fr")
    hub = await start(anna)
    application = hub.rpartition("/")[2]

    async def saved(tongue: str, other: str = "") -> tuple[str, str]:
        values = {**SECTIONS["skills"], "mother_tongue": tongue, "other_mother_tongue": other}
        page = await fill_in(anna, f"{hub}/skills", values)
        document = (await anna.api("GET", f"{API}/{application}")).json()
        return document["sections"]["skills"]["values"]["mother_tongue"], text_of(page)

    for typed_in, code in (("moore", "mos"), ("Mandarin", "cmn"), ("Baoulé", "bci"), ("french", "fr")):
        kept, page = await saved(typed_in)
        assert (kept, "puis choisissez une valeur" in page) == (code, False)
    kept, page = await saved("Tamazight")
    assert kept == "Tamazight"
    assert "« Tamazight » ne figure pas dans la liste" in page.replace("\u00a0", " ")
    assert "Tamazight du Moyen-Atlas; Amazighe standard marocain" in page
    kept, page = await saved("Autre langue")
    assert (kept, "À renseigner : Nom de votre langue maternelle" in page.replace("\u00a0", " ")) == ("mis", True)
    kept, page = await saved("Autre langue", "Klingon")
    assert (kept, "Nom de votre langue maternelle" in page) == ("mis", True)
    assert "À renseigner" not in page
    again = await anna.get(f"{hub}/skills")
    assert re.search(r'<input[^>]* id="mother_tongue"[^>]* value="Autre langue"', again.text)
    assert re.search(r'<input[^>]* id="mother_tongue"[^>]* data-code="mis"', again.text)
    assert len(again.content) < 60_000


async def test_an_entry_is_called_by_its_singular_and_number(platform: Kit) -> None:
    anna = await platform.candidate(language="fr")
    hub = await start(anna)
    education = text_of(await fill_in(anna, f"{hub}/education", SECTIONS["education"]))
    for title in ("Diplôme\u00a01", "Emploi\u00a01", "Certificat ou formation"):
        assert title in education
    assert "Référence\u00a01" in text_of(await anna.get(f"{hub}/references/referees/0"))


@pytest.mark.rule("R30")
async def test_each_entry_has_a_page_and_is_added_changed_and_removed(platform: Kit) -> None:
    anna = await platform.candidate()
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
async def test_what_is_wrong_with_an_entry_is_told_with_its_name_and_leads_to_its_page(platform: Kit) -> None:
    anna = await platform.candidate()
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


async def test_two_windows_with_one_entry_show_both_versions_and_let_keep_both(platform: Kit) -> None:
    anna = await platform.candidate()
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


async def test_an_entry_saves_itself_and_one_that_is_emptied_does_not_take_anothers_place(platform: Kit) -> None:
    anna = await platform.candidate()
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
async def test_an_entry_that_cannot_be_is_not_found(platform: Kit, path: str) -> None:
    anna = await platform.candidate()
    hub = await start(anna)
    assert (await anna.get(f"{hub}/{path}")).status_code == 404
    for button in ("_add", "_change", "_remove"):
        assert (await anna.post_form(f"{hub}/education", {button: "cars.0"})).status_code == 404
    assert (await anna.get(f"{hub}/education/jobs/7")).status_code == 200  # a new one, whatever its number


async def test_a_section_is_saved_to_come_back_later(platform: Kit) -> None:
    anna = await platform.candidate(language="fr")
    hub = await start(anna)
    assert "Enregistrer et revenir plus tard" in text_of(await anna.get(f"{hub}/letter"))
    later = await anna.post_form(f"{hub}/letter", {"letter": "Madame,", "_action": "later"})
    assert later.url.path == hub
    assert SAVED_FR in text_of(later)
    assert "Madame," in (await anna.get(f"{hub}/letter")).text


@pytest.mark.rule("R21", "R25")
async def test_the_hub_has_save_and_close_and_says_the_guides_sentence(platform: Kit) -> None:
    anna = await platform.candidate(language="fr")
    hub = await start(anna)
    await anna.post_form(f"{hub}/letter", {"letter": "Madame,", "_action": "save"})
    shown = await anna.get(hub)
    assert f'<form method="post" action="{hub}"' in shown.text
    assert '<a href="/careers" class="govuk-button govuk-button--secondary">Fermer</a>' in shown.text
    answer = await anna.client.post(hub, data={**hidden_fields(shown.text), "_action": "save"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, hub)
    assert SAVED_FR in text_of(await anna.get(hub))
    forged = await anna.client.post(hub, data={"_action": "save"}, follow_redirects=False)
    assert forged.status_code == 403
    read = (await anna.api("GET", f"{API}/{hub.rpartition('/')[2]}")).json()
    assert read["sections"]["letter"]["values"]["letter"] == "Madame,"


@pytest.mark.rule("R28")
async def test_a_submitted_application_is_not_said_to_be_saved(platform: Kit) -> None:
    anna = await applicant(platform)
    sent = await submitted(anna, await publish(platform))
    hub = f"/applications/{sent['id']}"
    refused = await anna.post_form(hub, {"_action": "save"}, page="/support")
    assert refused.status_code == 409
    assert "no longer a draft" in text_of(refused)


@pytest.mark.rule("R20")
async def test_a_section_saves_itself_in_the_background(platform: Kit) -> None:
    anna = await platform.candidate()
    hub = await start(anna)
    hidden = hidden_fields((await anna.get(f"{hub}/letter")).text)
    anna.client.headers["postulo-autosave"] = "1"
    answer = await anna.post(f"{hub}/letter", {**hidden, "letter": "Half a sent"})
    assert (answer.status_code, answer.headers["postulo-version"]) == (204, "1")
    del anna.client.headers["postulo-autosave"]
    assert "Half a sent" in (await anna.get(f"{hub}/letter")).text


@pytest.mark.rule("R20")
async def test_a_save_says_its_own_version_also_while_the_view_is_behind(platform: Kit) -> None:
    """Else the next save from the same window would be taken for another window's."""
    anna = await platform.candidate()
    hub = await start(anna)
    hidden = hidden_fields((await anna.get(f"{hub}/letter")).text)
    anna.client.headers["postulo-autosave"] = "1"
    async with platform.service("applications").kernel.pool.acquire() as elsewhere, elsewhere.transaction():
        await elsewhere.execute("select pg_current_xact_id()")  # hides what is written from all views
        answer = await anna.post(f"{hub}/letter", {**hidden, "letter": "Half a sent"})
    assert (answer.status_code, answer.headers["postulo-version"]) == (204, "1")


async def test_two_windows_show_both_versions_and_let_choose(platform: Kit) -> None:
    anna = await platform.candidate()
    hub = await start(anna)
    hidden = hidden_fields((await anna.get(f"{hub}/letter")).text)
    await anna.post_form(f"{hub}/letter", {"letter": "The first window", "_action": "save"})
    both = await anna.post(f"{hub}/letter", {**hidden, "letter": "The second window", "_action": "save"})
    assert both.status_code == 409
    assert "The first window" in text_of(both)
    assert "The second window" in text_of(both)
    assert re.findall(r'<h3 class="govuk-summary-card__title">(.*?)</h3>', both.text) == ["Cover letter"]
    chosen = await anna.post(f"{hub}/letter", {**hidden_fields(both.text), "_action": "save"})
    assert chosen.status_code == 200
    assert "The second window" in (await anna.get(f"{hub}/letter")).text


@pytest.mark.rule("R19")
@pytest.mark.rule("R23")
async def test_a_text_too_long_to_be_kept_is_shown_again_in_its_form_and_nothing_is_saved(platform: Kit) -> None:
    anna = await platform.candidate(language="fr")
    hub = await start(anna)
    long = "Madame, " * 10_000
    refused = await anna.post_form(f"{hub}/letter", {"letter": long, "other_information": "Rien", "_action": "save"})
    assert refused.status_code == 422
    assert "10\u202f000\u00a0caractères au plus, et vous en avez saisi 80\u202f000" in text_of(refused)
    assert long.strip() in refused.text
    assert "Rien" in refused.text
    assert hidden_fields(refused.text)["_version"] == "0"
    assert long.strip() not in (await anna.get(f"{hub}/letter")).text
    entry = await anna.post_form(f"{hub}/education/diplomas/0", {"title": long, "country": "FR", "_action": "save"})
    assert entry.status_code == 422
    assert "200\u00a0caractères au plus, et vous en avez saisi 80\u202f000" in text_of(entry)
    assert f'value="{long}"' in entry.text
    assert '<option value="FR" selected>' in entry.text
    assert "diplomas/0" not in (await anna.get(f"{hub}/education")).text
