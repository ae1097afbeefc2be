"""Vacancies through their doors: HR systems publish, everybody searches and reads, nobody else changes anything."""

import html
import re

import pytest

from shared.vocabulary.reference import DEPARTMENTS
from tests.platform import Kit
from tests.vacancies.doors import API, body, day, problem_fields, publish, word


@pytest.mark.rule("R33")
async def test_a_published_vacancy_can_be_read_by_anybody(platform: Kit) -> None:
    notice, vacancy, hr = await publish(platform)
    seen = await hr.api("GET", f"{API}/{vacancy['id']}")
    assert seen.json() == vacancy
    assert vacancy["description"] == "<p>Draws <b>maps</b> of remote places.</p>"
    assert (vacancy["network"], vacancy["category"], vacancy["version"]) == ("DEVNET", "PD", 1)
    page = await hr.get(f"/vacancies/{vacancy['id']}")
    assert page.status_code == 200
    assert notice["title"] in page.text
    assert "Draws <b>maps</b>" in page.text
    assert f'href="/applications/new?vacancy={vacancy["id"]}"' in page.text


@pytest.mark.parametrize(
    ("written", "en", "fr"),
    [
        ("Fixed-term", "Fixed-term", "Durée déterminée"),
        ("Durée déterminée", "Fixed-term", "Durée déterminée"),
        ("TEMPORARY ", "Temporary", "Temporaire"),
        ("Close", "Close", "Close"),
    ],
)
async def test_the_type_of_recruitment_is_said_in_the_readers_language(
    platform: Kit, written: str, en: str, fr: str
) -> None:
    _, vacancy, _ = await publish(platform, recruitment_type=written)
    for language, label, said in (("en", "Type of recruitment", en), ("fr", "Type d’engagement", fr)):
        page = html.unescape((await platform.visitor(language).get(f"/vacancies/{vacancy['id']}")).text)
        (row,) = re.findall(rf"{label}\s*</dt>\s*<dd[^>]*>\s*(.*?)\s*</dd>", page)
        assert row == said


async def test_publishing_twice_answers_the_same(platform: Kit) -> None:
    notice, vacancy, hr = await publish(platform)
    again = await hr.api("POST", API, json=notice)
    assert (again.status_code, again.json()) == (200, vacancy)
    other = await hr.api("POST", API, json={**notice, "title": "Something else"})
    assert problem_fields(other, 409) == ["job_opening_number"]


async def test_a_notice_with_faults_is_refused_with_its_fields_and_not_stored(platform: Kit) -> None:
    hr = await platform.machine("hr")
    notice = body(level="P-9", duty_stations=[{"code": "ATLANTIS"}], closes_on=day(-3))
    assert problem_fields(await hr.api("POST", API, json=notice)) == ["level", "duty_stations.0.code"]
    assert problem_fields(await hr.api("POST", API, json=body(closes_on=day(-3)))) == ["closes_on"]
    assert problem_fields(await hr.api("POST", API, json=body(closes_on="9999-12-31"))) == ["closes_on"]
    assert problem_fields(await hr.api("POST", API, json={**body(), "levle": "P-3"})) == ["levle"]
    found = await hr.api("GET", API, params={"keywords": word(notice), "everything": True})
    assert found.json()["total"] == 0


async def test_amending_extending_and_cancelling(platform: Kit) -> None:
    notice, vacancy, hr = await publish(platform)
    path = f"{API}/{vacancy['id']}"
    content = {name: notice[name] for name in ("title", "family", "level", "duty_stations", "department")}
    amended = await hr.api("PUT", path, json={**content, "description": "<p>Draws charts.</p>"})
    assert (amended.json()["version"], amended.json()["questions"]) == (2, [])
    extended = await hr.api("PUT", f"{path}/deadline", json={"closes_on": day(60)})
    assert extended.json()["extended"] is True
    assert problem_fields(await hr.api("PUT", f"{path}/deadline", json={"closes_on": day(40)})) == ["closes_on"]
    cancelled = await hr.api("PUT", f"{path}/cancellation", json={"reason": "No funds."})
    assert (cancelled.json()["status"], cancelled.json()["reason"]) == ("cancelled", "No funds.")
    page = await hr.get(f"/vacancies/{vacancy['id']}")
    assert "No funds." in page.text
    assert "/applications/new" not in page.text
    assert (await hr.api("PUT", f"{path}/deadline", json={"closes_on": day(80)})).status_code == 409


async def test_only_hr_may_change_vacancies(platform: Kit) -> None:
    _, vacancy, _ = await publish(platform)
    path = f"{API}/{vacancy['id']}"
    calls = [
        ("POST", API, body()),
        ("POST", "/vacancies/api/galaxy-notices", body(questions=[])),
        ("PUT", path, {k: v for k, v in body().items() if k not in ("job_opening_number", "language", "closes_on")}),
        ("PUT", f"{path}/deadline", {"closes_on": day(50)}),
        ("PUT", f"{path}/cancellation", {"reason": ""}),
    ]
    anna, support = await platform.candidate(), await platform.machine("support")
    for method, address, sent in calls:
        assert (await platform.visitor().api(method, address, json=sent)).status_code == 401
        assert (await anna.api(method, address, json=sent)).status_code == 403
        assert (await support.api(method, address, json=sent)).status_code == 403
    assert (await anna.api("GET", path)).json() == vacancy


@pytest.mark.parametrize(
    "path", [f"{API}/6f1d2a0e-53b6-5d0c-9a3e-0f7c4be2a911", "/vacancies/unheard-of", "/vacancies/1"]
)
async def test_what_was_never_published_is_not_found(platform: Kit, path: str) -> None:
    assert (await platform.visitor().get(path)).status_code == 404


@pytest.mark.rule("R32")
async def test_a_search_finds_by_words_and_facets_with_counts(platform: Kit) -> None:
    notice, vacancy, hr = await publish(platform)
    query = {"keywords": f'{word(notice)} "remote place"', "levels": ["P-2", "P-3"], "duty_stations": ["NAIROBI"]}
    found = (await hr.api("GET", API, params=query)).json()
    assert [one["id"] for one in found["vacancies"]] == [vacancy["id"]]
    assert found["facets"]["levels"] == {"P-3": 1}
    assert found["facets"]["departments"] == {"UNEP": 1}
    none = (await hr.api("GET", API, params={**query, "levels": ["P-2"]})).json()
    assert (none["total"], none["facets"]["levels"]) == (0, {"P-3": 1})


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"levels": "P-99"}, "levels"),
        ({"posted_since": "soon"}, "posted_since"),
        ({"page": "0"}, "page"),
        ({"size": "1000"}, "size"),
        ({"sort": "random"}, "sort"),
        ({"keywords": "x" * 201}, "keywords"),
    ],
)
async def test_a_search_that_cannot_be_understood_names_the_field(
    platform: Kit, query: dict[str, str], field: str
) -> None:
    assert problem_fields(await platform.visitor().api("GET", API, params=query)) == [field]


@pytest.mark.rule("R32")
async def test_the_search_page_speaks_the_guides_words_and_keeps_the_search_in_its_address(platform: Kit) -> None:
    notice, vacancy, _ = await publish(platform)
    visitor = platform.visitor("fr")
    empty = await visitor.get("/vacancies")
    assert "Recherche avancée" in empty.text
    assert "Rechercher" in empty.text
    page = await visitor.get("/vacancies", params={"keywords": word(notice), "levels": "P-3"})
    assert f'href="/vacancies/{vacancy["id"]}"' in page.text
    assert f'value="{word(notice)}"' in page.text
    assert re.search(r'value="P-3"\s+checked', page.text)
    assert "1 offre d’emploi trouvée" in page.text
    nothing = await visitor.get("/vacancies", params={"keywords": "jamais entendu"})
    assert "Aucune offre d’emploi ne répond à tous ces critères." in nothing.text


@pytest.mark.rule("R46")
async def test_the_criteria_typed_in_go_to_saving_the_search(platform: Kit) -> None:
    visitor = platform.visitor("fr")
    typed = {"keywords": "carte ", "levels": "P-3", "posted_since-day": "1", "posted_since-month": "11",
             "posted_since-year": "2026", "sort": "newest", "_action": "save"}  # fmt: skip
    assert "Enregistrer recherche" in (await visitor.get("/vacancies")).text
    answer = await visitor.client.get("/vacancies", params=typed, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/alerts/new?keywords=carte&levels=P-3&posted_since=2026-11-01"


@pytest.mark.rule("R23")
async def test_a_value_outside_the_lists_is_a_problem_on_the_page(platform: Kit) -> None:
    page = await platform.visitor("fr").get("/vacancies", params={"levels": "P-99", "keywords": "carte"})
    assert page.status_code == 422
    assert 'value="carte"' in page.text
    facet = re.search(r'<details class="govuk-details" id="levels" open>.*?</details>', page.text, re.DOTALL)
    assert facet, "the criterion that has a problem must be open"
    assert "«\N{NO-BREAK SPACE}P-99\N{NO-BREAK SPACE}» ne figure pas dans la liste" in facet[0]


async def test_a_wrong_criterion_is_left_out_and_the_others_count(platform: Kit) -> None:
    notice, vacancy, _ = await publish(platform)
    asked = {"keywords": word(notice), "levels": ["P-99", "P-3"], "posted_since": "2099-01-41"}
    page = await platform.visitor("en").get("/vacancies", params=asked)
    assert page.status_code == 422
    assert "Criteria that cannot be read were left out" in page.text
    assert "“41 1 2099” is not a date" in page.text
    assert re.search(r'name="posted_since-day"[^>]*value="41"', page.text)
    assert "1 job opening found" in page.text
    assert f'href="/vacancies/{vacancy["id"]}"' in page.text
    elsewhere = await platform.visitor("en").get("/vacancies", params={**asked, "levels": ["P-99", "P-5"]})
    assert "No job opening meets all these criteria." in elsewhere.text


async def test_a_result_names_level_place_and_department_in_the_readers_language(platform: Kit) -> None:
    notice, _, _ = await publish(platform)
    page = await platform.visitor("fr").get("/vacancies", params={"keywords": word(notice)})
    about = ["P-3", "Nairobi", DEPARTMENTS.label(notice["department"], "fr")]
    assert "\N{NO-BREAK SPACE}· ".join(about) in html.unescape(page.text)


async def test_results_come_in_pages_that_link_to_each_other(platform: Kit) -> None:
    hr = await platform.machine("hr")
    for number in range(22):
        answer = await hr.api("POST", API, json=body(title=f"Lighthouse keeper {number}"))
        assert answer.status_code == 201
    first = await hr.get("/vacancies", params={"keywords": "lighthouse", "sort": "deadline"})
    assert "22 job openings found" in first.text
    link = re.search(r'href="([^"]*)" rel="next"', first.text)
    assert link
    second = await hr.get(link[1].replace("&amp;", "&"))
    titles = [re.findall(r">(Lighthouse keeper \d+)</a>", page.text) for page in (first, second)]
    assert (len(titles[0]), len(titles[1])) == (20, 2)
    assert len({*titles[0], *titles[1]}) == 22
    assert 'rel="prev"' in second.text


async def test_turning_pages_neither_repeats_nor_skips_what_stayed_while_vacancies_come_and_go(platform: Kit) -> None:
    hr = await platform.machine("hr")
    old = [(await hr.api("POST", API, json=body(title=f"Diver {number} of the abyss"))).json() for number in range(5)]
    query = {"keywords": "diver abyss", "size": 2, "sort": "deadline"}
    await platform.settled()  # A reader's own writes are waited for, but not for longer than a second.
    first = (await hr.api("GET", API, params=query)).json()
    await hr.api("POST", API, json=body(title="Diver of the abyss, in haste", closes_on=day(2)))
    gone = first["vacancies"][0]["id"]
    await hr.api("PUT", f"{API}/{gone}/cancellation", json={"reason": ""})
    seen, page = [one["id"] for one in first["vacancies"]], first
    while page["next"]:
        page = (await hr.api("GET", API, params={**query, "after": page["next"]})).json()
        seen += [one["id"] for one in page["vacancies"]]
    assert sorted(seen) == sorted(one["id"] for one in old)


@pytest.mark.parametrize("after", ["x", "~", "2~2026~k", "x" * 101])
async def test_a_bookmark_of_another_order_is_refused(platform: Kit, after: str) -> None:
    assert problem_fields(await platform.visitor().api("GET", API, params={"after": after})) == ["after"]


async def test_a_page_that_is_no_longer_there_is_the_nearest_that_is(platform: Kit) -> None:
    notice, vacancy, hr = await publish(platform)
    for address in ({"page": "7"}, {"page": "7", "after": "2020-01-01T00:00:00Z~0", "sort": "newest"},
                    {"page": "2", "before": "2099-01-01T00:00:00Z~0", "sort": "newest"}):  # fmt: skip
        page = await hr.get("/vacancies", params={"keywords": word(notice), **address})
        assert f'href="/vacancies/{vacancy["id"]}"' in page.text
        assert 'aria-label="Pages of results"' not in page.text


async def test_a_misspelt_criterion_is_refused_rather_than_left_out(platform: Kit) -> None:
    assert problem_fields(await platform.visitor().api("GET", API, params={"level": "P-3"})) == ["level"]


@pytest.mark.parametrize("path", [API, "/vacancies", "/vacancies/feed.atom", "/vacancies/feed.rss"])
async def test_words_in_another_encoding_are_refused_rather_than_left_out(platform: Kit, path: str) -> None:
    assert (await platform.visitor().get(f"{path}?keywords=%e9conomiste")).status_code == 422


async def test_each_criterion_is_named_with_a_link_that_takes_it_away(platform: Kit) -> None:
    page = await platform.visitor("fr").get("/vacancies?keywords=carte&levels=P-3&levels=P-4&sort=deadline")
    links = dict(re.findall(r'class="postulo-chip" href="([^"]*)".*?aria-label="([^"]*)"', page.text))
    assert {address.replace("&amp;", "&"): name for address, name in links.items()} == {
        "/vacancies?levels=P-3&levels=P-4&sort=deadline": "Retirer\N{NO-BREAK SPACE}: Mots clés, carte",
        "/vacancies?keywords=carte&levels=P-4&sort=deadline": "Retirer\N{NO-BREAK SPACE}: Classe, P-3",
        "/vacancies?keywords=carte&levels=P-3&sort=deadline": "Retirer\N{NO-BREAK SPACE}: Classe, P-4",
    }


@pytest.mark.rule("R33")
async def test_postuler_leads_to_an_application_for_this_vacancy(platform: Kit) -> None:
    _, vacancy, _ = await publish(platform)
    page = await platform.visitor("fr").get(f"/vacancies/{vacancy['id']}")
    assert re.search(rf'<a href="/applications/new\?vacancy={vacancy["id"]}"[^>]*>Postuler</a>', page.text)


async def test_a_vacancy_says_when_it_was_posted_and_why_it_was_cancelled(platform: Kit) -> None:
    _, vacancy, hr = await publish(platform)
    await hr.api("PUT", f"{API}/{vacancy['id']}/cancellation", json={"reason": "No funds."})
    page = await hr.get(f"/vacancies/{vacancy['id']}")
    assert "Posted on" in page.text
    assert 'Reason: <span lang="en">No funds.</span>' in page.text


@pytest.mark.rule("R45")
async def test_the_deadline_is_shown_with_its_zone_and_the_advice_to_apply_well_before(platform: Kit) -> None:
    _, vacancy, _ = await publish(platform)
    page = await platform.visitor("fr").get(f"/vacancies/{vacancy['id']}")
    assert "Échéance\N{NO-BREAK SPACE}: " in page.text
    assert "23:59" in page.text
    assert "New York" in page.text
    assert "Il est conseillé de soumettre votre dossier bien avant l’échéance" in page.text


@pytest.mark.rule("R7", "R51")
async def test_a_galaxy_notice_is_listed_for_information_and_cannot_be_applied_to(platform: Kit) -> None:
    hr, notice = await platform.machine("hr"), body(questions=[])
    answer = await hr.api("POST", "/vacancies/api/galaxy-notices", json=notice)
    assert (answer.status_code, answer.json()["source"]) == (201, "galaxy")
    results = await hr.get("/vacancies", params={"keywords": word(notice)})
    assert "Galaxy, for information" in results.text
    page = await hr.get(f"/vacancies/{answer.json()['id']}")
    assert "for information only" in page.text
    assert ".ics" not in page.text
    assert "/applications/new" not in page.text


async def test_a_vacancy_is_found_by_its_number_whatever_its_state(platform: Kit) -> None:
    notice, published, hr = await publish(platform)
    query = {"job_opening_number": notice["job_opening_number"].lower()}
    assert [each["id"] for each in (await hr.get(API, params=query)).json()["vacancies"]] == [published["id"]]
    await hr.api("PUT", f"{API}/{published['id']}/cancellation", json={"reason": "The post was abolished."})
    await platform.settled()
    answer = (await hr.get(API, params=query)).json()
    assert [(each["id"], each["status"]) for each in answer["vacancies"]] == [(published["id"], "cancelled")]
    assert (await hr.get(API, params={"job_opening_number": "NO-SUCH"})).json()["total"] == 0
    assert (await hr.get(API, params={**query, "levels": "P-5"})).json()["total"] == 0


async def test_the_header_link_leads_from_page_to_page(platform: Kit) -> None:
    notice, _, hr = await publish(platform)
    again = {**body(), "title": notice["title"]}
    await hr.api("POST", API, json=again)
    await platform.settled()
    first = await hr.get(API, params={"keywords": word(notice), "size": 1, "page": 1})
    second = await hr.get(first.links["next"]["url"])
    numbers = {answer.json()["vacancies"][0]["job_opening_number"] for answer in (first, second)}
    assert numbers == {notice["job_opening_number"], again["job_opening_number"]}
    assert (second.links, second.json()["next"]) == ({}, "")
