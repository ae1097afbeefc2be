"""Until when a vacancy is open: the last second of a day in New York, later if it is extended, never earlier."""

from datetime import UTC, date, datetime, timedelta, tzinfo

import pytest
from hypothesis import given as forall
from hypothesis import strategies as st

from services.vacancies.domain import VACANCY, CancelVacancy, CloseVacancy, ExtendDeadline
from services.vacancies.domain.days import clock_change, closing, day_of, opening
from services.vacancies.events import (
    NEW_YORK,
    DeadlineExtended,
    VacancyAmended,
    VacancyCancelled,
    VacancyClosed,
    VacancyEvent,
    VacancyPublished,
)
from shared.model.errors import Conflict, Invalid, NotFound
from shared.model.testing import NOON, given
from tests.vacancies.values import LATER, TODAY, amend, galaxy, published

SECOND = timedelta(seconds=1)
DEADLINE = closing(date(2026, 12, 15))
SPRING, AUTUMN = date(2027, 3, 14), date(2027, 11, 7)
"""The days on which New York changes its clocks in 2027."""


def extend(day: date, at: datetime = NOON) -> ExtendDeadline:
    return ExtendDeadline(closes_on=day, at=at)


def extended(day: date) -> DeadlineExtended:
    return DeadlineExtended(closes_at=closing(day))


@pytest.mark.rule("R45")
@pytest.mark.parametrize(
    ("day", "instant", "zone"),
    [
        (SPRING - timedelta(days=1), datetime(2027, 3, 14, 4, 59, 59, tzinfo=UTC), "EST"),
        (SPRING, datetime(2027, 3, 15, 3, 59, 59, tzinfo=UTC), "EDT"),
        (AUTUMN - timedelta(days=1), datetime(2027, 11, 7, 3, 59, 59, tzinfo=UTC), "EDT"),
        (AUTUMN, datetime(2027, 11, 8, 4, 59, 59, tzinfo=UTC), "EST"),
    ],
)
def test_a_deadline_extended_into_a_night_of_a_clock_change_keeps_its_hour(
    day: date, instant: datetime, zone: str
) -> None:
    [event] = given(VACANCY, published()).when(extend(day)).happened(DeadlineExtended)
    assert event.closes_at == instant
    local = event.closes_at.astimezone(NEW_YORK)
    assert (local.time().isoformat(), local.tzname()) == ("23:59:59", zone)
    past = [published(), event]
    given(VACANCY, *past).when(CloseVacancy(at=instant - SECOND)).then()
    given(VACANCY, *past).when(CloseVacancy(at=instant)).then(VacancyClosed())


@pytest.mark.parametrize(("day", "hours"), [(SPRING, 23), (AUTUMN, 25), (SPRING + timedelta(days=1), 24)])
def test_a_day_of_a_clock_change_is_open_an_hour_less_or_more(day: date, hours: int) -> None:
    late = datetime(2028, 1, 1, tzinfo=UTC)
    assert closing(day) + SECOND - opening(day, late) == timedelta(hours=hours)
    assert opening(day, late) == closing(day - timedelta(days=1)) + SECOND


@forall(st.dates(date(2007, 3, 12), date(2090, 1, 1)), st.integers(1, 2))
def test_the_clocks_change_on_sundays_twice_a_year(after: date, nth: int) -> None:
    found = clock_change(after, nth)
    assert found > after
    assert found.weekday() == 6
    assert clock_change(clock_change(after), nth) == clock_change(after, nth + 1)
    assert 125 < (clock_change(found) - found).days < 250


@forall(st.integers(-(10**7), 10**7), st.sampled_from([UTC, NEW_YORK]))
def test_every_instant_lies_in_the_day_that_is_told_of_it(minutes: int, zone: tzinfo) -> None:
    instant = (NOON + timedelta(minutes=minutes)).astimezone(zone)
    day = day_of(instant)
    assert closing(day - timedelta(days=1)) < instant <= closing(day)


def test_a_deadline_may_be_extended_in_its_last_second_and_not_in_the_next() -> None:
    later = date(2026, 12, 20)
    given(VACANCY, published()).when(extend(later, DEADLINE)).then(extended(later))
    refusal = given(VACANCY, published()).when(extend(later, DEADLINE + SECOND)).refused(Conflict)
    assert "26-ECO-DESA-1 (X) closed on 2026-12-16T04:59:59+00:00" in str(refusal)


def test_a_notice_may_be_amended_in_its_last_second_and_not_in_the_next() -> None:
    given(VACANCY, published()).when(amend(title="Other", at=DEADLINE)).happened(VacancyAmended)
    given(VACANCY, published()).when(amend(title="Other", at=DEADLINE + SECOND)).refused(Conflict)


def test_what_is_closed_is_not_extended_even_if_its_deadline_is_still_to_come() -> None:
    given(VACANCY, published(), VacancyClosed()).when(extend(date(2026, 12, 20), DEADLINE - SECOND)).refused(Conflict)


@pytest.mark.parametrize("end", [VacancyClosed(), VacancyCancelled(reason="No funds")])
def test_extending_to_the_known_day_is_no_news_even_when_it_is_over(end: VacancyEvent) -> None:
    given(VACANCY, published(), end).when(extend(date(2026, 12, 15), DEADLINE + timedelta(days=9))).then()


def test_a_deadline_is_extended_again_and_again_and_never_back() -> None:
    past = [published(), extended(date(2026, 12, 20))]
    given(VACANCY, *past).when(extend(date(2026, 12, 21))).then(extended(date(2026, 12, 21)))
    refusal = given(VACANCY, *past).when(extend(date(2026, 12, 19))).refused(Invalid, "closes_on")
    assert refusal.problems[0].params == {"value": "2026-12-19", "known": "2026-12-20"}
    given(VACANCY, *past).when(extend(date(2026, 12, 15))).refused(Invalid, "closes_on")


def test_an_extension_reaches_no_further_than_three_years_from_today() -> None:
    furthest = TODAY + timedelta(days=3 * 366)
    given(VACANCY, published()).when(extend(furthest)).then(extended(furthest))
    given(VACANCY, published()).when(extend(furthest + timedelta(days=1))).refused(Invalid, "closes_on")
    evening = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
    given(VACANCY, published()).when(extend(furthest + timedelta(days=1), evening)).refused(Invalid, "closes_on")


def test_what_is_too_far_away_is_wrong_before_anything_else_is_asked() -> None:
    given(VACANCY, published(), VacancyCancelled()).when(extend(date.max)).refused(Invalid, "closes_on")
    given(VACANCY).when(extend(date.max)).refused(NotFound)


def test_an_extended_vacancy_closes_at_its_later_deadline() -> None:
    past = [published(), LATER]
    assert isinstance(LATER, DeadlineExtended)
    given(VACANCY, *past).when(CloseVacancy(at=LATER.closes_at - SECOND)).then()
    given(VACANCY, *past).when(CloseVacancy(at=LATER.closes_at)).then(VacancyClosed())
    given(VACANCY, *past).when(amend(title="Other", at=LATER.closes_at)).happened(VacancyAmended)


def test_an_amendment_keeps_the_extended_deadline_and_is_still_an_extended_vacancy() -> None:
    [amended] = given(VACANCY, published(), LATER).when(amend(title="Other")).happened(VacancyAmended)
    assert amended.closes_at == LATER.closes_at
    assert VACANCY.fold([published(), LATER, amended]).extended
    assert not VACANCY.fold([published()]).extended


def test_an_extension_keeps_what_an_amendment_said() -> None:
    [amended] = given(VACANCY, published()).when(amend(title="Other")).happened(VacancyAmended)
    past: list[VacancyEvent] = [published(), amended, LATER]
    content = VACANCY.fold(past).content
    assert content
    assert (content.title, content.version) == ("Other", 2)


@pytest.mark.rule("R51")
def test_a_galaxy_notice_has_a_deadline_like_any_other() -> None:
    [listed] = given(VACANCY).when(galaxy()).happened(VacancyPublished)
    given(VACANCY, listed).when(extend(date(2026, 12, 20))).then(extended(date(2026, 12, 20)))
    given(VACANCY, listed).when(CloseVacancy(at=DEADLINE)).then(VacancyClosed())


def test_a_closed_vacancy_can_still_be_cancelled_and_a_cancelled_one_does_not_close() -> None:
    given(VACANCY, published(), VacancyClosed()).when(CancelVacancy(reason="No funds")).then(
        VacancyCancelled(reason="No funds")
    )
    cancelled: list[VacancyEvent] = [published(), VacancyCancelled(reason="No funds")]
    given(VACANCY, *cancelled).when(CloseVacancy(at=DEADLINE)).then()
    given(VACANCY, *cancelled).when(CancelVacancy(reason="Another reason")).then()
    assert VACANCY.fold(cancelled).reason == "No funds"


def test_a_cancelled_vacancy_says_that_it_was_cancelled_also_after_its_deadline() -> None:
    cancelled = [published(), VacancyCancelled()]
    for at in (NOON, DEADLINE + SECOND):
        refusal = given(VACANCY, *cancelled).when(extend(date(2027, 1, 1), at)).refused(Conflict)
        assert str(refusal) == "The job opening 26-ECO-DESA-1 (X) has been cancelled"
