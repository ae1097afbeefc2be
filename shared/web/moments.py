"""Dates and times as people read them, with their zone; the script adds the reader's own zone where it can."""

from datetime import UTC
from datetime import date as Date
from datetime import datetime as DateTime
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from markupsafe import Markup

from shared.errors import N_
from shared.web.language import Texts

NEW_YORK: Final = ZoneInfo("America/New_York")

Moment = DateTime | Date | str | None


def date(value: Moment, texts: Texts, style: str = "long") -> str:
    """A day in words; nothing for nothing. Text is ISO, as documents hold it; a time's day is the one in UTC."""
    if not value:
        return ""
    day = Date.fromisoformat(value[:10]) if isinstance(value, str) else value
    return format_date(day, style, locale=texts.language)


def datetime(value: Moment, texts: Texts) -> str:
    """A day and time in UTC, as a <time> element that the script turns into the reader's own time."""
    moment = _utc(value)
    return _element(moment, "local", texts(N_("%(day)s, %(time)s UTC"), **_parts(moment, texts))) if moment else ""


def deadline(value: Moment, texts: Texts) -> str:
    """A closing time in New York, where it counts (R45); the script adds the reader's own time and the time left."""
    moment = _utc(value)
    if not moment:
        return ""
    there = moment.astimezone(NEW_YORK)
    text = texts(N_("%(day)s, %(time)s, New York time (%(zone)s)"), **_parts(there, texts), zone=there.tzname())
    return _element(moment, "deadline", text)


def _utc(value: Moment) -> DateTime | None:
    if not value:
        return None
    moment = DateTime.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(moment, DateTime):
        moment = DateTime(moment.year, moment.month, moment.day, tzinfo=UTC)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _parts(moment: DateTime, texts: Texts) -> dict[str, str]:
    day = format_date(moment, "long", locale=texts.language)
    return {"day": day, "time": format_time(moment, "HH:mm", locale=texts.language)}


def _element(moment: DateTime, kind: str, text: str) -> Markup:
    return Markup('<time datetime="{}" data-{}>{}</time>').format(moment.isoformat(), Markup(kind), text)


