"""A CV through both doors: read from a file, shown beside the profile, taken where the candidate says so; and out."""

import html
import json
from typing import Any

import httpx

from tests.identity.test_expired_forms import come_back, expire
from tests.platform import Candidate, Kit, hidden_fields
from tests.profile.cv.test_round_trips import read_back
from tests.profile.cv.test_samples import SAMPLES
from tests.profile.values import COMPLETE, CV

IMPORT, TAKEN = "/profile/import", "/profile/import/taken"
EUROPASS = ("europass.xml", (SAMPLES / "europass-profile.xml").read_bytes(), "application/xml")


async def opened(platform: Kit, language: str = "en") -> Candidate:
    anna = await platform.candidate(language=language)
    await platform.settled()
    return anna


async def chosen(anna: Candidate, file: tuple[str, bytes, str] = EUROPASS) -> httpx.Response:
    return await anna.post_form(IMPORT, {}, files={"file": file})


async def values(anna: Candidate, section: str) -> Any:
    return (await anna.api("GET", f"/profile/api/{section}")).json()["values"]


async def test_what_a_file_says_is_shown_and_nothing_is_taken_before_somebody_says_so(platform: Kit) -> None:
    anna = await opened(platform)
    before = await values(anna, "contact")
    page = await chosen(anna)
    assert page.status_code == 200
    text = html.unescape(page.text)
    assert "Fill in: Main phone number" in text
    assert "Replace: Family name" in text
    assert "the file does not say the day" in text
    assert "Engineer of water works." in text
    assert "checked" not in text
    assert await values(anna, "contact") == before
    assert await values(anna, "education") == {}


async def test_only_what_is_ticked_is_taken(platform: Kit) -> None:
    anna = await opened(platform)
    form = hidden_fields((await chosen(anna)).text)
    answer = await anna.post(TAKEN, {**form, "take": ["contact.phone", "education.jobs.1"], "_action": "ticked"})
    assert answer.url.path == "/profile"
    assert "What you chose was taken into your profile" in answer.text
    contact = await values(anna, "contact")
    assert (contact["phone"], contact["family_name"]) == ("+48 601 234 567", anna.family_name)
    assert "gender" not in contact
    (job,) = (await values(anna, "education"))["jobs"]
    assert job["title"] == "Head of water works"


async def test_everything_new_is_taken_and_replaces_nothing_and_once_it_is_there_it_is_recognised(
    platform: Kit,
) -> None:
    anna = await opened(platform)
    form = hidden_fields((await chosen(anna)).text)
    await anna.post(TAKEN, {**form, "_action": "new"})
    contact = await values(anna, "contact")
    assert (contact["gender"], contact["family_name"]) == ("male", anna.family_name)
    assert len((await values(anna, "education"))["jobs"]) == 2
    shown = (await chosen(anna)).text
    again = html.unescape(shown)
    assert "Replace: Family name" in again
    assert "Add: Job" not in again
    assert "that your file says are in your profile already" in again
    nothing = await anna.post(TAKEN, {**hidden_fields(shown), "_action": "ticked"})
    assert nothing.status_code == 422
    assert "Tick what is to be taken" in nothing.text


async def test_a_section_that_was_saved_meanwhile_is_not_overwritten(platform: Kit) -> None:
    anna = await opened(platform)
    form = hidden_fields((await chosen(anna)).text)
    saved = {**await values(anna, "contact"), "phone": "+33 1 23 45 67 89"}
    await anna.api("PUT", "/profile/api/contact", json={"values": saved})
    wish = {**form, "take": ["contact.phone", "education.jobs.0"], "_action": "ticked"}
    refused = await anna.post(TAKEN, wish)
    assert refused.status_code == 409
    assert "saved in another window meanwhile" in refused.text
    assert "Replace: Main phone number" in refused.text
    assert (await values(anna, "contact"), await values(anna, "education")) == (saved, {})
    taken = await anna.post(TAKEN, {**wish, **hidden_fields(refused.text)})
    assert taken.url.path == "/profile"
    assert (await values(anna, "contact"))["phone"] == "+48 601 234 567"


async def test_all_that_is_ticked_is_taken_or_none(platform: Kit) -> None:
    anna = await opened(platform)
    form, before = hidden_fields((await chosen(anna)).text), await values(anna, "contact")
    saved = {"jobs": [{"title": "Clerk", "employer": "City"}]}
    await anna.api("PUT", "/profile/api/education", json={"values": saved})
    refused = await anna.post(TAKEN, {**form, "take": ["contact.phone", "education.jobs.0"], "_action": "ticked"})
    assert refused.status_code == 409
    assert (await values(anna, "contact"), await values(anna, "education")) == (before, saved)


async def test_an_entry_that_differs_is_shown_beside_what_is_there_and_can_be_replaced(platform: Kit) -> None:
    anna = await opened(platform)
    job = {"title": "Clerk", "employer": "City"}
    await anna.api("PUT", "/profile/api/education", json={"values": {"jobs": [{**job, "duties": "Mine"}]}})
    content = json.dumps({"work": [{"position": "Clerk", "name": "City", "summary": "Theirs"}]}).encode()
    page = await chosen(anna, ("cv.json", content, "application/json"))
    text = html.unescape(page.text).partition('id="take"')[2]
    assert "Replace: Job" in text
    assert text.index("In the file:") < text.index("Theirs") < text.index("In your profile:") < text.index("Mine")
    await anna.post(TAKEN, {**hidden_fields(page.text), "take": "education.jobs.0", "_action": "ticked"})
    assert await values(anna, "education") == {"jobs": [{**job, "duties": "Theirs"}]}


async def test_what_was_ticked_when_the_session_had_ended_is_found_again(platform: Kit) -> None:
    anna = await opened(platform)
    form = hidden_fields((await chosen(anna)).text)
    await expire(platform, anna)
    login = await anna.post(TAKEN, {**form, "take": "contact.phone", "_action": "ticked"})
    again = await come_back(anna, login)
    assert "Fill in: Main phone number" in again.text
    assert again.text.count(" checked>") == 1
    assert "phone" not in await values(anna, "contact")
    await anna.post(TAKEN, {**hidden_fields(again.text), "take": "contact.phone", "_action": "ticked"})
    assert (await values(anna, "contact"))["phone"] == "+48 601 234 567"


async def test_after_the_session_ended_nothing_can_be_taken_and_another_file_chosen(platform: Kit) -> None:
    anna = await opened(platform)
    form = hidden_fields((await chosen(anna)).text)
    await expire(platform, anna)
    again = await come_back(anna, await anna.post(TAKEN, {**form, "take": "contact.phone", "_action": "ticked"}))
    nothing = await anna.post(TAKEN, {**hidden_fields(again.text), "_action": "nothing"})
    assert nothing.url.path == "/profile"
    assert "phone" not in await values(anna, "contact")
    assert "Which files can be read" in (await anna.get(IMPORT)).text
    await expire(platform, anna)
    broken = await come_back(anna, await anna.post(TAKEN, {**form, "read": "[", "_action": "ticked"}))
    assert "Which files can be read" in broken.text


async def test_half_a_sign_in_a_file_is_left_out(platform: Kit) -> None:
    anna = await opened(platform)
    half = ("cv.json", rb'{"basics": {"phone": "+33 1 23 45 67 89"}, "in\ud800": "\ud800!"}', "application/json")
    page = await chosen(anna, half)
    assert (page.status_code, "<dt" in page.text) == (200, True)
    read = await anna.api("POST", "/profile/api/imports/read", files={"file": half})
    assert read.json()["not_taken"] == [{"where": "in", "words": "!"}]


async def test_as_much_as_a_section_holds_comes_back_from_the_page(platform: Kit) -> None:
    anna = await opened(platform)
    jobs = [{"position": f"Job {number}", "summary": "経\n" * 9_750} for number in range(10)]
    page = await chosen(anna, ("cv.json", json.dumps({"work": jobs}).encode(), "application/json"))
    form = {**hidden_fields(page.text), "_action": "new"}
    answer = await anna.post(TAKEN, form, files={"none": ("", b"")})
    assert answer.url.path == "/profile"
    kept = (await values(anna, "education"))["jobs"]
    assert [len(job["duties"]) for job in kept] == [19_499] * 10


async def test_a_file_that_is_no_cv_is_refused_in_the_reader_s_language(platform: Kit) -> None:
    anna = await opened(platform, "fr")
    for content, said in (
        (b"", "est vide"),
        (b"PK\x03\x04", "n’est pas l’un des fichiers qui peuvent être lus"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "déclare un type de document"),
        (b'{"name": "package"}', "ce n’est pas un CV connu ici"),
        (b"x" * 2_000_001, "dépasse 2 000 000 octets"),
    ):
        answer = await chosen(anna, ("mon-cv.json", content, "application/json"))
        assert answer.status_code == 422
        assert said in html.unescape(answer.text).replace("\u202f", " ").replace("\xa0", " "), said
    assert (await anna.post_form(IMPORT, {})).status_code == 422
    broken = {**hidden_fields((await anna.get(IMPORT)).text), "read": "[" * 2_000}
    assert (await anna.post(TAKEN, broken)).status_code == 422


async def test_the_json_door_reads_and_takes_the_same_and_taking_twice_changes_nothing(platform: Kit) -> None:
    anna = await opened(platform)
    read = (await anna.api("POST", "/profile/api/imports/read", files={"file": EUROPASS})).json()
    assert {each["state"] for each in read["proposals"]} == {"new", "differs"}
    assert "education.jobs.0.started_on" in read["rough"]
    ids = [each["id"] for each in read["proposals"] if each["state"] == "new"]
    wish = {"sections": read["sections"], "seen": read["seen"], "take": ids}
    answers = [await anna.api("POST", "/profile/api/imports", json=wish) for _ in range(2)]
    assert [answer.json() for answer in answers] == [{"taken": ids}] * 2
    assert (await anna.api("GET", "/profile/api/education")).json()["version"] == 1
    assert (await values(anna, "nationality"))["second_nationality"] == "FR"
    other = [each["id"] for each in read["proposals"] if each["state"] == "differs"]
    assert (await anna.api("POST", "/profile/api/imports", json={**wish, "take": other})).status_code == 409


async def test_what_is_saved_as_a_file_comes_back_into_another_profile(platform: Kit) -> None:
    anna, ben = await opened(platform), await opened(platform)
    whole = {**COMPLETE, **CV}
    for key, section in whole.items():
        saved = await anna.api("PUT", f"/profile/api/{key.replace('_', '-')}", json={"values": section})
        assert saved.status_code == 200, saved.text
    for wanted in ("postulo", "form"):
        page = await anna.get(f"/profile/export/{wanted}")
        door = await anna.api("GET", f"/profile/api/exports/{wanted}")
        assert read_back(page.content) == read_back(door.content) == whole
        assert "attachment" in page.headers["content-disposition"]
    for wanted in ("json-resume", "europass"):
        assert read_back((await anna.get(f"/profile/export/{wanted}")).content)["education"]["jobs"]
    mine = (await anna.get("/profile/export/postulo")).content
    read = (await ben.api("POST", "/profile/api/imports/read", files={"file": ("p.json", mine)})).json()
    everything = [each["id"] for each in read["proposals"]]
    await ben.api("POST", "/profile/api/imports", json={**_wish(read), "take": everything})
    assert {key: await values(ben, key.replace("_", "-")) for key in whole} == whole


def _wish(read: dict[str, Any]) -> dict[str, Any]:
    return {"sections": read["sections"], "seen": read["seen"]}


async def test_the_cv_has_pages_of_its_own_and_counts_towards_nothing(platform: Kit) -> None:
    anna = await opened(platform)
    percent = (await anna.api("GET", "/profile/api/completeness")).json()["percent"]
    entry = {"title": "Clerk", "employer": "City", "_action": "save"}
    page = await anna.post_form("/profile/education/jobs/0", entry)
    assert page.url.path == "/profile/education"
    assert "Clerk, City" in page.text
    assert "There is a problem" not in page.text
    saved = (await anna.api("GET", "/profile/api/education")).json()
    assert (saved["problems"], saved["percent"]) == ([], percent)
    assert "1 entry" in (await anna.get("/profile")).text
    wrong = await anna.post_form("/profile/skills", {"mother_tongue": "Klingon of Mars", "_action": "save"})
    assert "is not in the list" in wrong.text
