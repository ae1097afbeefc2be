"""The views of job openings: each vacancy in full, what the search looks through, and who has applied to which."""

from services.vacancies.projections.applied import APPLIED, Submission
from services.vacancies.projections.vacancies import SEARCH, VACANCIES, SearchDocument, VacancyDocument

__all__ = ["ALL", "APPLIED", "SEARCH", "VACANCIES", "SearchDocument", "Submission", "VacancyDocument"]

ALL = (VACANCIES, SEARCH, APPLIED)
