"""Notices to test with."""

from datetime import UTC, date, datetime
from functools import reduce
from typing import Any

from services.vacancies.domain import (
    VACANCY,
    AmendVacancy,
    PublishVacancy,
    RegisterGalaxyNotice,
    Vacancy,
    importing,
)
from services.vacancies.events import (
    Choice,
    DeadlineExtended,
    DutyStation,
    Question,
    VacancyAmended,
    VacancyEvent,
    VacancyPublished,
)
from services.vacancies.projections import SEARCH, VACANCIES
from shared.model.testing import NOON, given, history

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


TODAY = NOON.date()
STREAM = "vacancy-5e1c"
LATER = DeadlineExtended(closes_at=datetime(2027, 1, 6, 4, 59, 59, tzinfo=UTC))


def published(**changes: Any) -> VacancyPublished:
    [event] = given(VACANCY).when(publish(**changes)).happened(VacancyPublished)
    assert isinstance(event, VacancyPublished)
    return event


def amended(**changes: Any) -> VacancyAmended:
    return VacancyAmended.model_validate({**published().model_dump(), "version": 2, **changes})


def found(*events: VacancyEvent, start: datetime = NOON) -> Any:
    return reduce(SEARCH.evolve, history(STREAM, *events, start=start), None)


def shown(*events: VacancyEvent) -> Any:
    return reduce(VACANCIES.evolve, history(STREAM, *events), None)


def bring(raw: dict[str, Any], vacancy: Vacancy, today: date = TODAY) -> tuple[Vacancy, list[VacancyEvent]]:
    """The vacancy after an import on this day, and what happened."""
    happened: list[VacancyEvent] = []
    noon = NOON.replace(year=today.year, month=today.month, day=today.day)
    for command in importing.steps(importing.read(raw, today), vacancy):
        for event in VACANCY.decide(command.model_copy(update={"at": noon}), vacancy):
            happened.append(event)
            vacancy = VACANCY.evolve(vacancy, event)
    return vacancy, happened


def names(happened: list[VacancyEvent]) -> list[str]:
    return [type(event).__name__ for event in happened]
