"""The rules of job openings: what a notice must say, until when it is open, and what may still happen to it."""

from services.vacancies.domain.commands import (
    AmendVacancy,
    CancelVacancy,
    CloseVacancy,
    ExtendDeadline,
    MergeVacancy,
    PublishVacancy,
    RegisterGalaxyNotice,
    VacancyCommand,
)
from services.vacancies.domain.days import day_of
from services.vacancies.domain.vacancy import VACANCY, Vacancy, vacancy_id

__all__ = [
    "ALL",
    "VACANCY",
    "AmendVacancy",
    "CancelVacancy",
    "CloseVacancy",
    "ExtendDeadline",
    "MergeVacancy",
    "PublishVacancy",
    "RegisterGalaxyNotice",
    "Vacancy",
    "VacancyCommand",
    "day_of",
    "vacancy_id",
]

ALL = (VACANCY,)
