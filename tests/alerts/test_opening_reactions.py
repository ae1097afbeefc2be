"""What happens to a job opening reaches those who saved it or prepare an application, whatever is heard of first."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.alerts.domain import (
    LAPSES,
    MAILING,
    OPENING,
    EndMailing,
    LeaveAll,
    LeaveOpening,
    MoveOpening,
    NoteNews,
)
from services.alerts.events import MailKind, News, OpeningLeft, OpeningSaved
from services.alerts.reactions.openings import AIM, CHANGE, FORGET, WATCH
from services.applications.events import ApplicationSubmitted, DraftDiscarded, VacancyTargeted
from services.identity.events import AccountClosed
from services.vacancies.events import (
    DeadlineExtended,
    VacancyAmended,
    VacancyCancelled,
    VacancyClosed,
    VacancyMerged,
)
from shared.model.message import Event, Recorded
from shared.model.parts import AT_ONCE
from shared.model.reaction import Do, Effect, Schedule
from shared.model.testing import NOON, recorded
from tests.alerts.values import ANNA, BORIS, OTHER_VACANCY, VACANCY_ID, vacancy
from tests.alerts.world import World

CLOSES = NOON + timedelta(days=30)
DRAFT_ID = UUID(int=300)
WEEK, TWO_DAYS = timedelta(days=7), timedelta(days=2)


def of_vacancy(event: Event, version: int = 1, at: datetime = NOON, key: UUID = VACANCY_ID) -> Recorded[Any]:
    return recorded(event, f"vacancy-{key}", version, at)


def saves(
    candidate: UUID = ANNA, key: UUID = VACANCY_ID, at: datetime = NOON, version: int = 1
) -> Recorded[OpeningSaved]:
    saved = OpeningSaved(candidate_id=candidate, vacancy_id=key, vacancy_version=version)
    return recorded(saved, f"opening-{candidate}", at=at)


def aims(candidate: UUID = BORIS, key: UUID = VACANCY_ID, draft_id: UUID = DRAFT_ID) -> Recorded[VacancyTargeted]:
    aim = VacancyTargeted(
        candidate_id=candidate, vacancy_id=key, job_opening_number="26-ECO-1", title="Economist", vacancy_version=1
    )
    return recorded(aim, f"application-{draft_id}")


PUBLISHED = of_vacancy(vacancy())
AMENDED = VacancyAmended(**vacancy().model_dump() | {"version": 2, "title": "Juriste"})


def near(days: int, closes_at: datetime = CLOSES) -> Schedule:
    data = {"vacancy_id": str(VACANCY_ID), "days": days}
    return Schedule(f"near:{VACANCY_ID}:{days}", closes_at - timedelta(days=days), "near", data)


LAPSE = Schedule(f"lapse:{VACANCY_ID}", CLOSES + LAPSES, "lapse", {"vacancy_id": str(VACANCY_ID)})


Told = tuple[object, str, str, str]


def told(effects: Sequence[Effect]) -> list[Told]:
    """Whom these commands tell of what, in which kind of mail, with which mark."""
    commands = [effect for effect in effects if isinstance(effect, Do) and effect.decider is MAILING]
    assert len(commands) == len(effects)
    return [
        (do.key, do.command.news.kind.value, do.command.news.what, do.command.news.mark)
        for do in commands
        if isinstance(do.command, NoteNews)
    ]


def near_to(candidate: UUID, days: int = 7, closes_at: datetime = CLOSES) -> Told:
    return candidate, "opening_deadlines", "deadline", f"{closes_at.isoformat()} {days}"


def test_saving_and_aiming_set_the_timers_of_the_deadline() -> None:
    known = World(PUBLISHED)
    assert known.reacts(WATCH, saves()) == [near(7), near(2), LAPSE]
    assert known.reacts(AIM, aims()) == [near(7), near(2)]


def test_no_reminder_is_set_for_a_time_that_has_passed() -> None:
    known = World(PUBLISHED)
    assert known.reacts(WATCH, saves(at=CLOSES - WEEK)) == [near(2), LAPSE]
    assert known.reacts(WATCH, saves(at=CLOSES - TWO_DAYS)) == [LAPSE]


def test_a_job_opening_that_is_heard_of_later_is_waited_for() -> None:
    for reaction, fact in ((WATCH, saves()), (AIM, aims())):
        with pytest.raises(LookupError, match="vacancy"):
            World().reacts(reaction, fact)


def test_whoever_saved_it_and_whoever_prepares_an_application_are_reminded() -> None:
    effects = World(PUBLISHED, saves(), aims()).fires(near(7))
    assert told(effects) == [
        near_to(ANNA), (BORIS, "draft_deadlines", "deadline", f"{CLOSES.isoformat()} 7"),
    ]  # fmt: skip
    news = News(
        kind=MailKind.DRAFT_DEADLINES, what="deadline", vacancy_id=VACANCY_ID, application_id=DRAFT_ID,
        mark=f"{CLOSES.isoformat()} 7",
    )  # fmt: skip
    assert effects[-1] == Do(MAILING, BORIS, NoteNews(candidate_id=BORIS, news=news))


def test_all_of_one_part_are_reached_and_who_goes_leaves_the_others() -> None:
    alike, draft = UUID(int=ANNA.int + 0x100), UUID(int=DRAFT_ID.int + 0x100)
    known = World(PUBLISHED, saves(), saves(alike), aims(), aims(UUID(int=3), draft_id=draft))
    drafts = [(each, "draft_deadlines", "deadline", f"{CLOSES.isoformat()} 7") for each in (BORIS, UUID(int=3))]
    assert told(known.fires(near(7))) == [near_to(ANNA), near_to(alike), *drafts]
    known.learns(recorded(OpeningLeft(candidate_id=ANNA, vacancy_id=VACANCY_ID), f"opening-{ANNA}", 2))
    discarded = DraftDiscarded(candidate_id=BORIS, vacancy_id=VACANCY_ID)
    known.learns(recorded(discarded, f"application-{DRAFT_ID}", 2))
    assert told(known.fires(near(7))) == [near_to(alike), drafts[1]]


def test_whoever_left_it_or_has_applied_is_not_reminded() -> None:
    left = recorded(OpeningLeft(candidate_id=ANNA, vacancy_id=VACANCY_ID), f"opening-{ANNA}", 2)
    submitted = ApplicationSubmitted(
        candidate_id=BORIS, vacancy_id=VACANCY_ID, job_opening_number="26-ECO-1", title="Economist", reference="P-1",
        snapshot={},
    )  # fmt: skip
    applied = recorded(submitted, f"application-{DRAFT_ID}", 2)
    assert World(PUBLISHED, saves(), aims(), left, applied).fires(near(7)) == []


@pytest.mark.parametrize("end", [VacancyCancelled(), VacancyClosed(), VacancyMerged(into=OTHER_VACANCY)])
def test_of_what_is_over_nobody_is_reminded(end: Event) -> None:
    assert World(PUBLISHED, saves(), aims(), of_vacancy(end, 2)).fires(near(2)) == []


def test_an_extended_deadline_moves_the_reminders_whichever_is_heard_of_first() -> None:
    later = CLOSES + timedelta(days=10)
    extended = of_vacancy(DeadlineExtended(closes_at=later), 2)
    known = World(PUBLISHED, saves(), extended)
    assert known.fires(near(7)) == [near(7, later)], "a timer from before waits on"
    assert [each for each in known.reacts(CHANGE, extended) if isinstance(each, Schedule)] == [
        near(7, later), near(2, later),
    ]  # fmt: skip
    assert told(known.fires(near(7, later))) == [near_to(ANNA, 7, later)]


def test_a_reminder_that_fires_much_too_late_is_left_to_the_next() -> None:
    known = World(PUBLISHED, saves())
    assert len(known.fires(near(7), CLOSES - WEEK + timedelta(hours=23))) == 1
    assert known.fires(near(7), CLOSES - WEEK + timedelta(hours=25)) == []


def test_a_job_opening_that_nobody_knows_of_reminds_nobody() -> None:
    assert World(saves()).fires(near(7)) == []


@pytest.mark.parametrize(("change", "what", "mark"), [
    (AMENDED, "amended", "2"), (VacancyCancelled(), "cancelled", ""),
    (DeadlineExtended(closes_at=CLOSES + WEEK), "extended", (CLOSES + WEEK).isoformat()),
])  # fmt: skip
def test_whoever_saved_it_before_is_told_of_a_change(change: Event, what: str, mark: str) -> None:
    hour = timedelta(hours=1)
    known = World(PUBLISHED, saves(), saves(BORIS, at=NOON + hour), aims(UUID(int=3)))
    effects = known.reacts(CHANGE, of_vacancy(change, 2, NOON + hour))
    assert told([each for each in effects if isinstance(each, Do)]) == [(ANNA, "opening_changes", what, mark)]


def test_one_more_language_is_no_change_to_tell_of() -> None:
    translated = AMENDED.model_copy(update={"version": 1})
    known = World(PUBLISHED, saves())
    assert known.reacts(CHANGE, of_vacancy(translated, 2, NOON + WEEK)) == []


def test_a_merged_job_opening_takes_its_savers_along_those_of_the_same_moment_too() -> None:
    into = of_vacancy(vacancy(version=4), key=OTHER_VACANCY)
    known = World(PUBLISHED, into, saves())
    moved, sweep = known.reacts(CHANGE, of_vacancy(VacancyMerged(into=OTHER_VACANCY), 2))
    move = MoveOpening(candidate_id=ANNA, vacancy_id=VACANCY_ID, into=OTHER_VACANCY, version=4)
    assert moved == Do(OPENING, ANNA, move)
    assert isinstance(sweep, Schedule)
    assert sweep.due == NOON + timedelta(minutes=1)
    known.learns(saves(BORIS))
    assert [each.key for each in known.fires(sweep) if isinstance(each, Do)] == [ANNA, BORIS]


def test_a_year_after_its_deadline_a_saved_job_opening_lapses() -> None:
    known = World(PUBLISHED, saves())
    lapsed = LeaveOpening(candidate_id=ANNA, vacancy_id=VACANCY_ID, reason="lapsed")
    assert known.fires(LAPSE) == [Do(OPENING, ANNA, lapsed)]
    known.learns(of_vacancy(DeadlineExtended(closes_at=CLOSES + WEEK), 2))
    assert known.fires(LAPSE) == [Schedule(LAPSE.key, LAPSE.due + WEEK, LAPSE.rule, LAPSE.data)]


def test_many_are_reached_part_by_part_each_once() -> None:
    candidates = [UUID(int=number) for number in range(1000, 1000 + AT_ONCE + 1)]
    few = World(PUBLISHED, *(saves(each) for each in candidates[1:]))
    assert {type(effect) for effect in few.fires(near(7))} == {Do}
    many = World(PUBLISHED, *(saves(each) for each in candidates))
    timers = [effect for effect in many.fires(near(7)) if isinstance(effect, Schedule)]
    assert len({timer.key for timer in timers}) == len(timers) == AT_ONCE + 1, "each stands in a part of its own here"
    reached = [each for timer in timers for each in told(many.fires(timer))]
    assert sorted(reached) == [near_to(each) for each in candidates]


def test_a_closed_account_keeps_nothing_saved_and_receives_nothing() -> None:
    leave, end = Do(OPENING, ANNA, LeaveAll(candidate_id=ANNA)), Do(MAILING, ANNA, EndMailing(candidate_id=ANNA))
    *at_once, again = World().reacts(FORGET, recorded(AccountClosed(reason="candidate"), f"account-{ANNA}"))
    assert at_once == [leave, end]
    assert isinstance(again, Schedule)
    assert again.due == NOON + timedelta(minutes=1)
    assert World().fires(again) == [leave], "a star that was pressed in the same moment"
