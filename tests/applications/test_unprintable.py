"""What the PDF cannot show is named beside its field and before submitting, and stands in the way of nothing."""

import pytest

from tests.applications.doors import API, applicant, draft, fill, publish, submit
from tests.applications.test_pages import start, text_of
from tests.applications.values import SECTIONS
from tests.platform import Kit
from tests.profile.values import COMPLETE

LETTER = {**SECTIONS["letter"], "letter": "I apply ᚠ for \ue000 this"}


@pytest.mark.rule("R12")
async def test_a_sign_that_cannot_be_printed_is_named_beside_its_field_at_saving(platform: Kit) -> None:
    anna = await platform.candidate()
    hub = await start(anna)
    saved = await anna.post_form(f"{hub}/letter", {**LETTER, "_action": "save"})
    assert (saved.status_code, saved.url.path) == (200, f"{hub}/letter")
    assert "I apply ᚠ for \ue000 this" in text_of(saved)
    error = saved.text[saved.text.index('class="govuk-error-message"') :]
    assert "contains characters that cannot be printed" in error[: error.index("</p>")]
    assert text_of(saved).count("ᚠ (U+16A0), \ue000 (U+E000)") == 2
    later = await anna.post_form(f"{hub}/letter", {**LETTER, "_action": "later"})
    assert later.url.path == hub
    assert "It contains characters that cannot be printed: they are listed before you submit" in text_of(later)
    plain = await anna.post_form(f"{hub}/letter", {**SECTIONS["letter"], "_action": "save"})
    assert "cannot be printed" not in text_of(plain)


async def test_an_entry_with_such_a_sign_is_shown_again_in_the_candidates_language(platform: Kit) -> None:
    anna = await platform.candidate(language="fr")
    hub = await start(anna)
    referee = {**SECTIONS["references"]["referees"][0], "name": "Rosa ᚠ"}
    saved = await anna.post_form(f"{hub}/references/referees/0", {**referee, "_action": "save"})
    assert saved.url.path == f"{hub}/references/referees/0"
    assert "ce texte contient des caractères qui ne peuvent pas être imprimés" in text_of(saved)
    assert 'value="Rosa ᚠ"' in saved.text


async def test_the_review_names_them_and_the_application_can_be_submitted_all_the_same(platform: Kit) -> None:
    vacancy, anna = await publish(platform), await applicant(platform)
    contact = {**COMPLETE["contact"], "birth_place": "Ur \U00012000"}
    stored = await anna.api("PUT", "/profile/api/contact", json={"values": contact})
    assert stored.status_code == 200
    profile = await anna.get("/profile/contact")
    assert "\U00012000 (U+12000)" in text_of(profile)
    await platform.settled()
    application = await draft(anna, vacancy)
    await fill(anna, application)
    saved = await anna.api("PUT", f"{API}/{application}/sections/letter", json={"values": LETTER})
    section = saved.json()["sections"]["letter"]
    assert (section["progress"], section["problems"]) == ("completed", [])
    assert [problem["field"] for problem in section["unprintable"]] == ["letter"]
    assert "ᚠ (U+16A0)" in section["unprintable"][0]["message"]
    review = await anna.get(f"/applications/{application}/review")
    shown = text_of(review)
    assert "You can submit it as it is, or change these fields" in shown
    assert "ᚠ (U+16A0), \ue000 (U+E000)" in shown
    assert "\U00012000 (U+12000)" in shown
    assert f'href="/applications/{application}/letter?check=1#letter"' in review.text
    assert 'href="/profile"' in review.text
    sent = await submit(anna, application, saved.json()["revision"])
    assert (sent.status_code, sent.json()["status"]) == (200, "applied")
    kept = sent.json()["sections"]["letter"]["values"]["letter"]
    assert kept == LETTER["letter"]
