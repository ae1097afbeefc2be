"""The JSON doors, on the whole platform."""

import asyncio
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.applications.domain.application import APPLICATION
from shared.store.snapshots import EVENTS
from tests.applications.doors import API, applicant, draft, fill, publish, submit, submitted, today
from tests.applications.values import ANSWERS, SECTIONS, pdf, picture
from tests.platform import Kit, until


def fields(answer: Any) -> list[str]:
    return [error["field"] for error in answer.json()["errors"]]


@pytest.mark.rule("R15")
@pytest.mark.rule("R29")
async def test_a_draft_is_prepared_without_a_vacancy_saved_and_listed(platform: Kit) -> None:
    anna = await platform.candidate()
    application = await draft(anna)
    saved = await fill(anna, application, SECTIONS)
    assert {name: section["progress"] for name, section in saved["sections"].items()} == {
        "screening": "cannot_start",
        **dict.fromkeys(SECTIONS, "completed"),
    }
    [row] = (await anna.api("GET", API)).json()
    assert (row["id"], row["status"], row["job_opening_number"]) == (application, "draft", "")


@pytest.mark.rule("R16")
async def test_without_confirmation_no_draft_is_created(platform: Kit) -> None:
    anna = await platform.candidate()
    refused = await anna.api("POST", API, json={"confirmed": False})
    assert (refused.status_code, fields(refused)) == (422, ["confirmed"])
    assert (await anna.api("GET", API)).json() == []


async def test_a_retried_creation_creates_one(platform: Kit) -> None:
    anna = await platform.candidate()
    key = {"idempotency-key": uuid4().hex}
    answers = await asyncio.gather(*(anna.api("POST", API, json={"confirmed": True}, headers=key) for _ in range(4)))
    busy = [answer.json()["type"] for answer in answers if answer.status_code == 409]
    assert set(busy) <= {"urn:postulo:problem:idempotency-key-in-use"}
    done = [answer for answer in answers if answer.status_code == 201]
    assert len(done) + len(busy) == 4
    again = await anna.api("POST", API, json={"confirmed": True}, headers=key)
    assert again.status_code == 201, again.text
    assert {answer.json()["id"] for answer in done} == {again.json()["id"]}
    assert len((await anna.api("GET", API)).json()) == 1


@pytest.mark.rule("R34")
async def test_the_last_created_application_is_copied_with_its_files_but_without_answers(platform: Kit) -> None:
    vacancy, anna = await publish(platform), await applicant(platform)
    first = await draft(anna, vacancy)
    await fill(anna, first)
    await _attach(anna, first, "AM_Diploma.pdf", pdf())
    copy = await draft(anna, start="copy_previous")
    read = (await anna.api("GET", f"{API}/{copy}")).json()
    assert read["source_application_id"] == first
    letter = {"letter": SECTIONS["letter"]["letter"]}
    taken = {"screening": {}, **SECTIONS, "letter": letter}
    assert {name: section["values"] for name, section in read["sections"].items()} == taken
    flagged = [name for name, section in read["sections"].items() if section["carried_over"]]
    assert flagged == ["screening", "skills", "letter"]
    [file] = read["attachments"]
    await anna.api("DELETE", f"{API}/{first}")
    kept = await anna.api("GET", f"{API}/{copy}/attachments/{file['id']}")
    assert kept.content == pdf()


@pytest.mark.rule("R35")
async def test_copying_needs_an_earlier_application(platform: Kit) -> None:
    anna = await platform.candidate()
    refused = await anna.api("POST", API, json={"confirmed": True, "start": "copy_previous"})
    assert (refused.status_code, fields(refused)) == (422, ["start"])


@pytest.mark.rule("R18")
async def test_a_draft_can_be_meant_for_a_vacancy_later_and_is_asked_its_questions(platform: Kit) -> None:
    vacancy, anna = await publish(platform), await platform.candidate()
    application = await draft(anna)
    aimed = await anna.api("PUT", f"{API}/{application}/vacancy", json={"vacancy_id": vacancy["id"]})
    assert aimed.json()["vacancy"]["job_opening_number"] == vacancy["job_opening_number"]
    assert [question["id"] for question in aimed.json()["questions"]] == ["experience", "degree"]
    unknown = await anna.api("PUT", f"{API}/{application}/vacancy", json={"vacancy_id": str(uuid4())})
    assert unknown.status_code == 404


async def test_two_windows_do_not_overwrite_each_other(platform: Kit) -> None:
    anna = await platform.candidate()
    path = f"{API}/{await draft(anna)}/sections/letter"
    assert (await anna.api("PUT", path, json={"values": {"letter": "one"}, "seen": 0})).status_code == 200
    second = await anna.api("PUT", path, json={"values": {"letter": "two"}, "seen": 0})
    assert (second.status_code, fields(second)) == (409, ["letter"])


async def test_a_save_reads_no_more_events_after_many_saves_than_after_a_few(platform: Kit) -> None:
    anna, store = await applicant(platform), platform.service("applications").kernel.store
    application = await draft(anna)
    for number in range(3 * EVENTS):
        await fill(anna, application, {"letter": {**SECTIONS["letter"], "letter": f"Version {number}"}})
        known = await store.states([(APPLICATION, application)])
        assert len(known.aggregates[APPLICATION.stream(application)].since) <= 2 * EVENTS, (
            "the snapshot is written a moment after the save that asks for it"
        )
    known = await store.states([(APPLICATION, application)])
    last = (await anna.api("GET", f"{API}/{application}")).json()["sections"]["letter"]["values"]["letter"]
    assert (last, known.state(APPLICATION, application).saves["letter"]) == (f"Version {3 * EVENTS - 1}", 3 * EVENTS)


async def _attach(anna: Any, application: str, name: str, content: bytes) -> Any:
    return await anna.api("POST", f"{API}/{application}/attachments", files={"file": (name, content)})


@pytest.mark.rule("R61")
@pytest.mark.rule("R62")
async def test_files_are_attached_downloaded_and_removed(platform: Kit) -> None:
    anna, ben = await platform.candidate(), await platform.candidate()
    application = await draft(anna)
    added = await _attach(anna, application, "AM_Diploma.pdf", pdf())
    assert added.status_code == 201
    path = f"{API}/{application}/attachments/{added.json()['id']}"
    got = await anna.api("GET", path)
    assert (got.content, got.headers["content-type"]) == (pdf(), "application/pdf")
    assert got.headers["content-disposition"] == 'attachment; filename="AM_Diploma.pdf"'
    assert (await ben.api("GET", path)).status_code == 404
    assert (await ben.api("DELETE", path)).status_code == 404
    assert (await anna.api("DELETE", path)).status_code == 204
    assert (await anna.api("GET", path)).status_code == 404
    pool = platform.service("applications").kernel.pool
    assert await pool.fetchval("select count(*) from file_holders where holder::text = $1", added.json()["id"]) == 0


NOT_ACCEPTED = {
    "too large": ("AM_Big.png", picture("PNG") + b"\0" * 1_000_000),
    "accents": ("Mon diplôme.pdf", pdf()),
    "script": ("AM_Diploma.pdf", b"%PDF-1.7\n#!/bin/sh"),
    "another type": ("AM_Diploma.pdf", picture("PNG")),
    "GIF": ("AM_Movie.gif", picture("GIF")),
    "empty": ("AM_Empty.pdf", b""),
}


@pytest.mark.rule("R61")
@pytest.mark.rule("R62")
async def test_a_file_that_is_not_accepted_stores_nothing(platform: Kit) -> None:
    anna = await platform.candidate()
    application = await draft(anna)
    for what, (name, content) in NOT_ACCEPTED.items():
        refused = await _attach(anna, application, name, content)
        assert (refused.status_code, set(fields(refused))) == (422, {"file"}), what
    assert (await anna.api("GET", f"{API}/{application}")).json()["attachments"] == []


@pytest.mark.rule("R31")
@pytest.mark.rule("R38")
@pytest.mark.rule("R41")
@pytest.mark.rule("R52")
async def test_a_complete_application_is_submitted_and_confirmed_by_mail(platform: Kit) -> None:
    vacancy, anna = await publish(platform), await applicant(platform, language="fr")
    application = await draft(anna, vacancy)
    saved = await fill(anna, application)
    stale = await submit(anna, application, saved["revision"] - 1)
    assert stale.status_code == 409
    sent = (await submit(anna, application, saved["revision"])).json()
    assert sent["status"] == "applied"
    [row] = (await anna.api("GET", API)).json()
    assert (row["status"], row["job_opening_number"]) == ("applied", vacancy["job_opening_number"])
    mail = await platform.mail(anna.email, "applications/mail/submitted")
    said = f"Votre candidature au poste « {vacancy['title']} » est bien reçue ({sent['reference']})"
    assert mail.subject.replace("\N{NO-BREAK SPACE}", " ") == said
    assert vacancy["job_opening_number"] in mail.text
    assert vacancy["job_opening_number"] in mail.html
    again = await submit(anna, application, saved["revision"])
    assert (again.status_code, again.json()["reference"]) == (200, sent["reference"])
    await platform.settled()
    assert len(platform.mails(anna.email, "applications/mail/submitted")) == 1


@pytest.mark.rule("R39")
async def test_the_terms_must_be_accepted(platform: Kit) -> None:
    vacancy, anna = await publish(platform), await applicant(platform)
    application = await draft(anna, vacancy)
    saved = await fill(anna, application)
    refused = await submit(anna, application, saved["revision"], accept=False)
    assert (refused.status_code, fields(refused)) == (422, ["terms"])


@pytest.mark.rule("R22")
async def test_what_blocks_is_listed_with_the_fields_of_application_and_profile(platform: Kit) -> None:
    vacancy, anna = await publish(platform), await platform.candidate(language="fr")
    application = await draft(anna, vacancy)
    saved = await fill(anna, application, {**SECTIONS, "screening": {"experience": "yes"}})
    listed = (await anna.api("GET", f"{API}/{application}/blockers")).json()["problems"]
    assert [problem["field"] for problem in listed] == ["profile", "screening.degree"]
    assert listed[0]["message"].startswith("Votre profil est complet à ")
    refused = await submit(anna, application, saved["revision"])
    assert (refused.status_code, fields(refused)) == (422, ["profile", "screening.degree"])


@pytest.mark.rule("R42")
async def test_one_application_for_each_vacancy_even_at_the_same_moment(platform: Kit) -> None:
    vacancy, anna = await publish(platform), await applicant(platform)
    drafts = [await draft(anna, vacancy) for _ in range(3)]
    revisions = [(await fill(anna, application))["revision"] for application in drafts]
    answers = await asyncio.gather(*(submit(anna, one, seen) for one, seen in zip(drafts, revisions, strict=True)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    rows = (await anna.api("GET", API)).json()
    assert sorted(row["status"] for row in rows) == ["applied", "draft", "draft"]


@pytest.mark.rule("R40")
async def test_a_submitted_application_cannot_be_edited_through_any_door(platform: Kit) -> None:
    vacancy, anna = await publish(platform), await applicant(platform)
    sent = await submitted(anna, vacancy)
    path = f"{API}/{sent['id']}"
    other = await publish(platform)
    answers = [
        await anna.api("PUT", f"{path}/sections/letter", json={"values": {"letter": "changed"}}),
        await anna.api("PUT", f"{path}/vacancy", json={"vacancy_id": other["id"]}),
        await _attach(anna, sent["id"], "AM_Late.pdf", pdf()),
        await anna.api("DELETE", path),
    ]
    assert [answer.status_code for answer in answers] == [409] * 4
    assert (await anna.api("GET", path)).json() == sent


@pytest.mark.rule("R43")
@pytest.mark.rule("R44")
async def test_withdrawing_does_not_free_the_vacancy(platform: Kit) -> None:
    vacancy, anna = await publish(platform), await applicant(platform)
    spare = await draft(anna, vacancy)
    ready = await fill(anna, spare)
    sent = await submitted(anna, vacancy)
    withdrawn = await anna.api("POST", f"{API}/{sent['id']}/withdrawal")
    assert withdrawn.json()["status"] == "withdrawn"
    assert (await submit(anna, spare, ready["revision"])).status_code == 409
    refused = await anna.api("POST", API, json={"confirmed": True, "vacancy_id": vacancy["id"]})
    assert (refused.status_code, fields(refused)) == (409, ["vacancy"])


async def test_hr_reads_the_frozen_file_and_sets_its_status_once(platform: Kit) -> None:
    vacancy, anna, hr = await publish(platform), await applicant(platform), await platform.machine("hr")
    application = await draft(anna, vacancy)
    file = (await _attach(anna, application, "AM_Diploma.pdf", pdf())).json()["id"]
    saved = await fill(anna, application)
    path = f"/applications/api/submitted/{application}"
    assert (await hr.api("GET", path)).status_code == 404
    assert (await submit(anna, application, saved["revision"])).status_code == 200
    await anna.api("PUT", "/profile/api/contact", json={"values": {"phone": "+33 9 99 99 99 99"}})
    await platform.settled()
    read = (await hr.api("GET", path)).json()
    assert read["snapshot"]["sections"] == {"screening": ANSWERS, **SECTIONS}
    assert read["snapshot"]["profile"]["contact"]["phone"] == "+33 1 23 45 67 89"
    assert read["current_contact"]["phone"] == "+33 9 99 99 99 99"
    assert (await hr.api("GET", f"{path}/attachments/{file}")).content == pdf()
    status = f"{path}/status"
    moved = await hr.api("POST", status, json={"status": "under_consideration", "reason": "Longlisted"})
    assert moved.json()["status"] == "under_consideration"
    again = await hr.api("POST", status, json={"status": "under_consideration"})
    assert again.json()["timeline"] == moved.json()["timeline"]
    assert [step["status"] for step in moved.json()["timeline"]] == ["draft", "applied", "under_consideration"]
    assert (await hr.api("POST", status, json={"status": "rostered"})).json()["status"] == "rostered"
    assert (await hr.api("POST", status, json={"status": "selected"})).status_code == 409
    assert (await anna.api("POST", status, json={"status": "selected"})).status_code == 403
    mails = [await platform.mail(anna.email, "applications/mail/status", count) for count in (1, 2)]
    assert "Longlisted" in mails[0].text
    assert "Rostered" in mails[1].subject


@pytest.mark.rule("R27")
async def test_the_pdf_of_a_submitted_application_never_changes(platform: Kit) -> None:
    vacancy, anna, hr = await publish(platform), await applicant(platform), await platform.machine("hr")
    sent = await submitted(anna, vacancy)
    first = await anna.api("GET", f"{API}/{sent['id']}/php")
    assert first.headers["content-type"] == "application/pdf"
    assert first.headers["content-disposition"] == f'attachment; filename="PHP-{sent["reference"]}.pdf"'
    await anna.api("PUT", "/profile/api/contact", json={"values": {"phone": "+33 9 99 99 99 99"}})
    await anna.api("POST", f"{API}/{sent['id']}/withdrawal")
    await platform.settled()
    assert (await anna.api("GET", f"{API}/{sent['id']}/php")).content == first.content
    assert (await hr.api("GET", f"/applications/api/submitted/{sent['id']}/php")).content == first.content


async def test_a_cancelled_vacancy_ends_applications_and_leaves_drafts_their_text(platform: Kit) -> None:
    vacancy, anna, ben = await publish(platform), await applicant(platform), await applicant(platform, language="fr")
    sent, kept = await submitted(ben, vacancy), await draft(anna, vacancy)
    await fill(anna, kept)
    hr = await platform.machine("hr")
    await platform.settled()  # Who is aimed at it a moment before is told a minute later.
    path = f"/vacancies/api/vacancies/{vacancy['id']}/cancellation"
    assert (await hr.api("PUT", path, json={"reason": "Budget"})).status_code == 200
    await platform.settled()

    async def ended() -> bool:
        return bool((await ben.api("GET", f"{API}/{sent['id']}")).json()["status"] == "cancelled")

    await until(ended, "the end of the application")
    mail = await platform.mail(ben.email, "applications/mail/cancelled")
    assert "Budget" in mail.text
    assert "Budget" in (await platform.mail(anna.email, "applications/mail/untargeted")).text
    hub = (await anna.get(f"/applications/{kept}")).text
    assert f"has been cancelled: Economist ({vacancy['job_opening_number']})" in hub
    assert "is not linked to a job opening yet" not in hub
    assert f'<a href="/applications/{kept}/vacancy" class="govuk-button">Choose another job opening</a>' in hub
    left = (await anna.api("GET", f"{API}/{kept}")).json()
    assert left["vacancy"] is None
    assert left["sections"]["letter"]["values"] == SECTIONS["letter"]
    refused = await anna.api("PUT", f"{API}/{kept}/vacancy", json={"vacancy_id": vacancy["id"]})
    assert refused.status_code == 409


async def test_an_amended_vacancy_asks_its_drafts_anew(platform: Kit) -> None:
    vacancy, anna, hr = await publish(platform), await applicant(platform), await platform.machine("hr")
    application = await draft(anna, vacancy)
    await fill(anna, application)
    questions = [vacancy["questions"][0], {**vacancy["questions"][1], "text": {"en": "Your highest degree?"}}]
    notice = {
        name: vacancy[name] for name in ("title", "description", "family", "level", "duty_stations", "department")
    }
    amended = await hr.api("PUT", f"/vacancies/api/vacancies/{vacancy['id']}", json={**notice, "questions": questions})
    assert amended.status_code == 200, amended.text
    await platform.settled()

    async def followed() -> bool:
        read = (await anna.api("GET", f"{API}/{application}")).json()
        return bool(read["vacancy"]["vacancy_version"] == 2)

    await until(followed, "the draft to follow")
    read = (await anna.api("GET", f"{API}/{application}")).json()
    assert read["sections"]["screening"]["values"] == {"experience": "yes"}


@pytest.mark.rule("R45")
async def test_after_the_deadline_nothing_is_submitted_and_an_extension_reopens(platform: Kit) -> None:
    vacancy, anna, hr = await publish(platform), await applicant(platform), await platform.machine("hr")
    application = await draft(anna, vacancy)
    saved = await fill(anna, application)
    later = (today() + timedelta(days=60)).isoformat()
    extended = await hr.api("PUT", f"/vacancies/api/vacancies/{vacancy['id']}/deadline", json={"closes_on": later})
    assert extended.status_code == 200, extended.text
    await platform.settled()
    assert (await submit(anna, application, saved["revision"])).status_code == 200


@pytest.mark.rule("R31")
async def test_a_galaxy_notice_cannot_be_applied_to(platform: Kit) -> None:
    anna, hr = await platform.candidate(), await platform.machine("hr")
    notice = {
        "job_opening_number": f"G-{uuid4().hex[:8]}",
        "language": "en",
        "title": "Interpreter",
        "description": "<p>Galaxy.</p>",
        "family": "ECO",
        "level": "P-3",
        "duty_stations": [{"code": "GENEVA"}],
        "department": "DESA",
        "closes_on": (today() + timedelta(days=30)).isoformat(),
    }
    listed = await hr.api("POST", "/vacancies/api/galaxy-notices", json=notice)
    assert listed.status_code == 201, listed.text
    await platform.settled()
    refused = await anna.api("POST", API, json={"confirmed": True, "vacancy_id": listed.json()["id"]})
    assert (refused.status_code, fields(refused)) == (409, ["vacancy"])


async def test_fifty_drafts_are_open_at_most(platform: Kit) -> None:
    anna = await platform.candidate()
    answers = [await anna.api("POST", API, json={"confirmed": True, "start": "start_blank"}) for _ in range(51)]
    assert [answer.status_code for answer in answers] == [201] * 50 + [409]
    assert (await anna.api("DELETE", f"{API}/{answers[0].json()['id']}")).status_code == 204
    assert (await anna.api("POST", API, json={"confirmed": True, "start": "start_blank"})).status_code == 201


async def test_nobody_else_reaches_a_candidates_application(platform: Kit) -> None:
    anna = await platform.candidate()
    path = f"{API}/{await draft(anna)}"
    calls: list[tuple[str, str, Any]] = [
        ("GET", path, None),
        ("DELETE", path, None),
        ("PUT", f"{path}/sections/letter", {"values": {}}),
        ("PUT", f"{path}/vacancy", {"vacancy_id": str(uuid4())}),
        ("GET", f"{path}/blockers", None),
        ("GET", f"{path}/php", None),
        ("POST", f"{path}/submission", {"revision": 1, "accept_terms": True}),
        ("POST", f"{path}/withdrawal", None),
        ("GET", path.replace("/applications/api/applications", "/applications/api/submitted"), None),
        ("POST", f"{path.replace('/api/applications', '/api/submitted')}/status", {"status": "selected"}),
    ]
    strangers = (
        (platform.visitor(), {401}),
        (await platform.candidate(), {403, 404}),
        (await platform.machine("hr"), {401, 404}),
        (await platform.machine("support"), {401, 403}),
    )
    for stranger, expected in strangers:
        statuses = [(await stranger.api(method, url, json=body)).status_code for method, url, body in calls]
        assert set(statuses) <= expected, statuses


async def test_what_cannot_be_read_is_refused_with_the_field_named(platform: Kit) -> None:
    anna = await platform.candidate()
    application = await draft(anna)
    path = f"{API}/{application}"
    wrong = await anna.api("PUT", f"{path}/sections/letter", json={"values": {"letter": 7}, "seen": -1})
    assert wrong.status_code == 422
    assert any(re.match(r"values\.letter", field) for field in fields(wrong))
    unknown = await anna.api("PUT", f"{path}/sections/letter", json={"values": {"salary": "1"}})
    assert (unknown.status_code, fields(unknown)) == (422, ["salary"])
    assert (await anna.api("PUT", f"{path}/sections/salary", json={"values": {}})).status_code == 404
    assert (await anna.api("GET", f"{API}/nothing")).status_code == 422
    assert (await anna.api("GET", f"{API}/{uuid4()}")).status_code == 404


@pytest.mark.rule("R30")
async def test_a_text_is_as_long_at_this_door_as_on_the_page(platform: Kit) -> None:
    """10,000 signs, half of them line ends, which Windows and forms write as two."""
    anna = await platform.candidate()
    application = await draft(anna)
    letter = {**SECTIONS["letter"], "letter": "a\r\n" * 4_999 + "ab"}
    read = (await anna.api("PUT", f"{API}/{application}/sections/letter", json={"values": letter})).json()
    assert (read["sections"]["letter"]["problems"], read["sections"]["letter"]["progress"]) == ([], "completed")
    kept = read["sections"]["letter"]["values"]["letter"]
    assert (len(kept), kept) == (10_000, letter["letter"].replace("\r\n", "\n"))
    page = f"/applications/{application}/letter"
    await anna.post_form(page, {**letter, "_action": "save"})
    again = (await anna.api("GET", f"{API}/{application}")).json()["sections"]["letter"]
    assert again["values"]["letter"] == kept
