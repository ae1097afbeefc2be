"""Diploma equivalence through the doors: pages and JSON of the candidate, the office's mail, the curator's API."""

import io
import re
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from pypdf import PdfReader

from services.applications.events import Diploma
from tests.applications.degrees import education
from tests.applications.doors import API, applicant, draft, fill, publish, submit
from tests.applications.test_pages import text_of
from tests.applications.values import ANSWERS, SECTIONS
from tests.platform import Candidate, Kit, Mail, hidden_fields, until

OFFICE = "academicsconsult@un.org"
ENTRIES = "/applications/api/equivalences"
REPORTS = "/applications/api/equivalence-reports"


def engineer(school: str) -> Diploma:
    return Diploma(title="Diplôme d’ingénieur", institution=school, country="FR")


async def saved(anna: Candidate, diploma: Diploma, application: str = "", **changes: Any) -> str:
    """A draft with this diploma."""
    application = application or await draft(anna)
    values = education(diploma, **changes)
    answer = await anna.api("PUT", f"{API}/{application}/sections/education", json={"values": values})
    assert answer.status_code == 200, answer.text
    return application


async def diplomas(anna: Candidate, application: str) -> list[dict[str, Any]]:
    answer = await anna.api("GET", f"{API}/{application}/diplomas", headers={"accept-language": "en"})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


async def correct(platform: Kit, entry: str, level: str = "master") -> None:
    hr = await platform.machine("hr")
    corrected = await hr.api("PUT", f"{ENTRIES}/{entry}", json={"level": level, "reason": "Grade of master"})
    assert corrected.status_code == 200, corrected.text
    await platform.settled()


async def press(anna: Candidate, path: str, button: str, value: str) -> Any:
    """Presses a button of the education page."""
    page = await anna.get(path)
    assert f'name="{button}" value="{value}"' in page.text
    return await anna.post(path, {**hidden_fields(page.text), button: value})


@pytest.mark.rule("R69")
@pytest.mark.rule("R71")
async def test_the_proposed_level_stands_beside_the_diploma_with_the_reason_why(platform: Kit) -> None:
    anna = await platform.candidate(language="fr")
    application = await saved(anna, engineer("INSA de Toulouse"))
    shown = text_of(await anna.get(f"/applications/{application}/education"))
    assert "Niveau proposé par le catalogue : Licence" in shown
    assert "Correspond à « Diplôme d’ingénieur » (INSA Toulouse) dans le catalogue (France)" in shown
    assert "votre choix" not in shown
    page = text_of(await anna.get(f"/applications/{application}/education/diplomas/0"))
    assert "Niveau proposé par le catalogue\u00a0: Licence" in page
    assert "Diplôme national de Master" in page
    [known] = await diplomas(anna, application)
    assert known["proposed"] == {
        "level": "licence",
        "entry_id": "fr-insa-toulouse-ingenieur",
        "because": "Matched to “Diplôme d’ingénieur” (INSA Toulouse) in the catalogue of France",
    }
    assert (known["chosen"], known["offered"], known["reported"]) == ("licence", None, False)


@pytest.mark.rule("R71")
async def test_a_diploma_that_the_catalogue_does_not_know_is_said_to_be_so(platform: Kit) -> None:
    anna = await platform.candidate(language="fr")
    application = await saved(anna, Diploma(title="Certificat d’aptitude", institution="Lycée", country="FR"))
    shown = text_of(await anna.get(f"/applications/{application}/education?check=1"))
    assert "Le catalogue des équivalences ne connaît pas ce diplôme" in shown
    assert "Le catalogue ne propose aucun niveau pour ce diplôme\u00a0: choisissez-en un" in shown
    [known] = await diplomas(anna, application)
    assert (known["proposed"], known["chosen"]) == (None, "")


@pytest.mark.rule("R70")
@pytest.mark.rule("R73")
async def test_diplome_national_de_master_is_chosen_by_hand_and_read_by_recruiters_with_its_reason(
    platform: Kit,
) -> None:
    vacancy, anna, hr = await publish(platform), await applicant(platform, language="fr"), await platform.machine("hr")
    application = await draft(anna, vacancy)
    await fill(anna, application, {**SECTIONS, "screening": ANSWERS})
    await saved(anna, engineer("INSA de Rennes"), application, level="master")
    silent = (await anna.api("GET", f"{API}/{application}/blockers")).json()["problems"]
    assert [problem["field"] for problem in silent] == ["education.diplomas.0.level_reason"]
    chosen = education(engineer("INSA de Rennes"), level="master", level_reason="Cinq ans après le baccalauréat")
    answer = await anna.api("PUT", f"{API}/{application}/sections/education", json={"values": chosen})
    for page in ("education", "education/diplomas/0"):
        listed = " ".join(text_of(await anna.get(f"/applications/{application}/{page}")).split())
        own = "Niveau du diplôme : Diplôme national de Master (votre choix) Niveau proposé par le catalogue : Licence"
        assert own in listed
    review = text_of(await anna.get(f"/applications/{application}/review"))
    for words in ("Niveau proposé par le catalogue", "Diplôme national de Master", "Cinq ans après le baccalauréat"):
        assert words in review
    assert (await submit(anna, application, answer.json()["revision"])).status_code == 200
    read = (await hr.api("GET", f"/applications/api/submitted/{application}")).json()
    assert read["degrees"] == [
        {
            **engineer("INSA de Rennes").model_dump(), "level": "master", "proposed": "licence",
            "reason": "Cinq ans après le baccalauréat",
        }
    ]  # fmt: skip
    [known] = read["snapshot"]["equivalences"]
    assert (known["proposed"]["level"], known["chosen"]) == ("licence", "master")
    assert known["reason"] == "Cinq ans après le baccalauréat"
    pdf = PdfReader(io.BytesIO((await anna.api("GET", f"{API}/{application}/php")).content))
    first, printed = pdf.pages[0].extract_text(), "".join(page.extract_text() for page in pdf.pages)
    glance = " ".join(first[: first.index("Etudes et expériences")].split())
    assert "Diplôme national de Master (niveau proposé : Licence) – Diplôme d’ingénieur" in glance
    told = " ".join(printed.split())
    chosen_place = told.index("Niveau du diplôme Diplôme national de Master")
    assert chosen_place < told.index("Niveau proposé par le catalogue Licence")
    assert "Niveau proposé par le catalogue" in printed
    assert "INSA Rennes" in printed


@pytest.mark.rule("R72")
async def test_a_wrong_equivalence_is_reported_to_the_office_and_listed_for_the_curator(platform: Kit) -> None:
    anna, hr = await platform.candidate(language="fr"), await platform.machine("hr")
    diploma = engineer("INSA de Rouen")
    application = await saved(anna, diploma)
    education_page = f"/applications/{application}/education"
    asked = await press(anna, education_page, "_report", str(diploma.id))
    assert "Signaler une équivalence erronée" in text_of(asked)
    path = asked.url.path
    assert path == f"/applications/{application}/diplomas/{diploma.id}/report"
    refused = await anna.post_form(path, {"level": "licence", "explanation": "Diplôme d’ingénieur en cinq ans"})
    assert refused.status_code == 422
    assert "C’est déjà le niveau proposé" in text_of(refused)
    assert "Diplôme d’ingénieur en cinq ans" in unescape(refused.text)
    told = await anna.post_form(path, {"level": "master", "explanation": f"Cinq ans, {application}"})
    assert (told.status_code, told.url.path) == (200, education_page)
    assert OFFICE in text_of(told)
    assert "Vous avez signalé cette équivalence" in text_of(told)

    async def arrived() -> list[Mail]:
        return [mail for mail in platform.mails(OFFICE, "applications/mail/equivalence") if application in mail.text]

    [mail] = await until(arrived, "the report to the office")
    assert mail.headers["Reply-To"] == anna.email
    assert "fr-insa-rouen-ingenieur" in mail.text
    assert anna.user_code in mail.html
    await platform.settled()
    [row] = [row for row in (await hr.api("GET", REPORTS)).json() if row["application_id"] == application]
    assert (row["proposed"], row["claimed"], row["proposed_now"]) == ("licence", "master", "licence")
    assert (row["title"], row["entry_id"]) == (diploma.title, "fr-insa-rouen-ingenieur")


@pytest.mark.rule("R72")
async def test_the_json_door_reports_once_and_names_what_is_wrong(platform: Kit) -> None:
    anna, ben = await platform.candidate(), await platform.candidate()
    diploma = engineer("UTC Compiègne")
    application = await saved(anna, diploma)
    path = f"{API}/{application}/diplomas/{diploma.id}/report"
    body = {"level": "master", "explanation": f"Five years, {application}"}
    for wrong in ({**body, "level": "grade"}, {**body, "explanation": ""}, {**body, "explanation": "x" * 2_001}):
        assert (await anna.api("POST", path, json=wrong)).status_code == 422
    assert (await ben.api("POST", path, json=body)).status_code == 404
    assert (await anna.api("POST", f"{API}/{application}/diplomas/{uuid4()}/report", json=body)).status_code == 404
    first, again = [await anna.api("POST", path, json=body) for _ in range(2)]
    assert (first.status_code, again.json()) == (201, first.json())
    assert (await anna.api("POST", path, json={**body, "explanation": "Really"})).status_code == 409
    await platform.settled()
    assert [known["reported"] for known in await diplomas(anna, application)] == [True]


@pytest.mark.rule("R70")
@pytest.mark.rule("R73")
@pytest.mark.rule("R74")
async def test_a_correction_changes_later_proposals_offers_open_drafts_and_leaves_submitted_files(
    platform: Kit,
) -> None:
    vacancy, anna, ben = await publish(platform), await applicant(platform), await platform.candidate(language="fr")
    diploma, entry = engineer("UTBM"), "fr-utbm-ingenieur"
    sent = await draft(anna, vacancy)
    ready = await fill(anna, sent, {**SECTIONS, "screening": ANSWERS, "education": education(diploma)})
    assert (await submit(anna, sent, ready["revision"])).status_code == 200
    submitted = (await anna.api("GET", f"{API}/{sent}")).json()
    pdf = (await anna.api("GET", f"{API}/{sent}/php")).content
    kept = await saved(ben, diploma, level="licence")

    await correct(platform, entry)

    assert (await anna.api("GET", f"{API}/{sent}")).json() == submitted
    assert (await anna.api("GET", f"{API}/{sent}/php")).content == pdf
    assert [(known["chosen"], known["offered"]) for known in await diplomas(anna, sent)] == [("licence", None)]
    [offered] = await diplomas(ben, kept)
    assert (offered["proposed"]["level"], offered["chosen"], offered["offered"]["level"]) == (
        "licence",
        "licence",
        "master",
    )
    assert "Le catalogue des équivalences a changé pour Diplôme d’ingénieur" in text_of(
        await ben.get(f"/applications/{kept}")
    )
    taken = await press(ben, f"/applications/{kept}/education", "_take", str(diploma.id))
    assert "Le diplôme a le niveau que propose le catalogue" in text_of(taken)
    [now] = await diplomas(ben, kept)
    assert (now["proposed"]["level"], now["chosen"], now["offered"]) == ("master", "master", None)
    [later] = await diplomas(ben, await saved(ben, diploma))
    assert later["proposed"]["level"] == "master"


async def test_an_update_is_taken_through_the_json_door_too(platform: Kit) -> None:
    anna = await platform.candidate()
    diploma = engineer("UTT Troyes")
    application = await saved(anna, diploma)
    await correct(platform, "fr-utt-ingenieur")
    path = f"{API}/{application}/diplomas/{diploma.id}/proposal"
    assert (await (await platform.candidate()).api("POST", path)).status_code == 404
    [taken] = (await anna.api("POST", path)).json()
    assert (taken["proposed"]["level"], taken["chosen"], taken["offered"]) == ("master", "master", None)


async def test_the_curator_reads_corrects_and_adds_entries(platform: Kit) -> None:
    hr = await platform.machine("hr")
    listed = (await hr.api("GET", ENTRIES, params={"country": "FR", "words": "ingénieur estp"})).json()
    assert [(row["id"], row["level"], row["delivered"]) for row in listed] == [
        ("fr-estp-ingenieur", "licence", "licence")
    ]
    corrected = await hr.api("PUT", f"{ENTRIES}/fr-estp-ingenieur", json={"level": "master", "reason": "Decree"})
    assert (corrected.json()["level"], corrected.json()["delivered"], corrected.json()["reason"]) == (
        "master",
        "licence",
        "Decree",
    )
    again = await hr.api("PUT", f"{ENTRIES}/fr-estp-ingenieur", json={"level": "master", "reason": "Decree, again"})
    assert again.json() == corrected.json() == (await hr.api("GET", f"{ENTRIES}/fr-estp-ingenieur")).json()

    key = {"idempotency-key": uuid4().hex}
    body = {"country": "FR", "institution": f"École {uuid4().hex}", "title": "Brevet", "level": "master", "reason": "x"}
    added, retried = [await hr.api("POST", ENTRIES, json=body, headers=key) for _ in range(2)]
    assert (added.status_code, added.json()["delivered"]) == (201, None)
    assert retried.json() == added.json()
    twin = await hr.api("POST", ENTRIES, json=body)
    assert (twin.status_code, [error["field"] for error in twin.json()["errors"]]) == (409, ["title"])


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PUT", f"{ENTRIES}/fr-ece-ingenieur", {"level": "grade", "reason": "x"}, 422),
        ("PUT", f"{ENTRIES}/fr-ece-ingenieur", {"level": "master", "reason": " "}, 422),
        ("PUT", f"{ENTRIES}/none", {"level": "master", "reason": "x"}, 404),
        ("POST", ENTRIES, {"country": "France", "title": "Brevet", "level": "master", "reason": "x"}, 422),
        ("POST", ENTRIES, {"country": "FR", "title": "…", "level": "master", "reason": "x"}, 422),
        ("GET", f"{ENTRIES}?limit=0", None, 422),
        ("GET", f"{REPORTS}?offset=-1", None, 422),
    ],
    ids=str,
)
async def test_a_curators_bad_input_is_refused(platform: Kit, method: str, path: str, body: Any, status: int) -> None:
    hr = await platform.machine("hr")
    assert (await hr.api(method, path, json=body)).status_code == status
    assert (await hr.api("GET", f"{ENTRIES}/fr-ece-ingenieur")).json()["level"] == "licence"


async def test_only_hr_keeps_the_catalogue(platform: Kit) -> None:
    calls: list[tuple[str, str, Any]] = [
        ("GET", ENTRIES, None),
        ("GET", f"{ENTRIES}/fr-licence", None),
        ("PUT", f"{ENTRIES}/fr-licence", {"level": "below", "reason": "x"}),
        ("POST", ENTRIES, {"country": "FR", "title": "Brevet", "level": "master", "reason": "x"}),
        ("GET", REPORTS, None),
    ]
    strangers = ((platform.visitor(), 401), (await platform.candidate(), 403), (await platform.machine("support"), 403))
    for stranger, expected in strangers:
        assert {(await stranger.api(method, path, json=body)).status_code for method, path, body in calls} == {expected}


async def test_buttons_of_a_diploma_that_is_gone_do_nothing(platform: Kit) -> None:
    anna = await platform.candidate()
    application = await saved(anna, engineer("CNAM"))
    path = f"/applications/{application}/education"
    for button, value in (("_take", str(uuid4())), ("_report", "nothing")):
        shown = await anna.post_form(path, {button: value})
        assert (shown.status_code, shown.url.path) == (200, path)
    assert (await anna.get(f"/applications/{application}/diplomas/{uuid4()}/report")).status_code == 404
    assert re.search(r'name="_report" value="[0-9a-f-]{36}"', (await anna.get(path)).text)
