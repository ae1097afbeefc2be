"""The views of job openings: each vacancy in full, what the search looks through, who has applied to or saved which."""

from services.vacancies.projections.applied import APPLIED, Submission
from services.vacancies.projections.saved import SAVED
from services.vacancies.projections.vacancies import SEARCH, VACANCIES, SearchDocument, VacancyDocument

__all__ = ["ALL", "APPLIED", "SAVED", "SEARCH", "VACANCIES", "SearchDocument", "Submission", "VacancyDocument"]

ALL = (VACANCIES, SEARCH, APPLIED, SAVED)
