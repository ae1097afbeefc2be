"""Every status an application can have, and what HR, the candidate and the job opening can do in it."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given as forall
from hypothesis import strategies as some

from services.applications.domain.application import APPLICATION
from services.applications.domain.commands import ChangeStatus, FollowVacancy, WithdrawApplication
from services.applications.domain.slot import SLOT, ReserveSlot, slot_key
from services.applications.events import (
    ApplicationMovedUnderConsideration,
    ApplicationOutcomeRecorded,
    ApplicationWithdrawn,
    DraftDiscarded,
    SlotReserved,
    WithdrawalReason,
)
from services.applications.events.withdrawal import MOST
from shared.model.errors import Conflict, Invalid, NotFound
from shared.model.testing import given
from tests.applications.rules.streams import sentences
from tests.applications.values import (
    ANNA,
    BEN,
    CREATED,
    DRAFT,
    OTHER,
    READY,
    VACANCY,
    VACANCY_ID,
    submit,
    submitted,
)

SUBMITTED = submitted()
MOVED = ApplicationMovedUnderConsideration(candidate_id=ANNA)
WITHDRAWN = ApplicationWithdrawn(candidate_id=ANNA)
OUTCOMES = ("selected", "rostered", "recruitment_completed", "filled_from_roster", "cancelled")


def ended(outcome: Any, **more: str) -> ApplicationOutcomeRecorded:
    return ApplicationOutcomeRecorded(candidate_id=ANNA, outcome=outcome, **more)


PASTS: dict[str, tuple[Any, ...]] = {
    "applied": SUBMITTED,
    "under_consideration": (*SUBMITTED, MOVED),
    "withdrawn": (*SUBMITTED, WITHDRAWN),
    **{outcome: (*SUBMITTED, MOVED, ended(outcome)) for outcome in OUTCOMES},
}
WISHES = ("under_consideration", *OUTCOMES)
ALLOWED = {
    ("applied", "under_consideration"),
    ("applied", "cancelled"),
    *(("under_consideration", outcome) for outcome in OUTCOMES),
}


def change(status: Any, reason: str = "") -> ChangeStatus:
    return ChangeStatus(status=status, reason=reason)


@pytest.mark.parametrize(("before", "after"), list(product(PASTS, WISHES)))
def test_hr_leads_every_status_only_where_it_can_lead(before: str, after: Any) -> None:
    outcome = given(APPLICATION, *PASTS[before]).when(change(after, reason="So decided"))
    if before == after:
        outcome.then()
    elif (before, after) not in ALLOWED:
        refusal = outcome.refused(Conflict, "status")
        assert sentences(refusal) == [f"The status cannot change from {before} to {after}"]
    elif after == "under_consideration":
        outcome.then(ApplicationMovedUnderConsideration(candidate_id=ANNA, reason="So decided"))
    else:
        outcome.then(ended(after, reason="So decided"))


@pytest.mark.parametrize("status", WISHES)
@pytest.mark.parametrize(
    "past", [(), READY, (CREATED, DraftDiscarded(candidate_id=ANNA))], ids=["absent", "draft", "discarded"]
)
def test_for_hr_there_is_nothing_before_it_is_submitted(past: tuple[Any, ...], status: Any) -> None:
    refusal = given(APPLICATION, *past).when(change(status)).refused(NotFound)
    assert sentences(refusal) == ["There is no such application"]


@pytest.mark.rule("R43")
@pytest.mark.parametrize("status", PASTS)
def test_only_what_waits_for_a_decision_can_be_withdrawn(status: str) -> None:
    outcome = given(APPLICATION, *PASTS[status]).when(WithdrawApplication(candidate_id=ANNA))
    if status == "withdrawn":
        outcome.then()
    elif status in ("applied", "under_consideration"):
        outcome.then(WITHDRAWN)
    else:
        assert sentences(outcome.refused(Conflict)) == [
            "Only an application that was submitted and is not decided can be withdrawn"
        ]


@pytest.mark.parametrize("reason", [None, *WithdrawalReason])
def test_whoever_withdraws_may_say_why(reason: WithdrawalReason | None) -> None:
    wish = WithdrawApplication(candidate_id=ANNA, reason=reason, explanation=" I move to Peru.\n")
    given(APPLICATION, *SUBMITTED).when(wish).then(
        ApplicationWithdrawn(candidate_id=ANNA, reason=reason, explanation="I move to Peru.")
    )


def test_what_is_said_of_a_withdrawal_is_bounded() -> None:
    wish = WithdrawApplication(candidate_id=ANNA, explanation="x" * MOST)
    given(APPLICATION, *SUBMITTED).when(wish).then(ApplicationWithdrawn(candidate_id=ANNA, explanation="x" * MOST))
    longer = WithdrawApplication(candidate_id=ANNA, explanation="x" * (MOST + 1))
    given(APPLICATION, *SUBMITTED).when(longer).refused(Invalid, "explanation")


@pytest.mark.rule("R43")
@pytest.mark.parametrize("past", [READY, (CREATED, DraftDiscarded(candidate_id=ANNA))], ids=["draft", "discarded"])
def test_what_was_not_submitted_cannot_be_withdrawn(past: tuple[Any, ...]) -> None:
    given(APPLICATION, *past).when(WithdrawApplication(candidate_id=ANNA)).refused(Conflict)


@pytest.mark.rule("R43")
@pytest.mark.parametrize("past", [(), SUBMITTED], ids=["absent", "submitted"])
def test_nobody_else_can_withdraw_it(past: tuple[Any, ...]) -> None:
    given(APPLICATION, *past).when(WithdrawApplication(candidate_id=BEN)).refused(NotFound)


@pytest.mark.rule("R40")
@pytest.mark.parametrize("status", PASTS)
def test_pressing_submit_again_does_nothing_while_it_waits_and_is_refused_once_it_is_decided(status: str) -> None:
    outcome = given(APPLICATION, *PASTS[status]).when(submit(seen=0, terms_accepted=False, vacancy=None))
    if status in ("applied", "under_consideration"):
        outcome.then()
    else:
        outcome.refused(Conflict)


@pytest.mark.parametrize("status", PASTS)
def test_a_cancelled_vacancy_ends_an_application_where_hr_could_cancel_it(status: str) -> None:
    cancelled = VACANCY.model_copy(update={"state": "cancelled"})
    outcome = given(APPLICATION, *PASTS[status]).when(FollowVacancy(vacancy=cancelled, reason="No budget"))
    outcome.then(*([ended("cancelled", reason="No budget")] if (status, "cancelled") in ALLOWED else []))


COMMANDS = some.one_of(
    some.sampled_from(WISHES).map(change),
    some.just(WithdrawApplication(candidate_id=ANNA)),
    some.just(submit()),
    some.just(FollowVacancy(vacancy=VACANCY.model_copy(update={"state": "cancelled"}))),
)


@pytest.mark.rule("R40")
@pytest.mark.rule("R44")
@forall(commands=some.lists(COMMANDS, max_size=8))
def test_whatever_is_wished_an_end_is_the_end_and_what_was_submitted_stays(commands: list[Any]) -> None:
    events = list(SUBMITTED)
    sent, final = APPLICATION.fold(events).submitted, ""
    for command in commands:
        events += given(APPLICATION, *events).when(command).events or ()  # type: ignore[arg-type]
        state = APPLICATION.fold(events)
        assert (state.submitted, state.sections) == (sent, APPLICATION.fold(SUBMITTED).sections)
        assert final in ("", state.status)
        final = "" if state.status in ("applied", "under_consideration") else state.status
    assert len(events) <= len(SUBMITTED) + 2


def reserve(application: Any = DRAFT) -> ReserveSlot:
    return ReserveSlot(candidate_id=ANNA, vacancy_id=VACANCY_ID, application_id=application)


@pytest.mark.rule("R42")
@pytest.mark.rule("R44")
def test_a_taken_slot_says_that_one_application_is_all() -> None:
    held = SlotReserved(candidate_id=ANNA, vacancy_id=VACANCY_ID, application_id=OTHER)
    [sentence] = sentences(given(SLOT, held).when(reserve()).refused(Conflict, "vacancy"))
    assert sentence.endswith("Only one can be submitted for each job opening, even after it was withdrawn")
    given(SLOT, held).when(reserve(OTHER)).then()


@pytest.mark.rule("R42")
def test_slots_that_are_stored_already_are_found_under_the_same_key() -> None:
    assert str(slot_key(ANNA, VACANCY_ID)) == "d3962503-f859-534d-bf56-5b97b893275e"
    assert slot_key(VACANCY_ID, ANNA) != slot_key(ANNA, VACANCY_ID)
