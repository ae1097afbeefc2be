"""An opening in two languages through the doors: one row, one notice in the reader's language, one slot (R42, R44)."""

import re
from typing import Any
from uuid import uuid5

import pytest

from services.vacancies.domain import VACANCY
from services.vacancies.domain.commands import PublishVacancy
from services.vacancies.domain.vacancy import VACANCIES as NAMESPACE
from services.vacancies.domain.vacancy import folded
from tests.applications.doors import API as APPLICATIONS
from tests.applications.doors import applicant, draft, fill, submit, submitted
from tests.applications.values import ANSWERS, DEGREE, YES_NO
from tests.platform import ORGANISATION, Kit
from tests.vacancies.doors import API, body, problem_fields, publish, word

FRENCH: dict[str, Any] = {"language": "fr", "title": "Cartographe", "description": "<p>Dresse des cartes.</p>"}


def bilingual(part: Any) -> Any:
    """The same with a text in French wherever there is one in English."""
    if isinstance(part, dict):
        french = {"fr": f"« {part['en']} »"} if isinstance(part.get("en"), str) else {}
        return {**{name: bilingual(value) for name, value in part.items()}, **french}
    return [bilingual(each) for each in part] if isinstance(part, list) else part


QUESTIONS = [bilingual(question.model_dump(mode="json")) for question in (YES_NO, DEGREE)]


async def in_both(platform: Kit, **changes: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """A notice in English, and the vacancy after its French one has followed."""
    notice, english, hr = await publish(platform, **changes)
    french = {**notice, **FRENCH, "title": f"Cartographe du {word(notice)}"}
    answer = await hr.api("POST", API, json=french)
    assert answer.status_code == 201, answer.text
    vacancy: dict[str, Any] = answer.json()
    assert vacancy["id"] == english["id"]
    await platform.settled()
    return notice, vacancy


@pytest.mark.rule("R42")
async def test_a_second_language_is_a_notice_of_the_same_vacancy(platform: Kit) -> None:
    notice, vacancy = await in_both(platform, questions=[])
    assert (vacancy["language"], vacancy["version"]) == ("en", 1)
    assert [(each["language"], each["title"]) for each in vacancy["translations"]] == [
        ("fr", f"Cartographe du {word(notice)}")
    ]
    hr = await platform.machine("hr")
    again = await hr.api("POST", API, json={**notice, **FRENCH, "title": f"Cartographe du {word(notice)}"})
    assert (again.status_code, again.json()) == (200, vacancy)
    other = await hr.api("POST", API, json={**notice, **FRENCH, "level": "P-4"})
    assert problem_fields(other, 409) == ["job_opening_number"]
    assert "level" in other.text


async def test_a_notice_may_bring_its_translation_along(platform: Kit) -> None:
    hr, notice = await platform.machine("hr"), body(questions=[])
    answer = await hr.api("POST", API, json={**notice, "translations": [FRENCH]})
    assert answer.status_code == 201
    assert answer.json()["translations"][0]["title"] == "Cartographe"
    wrong = await hr.api("POST", API, json={**body(), "translations": [{**FRENCH, "title": " "}]})
    assert problem_fields(wrong) == ["translations.0.title"]
    change = {name: notice[name] for name in ("family", "level", "duty_stations", "department", "questions")}
    amended = await hr.api(
        "PUT", f"{API}/{answer.json()['id']}", json={**change, **FRENCH, "title": "Cartographe en chef"}
    )
    assert (amended.status_code, amended.json()["title"]) == (200, notice["title"])
    assert (amended.json()["translations"][0]["title"], amended.json()["version"]) == ("Cartographe en chef", 2)


async def test_it_is_one_row_everywhere_in_the_reader_s_language(platform: Kit) -> None:
    notice, vacancy = await in_both(platform, questions=[])
    key, found = vacancy["id"], {"keywords": word(notice)}
    for language, title in (("fr", f"Cartographe du {word(notice)}"), ("en", notice["title"])):
        reader = platform.visitor(language)
        results = await reader.get("/vacancies", params=found)
        assert results.text.count(f'href="/vacancies/{key}"') == 1
        assert f'lang="{language}">{title}</a>' in results.text
        feed = await reader.get("/vacancies/feed.atom", params={**found, "lang": language})
        assert feed.text.count("<entry>") == 1
        assert f'<title xml:lang="{language}">{title}</title>' in feed.text
        page = await reader.get(f"/vacancies/{key}")
        assert f'<h1 class="govuk-heading-xl" lang="{language}">{title}</h1>' in page.text
        assert f'"inLanguage": "{language}"' in page.text
        other = {"fr": "en", "en": "fr"}[language]
        assert f'href="/vacancies/{key}?notice={other}" hreflang="{other}"' in page.text
        asked = await reader.get(f"/vacancies/{key}", params={"notice": other})
        assert f'lang="{other}">' in asked.text
        assert title not in re.sub("<title>.*</title>", "", asked.text)
    answer = (await platform.visitor().get(API, params=found)).json()
    assert (answer["total"], answer["facets"]["languages"]) == (1, {"en": 1, "fr": 1})


async def test_a_notice_in_another_language_than_the_reader_s_is_marked(platform: Kit) -> None:
    notice, _, _ = await publish(platform, questions=[])
    for language, mark in (("fr", "Avis en anglais"), ("en", "Notice in English")):
        results = await platform.visitor(language).get("/vacancies", params={"keywords": word(notice)})
        assert (mark in results.text) == (language == "fr")


async def test_keywords_are_met_within_one_language(platform: Kit) -> None:
    notice, _ = await in_both(platform, questions=[])
    for keywords, total in (("maps", 1), ("cartes", 1), ("maps cartes", 0)):
        asked = {"keywords": f"{word(notice)} {keywords}"}
        assert (await platform.visitor().get(API, params=asked)).json()["total"] == total, keywords


@pytest.mark.rule("R42", "R44")
async def test_whoever_applied_is_told_so_in_either_language_and_offered_no_second_time(platform: Kit) -> None:
    notice, vacancy = await in_both(platform, questions=QUESTIONS)
    anna = await applicant(platform, "fr")
    second = await draft(anna, vacancy)
    sent = await submitted(anna, vacancy)
    assert sent["vacancy"]["title"] == f"Cartographe du {word(notice)}", "in the language of the application"
    await platform.settled()
    page = await anna.get(f"/vacancies/{vacancy['id']}")
    assert "Vous avez postulé le" in page.text
    assert f'href="/applications/{sent["id"]}"' in page.text
    assert "/applications/new" not in page.text
    results = await anna.get("/vacancies", params={"keywords": word(notice)})
    assert f'href="/applications/{sent["id"]}"' in results.text
    hub = await anna.get(f"/applications/{second}")
    assert "Vous avez déjà soumis une candidature" in hub.text
    refused = await anna.api("POST", APPLICATIONS, json={"confirmed": True, "vacancy_id": vacancy["id"]})
    assert refused.status_code == 409
    withdrawn = await anna.api("POST", f"{APPLICATIONS}/{sent['id']}/withdrawal")
    assert withdrawn.status_code == 200, withdrawn.text
    await platform.settled()
    assert "Vous avez postulé le" in (await anna.get(f"/vacancies/{vacancy['id']}")).text
    visitor = await platform.visitor("fr").get(f"/vacancies/{vacancy['id']}")
    assert "Vous avez postulé" not in visitor.text


async def test_another_language_asks_no_open_draft_anything_again(platform: Kit) -> None:
    notice, vacancy, hr = await publish(platform, questions=QUESTIONS)
    anna = await applicant(platform)
    application = await draft(anna, vacancy)
    before = (await anna.api("GET", f"{APPLICATIONS}/{application}")).json()
    french = await hr.api("POST", API, json={**notice, **FRENCH})
    assert (french.status_code, french.json()["version"]) == (201, 1)
    await platform.settled()
    assert (await anna.api("GET", f"{APPLICATIONS}/{application}")).json() == before


@pytest.mark.rule("R42", "R44")
async def test_notices_that_were_two_vacancies_become_one_when_they_are_published_again(platform: Kit) -> None:
    """Data of the version before: each language had a vacancy, and a slot, of its own."""
    notice = body(questions=QUESTIONS, description="<p>Draws maps.</p>")
    french = {**notice, **FRENCH, "title": f"Cartographe du {word(notice)}"}
    vacancies = platform.service("vacancies").kernel
    keys = []
    for content in (notice, french):
        keys.append(uuid5(NAMESPACE, f"{folded(notice['job_opening_number'])}/{content['language']}"))
        command = PublishVacancy.model_validate(
            {**content, "opens_on": (await vacancies.now()).date(), "organisation": ORGANISATION}
        )
        await vacancies.execute(VACANCY, keys[-1], command)
    await platform.settled()
    english, other = ({"id": str(key)} for key in keys)
    anna, ben = await applicant(platform), await applicant(platform)
    sent, started = await submitted(anna, other), await draft(ben, other)
    second = await draft(anna, english)
    ready = await fill(anna, second)
    saved = await ben.api("PUT", f"{APPLICATIONS}/{started}/sections/screening", json={"values": ANSWERS})
    assert saved.status_code == 200

    hr = await platform.machine("hr")
    answer = await hr.api("POST", API, json=notice)
    assert answer.status_code == 201, answer.text
    assert answer.json()["id"] == english["id"]
    assert [each["title"] for each in answer.json()["translations"]] == [french["title"]]
    await platform.settled()

    found = (await platform.visitor().get(API, params={"keywords": word(notice)})).json()
    assert [vacancy["id"] for vacancy in found["vacancies"]] == [english["id"]]
    moved = await platform.visitor().client.get(f"/vacancies/{other['id']}", follow_redirects=False)
    assert (moved.status_code, moved.headers["location"]) == (308, f"/vacancies/{english['id']}")
    assert (await platform.visitor().get(f"{API}/{other['id']}")).json()["id"] == english["id"]
    file = await platform.visitor().client.get(f"/vacancies/{other['id']}.ics", follow_redirects=False)
    assert (file.status_code, file.headers["location"]) == (308, f"/vacancies/{english['id']}.ics")
    aimed = (await ben.api("GET", f"{APPLICATIONS}/{started}")).json()
    assert aimed["vacancy"]["vacancy_id"] == english["id"]
    assert aimed["sections"]["screening"]["values"] == ANSWERS, "the answers are those that were given"
    assert (await submit(anna, second, ready["revision"])).status_code == 409
    assert "You applied on" in (await anna.get(f"/vacancies/{english['id']}")).text
    refused = await anna.api("POST", APPLICATIONS, json={"confirmed": True, "vacancy_id": english["id"]})
    assert refused.status_code == 409, refused.text

    cancelled = await hr.api("PUT", f"{API}/{english['id']}/cancellation", json={"reason": "No funds"})
    assert cancelled.status_code == 200
    await platform.settled()
    assert (await anna.api("GET", f"{APPLICATIONS}/{sent['id']}")).json()["status"] == "cancelled"
