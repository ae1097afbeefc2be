"""Attachments as people have them, through the page and the JSON door: taken, or refused with what to do (R61)."""

import pytest

from tests.applications.doors import API, applicant, draft
from tests.platform import Kit
from tests.shared.files.awkward import AWKWARD, edited_phone_picture, phone_picture


@pytest.mark.rule("R61")
async def test_a_phone_s_picture_is_attached_and_comes_back_as_it_was(platform: Kit) -> None:
    anna = await applicant(platform)
    application = await draft(anna)
    path = f"/applications/{application}/attachments"
    page = await anna.post_form(path, {}, files={"file": ("IMG_1.jpg", phone_picture(), "image/jpeg")})
    assert "The file is attached" in page.text
    sent = {"file": ("IMG_2.jpg", edited_phone_picture(), "image/jpeg")}
    made = await anna.api("POST", f"{API}/{application}/attachments", files=sent)
    assert made.status_code == 201, made.text
    back = await anna.api("GET", f"{API}/{application}/attachments/{made.json()['id']}")
    assert (back.content, back.headers["content-type"]) == (edited_phone_picture(), "image/jpeg")


@pytest.mark.rule("R61")
async def test_each_file_that_is_not_taken_gets_its_own_sentence_through_both_doors(platform: Kit) -> None:
    anna = await applicant(platform)
    application = await draft(anna)
    for awkward in AWKWARD:
        said, sent = f"“{awkward.name}” {awkward.said}", {"file": (awkward.name, awkward.content, "")}
        page = await anna.post_form(f"/applications/{application}/attachments", {}, files=sent)
        assert (page.status_code, page.text.count(said)) == (422, 2), f"{awkward.name}: in the summary and at the field"
        answer = await anna.api("POST", f"{API}/{application}/attachments", files=sent)
        assert (answer.status_code, [each["message"] for each in answer.json()["errors"]]) == (422, [said])
    assert (await anna.api("GET", f"{API}/{application}")).json()["attachments"] == []


@pytest.mark.rule("R61")
async def test_the_sentences_are_there_in_french(platform: Kit) -> None:
    anna = await applicant(platform, language="fr")
    application = await draft(anna)
    for awkward in AWKWARD:
        sent = {"file": (awkward.name, awkward.content, "")}
        page = await anna.post_form(f"/applications/{application}/attachments", {}, files=sent)
        assert f"«\u00a0{awkward.name}\u00a0» " in page.text
        assert awkward.said not in page.text
