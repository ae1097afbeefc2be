"""The curator's pages: reports of wrong equivalences, the catalogue searched, entries corrected and added."""

import re
from html import unescape
from typing import Any
from uuid import uuid4

import pytest

from services.applications.use_cases import curation
from tests.applications.doors import API
from tests.applications.test_equivalence_doors import diplomas, engineer, saved
from tests.applications.test_pages import text_of
from tests.platform import Candidate, Kit

HERE = "/applications/equivalences"
ENTRIES = f"{HERE}/entries"
BODY = {"level": "master", "explanation": "Cinq ans d’études, grade de master"}


def words_of(page: Any) -> str:
    return " ".join(text_of(page).split())


async def reported(platform: Kit, school: str, **about: Any) -> Candidate:
    """A candidate who has reported the level of this school's engineers, or of what the catalogue does not know."""
    anna = await platform.candidate(language="fr")
    diploma = engineer(school).model_copy(update=about)
    application = await saved(anna, diploma)
    answer = await anna.api("POST", f"{API}/{application}/diplomas/{diploma.id}/report", json=BODY)
    assert answer.status_code == 201, answer.text
    await platform.settled()
    return anna


def card(page: Any, anna: Candidate) -> str:
    """The report of this candidate."""
    cards = re.findall(r'<section class="govuk-summary-card".*?</section>', page.text, re.DOTALL)
    [found] = [each for each in cards if anna.user_code in each]
    return str(found)


@pytest.mark.rule("R70")
@pytest.mark.rule("R72")
async def test_a_report_leads_to_the_entry_which_is_corrected_for_the_drafts_that_it_concerns(
    platform: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(curation, "COUNTING", 30.0)
    curator = await platform.staff("hr", language="fr")
    anna = await reported(platform, "INSA de Strasbourg")
    await saved(await platform.candidate(), engineer("INSA de Strasbourg"))
    listed = card(await curator.get(HERE), anna)
    for words in ("Diplôme d’ingénieur", "INSA de Strasbourg", "Licence", "Master", "grade de master", "À traiter"):
        assert words in listed
    entry = re.findall(rf'href="({ENTRIES}/[^"]+)"', listed)[0]
    assert entry == f"{ENTRIES}/fr-insa-strasbourg-ingenieur"
    await platform.settled()
    told = await curator.post_form(entry, {"level": "master", "reason": "Décret 2013-756"})
    assert (told.status_code, told.url.path) == (200, entry)
    assert "Brouillons auxquels le nouveau niveau est proposé : 2" in words_of(told)
    assert "Décret 2013-756" in told.text
    settled = card(await curator.get(HERE), anna)
    assert "Réglé" in settled
    assert entry not in settled


async def test_a_correction_says_what_is_missing_and_keeps_what_was_typed(platform: Kit) -> None:
    curator = await platform.staff("hr", language="fr")
    entry = f"{ENTRIES}/fr-ensam-ingenieur"
    refused = await curator.post_form(entry, {"level": "", "reason": "Le décret dit <master>"})
    assert refused.status_code == 422
    assert '<a href="#level">' in refused.text
    assert "Le décret dit &lt;master&gt;" in refused.text
    level = (await curator.api("GET", f"/applications/api/equivalences/{entry.rpartition('/')[2]}")).json()["level"]
    same = await curator.post_form(entry, {"level": level, "reason": "Ainsi"})
    assert (same.status_code, "L’entrée a déjà ce niveau" in text_of(same)) == (422, True)


async def test_the_catalogue_is_searched_by_words_and_country(platform: Kit) -> None:
    curator = await platform.staff("hr", language="fr")
    everything = await curator.get(ENTRIES)
    assert re.search(r"Page 1 sur \d+", words_of(everything))
    found = await curator.get(f"{ENTRIES}?words=ingenieur+estp&country=FR")
    assert re.findall(rf'href="({ENTRIES}/fr-[^"]+)"', found.text) == [f"{ENTRIES}/fr-estp-ingenieur"]
    assert "1 entrée trouvée" in found.text
    assert 'value="ingenieur estp"' in found.text
    nothing = await curator.get(f"{ENTRIES}?words=ingenieur+estp&country=PL&page=x")
    assert (nothing.status_code, "0 entrée trouvée" in nothing.text) == (200, True)
    assert "Essayez avec moins de mots ou dans tous les pays, ou ajoutez une entrée." in nothing.text
    second = await curator.get(f"{ENTRIES}?country=FR&page=2")
    assert 'country=FR&amp;page=1"' in second.text


@pytest.mark.rule("R23")
async def test_the_catalogue_takes_a_country_by_its_usual_names_and_says_which_it_does_not_know(platform: Kit) -> None:
    curator = await platform.staff("hr", language="fr")
    by_code = await curator.get(f"{ENTRIES}?country=GB")
    by_name = await curator.get(f"{ENTRIES}?country=Angleterre")
    links = rf'href="({ENTRIES}/[^"]+)"'
    assert re.findall(links, by_name.text) == re.findall(links, by_code.text) != []
    wrong = await curator.get(f"{ENTRIES}?country=Atlantis")
    assert (wrong.status_code, "0 entrée trouvée" in wrong.text) == (200, True)
    assert '<a href="#country">' in wrong.text
    assert "Atlantis" in words_of(wrong)
    assert "ne figure pas dans la liste" in words_of(wrong)


@pytest.mark.rule("R72")
async def test_a_degree_that_the_catalogue_does_not_know_is_added_from_its_report(platform: Kit) -> None:
    curator = await platform.staff("hr", language="fr")
    title = f"Brevet {''.join(chr(ord('a') + int(digit, 16)) for digit in uuid4().hex[:10])}"
    anna = await reported(platform, "École navale", title=title)
    listed = card(await curator.get(HERE), anna)
    form = await curator.get(unescape(re.findall(rf'href="({ENTRIES}/new\?[^"]+)"', listed)[0]))
    assert f'value="{title}"' in form.text
    assert '<option value="FR" selected>' in form.text
    values = {"country": "FR", "title": title, "institution": "", "level": "master", "reason": "Cinq ans"}
    refused = await curator.post_form(f"{ENTRIES}/new", {**values, "reason": ""})
    assert (refused.status_code, f'value="{title}"' in refused.text) == (422, True)
    told = await curator.post_form(f"{ENTRIES}/new", values)
    assert "L’entrée est ajoutée" in text_of(told)
    assert "ajoutée par l’équipe" in text_of(told)
    assert "Réglé" in card(await curator.get(HERE), anna)
    [later] = await diplomas(anna, await saved(anna, engineer("Ailleurs").model_copy(update={"title": title})))
    assert later["proposed"]["level"] == "master"
    twin = await curator.post_form(f"{ENTRIES}/new", values)
    assert (twin.status_code, '<a href="#title">' in twin.text) == (409, True)


async def test_drafts_are_not_counted_for_longer_than_a_page_may_take(
    platform: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel = platform.service("applications").kernel
    entry = await curation.one_entry(kernel, "fr-licence")
    monkeypatch.setattr(curation, "COUNTING", 0.0)
    assert await curation.how_many_offers(kernel, entry) is None
    monkeypatch.setattr(curation, "COUNTING", 30.0)
    assert await curation.how_many_offers(kernel, entry) is not None


async def test_the_catalogue_is_in_the_menu_of_curators_and_closed_to_everybody_else(platform: Kit) -> None:
    curator, agent, anna = (
        await platform.staff("hr", language="fr"),
        await platform.staff("support"),
        await platform.candidate(),
    )
    assert re.search(rf'<a href="{HERE}"[^>]*>Équivalences</a>', (await curator.get("/careers")).text)
    paths = (HERE, ENTRIES, f"{ENTRIES}/new", f"{ENTRIES}/fr-licence")
    for stranger in (agent, anna):
        assert f'href="{HERE}"' not in (await stranger.get("/careers")).text
        assert {(await stranger.get(path)).status_code for path in paths} == {403}
        changed = await stranger.post_form(paths[-1], {"level": "below", "reason": "x"}, page="/support")
        assert changed.status_code == 403
    assert (await platform.visitor().get(HERE)).url.path == "/identity/login"
    assert (await curator.get(f"{ENTRIES}/none")).status_code == 404
