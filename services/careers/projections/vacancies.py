"""What the Careers page says of a vacancy."""

from typing import assert_never

from services.careers.projections.documents import Vacancy
from services.vacancies.events import (
    VACANCY_EVENTS,
    DeadlineExtended,
    VacancyAmended,
    VacancyCancelled,
    VacancyClosed,
    VacancyContent,
    VacancyMerged,
    VacancyPublished,
)
from shared.model.message import Recorded
from shared.model.projection import Projection, by_key

Fact = VacancyPublished | VacancyAmended | DeadlineExtended | VacancyClosed | VacancyCancelled | VacancyMerged


def _evolve(document: Vacancy | None, event: Recorded[Fact]) -> Vacancy | None:
    if isinstance(event.data, VacancyContent):
        return _described(event.data, event.key, document)
    if document is None:
        return None
    match event.data:
        case DeadlineExtended(closes_at=closes_at):
            return {**document, "closes_at": closes_at.isoformat(), "state": "open"}
        case VacancyClosed() | VacancyMerged():
            return {**document, "state": "closed"}
        case VacancyCancelled():
            return {**document, "state": "cancelled"}
        case _:
            assert_never(event.data)


def _described(vacancy: VacancyContent, key: str, known: Vacancy | None) -> Vacancy:
    return Vacancy(
        id=key, number=vacancy.job_opening_number, title=vacancy.title, level=vacancy.level,
        stations=[station.code for station in vacancy.duty_stations],
        closes_at=vacancy.closes_at.isoformat(), state=known["state"] if known else "open",
        language=vacancy.language,
        translations=vacancy.titles,
        absorbed=[str(each) for each in vacancy.absorbed],
    )  # fmt: skip


VACANCIES: Projection[Vacancy] = Projection("vacancies", VACANCY_EVENTS, by_key, _evolve)
