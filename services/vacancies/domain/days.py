"""When a notice is posted and when it closes: days of New York, instants in UTC (R45)."""

from datetime import UTC, date, datetime, time, timedelta

from services.vacancies.events import NEW_YORK

LAST_SECOND = time(23, 59, 59)


def closing(day: date) -> datetime:
    """The deadline: 23:59:59 in New York at the end of this day, in UTC."""
    return datetime.combine(day, LAST_SECOND, NEW_YORK).astimezone(UTC)


def opening(day: date, now: datetime) -> datetime:
    """The start of this day in New York, in UTC; now, if the day has not begun there yet."""
    return min(datetime.combine(day, time.min, NEW_YORK).astimezone(UTC), now.astimezone(UTC).replace(microsecond=0))


def day_of(instant: datetime) -> date:
    """The day in New York."""
    return instant.astimezone(NEW_YORK).date()


def clock_change(after: date, nth: int = 1) -> date:
    """The nth day after this one on which New York changes its clocks."""
    day = after
    while nth:
        day += timedelta(days=1)
        noon, before = (datetime.combine(d, time(12), NEW_YORK) for d in (day, day - timedelta(days=1)))
        nth -= noon.utcoffset() != before.utcoffset()
    return day
