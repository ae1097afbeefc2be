"""Reasonable accommodation: the rules, what a request leads to, both doors, and who reads it and who does not."""

import io
import json
import zipfile
from html import unescape
from typing import Any
from uuid import UUID

import pytest

from services.applications.domain.accommodation import (
    ACCOMMODATION,
    AskAccommodation,
    EraseAccommodation,
    RecordReading,
    WithdrawAccommodation,
)
from services.applications.events import DraftDiscarded
from services.applications.events.accommodation import (
    MOST_NEED,
    AccommodationChanged,
    AccommodationErased,
    AccommodationRead,
    AccommodationRequested,
    AccommodationWithdrawn,
)
from services.applications.projections import ACCOMMODATION as VIEW
from services.applications.projections import APPLICATION, CANDIDATE
from services.applications.reactions.accommodations import CONFIRM, DESTROY_ACCOMMODATION, END
from services.identity.events import PersonalDataErased
from services.vacancies.domain.openings import Opening, merging
from services.vacancies.domain.vacancy import VACANCY as VACANCIES
from shared.model.errors import Conflict, Gone, Invalid, NotFound
from shared.model.reaction import Do, Erase, Send
from shared.model.testing import given, history, recorded
from shared.web.environment import Web
from shared.web.mails import render_mail
from tests.applications.doors import API, applicant, draft, fill, publish, submit, submitted
from tests.applications.rules.effects import effects
from tests.applications.test_erased_doors import until_gone
from tests.applications.test_projections import folded, of
from tests.applications.values import ANNA, BEN, DRAFT
from tests.applications.values import CANDIDATE as WHO
from tests.applications.values import submitted as submission
from tests.platform import Candidate, Kit, Visitor

STREAM = f"accommodation-{DRAFT}"
NEED: dict[str, Any] = {"need": "An interpreter (LSF)", "steps": ["interview", "written_test"], "contact": ""}
ASKED = AccommodationRequested(candidate_id=ANNA, need=NEED["need"], steps=("written_test", "interview"))
CHANGED = AccommodationChanged(candidate_id=ANNA, need="More time", steps=("other",), contact="Door 3")
WITHDRAWN, ERASED = AccommodationWithdrawn(candidate_id=ANNA), AccommodationErased(candidate_id=ANNA)
READ = AccommodationRead(reader="machine:a")
HR = "/applications/api/submitted"


def asking(candidate: UUID = ANNA, *, is_open: bool = True, **values: Any) -> AskAccommodation:
    return AskAccommodation(candidate_id=candidate, values={**NEED, **values}, is_open=is_open)


def test_it_is_asked_changed_withdrawn_and_asked_again() -> None:
    given(ACCOMMODATION).when(asking(need=f" {NEED['need']} ")).then(ASKED)
    given(ACCOMMODATION, ASKED).when(asking()).then()
    given(ACCOMMODATION, ASKED).when(asking(need="More time", steps=["other"], contact="Door 3")).then(CHANGED)
    given(ACCOMMODATION, ASKED, CHANGED).when(WithdrawAccommodation(candidate_id=ANNA)).then(WITHDRAWN)
    given(ACCOMMODATION, ASKED, WITHDRAWN).when(WithdrawAccommodation(candidate_id=ANNA)).then()
    given(ACCOMMODATION, ASKED, WITHDRAWN).when(asking()).then(ASKED)
    given(ACCOMMODATION).when(WithdrawAccommodation(candidate_id=ANNA)).then()


@pytest.mark.parametrize(
    "wrong",
    [{"need": " "}, {"need": "x" * (MOST_NEED + 1)}, {"steps": []}, {"steps": ["lunch"]}, {"contact": "x" * 201}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_what_is_needed_and_for_which_step_is_said_within_bounds(wrong: dict[str, Any]) -> None:
    given(ACCOMMODATION).when(asking(**wrong)).refused(Invalid, *wrong)


def test_only_its_candidate_asks_while_the_application_is_open_and_withdraws_at_any_time() -> None:
    given(ACCOMMODATION, ASKED).when(asking(BEN)).refused(NotFound)
    given(ACCOMMODATION, ASKED).when(WithdrawAccommodation(candidate_id=BEN)).refused(NotFound)
    given(ACCOMMODATION).when(asking(is_open=False)).refused(Conflict)
    given(ACCOMMODATION, ASKED).when(WithdrawAccommodation(candidate_id=ANNA)).then(WITHDRAWN)


def test_each_reader_of_each_version_is_recorded_once_and_none_where_there_is_nothing_to_read() -> None:
    reading = RecordReading(by="machine:a")
    given(ACCOMMODATION, ASKED).when(reading).then(READ)
    given(ACCOMMODATION, ASKED, READ).when(reading).then()
    given(ACCOMMODATION, ASKED, READ).when(RecordReading(by="b")).then(AccommodationRead(reader="b"))
    given(ACCOMMODATION, ASKED, READ, CHANGED).when(reading).then(READ)
    for past in ((), (ASKED, WITHDRAWN), (ASKED, ERASED)):
        given(ACCOMMODATION, *past).when(reading).then()


def test_once_erased_nothing_is_asked_any_more() -> None:
    given(ACCOMMODATION, ASKED).when(EraseAccommodation()).then(ERASED)
    for past in ((), (ASKED, ERASED)):
        given(ACCOMMODATION, *past).when(EraseAccommodation()).then()
    given(ACCOMMODATION).when(EraseAccommodation(candidate_id=ANNA)).then(ERASED)
    given(ACCOMMODATION, ERASED).when(EraseAccommodation(candidate_id=ANNA)).then()
    given(ACCOMMODATION, ERASED).when(asking()).refused(Gone)
    given(ACCOMMODATION, ASKED, ERASED).when(asking()).refused(Gone)
    given(ACCOMMODATION, ASKED, ERASED).when(WithdrawAccommodation(candidate_id=ANNA)).then()


def test_the_view_tells_what_stands_and_nothing_of_what_does_not() -> None:
    def after(*events: Any) -> Any:
        document = None
        for event in history(STREAM, *events):
            document = VIEW.evolve(document, event)
        return document

    assert (after(ASKED)["status"], after(ASKED)["read_at"]) == ("requested", None)
    assert after(ASKED, READ)["read_at"]
    assert (after(ASKED, READ, CHANGED)["need"], after(ASKED, READ, CHANGED)["read_at"]) == ("More time", None)
    for end, status in ((WITHDRAWN, "withdrawn"), (ERASED, "erased")):
        document = after(ASKED, READ, end)
        assert (document["status"], document["need"], document["steps"], document["contact"]) == (status, "", [], "")
    assert (after(READ), after(ERASED)) == (None, None)
    gone = recorded(ASKED.model_copy(update={"need": "", "steps": ()}), STREAM)._replace(erased=True)
    emptied = VIEW.evolve(None, gone)
    assert emptied is not None
    assert emptied["status"] == "erased"


@pytest.mark.parametrize("fact", [ASKED, CHANGED, WITHDRAWN], ids=lambda fact: type(fact).__name__)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_mail_confirms_it_and_does_not_repeat_it(fact: Any, language: str) -> None:
    who = {**WHO.model_dump(mode="json"), "language": language}
    documents: dict[str, Any] = {
        APPLICATION.name: {str(DRAFT): folded(APPLICATION, of(*submission()), DRAFT)}, CANDIDATE.name: {str(ANNA): who},
    }  # fmt: skip
    [mail] = effects(CONFIRM, fact, documents, STREAM)
    assert isinstance(mail, Send)
    params = {"public_url": "https://example.org", **mail.params}
    rendered = render_mail(mail.template, language, params, Web.of("applications"))
    for text in (rendered.subject, rendered.text, rendered.html):
        assert not any(said in text for said in ("interpreter", "More time", "Door 3"))
    assert f"/applications/{DRAFT}/accommodation" in rendered.text
    assert effects(CONFIRM, fact, {**documents, CANDIDATE.name: {}}, STREAM) == []


def test_it_goes_with_its_draft_and_with_its_file() -> None:
    for fact in (DraftDiscarded(candidate_id=ANNA), PersonalDataErased(goes=("file",), candidate_id=ANNA)):
        assert effects(END, fact, {}) == [Do(ACCOMMODATION, str(DRAFT), EraseAccommodation(candidate_id=ANNA))]
    assert effects(DESTROY_ACCOMMODATION, ERASED, {}, STREAM) == [Erase(STREAM)]


async def officer(platform: Kit, **options: str) -> Visitor:
    return await platform.machine("accommodations.read", **options)


async def asked(anna: Candidate, application: str, **values: Any) -> Any:
    return await anna.api("PUT", f"{API}/{application}/accommodation", json={**NEED, **values})


async def test_from_the_draft_to_whoever_arranges_it_and_to_nobody_else(platform: Kit) -> None:
    anna, vacancy = await applicant(platform), await publish(platform)
    application = await draft(anna, vacancy)
    assert (await asked(anna, application)).status_code == 204
    assert "interpreter (LSF)" not in (await platform.mail(anna.email, "applications/mail/accommodation")).text
    arranges = await officer(platform)
    assert (await arranges.api("GET", f"{HR}/{application}/accommodation")).status_code == 404
    ready = await fill(anna, application)
    assert (await submit(anna, application, ready["revision"])).status_code == 200
    await platform.settled()

    shown = await arranges.api("GET", f"{HR}/{application}/accommodation")
    assert (shown.status_code, shown.json()["need"]) == (200, NEED["need"])
    assert shown.json()["steps"] == ["written_test", "interview"]
    line = f"/applications/api/accommodations?vacancy_id={vacancy['id']}"
    [listed] = (await arranges.api("GET", line)).json()["requests"]
    assert (listed["application_id"], listed["status"]) == (application, "requested")
    stranger = await officer(platform, organisation="Elsewhere")
    assert (await stranger.api("GET", line)).json() == {"requests": [], "next": ""}
    assert (await stranger.api("GET", f"{HR}/{application}/accommodation")).status_code == 404

    hr = await platform.machine("hr")
    assert (await hr.api("GET", f"{HR}/{application}/accommodation")).status_code == 403
    for path in (f"{HR}/{application}", "/applications/api/events?limit=1000"):
        answer = await hr.api("GET", path)
        assert (answer.status_code, "interpreter (LSF)" in answer.text) == (200, False)
    assert "interpreter (LSF)" not in unescape((await anna.get(f"/applications/{application}")).text)
    mine = (await anna.api("GET", f"{API}/{application}/accommodation")).json()
    assert (mine["need"], mine["read_at"] is not None) == (NEED["need"], True)


async def test_the_list_goes_on_where_a_page_ended_and_names_what_is_submitted_alone(platform: Kit) -> None:
    vacancy, sent = await publish(platform), []
    anna, ben, carol = [await applicant(platform) for _ in range(3)]
    late = await draft(carol, vacancy)
    assert (await asked(carol, late)).status_code == 204
    for who in (anna, ben):
        application = (await submitted(who, vacancy))["id"]
        assert (await asked(who, application)).status_code == 204
        sent.append(application)
    assert (await asked(anna, await draft(anna))).status_code == 204
    await platform.settled()
    arranges, path = await officer(platform), f"/applications/api/accommodations?vacancy_id={vacancy['id']}&limit=1"
    first = (await arranges.api("GET", path)).json()
    last = (await arranges.api("GET", f"{path}&after={first['next']}")).json()
    assert (await submit(carol, late, (await fill(carol, late))["revision"])).status_code == 200
    await platform.settled()
    on = (await arranges.api("GET", f"{path}&limit=9&after={first['next']}")).json()["requests"]
    assert [each["application_id"] for each in on] == [sent[1], late]
    found = [each["application_id"] for page in (first, last) for each in page["requests"]]
    assert (found, last["next"]) == (sent, "")
    everything = (await arranges.api("GET", "/applications/api/accommodations?limit=500")).json()["requests"]
    assert all(each["vacancy_id"] for each in everything)
    assert (await arranges.api("GET", f"{path}&after=nowhere")).status_code == 422


async def test_what_is_withdrawn_is_told_to_nobody_and_the_page_asks_before(platform: Kit) -> None:
    anna = await applicant(platform)
    application = (await submitted(anna, await publish(platform)))["id"]
    path = f"/applications/{application}/accommodation"
    refused = await anna.post_form(path, {"need": "", "steps": "interview"})
    assert refused.status_code == 422
    done = await anna.post_form(path, {"need": "A ramp", "steps": "interview"})
    assert "Your request is saved" in done.text
    assert "A ramp" in done.text
    assert (await anna.post_form(f"{path}/withdraw", {})).url.path == f"/applications/{application}"
    assert (await anna.api("GET", f"{API}/{application}/accommodation")).status_code == 404
    arranges = await officer(platform)
    told = (await arranges.api("GET", f"{HR}/{application}/accommodation")).json()
    assert (told["status"], told["need"]) == ("withdrawn", "")
    assert "Send the request" in (await anna.get(path)).text
    assert (await anna.api("POST", f"{API}/{application}/withdrawal", json={})).status_code == 200
    assert (await asked(anna, application)).status_code == 409
    over = await anna.get(path)
    assert (over.status_code, "Send the request" in over.text) == (200, False)


async def test_a_request_for_a_notice_that_is_merged_now_is_listed_with_the_vacancy_that_it_is_part_of(
    platform: Kit,
) -> None:
    anna, of_its_own, whole = await applicant(platform), await publish(platform), await publish(platform)
    application = (await submitted(anna, of_its_own))["id"]
    assert (await asked(anna, application)).status_code == 204
    vacancies = platform.service("vacancies").kernel
    first, twin = [(UUID(each["id"]), await vacancies.state(VACANCIES, each["id"])) for each in (whole, of_its_own)]
    twins: Any = (twin,)
    await vacancies.execute_all(*(Do(VACANCIES, *step) for step in merging(Opening(*first, twins))))
    await platform.settled()
    line = f"/applications/api/accommodations?vacancy_id={whole['id']}"
    listed = (await (await officer(platform)).api("GET", line)).json()["requests"]
    assert [each["application_id"] for each in listed] == [application]


async def test_it_is_handed_out_with_the_candidate_s_data_and_goes_with_the_file(platform: Kit) -> None:
    anna = await applicant(platform)
    application = (await submitted(anna, await publish(platform)))["id"]
    assert (await asked(anna, application)).status_code == 204
    await platform.settled()
    data = await anna.get("/applications/my-data")
    held = json.loads(zipfile.ZipFile(io.BytesIO(data.content)).read("applications.json"))
    assert [each["need"] for each in held["accommodations"]] == [NEED["need"]]
    hr = await platform.machine("hr")
    assert (await hr.api("DELETE", f"{HR}/{application}/file")).status_code == 204
    await until_gone(platform, f"accommodation-{application}")
    assert (await (await officer(platform)).api("GET", f"{HR}/{application}/accommodation")).status_code == 410
