"""How pages, feeds and calendar files put a vacancy's values into words."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from babel.dates import format_time

from services.vacancies.events import NEW_YORK, in_language
from services.vacancies.projections import APPLIED, SAVED, Submission
from services.vacancies.projections.query import is_open
from shared.auth import Who
from shared.model.errors import N_, Verbatim
from shared.runtime.kernel import Kernel
from shared.vocabulary.fields import day_in_words
from shared.vocabulary.reference import DEPARTMENTS, DUTY_STATIONS
from shared.web import PageContext
from shared.web.language import Texts

RECRUITMENTS: Final = {
    "fixed-term": N_("Fixed-term"),
    "à durée déterminée": N_("Fixed-term"),
    "durée déterminée": N_("Fixed-term"),
    "temporary": N_("Temporary"),
    "temporaire": N_("Temporary"),
    "continuing": N_("Continuing"),
    "continu": N_("Continuing"),
    "permanent": N_("Permanent"),
    "internship": N_("Internship"),
    "stage": N_("Internship"),
    "consultancy": N_("Consultancy"),
    "consultant": N_("Consultancy"),
    "vacation": N_("Consultancy"),
}
"""What notices call the types of recruitment that the United Nations has, in English and in French."""

NOTICE_IN: Final = {
    "ar": N_("Notice in Arabic"),
    "zh": N_("Notice in Chinese"),
    "en": N_("Notice in English"),
    "fr": N_("Notice in French"),
    "ru": N_("Notice in Russian"),
    "es": N_("Notice in Spanish"),
}
THIS_NOTICE_IN: Final = {
    "ar": N_("This notice in Arabic"),
    "zh": N_("This notice in Chinese"),
    "en": N_("This notice in English"),
    "fr": N_("This notice in French"),
    "ru": N_("This notice in Russian"),
    "es": N_("This notice in Spanish"),
}


def recruitment(said: str, texts: Texts) -> str:
    """The type of recruitment in the reader's language; a notice's own words where they are none of the usual ones."""
    return texts(RECRUITMENTS.get(said.strip().casefold(), Verbatim(said)))


async def applied_to(kernel: Kernel, who: Who | None) -> Mapping[str, Submission]:
    """What the reader has submitted, by the vacancy's id."""
    document = await kernel.views.get(APPLIED, who.account_id) if who and "candidate" in who.roles else None
    return document["vacancies"] if document else {}


def submission_to(vacancy: Mapping[str, Any], applied: Mapping[str, Submission]) -> Submission | None:
    """The reader's application to this vacancy, be it to a notice that is part of it now."""
    return next((applied[key] for key in (vacancy["id"], *vacancy.get("absorbed", ())) if key in applied), None)


async def saved_by(kernel: Kernel, who: Who | None) -> frozenset[str]:
    """The vacancies that the reader has saved, by their ids."""
    document = await kernel.views.get(SAVED, who.account_id) if who and "candidate" in who.roles else None
    return frozenset(document["vacancies"]) if document else frozenset()


def places(document: Mapping[str, Any], language: str) -> str:
    """The duty stations, by their names in the reader's language."""
    return ", ".join(DUTY_STATIONS.label(station["code"], language) for station in document["duty_stations"])


def in_list(row: Mapping[str, Any], now: datetime, page: PageContext) -> dict[str, Any]:
    """A vacancy as lists show it, in the reader's language."""
    department = DEPARTMENTS.label(row["department"], page.language)
    about = [row["level"], places(row, page.language), department]
    return {
        **in_language(row, page.language),
        "open": is_open(row, now),
        "about": "\u00a0· ".join(filter(None, about)),
    }


def closing_time(closes_at: str, texts: Texts) -> str:
    """The deadline in New York as plain text (R45)."""
    there = datetime.fromisoformat(closes_at).astimezone(NEW_YORK)
    parts = {
        "day": day_in_words(there, texts.language),
        "time": format_time(there, "HH:mm", locale=texts.language),
    }
    return texts(N_("%(day)s, %(time)s, New York time (%(zone)s)"), **parts, zone=there.tzname())


def summary(vacancy: Mapping[str, Any], texts: Texts) -> str:
    """A vacancy in a line: level, place, department, number, deadline."""
    department = DEPARTMENTS.label(vacancy["department"], texts.language)
    deadline = texts(N_("Deadline: %(deadline)s"), deadline=closing_time(vacancy["closes_at"], texts))
    note = [texts(N_("Galaxy, for information"))] if vacancy["source"] == "galaxy" else []
    where = (vacancy["level"], places(vacancy, texts.language), department)
    return " · ".join([*where, vacancy["job_opening_number"], deadline, *note])
