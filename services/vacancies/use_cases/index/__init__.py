"""The search's index: the documents of the view `search` in tantivy, which nothing outside this package knows.

`shared.search.matches` says what a search means; tests/vacancies/test_search.py proves that both agree.
"""

from services.vacancies.projections import SEARCH
from services.vacancies.use_cases.index.engine import VacancyIndex
from shared.model.local_index import LocalIndex

__all__ = ["SEARCHED", "VacancyIndex"]

SEARCHED = LocalIndex(SEARCH, version=2, open=VacancyIndex)
