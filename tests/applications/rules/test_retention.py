"""What was submitted is erased some time after the end of its job opening, or before, when HR grants that."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.applications.domain.application import APPLICATION as RULES
from services.applications.domain.commands import EraseFile
from services.applications.events import RETENTION, ApplicationSubmitted
from services.applications.projections import APPLICATION, VACANCY
from services.applications.projections.application import ApplicationDocument
from services.applications.reactions.ending import DESTROY, ERASURE, KEEP
from services.identity.events import PersonalDataErased
from shared.model.errors import NotFound
from shared.model.message import Recorded
from shared.model.reaction import Do, Erase, Known, Need, Schedule, Timer, Unschedule
from shared.model.testing import NOON, given, history
from tests.applications.values import CREATED, DRAFT, VACANCY_ID, submitted

STREAM = f"application-{DRAFT}"
SUBMITTED = next(event for event in submitted() if isinstance(event, ApplicationSubmitted))
CLOSES = datetime.fromisoformat("2027-03-01T04:59:59+00:00")


def known(closes_at: datetime | None = CLOSES, days: int = 10) -> Known:
    document = {"closes_at": closes_at.isoformat()} if closes_at else None
    return Known({Need(VACANCY, str(VACANCY_ID)): document}, setting={RETENTION: str(days)}.__getitem__)


def recorded(*events: Any) -> list[Recorded[Any]]:
    return history(STREAM, *events)


def kept() -> Schedule:
    (effect,) = KEEP.react(recorded(CREATED, SUBMITTED)[-1], known())
    assert isinstance(effect, Schedule)
    return effect


def test_it_falls_due_some_days_after_the_end_of_the_job_opening() -> None:
    timer = kept()
    assert (timer.due, timer.rule, timer.data["subject"]) == (CLOSES + timedelta(days=10), ERASURE.name, STREAM)
    assert ERASURE.erases


def test_of_a_job_opening_that_is_not_known_the_days_count_from_the_submission() -> None:
    event = recorded(CREATED, SUBMITTED)[-1]
    (effect,) = KEEP.react(event, known(closes_at=None))
    assert isinstance(effect, Schedule)
    assert effect.due == event.at + timedelta(days=10)


def test_when_it_falls_due_it_is_erased() -> None:
    timer = kept()
    fired = ERASURE.fire(Timer(timer.key, timer.data, timer.due), known())
    assert list(fired) == [Do(RULES, str(DRAFT), EraseFile())]


def test_a_job_opening_that_was_prolonged_meanwhile_keeps_it_longer() -> None:
    timer, later = kept(), CLOSES + timedelta(days=30)
    (again,) = ERASURE.fire(Timer(timer.key, timer.data, timer.due), known(closes_at=later))
    assert again == Schedule(timer.key, later + timedelta(days=10), ERASURE.name, timer.data)


def test_erasing_says_what_goes_once() -> None:
    erased = PersonalDataErased(goes=("file",), candidate_id=CREATED.candidate_id)
    assert given(RULES, CREATED, SUBMITTED).when(EraseFile()).accepted() == [erased]
    assert given(RULES, CREATED, SUBMITTED, erased).when(EraseFile()).accepted() == []


@pytest.mark.parametrize("before", [[], [CREATED]], ids=["nothing", "a draft"])
def test_what_was_not_submitted_is_not_erased_so(before: list[Any]) -> None:
    assert isinstance(given(RULES, *before).when(EraseFile()).refusal, NotFound)


def test_what_is_erased_falls_due_no_more_and_loses_its_key() -> None:
    erased = recorded(CREATED, SUBMITTED, PersonalDataErased(goes=("file",)))[-1]
    assert list(KEEP.react(erased, known())) == [Unschedule(f"erase/{DRAFT}")]
    assert list(DESTROY.react(erased, known())) == [Erase(STREAM)]


def test_numbers_dates_and_statuses_stay() -> None:
    document: ApplicationDocument | None = None
    for event in recorded(CREATED, SUBMITTED, PersonalDataErased(goes=("file",))):
        document = APPLICATION.evolve(document, event)
    assert document
    submitted = document["submitted"]
    assert submitted
    assert (submitted["reference"], document["status"]) == (SUBMITTED.reference, "applied")
    assert [step["status"] for step in document["timeline"]] == ["draft", "applied"]
    assert (document["sections"], document["attachments"]) == ({}, [])
    assert "Müller" not in str(document)
    assert document["erased_at"] >= NOON.isoformat()
    assert UUID(document["id"]) == DRAFT
