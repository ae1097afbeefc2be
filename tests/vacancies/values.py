"""Notices to test with."""

from datetime import date
from typing import Any

from services.vacancies.domain import AmendVacancy, PublishVacancy, RegisterGalaxyNotice
from services.vacancies.events import Choice, DutyStation, Question

CONTENT: dict[str, Any] = {
    "title": "Economic Affairs Officer (Trade Policy)",
    "job_title": "Economic Affairs Officer",
    "description": "<p>Analyses <b>public</b> debt &amp; trade.</p>",
    "family": "ECO",
    "level": "P-3",
    "duty_stations": (DutyStation(code="GENEVA"),),
    "department": "DESA",
}
YES_NO = Question(id="experience", type="yes_no", text={"en": "Five years?"}, eliminatory=True)
DEGREE = Question(
    id="degree",
    type="single",
    text={"en": "Your degree?"},
    options=(Choice(value="master", text={"en": "Master's"}), Choice(value="other", text={"en": "Another"})),
)


def publish(**changes: Any) -> PublishVacancy:
    return PublishVacancy(**{**_announced(), "questions": (YES_NO, DEGREE), **changes})


def galaxy(**changes: Any) -> RegisterGalaxyNotice:
    return RegisterGalaxyNotice(**{**_announced(), **changes})


def amend(**changes: Any) -> AmendVacancy:
    return AmendVacancy(**{**CONTENT, "questions": (YES_NO, DEGREE), **changes})


def _announced() -> dict[str, Any]:
    """The clock of the tests stands at noon UTC on 23 November 2026."""
    days = {"opens_on": date(2026, 11, 20), "closes_on": date(2026, 12, 15)}
    return {**CONTENT, **days, "job_opening_number": "26-ECO-DESA-1 (X)", "language": "en"}
