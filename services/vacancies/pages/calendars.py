"""The deadline of a vacancy as a calendar file (iCalendar, RFC 5545), with a reminder three days ahead."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from services.vacancies.pages.words import closing_time, places
from services.vacancies.projections import VacancyDocument
from shared.model.errors import N_
from shared.web.language import Texts

WIDEST: Final = 75
"""Octets a line may have (RFC 5545 §3.1)."""

_MEANING = re.compile(r"([\\;,])")
_BREAK = re.compile(r"\r\n|[\r\n\v\f\x85\u2028\u2029]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


def calendar(vacancy: VacancyDocument, now: datetime, address: str, texts: Texts) -> str:
    """One event, which takes no time; the same uid whenever it is fetched, so that an extension moves it."""
    return "".join(f"{line}\r\n" for item in _items(vacancy, now, address, texts) for line in _folded(item))


def _items(vacancy: VacancyDocument, now: datetime, address: str, texts: Texts) -> Iterator[str]:
    gaps = {"title": vacancy["title"], "number": vacancy["job_opening_number"]}
    summary = _text(texts(N_("Deadline: %(title)s (%(number)s)"), **gaps))
    cancelled = vacancy["status"] == "cancelled"
    yield from ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Postulo//Vacancies//EN", "CALSCALE:GREGORIAN")
    yield from ("METHOD:PUBLISH", "BEGIN:VEVENT", f"UID:{vacancy['id']}@vacancies.postulo")
    yield f"DTSTAMP:{_instant(now)}"
    yield f"DTSTART:{_instant(datetime.fromisoformat(vacancy['closes_at']))}"
    yield f"SUMMARY:{summary}"
    yield f"DESCRIPTION:{_text(_description(vacancy, address, texts))}"
    yield f"LOCATION:{_text(places(vacancy, texts.language))}"
    yield f"URL:{address}"
    yield "STATUS:CANCELLED" if cancelled else "STATUS:CONFIRMED"
    yield "TRANSP:TRANSPARENT"
    if not cancelled:
        yield from ("BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-P3D", f"DESCRIPTION:{summary}", "END:VALARM")
    yield from ("END:VEVENT", "END:VCALENDAR")


def _description(vacancy: VacancyDocument, address: str, texts: Texts) -> str:
    deadline = texts(N_("Deadline: %(deadline)s"), deadline=closing_time(vacancy["closes_at"], texts))
    advice = texts(N_("It is advisable to apply well before the deadline."))
    return f"{deadline}\n{advice}\n{address}"


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(value: str) -> str:
    """A TEXT value (RFC 5545 §3.3.11); a title can neither end its line nor begin a property."""
    return _CONTROL.sub("", _BREAK.sub(r"\\n", _MEANING.sub(r"\\\1", value)))


def _folded(line: str) -> Iterator[str]:
    """The line in pieces of at most 75 octets that split no character; all but the first begin with a space."""
    piece = ""
    for character in line:
        if len((piece + character).encode()) > WIDEST:
            yield piece
            piece = " "
        piece += character
    yield piece
