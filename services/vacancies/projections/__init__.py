"""The views of job openings: each vacancy in full, and what the search looks through."""

from services.vacancies.projections.vacancies import SEARCH, VACANCIES, SearchDocument, VacancyDocument

__all__ = ["ALL", "SEARCH", "VACANCIES", "SearchDocument", "VacancyDocument"]

ALL = (VACANCIES, SEARCH)
