"""How pages, feeds and calendar files put a vacancy's values into words."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from babel.dates import format_time

from services.vacancies.events import NEW_YORK
from services.vacancies.projections import APPLIED, Submission
from shared.auth import Who
from shared.model.errors import N_
from shared.runtime.kernel import Kernel
from shared.vocabulary.fields import day_in_words
from shared.vocabulary.reference import DUTY_STATIONS
from shared.web.language import Texts


async def applied_to(kernel: Kernel, who: Who | None) -> Mapping[str, Submission]:
    """What the reader has submitted, by the vacancy's id."""
    document = await kernel.views.get(APPLIED, who.account_id) if who and "candidate" in who.roles else None
    return document["vacancies"] if document else {}


def submission_to(vacancy: Mapping[str, Any], applied: Mapping[str, Submission]) -> Submission | None:
    """The reader's application to this vacancy, be it to a notice that is part of it now."""
    return next((applied[key] for key in (vacancy["id"], *vacancy.get("absorbed", ())) if key in applied), None)


def places(document: Mapping[str, Any], language: str) -> str:
    """The duty stations, by their names in the reader's language."""
    return ", ".join(DUTY_STATIONS.label(station["code"], language) for station in document["duty_stations"])


def closing_time(closes_at: str, texts: Texts) -> str:
    """The deadline in New York as plain text (R45)."""
    there = datetime.fromisoformat(closes_at).astimezone(NEW_YORK)
    parts = {
        "day": day_in_words(there, texts.language),
        "time": format_time(there, "HH:mm", locale=texts.language),
    }
    return texts(N_("%(day)s, %(time)s, New York time (%(zone)s)"), **parts, zone=there.tzname())
