"""Saved job openings: at most 200, each until it is taken off."""

from datetime import timedelta
from uuid import UUID

from services.alerts.domain import MOST_OPENINGS, OPENING, LeaveAll, LeaveOpening, MoveOpening, SaveOpening
from services.alerts.events import OpeningLeft, OpeningSaved
from services.alerts.projections import VACANCIES, OpeningsDocument, Saved
from services.alerts.use_cases.openings import listed
from shared.model.errors import Conflict
from shared.model.reasons import Reason
from shared.model.testing import NOON, given
from tests.alerts.test_projections import document
from tests.alerts.values import ANNA, OTHER_VACANCY, VACANCY_ID, vacancy

SAVED = OpeningSaved(candidate_id=ANNA, vacancy_id=VACANCY_ID, vacancy_version=3)
OTHER = SAVED.model_copy(update={"vacancy_id": OTHER_VACANCY})
LEFT = OpeningLeft(candidate_id=ANNA, vacancy_id=VACANCY_ID)
SAVE = SaveOpening(candidate_id=ANNA, vacancy_id=VACANCY_ID, version=3)
LEAVE = LeaveOpening(candidate_id=ANNA, vacancy_id=VACANCY_ID)


def test_a_job_opening_is_saved_once() -> None:
    given(OPENING).when(SAVE).then(SAVED)
    given(OPENING, SAVED).when(SAVE).then()
    given(OPENING, SAVED, LEFT).when(SAVE).then(SAVED)


def test_one_that_is_not_saved_cannot_be_left_twice() -> None:
    given(OPENING, SAVED).when(LEAVE).then(LEFT)
    given(OPENING).when(LEAVE).then()
    given(OPENING, SAVED, LEFT).when(LEAVE).then()


def test_one_more_than_the_most_is_refused_until_one_is_taken_off() -> None:
    many = [SAVED.model_copy(update={"vacancy_id": UUID(int=n)}) for n in range(1000, 1000 + MOST_OPENINGS)]
    assert given(OPENING, *many).when(SAVE).refused(Conflict).reason is Reason.TOO_MANY_KEPT
    given(OPENING, *many).when(SaveOpening(candidate_id=ANNA, vacancy_id=UUID(int=1000), version=1)).then()
    gone = LEFT.model_copy(update={"vacancy_id": UUID(int=1000)})
    given(OPENING, *many, gone).when(SAVE).then(SAVED)


def test_a_merged_job_opening_is_followed_even_by_a_full_list() -> None:
    move = MoveOpening(candidate_id=ANNA, vacancy_id=VACANCY_ID, into=OTHER_VACANCY, version=3)
    merged = LEFT.model_copy(update={"reason": "merged"})
    given(OPENING, SAVED).when(move).then(merged, OTHER)
    given(OPENING, SAVED, OTHER).when(move).then(merged)
    given(OPENING, SAVED, LEFT).when(move).then()
    full = [SAVED.model_copy(update={"vacancy_id": UUID(int=n)}) for n in range(1001, 1000 + MOST_OPENINGS)]
    given(OPENING, SAVED, *full).when(move).then(merged, OTHER)


def test_a_closed_account_keeps_none() -> None:
    closed = [each.model_copy(update={"reason": "account_closed"}) for each in (LEFT, LEFT)]
    closed[1] = closed[1].model_copy(update={"vacancy_id": OTHER_VACANCY})
    given(OPENING, SAVED, OTHER).when(LeaveAll(candidate_id=ANNA)).then(*closed)
    given(OPENING).when(LeaveAll(candidate_id=ANNA)).then()


def test_what_closes_first_stands_before_the_others_and_what_is_over_last() -> None:
    days = {1: 1, 4: 9, 3: 9, 2: 5}
    keys = {number: str(UUID(int=number)) for number in days}
    vacancies = {
        keys[number]: document(VACANCIES, f"vacancy-{keys[number]}", vacancy(closes_at=NOON + timedelta(days=later)))
        for number, later in days.items()
    }
    saved = OpeningsDocument(openings={key: Saved(at=NOON.isoformat(), version=1) for key in keys.values()})
    rows = listed(saved, vacancies, NOON + timedelta(days=2), "en")
    assert [UUID(each.vacancy["id"]).int for each in rows] == [2, 3, 4, 1]
    assert [each.state for each in rows] == ["open", "open", "open", "closed"]
