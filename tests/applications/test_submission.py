"""Submitting, and what may happen afterwards."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given as forall
from hypothesis import strategies as some

from services.applications.domain.application import APPLICATION
from services.applications.domain.commands import ChangeStatus, WithdrawApplication
from services.applications.domain.inputs import CandidateFacts, VacancyFacts
from services.applications.domain.progress import progress_of
from services.applications.domain.quota import MOST_DRAFTS, QUOTA, CountDraft, UncountDraft
from services.applications.domain.slot import SLOT, ReserveSlot, slot_key
from services.applications.domain.submission import blockers, reference_of
from services.applications.events import (
    ApplicationMovedUnderConsideration,
    ApplicationOutcomeRecorded,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    DraftCounted,
    DraftUncounted,
    SlotReserved,
    Status,
    TermsAccepted,
)
from shared.model.errors import Conflict, Invalid, NotFound
from shared.model.testing import NOON, given
from tests.applications.values import (
    ANNA,
    ANSWERED,
    ANSWERS,
    BEN,
    CANDIDATE,
    CREATED,
    DRAFT,
    LOADED,
    OTHER,
    READY,
    REVISION,
    SECTIONS,
    TARGETED,
    VACANCY,
    VACANCY_ID,
    saved,
    submit,
    submitted,
)

SUBMITTED = submitted()
CONSIDERED = (*SUBMITTED, ApplicationMovedUnderConsideration(candidate_id=ANNA))
WITHDRAWN = (*SUBMITTED, ApplicationWithdrawn(candidate_id=ANNA))


@pytest.mark.rule("R31")
@pytest.mark.rule("R39")
def test_a_complete_application_is_submitted_with_a_frozen_snapshot() -> None:
    accepted, sent = given(APPLICATION, *READY).when(submit()).happened(TermsAccepted, ApplicationSubmitted)
    assert accepted.terms
    assert (sent.vacancy_id, sent.job_opening_number) == (VACANCY_ID, "26-ECO-1")
    snapshot = sent.snapshot
    assert snapshot["sections"] == {"screening": ANSWERS, **SECTIONS}
    assert snapshot["profile"] == {"contact": {**CANDIDATE.profile["contact"], "birth_date": CANDIDATE.birth_date}}
    assert snapshot["candidate"]["email"] == "anna@example.org"
    assert snapshot["submitted_at"] == NOON.isoformat()
    assert snapshot["reference"] == sent.reference


def test_submitting_again_changes_nothing() -> None:
    given(APPLICATION, *SUBMITTED).when(submit()).then()
    given(APPLICATION, *CONSIDERED).when(submit()).then()


@pytest.mark.rule("R44")
def test_a_withdrawn_application_is_not_submitted_again() -> None:
    given(APPLICATION, *WITHDRAWN).when(submit()).refused(Conflict)


@pytest.mark.rule("R39")
def test_without_accepting_the_terms_nothing_is_submitted() -> None:
    given(APPLICATION, *READY).when(submit(terms_accepted=False)).refused(Invalid, "terms")


@pytest.mark.rule("R38")
def test_what_was_not_reviewed_is_not_submitted() -> None:
    given(APPLICATION, *READY).when(submit(seen=REVISION - 1)).refused(Conflict)
    rewritten = saved("letter", {**SECTIONS["letter"], "letter": "New"})
    given(APPLICATION, *READY, rewritten).when(submit()).refused(Conflict)


@pytest.mark.rule("R45")
def test_the_deadline_is_kept_to_the_second() -> None:
    in_time = submit().model_copy(update={"at": VACANCY.closes_at})
    late = submit().model_copy(update={"at": VACANCY.closes_at + timedelta(microseconds=1)})
    given(APPLICATION, *READY).when(in_time).happened(TermsAccepted, ApplicationSubmitted)
    given(APPLICATION, *READY).when(late).refused(Conflict, "vacancy")


@pytest.mark.rule("R31")
@pytest.mark.parametrize("change", [{"source": "galaxy"}, {"state": "closed"}, {"state": "cancelled"}], ids=str)
def test_an_application_counts_only_against_an_open_vacancy_of_inspira(change: dict[str, Any]) -> None:
    given(APPLICATION, *READY).when(submit(vacancy=VACANCY.model_copy(update=change))).refused(Conflict, "vacancy")


@pytest.mark.rule("R29")
def test_a_draft_without_a_vacancy_is_not_submitted() -> None:
    untargeted = (CREATED, *(saved(name) for name in SECTIONS))
    given(APPLICATION, *untargeted).when(submit(vacancy=None)).refused(Invalid, "vacancy")


def test_an_amended_vacancy_must_be_read_again() -> None:
    given(APPLICATION, *READY).when(submit(vacancy=VACANCY.model_copy(update={"version": 2}))).refused(
        Invalid, "vacancy"
    )


@pytest.mark.rule("R22")
def test_an_incomplete_profile_blocks() -> None:
    incomplete = CANDIDATE.model_copy(update={"complete": False, "percent": 80})
    given(APPLICATION, *READY).when(submit(candidate=incomplete)).refused(Invalid, "profile")


@pytest.mark.rule("R19")
@pytest.mark.rule("R22")
def test_every_mandatory_field_that_is_missing_is_named() -> None:
    lacking = saved("letter", {**SECTIONS["letter"], "letter": "", "truthful": "no"})
    outcome = given(APPLICATION, *READY, lacking).when(submit(seen=REVISION + 1))
    outcome.refused(Invalid, "letter.letter", "letter.truthful")


@pytest.mark.rule("R23")
def test_a_value_outside_the_list_blocks_and_is_named() -> None:
    wrong = saved("skills", {**SECTIONS["skills"], "mother_tongue": "Frenchish"})
    given(APPLICATION, *READY, wrong).when(submit(seen=REVISION + 1)).refused(Invalid, "skills.mother_tongue")


@pytest.mark.rule("R18")
def test_unanswered_mandatory_questions_block() -> None:
    half = saved("screening", {"experience": "yes"})
    given(APPLICATION, *READY, half).when(submit(seen=REVISION + 1)).refused(Invalid, "screening.degree")


def test_a_job_cannot_end_before_it_began() -> None:
    job = {**SECTIONS["education"]["jobs"][0], "current": "no", "ended_on": "2011-12-31"}
    wrong = saved("education", {**SECTIONS["education"], "jobs": [job]})
    given(APPLICATION, *READY, wrong).when(submit(seen=REVISION + 1)).refused(Invalid, "education.jobs.0.ended_on")


@pytest.mark.rule("R30")
def test_a_job_needs_duties_and_achievements_each_in_a_field_of_its_own() -> None:
    job = {**SECTIONS["education"]["jobs"][0], "duties": "", "achievements": ""}
    wrong = saved("education", {**SECTIONS["education"], "jobs": [job]})
    given(APPLICATION, *READY, wrong).when(submit(seen=REVISION + 1)).refused(
        Invalid, "education.jobs.0.duties", "education.jobs.0.achievements"
    )


def test_three_referees_are_needed() -> None:
    two = saved("references", {"referees": SECTIONS["references"]["referees"][:2]})
    given(APPLICATION, *READY, two).when(submit(seen=REVISION + 1)).refused(Invalid, "references.referees")


@forall(complete=some.booleans(), version=some.integers(1, 3), gone=some.sets(some.sampled_from(sorted(SECTIONS))))
def test_what_blocks_is_what_submission_refuses_with(complete: bool, version: int, gone: set[str]) -> None:
    events = [event for event in READY if getattr(event, "section", "") not in gone]
    vacancy: VacancyFacts = VACANCY.model_copy(update={"version": version})
    candidate: CandidateFacts = CANDIDATE.model_copy(update={"complete": complete})
    expected = list(blockers(APPLICATION.fold(events), vacancy, candidate, NOON))
    outcome = given(APPLICATION, *events).when(submit(seen=len(events), vacancy=vacancy, candidate=candidate))
    if expected:
        assert list(outcome.refused(Invalid).problems) == expected
    else:
        outcome.happened(TermsAccepted, ApplicationSubmitted)


def test_the_task_list_tells_how_far_each_section_is() -> None:
    today = NOON.date()
    fresh = APPLICATION.fold([CREATED])
    assert progress_of(fresh, "screening", today) == "cannot_start"
    assert progress_of(fresh, "letter", today) == "incomplete"
    ready = APPLICATION.fold(READY)
    assert {progress_of(ready, name, today) for name in ("screening", *SECTIONS)} == {"completed"}
    wrong = APPLICATION.fold([*READY, saved("skills", {"mother_tongue": "?"})])
    assert progress_of(wrong, "skills", today) == "problem"
    assert progress_of(APPLICATION.fold([CREATED, TARGETED, LOADED]), "screening", today) == "incomplete"
    assert progress_of(APPLICATION.fold([CREATED, TARGETED, LOADED, ANSWERED]), "screening", today) == "completed"


def reserve(application: UUID = DRAFT, candidate: UUID = ANNA) -> ReserveSlot:
    return ReserveSlot(candidate_id=candidate, vacancy_id=VACANCY_ID, application_id=application)


RESERVED = SlotReserved(candidate_id=ANNA, vacancy_id=VACANCY_ID, application_id=DRAFT)


@pytest.mark.rule("R42")
@pytest.mark.rule("R44")
def test_the_slot_is_reserved_once_and_for_ever() -> None:
    given(SLOT).when(reserve()).then(RESERVED)
    given(SLOT, RESERVED).when(reserve()).then()
    given(SLOT, RESERVED).when(reserve(OTHER)).refused(Conflict, "vacancy")


@pytest.mark.rule("R42")
def test_each_candidate_has_a_slot_of_their_own_for_each_vacancy() -> None:
    keys = {slot_key(who, what) for who in (ANNA, BEN) for what in (VACANCY_ID, OTHER)}
    assert len(keys) == 4
    assert slot_key(ANNA, VACANCY_ID) in keys


def test_fifty_drafts_are_open_at_most() -> None:
    full = [DraftCounted(application_id=UUID(int=number)) for number in range(MOST_DRAFTS)]
    given(QUOTA, *full).when(CountDraft(application_id=DRAFT)).refused(Conflict)
    given(QUOTA, *full).when(CountDraft(application_id=UUID(int=3))).then()
    freed = DraftUncounted(application_id=UUID(int=3))
    given(QUOTA, *full).when(UncountDraft(application_id=UUID(int=3))).then(freed)
    given(QUOTA, *full, freed).when(CountDraft(application_id=DRAFT)).then(DraftCounted(application_id=DRAFT))
    given(QUOTA).when(UncountDraft(application_id=DRAFT)).then()


def withdraw() -> WithdrawApplication:
    return WithdrawApplication(candidate_id=ANNA)


@pytest.mark.rule("R43")
def test_a_submitted_application_can_be_withdrawn_once() -> None:
    gone = ApplicationWithdrawn(candidate_id=ANNA)
    given(APPLICATION, *SUBMITTED).when(withdraw()).then(gone)
    given(APPLICATION, *CONSIDERED).when(withdraw()).then(gone)
    given(APPLICATION, *WITHDRAWN).when(withdraw()).then()
    given(APPLICATION, *READY).when(withdraw()).refused(Conflict)


OUTCOMES = ("selected", "rostered", "recruitment_completed", "filled_from_roster")


def test_hr_moves_an_application_under_consideration_once() -> None:
    moved = ApplicationMovedUnderConsideration(candidate_id=ANNA, reason="Longlisted")
    wish = ChangeStatus(status=Status.UNDER_CONSIDERATION, reason="Longlisted")
    given(APPLICATION, *SUBMITTED).when(wish).then(moved)
    given(APPLICATION, *CONSIDERED).when(wish).then()


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_an_outcome_follows_consideration_only(outcome: Any) -> None:
    recorded = ApplicationOutcomeRecorded(candidate_id=ANNA, outcome=outcome)
    given(APPLICATION, *CONSIDERED).when(ChangeStatus(status=outcome)).then(recorded)
    given(APPLICATION, *CONSIDERED, recorded).when(ChangeStatus(status=outcome)).then()
    given(APPLICATION, *SUBMITTED).when(ChangeStatus(status=outcome)).refused(Conflict, "status")
    given(APPLICATION, *WITHDRAWN).when(ChangeStatus(status=outcome)).refused(Conflict, "status")
    given(APPLICATION, *CONSIDERED, recorded).when(withdraw()).refused(Conflict)


def test_a_draft_has_no_status_for_hr_to_set() -> None:
    given(APPLICATION, *READY).when(ChangeStatus(status=Status.UNDER_CONSIDERATION)).refused(NotFound)
    given(APPLICATION).when(ChangeStatus(status=Status.SELECTED)).refused(NotFound)


def test_references_are_readable_and_differ() -> None:
    references = {reference_of(uuid4(), NOON) for _ in range(1000)}
    assert len(references) == 1000
    assert all(len(reference) == 19 and reference.startswith("2026-") for reference in references)
    assert reference_of(DRAFT, NOON) == reference_of(DRAFT, NOON)
