"""What anybody may ask: the search, and one vacancy."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.vacancies.api.bodies import RESULTS_EXAMPLE, Code, Results, Similar, Vacancy, VacancyId
from services.vacancies.domain import VACANCY
from services.vacancies.domain.openings import places_of
from services.vacancies.projections import VACANCIES, VacancyDocument
from services.vacancies.projections.query import LONGEST, MOST_PAGES, Bookmark, Search, Sort, bookmark_of
from services.vacancies.use_cases import searching
from shared.http import api_router
from shared.http.paging import NEXT, next_link
from shared.model.errors import N_, NotFound, Problem, refuse_if
from shared.runtime.kernel import Kernel, KernelDep
from shared.vocabulary.fields import PromptList
from shared.vocabulary.reference import (
    CATEGORIES,
    DEPARTMENTS,
    DUTY_STATIONS,
    FAMILIES,
    LEVELS,
    NETWORKS,
    category_of,
    network_of,
)
from shared.vocabulary.search import FACETS, MOST_KEYWORDS, MOST_VALUES, Criteria

router = api_router("vacancies", resources={"vacancy_id": VACANCY})

LISTS: Final = (NETWORKS, FAMILIES, CATEGORIES, LEVELS, DUTY_STATIONS, DEPARTMENTS)
NO_BOOKMARK: Final = N_("This is not the `next` of a page in this order")
PARENTS: Final[Mapping[str, Callable[[str], str]]] = {FAMILIES.name: network_of, LEVELS.name: category_of}


def _values(*examples: str) -> Any:
    about = "Any of these codes; repeat the name for several. None: all."
    return Field(default=[], max_length=MOST_VALUES, description=about, examples=[list(examples)])


class Asked(BaseModel):
    """The criteria of a search, as they stand in its address; an unknown one is refused rather than left out."""

    model_config = ConfigDict(extra="forbid")

    keywords: str = Field(
        "", max_length=MOST_KEYWORDS, examples=['water "public health"'],
        description='All words must occur, in the language in which the notice is written; "a phrase" as it stands.',
    )  # fmt: skip
    networks: list[str] = _values("DEVNET")
    families: list[str] = _values("ECO", "STA")
    categories: list[str] = _values("PD")
    levels: list[str] = _values("P-3", "P-4")
    duty_stations: list[str] = _values("GENEVA")
    departments: list[str] = _values("DESA")
    languages: list[str] = _values("fr")
    posted_since: date | None = Field(None, description="The first day of posting, in New York.")
    job_opening_number: str = Field(
        "", max_length=1_000, examples=["ECO-DESA-241877-R-NEWYORK (X)"],
        description="Only the vacancy of this number, closed or cancelled, too.",
    )  # fmt: skip
    everything: bool = Field(default=False, description="Closed and cancelled vacancies, too.")
    sort: Sort = Field("newest", description="relevance: those with the words in their title first, then the newest.")
    page: int = Field(1, ge=1, le=MOST_PAGES, description="Counts from 1. Vacancies that come or go shift the pages.")
    size: int = Field(20, ge=1, le=100, description="Vacancies a page.")
    after: str = Field(
        "", max_length=LONGEST, examples=[RESULTS_EXAMPLE["next"]],
        description="`next` of the page before; then nothing is shown twice or left out, whatever comes or goes. It"
        " goes before `page`, and belongs to one order.",
    )  # fmt: skip

    def criteria(self) -> Criteria:
        """Raises Invalid naming the values that are in none of our lists."""
        criteria = Criteria.model_validate(self.model_dump(include={"keywords", "posted_since", *FACETS}))
        refuse_if(criteria.problems())
        return criteria

    def place(self) -> Bookmark | None:
        """Raises Invalid when `after` is no bookmark of this order."""
        place = bookmark_of(self.after, self.sort)
        refuse_if([Problem("after", NO_BOOKMARK)] if self.after and place is None else [])
        return place


@router.get("/vacancies", summary="Search vacancies", responses={200: {"headers": NEXT}})
async def search_vacancies(
    asked: Annotated[Asked, Query()], kernel: KernelDep, request: Request, response: Response
) -> Results:
    """Open vacancies that meet all criteria: any of a facet's values, every word, posted on the day or later."""
    criteria, place, now = asked.criteria(), asked.place(), await kernel.now()
    keys = tuple(map(str, places_of(asked.job_opening_number))) if asked.job_opening_number else ()
    everything = asked.everything or bool(keys)
    search = Search(criteria, now, everything, asked.sort, asked.page, asked.size, after=place, keys=keys)
    page, (total, facets) = await searching.search(kernel, search)
    values = {"total": total, "page": asked.page, "size": asked.size, "next": page.after,
              "vacancies": page.vacancies, "facets": facets}  # fmt: skip
    response.headers.update(next_link(request, page.after))
    return Results.model_validate(values)


@router.get("/vacancies/{vacancy_id}", summary="Read a vacancy")
async def get_vacancy(vacancy_id: VacancyId, kernel: KernelDep) -> Vacancy:
    """One vacancy with its screening questions, in all its languages.

    The id of a notice from before one opening was one vacancy answers with the vacancy that it belongs to now.
    """
    return Vacancy.model_validate(await _known(kernel, vacancy_id))


async def _known(kernel: Kernel, vacancy_id: UUID) -> VacancyDocument:
    """The vacancy, be it asked for by the id of a notice that is part of it now."""
    document = await kernel.current(VACANCIES, VACANCY, vacancy_id)
    if document and "merged_into" in document:
        document = await kernel.current(VACANCIES, VACANCY, document["merged_into"])
    if document is None:
        raise NotFound.because(N_("There is no such job opening"))
    return document


@router.get("/vacancies/{vacancy_id}/similar", summary="Find similar vacancies")
async def get_similar(vacancy_id: VacancyId, kernel: KernelDep) -> Similar:
    """Open vacancies that are like this one, the most alike first and the newest of those alike; never itself.

    It may be closed or cancelled. Nothing is kept of who asks.
    """
    found = await searching.similar(kernel, await _known(kernel, vacancy_id), await kernel.now())
    return Similar.model_validate(found._asdict())


@router.get("/lists", summary="Read the lists of codes")
async def get_lists() -> dict[str, list[Code]]:
    """The codes that notices and searches are written in, with their names; each list is named as a facet is."""
    return {prompts.name: list(_codes(prompts)) for prompts in LISTS}


def _codes(prompts: PromptList) -> Iterator[Code]:
    french, parent_of = prompts.labels("fr"), PARENTS.get(prompts.name)
    for code, english in prompts.labels("en").items():
        yield Code(code=code, en=english, fr=french[code], parent=parent_of(code) if parent_of else "")
