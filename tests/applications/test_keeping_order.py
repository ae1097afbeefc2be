"""Names of drafts and the archive: rules, views, both doors, and the Careers page."""

import re
from functools import reduce
from html import unescape
from typing import Any
from uuid import UUID

import pytest

from services.applications.domain.application import APPLICATION
from services.applications.domain.commands import (
    ArchiveApplication,
    ChangeStatus,
    EraseFile,
    NameDraft,
    RestoreApplication,
    WithdrawApplication,
)
from services.applications.events import ApplicationArchived, ApplicationRestored, DraftNamed, Status
from services.applications.projections import APPLICATION as VIEW
from services.applications.projections import APPLICATIONS_OF
from shared.model.errors import Conflict, Invalid, NotFound
from shared.model.testing import given, history
from tests.applications.doors import API, applicant, draft, publish, submitted
from tests.applications.values import ANNA, BEN, READY
from tests.applications.values import submitted as submission
from tests.platform import Candidate, Kit

SUBMITTED = submission()
STREAM = f"application-{UUID(int=7)}"
NAMED = DraftNamed(candidate_id=ANNA, name="For Geneva")
ARCHIVED, RESTORED = ApplicationArchived(candidate_id=ANNA), ApplicationRestored(candidate_id=ANNA)
ARCHIVE, RESTORE = ArchiveApplication(candidate_id=ANNA), RestoreApplication(candidate_id=ANNA)
ENDS: dict[str, tuple[Any, ...]] = {
    "withdrawn": (WithdrawApplication(candidate_id=ANNA),),
    "cancelled": (ChangeStatus(status=Status.UNDER_CONSIDERATION), ChangeStatus(status=Status.CANCELLED)),
    "selected": (ChangeStatus(status=Status.UNDER_CONSIDERATION), ChangeStatus(status=Status.SELECTED)),
    "erased": (WithdrawApplication(candidate_id=ANNA), EraseFile()),
}


def named(name: str, candidate: Any = ANNA) -> NameDraft:
    return NameDraft(candidate_id=candidate, name=name)


def test_a_draft_gets_a_name_another_one_and_none() -> None:
    given(APPLICATION, *READY).when(named("  For \n Geneva ")).then(NAMED)
    given(APPLICATION, *READY, NAMED).when(named("For Geneva")).then()
    given(APPLICATION, *READY, NAMED).when(named("For Nairobi")).then(DraftNamed(candidate_id=ANNA, name="For Nairobi"))
    given(APPLICATION, *READY, NAMED).when(named(" ")).then(DraftNamed(candidate_id=ANNA, name=""))


def test_a_name_is_bounded_the_candidate_s_own_and_a_draft_s() -> None:
    given(APPLICATION, *READY).when(named("x" * 80)).then(DraftNamed(candidate_id=ANNA, name="x" * 80))
    given(APPLICATION, *READY).when(named("x" * 81)).refused(Invalid, "name")
    given(APPLICATION, *READY).when(named("Mine", BEN)).refused(NotFound)
    given(APPLICATION, *SUBMITTED).when(named("Too late")).refused(Conflict)


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_what_is_over_is_archived_and_taken_back(end: tuple[Any, ...]) -> None:
    past = given(APPLICATION, *SUBMITTED).after(*end).events
    given(APPLICATION, *past).when(RESTORE).then()
    given(APPLICATION, *past).when(ARCHIVE).then(ARCHIVED)
    given(APPLICATION, *past, ARCHIVED).when(ARCHIVE).then()
    given(APPLICATION, *past, ARCHIVED).when(RESTORE).then(RESTORED)
    given(APPLICATION, *past, ARCHIVED, RESTORED).when(ARCHIVE).then(ARCHIVED)
    given(APPLICATION, *past).when(ArchiveApplication(candidate_id=BEN)).refused(NotFound)


def test_what_goes_on_is_not_archived() -> None:
    considered = given(APPLICATION, *SUBMITTED).after(ChangeStatus(status=Status.UNDER_CONSIDERATION)).events
    for past in (READY, SUBMITTED, considered):
        given(APPLICATION, *past).when(ARCHIVE).refused(Conflict)


def test_archiving_changes_nothing_else() -> None:
    past = given(APPLICATION, *SUBMITTED).after(*ENDS["withdrawn"]).events
    before = reduce(VIEW.evolve, history(STREAM, *past), None)
    after = reduce(VIEW.evolve, history(STREAM, *past, ARCHIVED), None)
    assert before is not None
    assert after == {**before, "archived": True}
    assert (after["revision"], after["status"]) == (before["revision"], Status.WITHDRAWN)


def listed(*events: Any) -> list[Any]:
    told = [event for event in history(STREAM, *events) if type(event.data) in APPLICATIONS_OF.on]
    document: Any = reduce(APPLICATIONS_OF.evolve, told, None)
    return [(row.get("name", ""), row.get("archived", False)) for row in document["applications"]]


def test_the_candidate_s_list_has_both() -> None:
    assert listed(*READY) == [("", False)]
    assert listed(*READY, NAMED) == [("For Geneva", False)]
    assert listed(*READY, NAMED, SUBMITTED[-1]) == [("", False)]
    past = given(APPLICATION, *SUBMITTED).after(*ENDS["withdrawn"]).events
    assert listed(*past, ARCHIVED) == [("", True)]
    assert listed(*past, ARCHIVED, RESTORED) == [("", False)]


def cards(page: Any) -> list[str]:
    """The ids of the applications that the Careers page shows, in order."""
    return re.findall(r'<article class="govuk-summary-card" id="application-([\w-]+)"', page.text)


async def withdrawn(platform: Kit, anna: Candidate) -> str:
    application = str((await submitted(anna, await publish(platform)))["id"])
    assert (await anna.api("POST", f"{API}/{application}/withdrawal")).status_code == 200
    return application


async def test_a_name_is_seen_in_the_hub_the_lists_and_on_the_careers_page(platform: Kit) -> None:
    anna, vacancy = await applicant(platform), await publish(platform)
    application = await draft(anna, vacancy)
    refused = await anna.post_form(f"/applications/{application}/rename", {"name": "x" * 81})
    assert (refused.status_code, f'value="{"x" * 81}"' in refused.text) == (422, True)
    hub = await anna.post_form(f"/applications/{application}/rename", {"name": "For <b>Geneva</b>"})
    assert hub.url.path == f"/applications/{application}"
    pages = [hub, await anna.get("/careers"), await anna.get("/applications/new")]
    for page in pages:
        assert "For <b>Geneva</b>" in unescape(page.text)
        assert "<b>Geneva</b>" not in page.text
    assert [row["name"] for row in (await anna.api("GET", API)).json()] == ["For <b>Geneva</b>"]
    assert (await anna.api("GET", f"{API}/{application}")).json()["name"] == "For <b>Geneva</b>"
    overview = (await anna.api("GET", "/careers/api/overview")).json()
    assert [row["name"] for row in overview["applications"]] == ["For <b>Geneva</b>"]
    assert (await anna.api("PUT", f"{API}/{application}/name", json={"name": ""})).status_code == 204
    assert "Geneva</b>" not in unescape((await anna.get("/careers")).text)


async def test_the_archive_is_a_list_of_its_own_and_all_is_all(platform: Kit) -> None:
    anna = await applicant(platform)
    old, active = await withdrawn(platform, anna), await draft(anna, await publish(platform))
    assert cards(await anna.get("/careers")) == [active, old]
    done = await anna.post_form(f"/applications/{old}/archive", {}, page="/careers")
    assert (done.url.path, cards(done)) == ("/careers", [active])
    assert '<a class="govuk-link" href="/careers?show=archived">1 archived application</a>' in done.text
    assert cards(await anna.get("/careers?show=archived")) == [old]
    assert cards(await anna.get("/careers?show=all")) == [active, old]
    assert cards(await anna.get("/careers?show=withdrawn")) == [old]
    back = await anna.post_form(f"/applications/{old}/restore", {}, page=f"/applications/{old}")
    assert cards(back) == [active, old]
    assert "show=archived" not in back.text


async def test_at_the_json_door(platform: Kit) -> None:
    anna = await applicant(platform)
    old, active = await withdrawn(platform, anna), await draft(anna, await publish(platform))
    assert (await anna.api("PUT", f"{API}/{old}/archive")).status_code == 204
    assert (await anna.api("PUT", f"{API}/{active}/archive")).status_code == 409
    assert {row["id"]: row["archived"] for row in (await anna.api("GET", API)).json()} == {old: True, active: False}
    assert (await anna.api("DELETE", f"{API}/{old}/archive")).status_code == 204
    assert (await anna.api("GET", f"{API}/{old}")).json()["archived"] is False
