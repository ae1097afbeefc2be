"""The one list of statuses: what each can follow, and what that means for deciding, withdrawing, views and mails."""

from collections.abc import Sequence
from typing import cast, get_args

import pytest

from services.applications.domain.application import APPLICATION
from services.applications.domain.commands import ChangeStatus, WithdrawApplication
from services.applications.events import (
    ApplicationEvent,
    ApplicationMovedUnderConsideration,
    ApplicationOutcomeRecorded,
    ApplicationWithdrawn,
    Outcome,
    SetByHr,
    Status,
    StatusReached,
    reason_of,
    status_after,
)
from services.applications.projections import APPLICATION as VIEW
from services.applications.projections import APPLICATIONS_OF
from services.applications.reactions import ALL
from shared.model.errors import Conflict
from shared.model.testing import given, history
from tests.applications.values import ANNA, DRAFT, submitted

BY_HR: tuple[SetByHr, ...] = (Status.UNDER_CONSIDERATION, *get_args(Outcome))
REACHED = [status for status in Status if status is not Status.DRAFT]


def to(status: Status) -> list[ApplicationEvent]:
    """A past that ends in this status, by the shortest way."""
    if status is Status.APPLIED:
        return [*submitted()]
    before = to(next(iter(sorted(status.predecessors))))
    if status is Status.WITHDRAWN:
        return [*before, ApplicationWithdrawn(candidate_id=ANNA)]
    if status is Status.UNDER_CONSIDERATION:
        return [*before, ApplicationMovedUnderConsideration(candidate_id=ANNA, reason="Why")]
    outcome = cast(Outcome, status)
    return [*before, ApplicationOutcomeRecorded(candidate_id=ANNA, outcome=outcome, reason="Why")]


def test_the_codes_are_those_of_stored_documents() -> None:
    assert [status.value for status in Status] == [
        "draft", "applied", "under_consideration", "selected", "rostered", "recruitment_completed",
        "filled_from_roster", "cancelled", "withdrawn",
    ]  # fmt: skip


@pytest.mark.parametrize("status", Status)
def test_a_status_has_words_and_follows_only_others(status: Status) -> None:
    assert status.label
    assert status.meaning.endswith(".")
    assert status not in status.predecessors
    assert bool(status.predecessors) is (status is not Status.DRAFT)
    assert Status.of(status.value) is status


def test_every_final_status_but_withdrawal_is_an_outcome_that_hr_can_set() -> None:
    assert {status for status in Status if status.final} == {*get_args(Outcome), Status.WITHDRAWN}
    assert set(Status) - {Status.DRAFT, Status.APPLIED, Status.WITHDRAWN} == set(BY_HR)
    assert {status for status in Status if status.withdrawable} == {Status.APPLIED, Status.UNDER_CONSIDERATION}


@pytest.mark.parametrize("after", BY_HR)
@pytest.mark.parametrize("before", REACHED)
def test_hr_sets_a_status_only_after_those_it_follows(before: Status, after: SetByHr) -> None:
    outcome = given(APPLICATION, *to(before)).when(ChangeStatus(status=after, reason="So"))
    if after is before:
        outcome.then()
    elif before in after.predecessors:
        (event,) = cast(Sequence[ApplicationEvent], outcome.events)
        assert APPLICATION.evolve(APPLICATION.fold(to(before)), event).status is after
        assert getattr(event, "reason", "") == "So"
    else:
        refusal = outcome.refused(Conflict, "status")
        assert dict(refusal.problems[0].params) == {"before": before.value, "after": after.value}


@pytest.mark.rule("R43")
@pytest.mark.parametrize("status", REACHED)
def test_an_application_is_withdrawn_as_long_as_its_status_allows_it(status: Status) -> None:
    outcome = given(APPLICATION, *to(status)).when(WithdrawApplication(candidate_id=ANNA))
    if status is Status.WITHDRAWN:
        outcome.then()
    elif status.withdrawable:
        outcome.then(ApplicationWithdrawn(candidate_id=ANNA))
    else:
        outcome.refused(Conflict)


@pytest.mark.parametrize("status", REACHED)
def test_both_views_and_the_rules_agree_on_the_status_and_its_reason(status: Status) -> None:
    past = to(status)
    document, listed = None, None
    for event in history(f"application-{DRAFT}", *past):
        document = VIEW.evolve(document, event)
        if type(event.data) in APPLICATIONS_OF.on:
            listed = APPLICATIONS_OF.evolve(listed, event)
    assert document is not None
    assert listed is not None
    assert APPLICATION.fold(past).status is status
    assert document["status"] == listed["applications"][0]["status"] == status.value
    last = document["timeline"][-1]
    assert (last["status"], last["reason"]) == (status.value, "" if "Why" not in str(past[-1]) else "Why")


def test_whatever_changes_a_status_after_submission_is_told_by_mail_and_listed() -> None:
    changing = set(get_args(StatusReached))
    (reaction,) = [each for each in ALL if each.name == "status"]
    untold = changing - set(reaction.on)
    assert {kind.__name__ for kind in untold} == {
        "DraftCreated", "TermsAccepted", "ApplicationSubmitted", "DraftDiscarded", "PersonalDataErased"
    }  # fmt: skip
    assert changing <= set(APPLICATIONS_OF.on)


def test_a_fact_without_a_reason_of_hr_has_none() -> None:
    moved = ApplicationMovedUnderConsideration(candidate_id=ANNA, reason="Longlisted")
    assert (reason_of(moved), status_after(moved)) == ("Longlisted", Status.UNDER_CONSIDERATION)
    assert reason_of(ApplicationWithdrawn(candidate_id=ANNA)) == ""
