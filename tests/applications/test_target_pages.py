"""Choosing the job opening of a prepared draft, and attaching a file that its questions ask for, without a script."""

import re
from uuid import uuid4

import pytest

from tests.applications.doors import applicant, draft, publish, submitted, today
from tests.applications.test_pages import SAVED_FR, start, text_of
from tests.applications.values import YES_NO, pdf
from tests.platform import Candidate, Kit, hidden_fields

DIPLOMA = {"id": "copy", "type": "file", "text": {"en": "Copy of your diploma", "fr": "Copie du diplôme"}}


async def found(anna: Candidate, hub: str, words: str) -> list[str]:
    """The ids of the job openings that a search offers."""
    page = await anna.get(f"{hub}/vacancy", params={"words": words})
    assert page.status_code == 200
    return re.findall(r'name="vacancy" value="([^"]+)"', page.text)


@pytest.mark.rule("R18")
@pytest.mark.rule("R29")
async def test_a_prepared_draft_finds_its_job_opening_by_words_and_is_meant_for_it_by_a_button(platform: Kit) -> None:
    word = f"Zq{uuid4().hex[:8]}"
    later = await publish(platform, title=f"Économiste {word}, N’Djamena")
    sooner = await publish(platform, title=f"Statistician {word}", closes_on=today().isoformat())
    other = await publish(platform, title="Nurse")
    anna = await platform.candidate(language="fr")
    hub = await start(anna)
    shown = await anna.get(f"{hub}/vacancy")
    assert f'<form method="get" action="{hub}/vacancy" role="search"' in shown.text
    assert "offres d’emploi ouvertes trouvées" in text_of(shown)
    assert await found(anna, hub, word) == [sooner["id"], later["id"]]
    for words in (f"economiste {word[:6]}", f"ndjamena {word}", f"{word} ECONOM", later["job_opening_number"].lower()):
        assert later["id"] in await found(anna, hub, words), words
        assert other["id"] not in await found(anna, hub, words)
    listed = await anna.get(f"{hub}/vacancy", params={"words": f"economiste {word}"})
    assert "1 offre d’emploi ouverte trouvée" in text_of(listed)
    assert f'href="/vacancies/{later["id"]}"' in listed.text
    assert re.search(r"Échéance\s*:", text_of(listed))
    assert f'value="economiste {word}"' in listed.text
    action = re.search(rf'<form method="post" action="({hub}/vacancy\?[^"]*)"', listed.text)
    assert action
    chosen = await anna.post(action[1].replace("&amp;", "&"), {**hidden_fields(listed.text), "vacancy": later["id"]})
    assert chosen.url.path == hub
    assert SAVED_FR in text_of(chosen)
    assert later["title"] in text_of(chosen)


async def test_what_cannot_be_applied_for_is_not_offered_and_a_search_without_result_says_what_to_do(
    platform: Kit,
) -> None:
    word = f"Zq{uuid4().hex[:8]}"
    vacancy, hr = await publish(platform, title=f"Clerk {word}"), await platform.machine("hr")
    anna = await platform.candidate()
    hub = await start(anna)
    assert await found(anna, hub, word) == [vacancy["id"]]
    cancelled = await hr.api(
        "PUT", f"/vacancies/api/vacancies/{vacancy['id']}/cancellation", json={"reason": "No funds"}
    )
    assert cancelled.status_code == 200, cancelled.text
    await platform.settled()
    assert await found(anna, hub, word) == []
    nothing = await anna.get(f"{hub}/vacancy", params={"words": word, "page": "99"})
    assert "Try fewer words" in text_of(nothing)
    late = await anna.post_form(f"{hub}/vacancy", {"vacancy": vacancy["id"]})
    assert (late.status_code, "This job opening was cancelled" in text_of(late)) == (409, True)


async def test_a_button_that_names_no_job_opening_is_refused_with_the_search_again(platform: Kit) -> None:
    anna = await platform.candidate()
    hub = await start(anna)
    for value, said in ((" ", "Choose one of the job openings in the list"), ("26-NO", "There is no such job opening")):
        refused = await anna.post_form(f"{hub}/vacancy?words=clerk", {"vacancy": value})
        assert (refused.status_code, said in text_of(refused)) == (422, True)
        assert '<a href="#vacancy">' in refused.text
        assert 'value="clerk"' in refused.text


@pytest.mark.rule("R42")
async def test_one_that_was_applied_for_is_refused_with_the_reason(platform: Kit) -> None:
    vacancy, anna = await publish(platform), await applicant(platform)
    await submitted(anna, vacancy)
    hub = f"/applications/{await draft(anna)}"
    refused = await anna.post_form(f"{hub}/vacancy", {"vacancy": vacancy["id"]})
    assert refused.status_code == 409
    assert "You have already submitted an application for this job opening" in text_of(refused)


@pytest.mark.rule("R18")
@pytest.mark.rule("R61")
async def test_a_question_for_a_file_says_that_it_eliminates_and_leads_to_where_files_are_attached(
    platform: Kit,
) -> None:
    asked = [YES_NO.model_dump(mode="json"), {**DIPLOMA, "eliminatory": True}]
    vacancy, anna = await publish(platform, questions=asked), await platform.candidate(language="fr")
    hub = await start(anna, vacancy)
    page = await anna.get(f"{hub}/screening")
    assert "Cette question est éliminatoire : sans le bon fichier" in text_of(page).replace("\u00a0", " ")
    assert re.search(r'name="_action" value="attachments"[^>]*>\s*Joindre un fichier', page.text)
    there = await anna.post_form(f"{hub}/screening", {"experience": "yes", "_action": "attachments"})
    assert there.url.path == f"{hub}/attachments"
    added = await anna.post_form(there.url.path, {}, files={"file": ("AM_Diplome.pdf", pdf())})
    assert f'href="{hub}/screening">Questions présélection</a>' in added.text
    back = await anna.get(f"{hub}/screening")
    assert re.search(r'name="experience"[^>]*value="yes" checked', back.text)
    assert "AM_Diplome.pdf" in text_of(back)
    assert "éliminatoire" in text_of(back)


async def test_where_no_file_is_asked_for_nothing_leads_to_questions(platform: Kit) -> None:
    anna = await platform.candidate(language="fr")
    hub = await start(anna, await publish(platform))
    assert f'href="{hub}/screening"' not in (await anna.get(f"{hub}/attachments")).text
