"""What anybody may ask: the search, and one vacancy."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from services.vacancies.api.bodies import Results, Vacancy
from services.vacancies.projections import SEARCH, VACANCIES
from services.vacancies.projections.query import MOST_PAGES, Search, Sort, counts, results, rows_of, tally
from shared.errors import N_, NotFound, refuse_if
from shared.http import api_router
from shared.runtime import KernelDep
from shared.search import FACETS, MOST_KEYWORDS, MOST_VALUES, Criteria

router = api_router("vacancies")

Values = Annotated[list[str], Field(max_length=MOST_VALUES)]


class Asked(BaseModel):
    """The criteria of a search, as they stand in its address."""

    keywords: str = Field("", max_length=MOST_KEYWORDS, description='All words must occur; "a phrase" as it stands.')
    networks: Values = []
    families: Values = []
    categories: Values = []
    levels: Values = []
    duty_stations: Values = []
    departments: Values = []
    languages: Values = []
    posted_since: date | None = None
    everything: bool = Field(default=False, description="Closed and cancelled vacancies, too.")
    sort: Sort = "newest"
    page: int = Field(1, ge=1, le=MOST_PAGES)
    size: int = Field(20, ge=1, le=100)

    def criteria(self) -> Criteria:
        """Raises Invalid naming the values that are in none of our lists."""
        criteria = Criteria.model_validate(self.model_dump(include={"keywords", "posted_since", *FACETS}))
        refuse_if(criteria.problems())
        return criteria


@router.get("/vacancies")
async def search_vacancies(asked: Annotated[Asked, Query()], kernel: KernelDep) -> Results:
    """Open vacancies that meet all criteria: any of a facet's values, every word, posted on the day or later."""
    search = Search(asked.criteria(), await kernel.now(), asked.everything, asked.sort, asked.page, asked.size)
    found, counted = results(search), counts(search)
    shown = rows_of(await kernel.views.fetch(SEARCH, found.sql, *found.args))
    total, facets = tally(await kernel.views.fetch(SEARCH, counted.sql, *counted.args))
    values = {"total": total, "page": asked.page, "size": asked.size, "vacancies": shown, "facets": facets}
    return Results.model_validate(values)


@router.get("/vacancies/{vacancy_id}")
async def get_vacancy(vacancy_id: UUID, kernel: KernelDep) -> Vacancy:
    """One vacancy with its screening questions."""
    document = await kernel.views.get(VACANCIES, vacancy_id)
    if document is None:
        raise NotFound.because(N_("There is no such vacancy"))
    return Vacancy.model_validate(document)
