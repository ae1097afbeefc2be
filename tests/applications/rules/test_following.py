"""Applications follow their vacancy, and drafts go with their account: at once, in parts, and once more later."""

from datetime import timedelta
from typing import Any

import pytest

from services.applications.domain import ALL as DECIDERS
from services.applications.domain.application import APPLICATION as RULES
from services.applications.domain.commands import FollowVacancy
from services.applications.events import (
    ApplicationOutcomeRecorded,
    Status,
    VacancyUntargeted,
)
from services.applications.projections import APPLICATIONS_OF, FOLLOWERS, VACANCY
from services.applications.reactions import TIMERS
from services.applications.reactions.ending import DISCARD, FORGET
from services.applications.reactions.following import FOLLOW, PART, SWEEP
from services.identity.events import AccountClosed
from services.vacancies.events import VacancyAmended, VacancyCancelled
from shared.model.message import Event
from shared.model.parts import AT_ONCE, part_of
from shared.model.reaction import Do, Effect, Schedule, Timer
from shared.model.testing import NOON, given
from tests.applications.rules.effects import effects
from tests.applications.rules.streams import Streams, numbered
from tests.applications.test_projections import notice, vacancy
from tests.applications.test_reactions import fired, timer_of
from tests.applications.values import (
    ANNA,
    BEN,
    CREATED,
    DRAFT,
    LOADED,
    TARGETED,
    VACANCY_ID,
    submitted,
)

SUBMITTED = submitted()
OPENING = f"vacancy-{VACANCY_ID}"
CANCELLED = ApplicationOutcomeRecorded(candidate_id=ANNA, outcome=Status.CANCELLED, reason="No budget")
UNTARGETED = VacancyUntargeted(candidate_id=ANNA, vacancy_id=VACANCY_ID)


def crowd(count: int, document: Any = None) -> dict[str, dict[str, Any]]:
    """A vacancy's document and this many applications, all in the parts where they belong."""
    parts: dict[str, dict[str, Any]] = {}
    for application in numbered(count):
        part = parts.setdefault(part_of(VACANCY_ID, application), {"applications": []})
        part["applications"].append(str(application))
    return {VACANCY.name: {str(VACANCY_ID): document or vacancy(notice())}, FOLLOWERS.name: parts}


@pytest.mark.parametrize(("count", "kind"), [(0, Do), (AT_ONCE, Do), (AT_ONCE + 1, Schedule)])
def test_up_to_two_hundred_applications_follow_at_once_and_more_part_by_part(count: int, kind: type[Effect]) -> None:
    *followed, again = effects(FOLLOW, VacancyCancelled(), crowd(count), OPENING)
    assert {type(effect) for effect in followed} == ({kind} if count else set())
    if kind is Do:
        assert len(followed) == count
    assert isinstance(again, Schedule)
    assert (again.due, again.rule, again.key) == (NOON + timedelta(minutes=1), "follow", f"follow/{VACANCY_ID}/1")


def test_two_changes_of_a_vacancy_have_timers_of_their_own() -> None:
    changes = ((VacancyCancelled(), 3), (notice(VacancyAmended, version=2), 4))
    keys = {
        effect.key
        for event, version in changes
        for effect in effects(FOLLOW, event, crowd(AT_ONCE + 1), OPENING, version)
        if isinstance(effect, Schedule)
    }
    parts = len(crowd(AT_ONCE + 1)[FOLLOWERS.name])
    assert len(keys) == 2 * (parts + 1)


def test_the_reason_of_a_cancellation_reaches_each_application() -> None:
    *followed, _ = effects(FOLLOW, VacancyCancelled(reason="No budget"), crowd(2), OPENING)
    for step in followed:
        assert isinstance(step, Do)
        [ended] = given(RULES, *SUBMITTED).when(step.command).happened(ApplicationOutcomeRecorded)
        assert (ended.outcome, ended.reason) == ("cancelled", "No budget")


def test_an_amendment_is_followed_as_it_was_then_even_if_the_view_is_ahead() -> None:
    ahead = vacancy(notice(), notice(VacancyAmended, version=2), notice(VacancyAmended, version=3))
    amended = notice(VacancyAmended, version=2, title="Statistician")
    *followed, again = effects(FOLLOW, amended, crowd(1, ahead), OPENING, 2)
    [command] = [step.command for step in followed if isinstance(step, Do)]
    assert isinstance(command, FollowVacancy)
    assert (command.vacancy.version, command.vacancy.title) == (2, "Statistician")
    [later] = fired(SWEEP, timer_of(again), crowd(1, ahead))
    assert later.command.vacancy.version == 3  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("event", "before"),
    [
        (VacancyCancelled(), vacancy(notice())),
        (notice(VacancyAmended, version=2), vacancy(notice())),
        (notice(VacancyAmended, version=2), None),
    ],
    ids=["cancelled", "amended", "unknown"],
)
def test_the_later_look_waits_for_the_view_of_the_vacancy(event: Event, before: Any) -> None:
    *_, again = effects(FOLLOW, event, crowd(1), OPENING, 2)
    behind = {**crowd(1), VACANCY.name: {str(VACANCY_ID): before}}
    with pytest.raises(LookupError):
        fired(SWEEP, timer_of(again), behind)
    caught_up = crowd(1, vacancy(notice(), event))
    assert all(isinstance(step, Do) for step in fired(SWEEP, timer_of(again), caught_up))


def test_an_emptied_part_leads_to_nothing() -> None:
    data = {"vacancy_id": str(VACANCY_ID), "part": part_of(VACANCY_ID, DRAFT)}
    assert fired(PART, Timer("follow_part", data, NOON), {VACANCY.name: crowd(0)[VACANCY.name]}) == []


def test_followers_of_a_cancelled_vacancy_follow_it_twice_with_one_result() -> None:
    *followed, _ = effects(FOLLOW, VacancyCancelled(reason="No budget"), crowd(3), OPENING)
    first, second, third = numbered(3)
    streams = Streams().put(RULES, first, CREATED, TARGETED, LOADED).put(RULES, second, *SUBMITTED)
    streams.put(RULES, third, CREATED)
    steps = [step for step in followed if isinstance(step, Do)]
    assert streams.carry_out(steps) == [UNTARGETED, CANCELLED]
    assert streams.carry_out(steps) == []


def rows(*statuses: str) -> dict[str, Any]:
    applications = [{"id": str(key), "status": status} for key, status in zip(numbered(9), statuses, strict=False)]
    return {APPLICATIONS_OF.name: {str(ANNA): {"applications": applications}, str(BEN): {"applications": []}}}


def test_only_drafts_go_with_their_account() -> None:
    statuses = ("draft", "applied", "draft", "withdrawn", "under_consideration", "cancelled", "selected")
    *steps, again = effects(FORGET, AccountClosed(), rows(*statuses), f"account-{ANNA}")
    first, _, third, *_ = numbered(9)
    done = [(step.decider.category, step.key) for step in steps if isinstance(step, Do)]
    assert done[:4] == [("application", first), ("quota", ANNA), ("application", third), ("quota", ANNA)]
    assert done[4:-1] == [("accommodation", str(key)) for key in [*numbered(9)][: len(statuses)]]
    assert done[-1] == ("library", str(ANNA))
    assert fired(DISCARD, timer_of(again), rows(*statuses)) == steps
    assert isinstance(again, Schedule)
    assert again.key == f"discard/{ANNA}"


@pytest.mark.parametrize("documents", [{}, rows()], ids=["unknown", "no applications"])
def test_of_an_account_without_applications_the_library_alone_is_closed(documents: dict[str, Any]) -> None:
    *closed, _, again = effects(FORGET, AccountClosed(), documents, f"account-{ANNA}")
    assert closed == []
    assert isinstance(again, Schedule)
    assert [step.key for step in fired(DISCARD, timer_of(again), documents) if isinstance(step, Do)] == [str(ANNA)]


def test_every_command_goes_to_an_aggregate_of_the_service_and_every_timer_has_its_rule() -> None:
    found = [
        *effects(FOLLOW, VacancyCancelled(), crowd(2), OPENING),
        *effects(FOLLOW, VacancyCancelled(), crowd(AT_ONCE + 1), OPENING),
        *effects(FORGET, AccountClosed(), rows("draft"), f"account-{ANNA}"),
    ]
    assert {effect.rule for effect in found if isinstance(effect, Schedule)} == {
        timer.name for timer in TIMERS if not timer.erases
    }  # fmt: skip
    assert all(effect.decider in DECIDERS for effect in found if isinstance(effect, Do))
