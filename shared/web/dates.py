"""Dates and times as people read them, with their zone; the script adds the reader's own zone where it can."""

import datetime as dt
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from babel.dates import format_time
from markupsafe import Markup

from shared.model.errors import N_
from shared.vocabulary import cookies
from shared.vocabulary.fields import DateStyle, day_in_words
from shared.web.language import Texts

NEW_YORK: Final = ZoneInfo("America/New_York")
ZONE: Final = cookies.TIME_ZONE.name
"""The cookie in which the script tells the reader's zone."""

MARKED: Final = {
    "local": Markup('<time datetime="{}" data-local>{}</time>'),
    "deadline": Markup('<time datetime="{}" data-deadline>{}</time>'),
}

Moment = dt.datetime | dt.date | str | None


def date(value: Moment, texts: Texts, style: DateStyle = "long") -> str:
    """A day in words; nothing for nothing. Text is ISO, as documents hold it; a time's day is the one in UTC."""
    if not value:
        return ""
    day = dt.date.fromisoformat(value[:10]) if isinstance(value, str) else value
    return day_in_words(day, texts.language, style)


def prepare() -> None:
    """Looks through the zone files, once a process, before somebody waits for it."""
    _zones()


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def zone(name: str) -> ZoneInfo | None:
    """The zone of this name, if there is one."""
    return ZoneInfo(name) if name and name in _zones() else None


def datetime(value: Moment, texts: Texts, zone: ZoneInfo | None = None) -> str:
    """A day and time in the reader's zone, else in UTC until the script has turned the <time> element into theirs."""
    moment = _utc(value)
    return _element(moment, "local", moment_in_words(moment, texts, zone)) if moment else ""


def moment_in_words(moment: dt.datetime, texts: Texts, zone: ZoneInfo | None) -> str:
    """For where no element can stand."""
    if zone is None:
        return texts(N_("%(day)s, %(time)s UTC"), **_parts(moment.astimezone(dt.UTC), texts))
    return texts(N_("%(day)s, %(time)s"), **_parts(moment.astimezone(zone), texts))


def deadline(value: Moment, texts: Texts) -> str:
    """A closing time in New York, where it counts (R45); the script adds the reader's own time and the time left."""
    moment = _utc(value)
    if not moment:
        return ""
    there = moment.astimezone(NEW_YORK)
    text = texts(N_("%(day)s, %(time)s, New York time (%(zone)s)"), **_parts(there, texts), zone=there.tzname())
    return _element(moment, "deadline", text)


def _utc(value: Moment) -> dt.datetime | None:
    if not value:
        return None
    moment = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(moment, dt.datetime):
        moment = dt.datetime(moment.year, moment.month, moment.day, tzinfo=dt.UTC)
    return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)


def _parts(moment: dt.datetime, texts: Texts) -> dict[str, str]:
    return {"day": day_in_words(moment, texts.language), "time": format_time(moment, "HH:mm", locale=texts.language)}


def _element(moment: dt.datetime, kind: str, text: str) -> Markup:
    return MARKED[kind].format(moment.isoformat(), text)
