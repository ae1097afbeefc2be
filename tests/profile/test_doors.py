"""The profile through its doors: four pages and their JSON, from the first visit to "100% complet"."""

import re
from typing import Any

import pytest

from services.profile.domain import SECTIONS
from tests.filling import fill_in, typed
from tests.platform import Candidate, Kit, hidden_fields
from tests.profile.values import COMPLETE

SLUGS = {section.key: section.slug for section in SECTIONS}


async def opened(platform: Kit, candidate: Candidate) -> Candidate:
    """The candidate once the profile has opened."""
    await platform.settled()
    return candidate


@pytest.mark.rule("R10")
async def test_only_whoever_is_logged_in_has_a_profile(platform: Kit) -> None:
    visitor = platform.visitor()
    for path in ("/profile", *(f"/profile/{section.slug}" for section in SECTIONS)):
        answer = await visitor.get(path)
        assert answer.url.path == "/identity/login"
        assert answer.url.params["next"] == path
    assert (await visitor.api("GET", "/profile/api/contact")).status_code == 401


@pytest.mark.rule("R11")
@pytest.mark.rule("R14")
async def test_the_profile_shows_its_four_tabs_and_the_registration_email(platform: Kit) -> None:
    anna = await opened(platform, await platform.candidate(language="fr"))
    page = (await anna.get("/profile")).text
    assert re.findall(r'<a class="govuk-link govuk-task-list__link" href="([^"]*)"[^>]*>([^<]*)<', page) == [
        ("/profile/contact", "Coordonnées"),
        ("/profile/un-employment", "Emploi à l’ONU"),
        ("/profile/family", "Situation de famille"),
        ("/profile/nationality", "Nationalité et résidence"),
    ]
    for path in ("/profile", "/profile/contact"):
        page = (await anna.get(path)).text
        assert "Adresse email de votre compte" in page
        assert anna.email in page
    assert 'aria-current="page">Coordonnées' in page


async def test_what_was_said_at_registration_is_filled_in(platform: Kit) -> None:
    anna = await opened(platform, await platform.candidate(language="fr"))
    values = (await anna.api("GET", "/profile/api/contact")).json()["values"]
    assert values == {
        "title": "ms",
        "family_name": anna.family_name,
        "given_names": anna.given_names,
        "birth_date": "1990-11-23",
        "email": anna.email,
        "preferred_language": "fr",
    }


@pytest.mark.rule("R12")
@pytest.mark.rule("R22")
async def test_saving_with_missing_and_wrong_fields_keeps_them_and_names_each(platform: Kit) -> None:
    anna = await opened(platform, await platform.candidate(language="fr"))
    answer = await anna.post_form(
        "/profile/nationality", {"nationality": "Atlantide", "birth_nationality": "PL", "_action": "save"}
    )
    assert answer.status_code == 200
    assert answer.url.path == "/profile/nationality"
    assert "<title>Erreur" in answer.text
    assert 'href="#nationality"' in answer.text
    assert 'href="#residence_country"' in answer.text
    assert "Atlantide" in answer.text
    saved = (await anna.api("GET", "/profile/api/nationality")).json()
    assert saved["values"] == {"nationality": "Atlantide", "birth_nationality": "PL"}
    home = (await anna.get("/profile")).text
    assert 'href="/profile/nationality?check=1#residence_country"' in home


@pytest.mark.rule("R13")
async def test_the_last_mandatory_field_makes_it_100_percent_complete(platform: Kit) -> None:
    anna = await opened(platform, await platform.candidate(language="fr"))
    for key, values in COMPLETE.items():
        assert "100% complet</strong>" not in (await anna.get("/profile")).text
        answer = await fill_in(anna, f"/profile/{SLUGS[key]}", values, "continue")
        assert answer.status_code == 200
        assert "Vous avez enregistré votre profil avec succès" in answer.text
    home = await anna.get("/profile")
    assert "100% complet</strong>" in home.text
    assert (await anna.api("GET", "/profile/api/completeness")).json()["percent"] == 100


@pytest.mark.rule("R13")
async def test_a_complete_profile_can_become_incomplete_again(platform: Kit) -> None:
    anna = await opened(platform, await platform.candidate())
    for key, values in COMPLETE.items():
        answer = await anna.api("PUT", f"/profile/api/{SLUGS[key]}", json={"values": values})
        assert answer.status_code == 200, answer.text
        assert answer.json()["problems"] == []
    assert (await anna.api("GET", "/profile/api/contact")).json()["percent"] == 100
    family = {**COMPLETE["family"], "has_relatives": "yes"}
    answer = await anna.api("PUT", "/profile/api/family", json={"values": family})
    assert 90 < answer.json()["percent"] < 100
    assert [problem["field"] for problem in answer.json()["problems"]] == ["relatives"]
    asked = (await anna.api("GET", "/profile/api/completeness")).json()
    assert asked["complete"] is False
    assert [(item["section"], item["field"], item["state"]) for item in asked["fields"] if item["state"] != "done"] == [
        ("family", "relatives", "missing")
    ]


@pytest.mark.rule("R23")
@pytest.mark.rule("R24")
async def test_a_wrong_value_of_a_prompt_list_is_explained_and_an_empty_optional_one_is_fine(platform: Kit) -> None:
    anna = await opened(platform, await platform.candidate(language="fr"))
    wrong = {**COMPLETE["nationality"], "second_nationality": "Atlantis"}
    answer = await anna.api("PUT", "/profile/api/nationality", json={"values": wrong})
    (problem,) = answer.json()["problems"]
    assert problem["field"] == "second_nationality"
    assert "Atlantis" in problem["message"]
    assert "Deuxième nationalité" in problem["message"]
    empty = {**wrong, "second_nationality": ""}
    answer = await anna.api("PUT", "/profile/api/nationality", json={"values": empty})
    assert answer.json()["problems"] == []


async def test_two_windows_on_one_section_show_both_versions_and_overwrite_nothing(platform: Kit) -> None:
    anna = await opened(platform, await platform.candidate())
    stale = hidden_fields((await anna.get("/profile/family")).text)
    first = await anna.post_form("/profile/family", {"marital_status": "single", "_action": "save"})
    assert first.status_code == 200
    second = await anna.post("/profile/family", {**stale, "marital_status": "widowed", "_action": "save"})
    assert second.status_code == 409
    clash = second.text[second.text.index('id="clash"') : second.text.index("</section>")]
    assert "Single" in clash
    assert "Widowed" in clash
    assert (await anna.api("GET", "/profile/api/family")).json()["values"] == {"marital_status": "single"}
    assert "Two versions of “Family situation”" in second.text
    assert hidden_fields(second.text)["marital_status"] == "widowed"
    chosen = await anna.post("/profile/family", {**hidden_fields(second.text), "_action": "save"})
    assert chosen.status_code == 200
    assert (await anna.api("GET", "/profile/api/family")).json()["values"] == {"marital_status": "widowed"}


async def test_background_saving_answers_with_the_new_version_and_never_overwrites(platform: Kit) -> None:
    anna = await opened(platform, await platform.candidate())
    hidden = hidden_fields((await anna.get("/profile/family")).text)
    headers = {"postulo-autosave": "1", "origin": "https://careers.test", "sec-fetch-site": "same-origin"}
    data = {**hidden, "marital_status": "single"}
    saved = await anna.client.post("/profile/family", data=data, headers=headers)
    assert (saved.status_code, saved.headers["postulo-version"]) == (204, "1")
    stale = await anna.client.post("/profile/family", data={**data, "marital_status": "widowed"}, headers=headers)
    assert stale.status_code == 409
    later = {**data, "_version": "1", "marital_status": "married"}
    assert (await anna.client.post("/profile/family", data=later, headers=headers)).headers["postulo-version"] == "2"


async def test_each_dependant_has_a_page_and_is_added_changed_and_removed(platform: Kit) -> None:
    anna = await opened(platform, await platform.candidate())
    page = await anna.post_form("/profile/family", {"has_dependants": "yes", "_add": "dependants"})
    assert page.url.path == "/profile/family/dependants/0"
    zofia = {"name": "Zofia", "birth_date": "2015-02-03", "relationship": "child"}
    more = await anna.post_form(page.url.path, {**typed(zofia), "_action": "more"})
    assert more.url.path == "/profile/family/dependants/1"
    wrong = await anna.post_form(more.url.path, {"name": "Jan", "_action": "save"})
    assert wrong.url.path == more.url.path
    assert 'href="#birth_date"' in wrong.text
    assert 'value="Jan"' in wrong.text
    listed = await anna.get("/profile/family?check=1")
    assert 'href="/profile/family/dependants/1?check=1#birth_date">Dependant 2 – ' in listed.text
    assert 'href="/profile/family/dependants/1?check=1#birth_date">Dependant 2 – ' in (await anna.get("/profile")).text
    changed = await anna.post_form("/profile/family", {"has_dependants": "yes", "_change": "dependants.0"})
    assert 'value="Zofia"' in changed.text
    await anna.post_form("/profile/family", {"has_dependants": "yes", "_remove": "dependants.0"})
    await anna.post_form("/profile/family/dependants/0", {"name": "Jan", "_action": "remove"})
    assert (await anna.api("GET", "/profile/api/family")).json()["values"] == {"has_dependants": "yes"}


async def test_two_windows_with_one_dependant_show_both_versions(platform: Kit) -> None:
    anna = await opened(platform, await platform.candidate())
    path = "/profile/family/dependants/0"
    await anna.post_form(path, {"name": "Zofia", "_action": "save"})
    hidden = hidden_fields((await anna.get(path)).text)
    await anna.post_form(path, {"name": "Zofia Anna", "_action": "save"})
    both = await anna.post(path, {**hidden, "name": "Jan", "_action": "save"})
    assert both.status_code == 409
    assert re.search(r"Zofia Anna.*Jan", both.text, re.DOTALL)
    removed = await anna.post("/profile/family", {**hidden, "_remove": "dependants.0"})
    assert "nothing was removed" in removed.text
    assert 'action="/profile/family/dependants/1"' in both.text
    mine = {**hidden_fields(both.text), "name": "Jan", "_action": "save"}
    await anna.post("/profile/family/dependants/1", mine)
    assert await dependants(anna) == ["Zofia Anna", "Jan"]
    again = {**hidden, "name": "Maria", "_action": "save"}
    await anna.post(path, {**again, **hidden_fields((await anna.post(path, again)).text)})
    assert await dependants(anna) == ["Maria", "Jan"]


async def dependants(anna: Candidate) -> list[str]:
    values = (await anna.api("GET", "/profile/api/family")).json()["values"]
    return [each["name"] for each in values["dependants"]]


@pytest.mark.usefixtures("hasty")
async def test_an_entry_is_put_among_the_others_as_they_are_saved_also_while_the_view_is_behind(platform: Kit) -> None:
    anna = await opened(platform, await platform.candidate())
    await anna.post_form("/profile/family/dependants/0", {"name": "Zofia", "_action": "save"})
    path = "/profile/family/dependants/1"
    shown = hidden_fields((await anna.get(path)).text)
    async with platform.service("profile").kernel.pool.acquire() as elsewhere, elsewhere.transaction():
        await elsewhere.execute("select pg_current_xact_id()")  # hides what is written from all views
        first = await anna.post("/profile/family/dependants/0", {**shown, "name": "Zofia Anna", "_action": "save"})
        assert first.status_code == 200, first.text
        later = {**shown, "_version": "2", "name": "Jan", "_action": "save"}
        assert (await anna.post(path, later)).status_code == 200
    assert await dependants(anna) == ["Zofia Anna", "Jan"]


async def test_a_dependant_saves_itself(platform: Kit) -> None:
    anna = await opened(platform, await platform.candidate())
    path = "/profile/family/dependants/0"
    hidden = hidden_fields((await anna.get(path)).text)
    anna.client.headers["postulo-autosave"] = "1"
    assert "postulo-version" not in (await anna.post(path, {**hidden, "name": ""})).headers
    assert (await anna.post(path, {**hidden, "name": "Zof"})).headers["postulo-version"] == "1"
    assert (await anna.post(path, {**hidden, "name": "Jan"})).status_code == 409
    assert (await anna.get("/profile/contact/dependants/0")).status_code == 404


async def test_an_entry_is_called_by_its_singular_and_number(platform: Kit) -> None:
    anna = await opened(platform, await platform.candidate(language="fr"))
    page = await anna.post_form("/profile/family/dependants/0", {"name": "Z", "_action": "more"})
    assert re.search(r"<h1[^>]*>Personne à charge&nbsp;2</h1>", page.text)
    listed = (await anna.get("/profile/family")).text
    assert re.findall(r"<h3[^>]*>([^<]*\d)</h3>", listed) == ["Personne à charge&nbsp;1"]
    assert '<h2 class="govuk-heading-m">Personnes à charge\u00a0*</h2>' in listed


async def test_saving_the_same_twice_is_one_save(platform: Kit) -> None:
    anna = await opened(platform, await platform.candidate())
    body = {"values": {"marital_status": "single"}, "seen": 0}
    answers = [(await anna.api("PUT", "/profile/api/family", json=body)).json() for _ in range(2)]
    assert [answer["version"] for answer in answers] == [1, 1]


async def test_a_save_over_a_version_that_was_not_seen_is_refused_by_json_too(platform: Kit) -> None:
    anna = await opened(platform, await platform.candidate())
    await anna.api("PUT", "/profile/api/family", json={"values": {"marital_status": "single"}})
    answer = await anna.api("PUT", "/profile/api/family", json={"values": {"marital_status": "widowed"}, "seen": 0})
    assert answer.status_code == 409
    assert answer.headers["content-type"].startswith("application/problem+json")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"values": {"colour": "blue"}}, "colour"),
        ({"values": {"marital_status": ["single"]}}, "marital_status"),
        ({"values": {"marital_status": "x" * 20_001}}, "marital_status"),
        ({"values": {"dependants": "Zofia"}}, "dependants"),
        ({"values": {"dependants": [{"colour": "blue"}]}}, "dependants.0.colour"),
        ({"values": {"marital_status": "single"}, "seen": -1}, "seen"),
        ({}, "values"),
    ],
)
async def test_what_is_no_section_is_refused_and_nothing_is_stored(platform: Kit, body: Any, field: str) -> None:
    anna = await platform.candidate()
    answer = await anna.api("PUT", "/profile/api/family", json=body)
    assert answer.status_code == 422
    assert field in [error["field"] for error in answer.json()["errors"]]
    assert (await anna.api("GET", "/profile/api/family")).json()["version"] == 0


async def test_fields_are_described_with_their_lists_in_the_language_accepted(platform: Kit) -> None:
    visitor = platform.visitor(language="fr")
    fields = (await visitor.api("GET", "/profile/api/nationality/fields")).json()
    nationality = next(field for field in fields if field["name"] == "nationality")
    assert (nationality["label"], nationality["required"]) == ("Nationalité actuelle", True)
    assert {"value": "DE", "label": "Allemagne"} in nationality["choices"]


async def test_a_foreign_profile_cannot_be_reached(platform: Kit) -> None:
    anna, peter = await platform.candidate(), await platform.candidate()
    await anna.api("PUT", "/profile/api/family", json={"values": {"marital_status": "widowed"}})
    assert (await peter.api("GET", "/profile/api/family")).json()["values"] == {}
    assert 'value="widowed" checked' in (await anna.get("/profile/family")).text
    assert 'value="widowed" checked' not in (await peter.get("/profile/family")).text


async def test_health_is_no_section(platform: Kit) -> None:
    assert (await platform.visitor().get("/profile/livez")).status_code == 200
    assert (await (await platform.candidate()).get("/profile/salary")).status_code == 404


@pytest.mark.rule("R12")
@pytest.mark.rule("R23")
@pytest.mark.parametrize(
    ("path", "field"), [("/profile/contact", "birth_place"), ("/profile/family/dependants/0", "name")]
)
async def test_a_text_too_long_to_be_kept_is_shown_again_in_its_form_and_nothing_is_saved(
    platform: Kit, path: str, field: str
) -> None:
    anna = await opened(platform, await platform.candidate())
    section = path.split("/")[2]
    await anna.post_form("/profile/family", {"has_dependants": "yes", "_action": "save"})
    before = (await anna.api("GET", f"/profile/api/{section}")).json()
    refused = await anna.post_form(path, {field: "Łódź " * 10_000, "_action": "save"})
    assert refused.status_code == 422
    assert "can have at most 200 characters: you typed 50,000" in refused.text
    assert f'value="{"Łódź " * 10_000}"' in refused.text
    assert (await anna.api("GET", f"/profile/api/{section}")).json() == before
    kept = await anna.post_form(path, {field: "x" * 300, "_action": "save"})
    assert "can have at most 200 characters: you typed 300" in kept.text
    assert (await anna.api("GET", f"/profile/api/{section}")).json()["version"] == before["version"] + 1


@pytest.mark.rule("R14")
@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", "Nos propres messages vont à l’adresse de votre compte"),
        ("en", "Our own e-mails go to the address of your account"),
    ],
)
async def test_of_the_two_addresses_it_is_said_which_one_gets_our_mails(
    platform: Kit, language: str, said: str
) -> None:
    anna = await opened(platform, await platform.candidate(language=language))
    page = (await anna.get("/profile/contact")).text
    assert anna.email in page
    assert said in page
