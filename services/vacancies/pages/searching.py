"""The page "Recherche avancée" with its results (R32)."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, cast
from urllib.parse import urlencode

from fastapi import Response
from starlette.datastructures import FormData, UploadFile

from services.vacancies.pages.words import places
from services.vacancies.projections import SEARCH
from services.vacancies.projections.query import MOST_PAGES, Search, Sort, counts, is_open, results, rows_of, tally
from shared.errors import N_, Problem
from shared.fields import Field, Option, PromptList, check
from shared.runtime import Kernel, KernelDep
from shared.search import CRITERIA, FACETS, Criteria
from shared.web import Page, PageContext, pages_router
from shared.web.forms import action, read

router = pages_router()

SIZE: Final = 20
SORTS: Final = (
    Option("newest", N_("Newest first")),
    Option("deadline", N_("Closing soonest first")),
    Option("relevance", N_("Best match first")),
)
SORT: Final = Field("sort", N_("Order"), "choice", options=SORTS)
EVERYTHING: Final = Field("everything", N_("Also show closed and cancelled vacancies"), "checkbox")
FORM: Final = (*CRITERIA, SORT, EVERYTHING)


class FacetValue(NamedTuple):
    """One value to tick, with how many vacancies it would show."""

    value: str
    label: str
    found: int
    chosen: bool


class Facet(NamedTuple):
    """A facet as the form shows it: only values that find something, and those that are ticked."""

    name: str
    label: str
    values: list[FacetValue]

    @property
    def chosen(self) -> int:
        return sum(value.chosen for value in self.values)

    @property
    def boxes(self) -> list[dict[str, Any]]:
        """The items of a govukCheckboxes."""
        return [{"value": v.value, "text": f"{v.label} ({v.found})", "checked": v.chosen} for v in self.values]


@router.get("/vacancies")
async def search(page: Page, kernel: KernelDep) -> Response:
    values, problems = asked_of(page)
    criteria = Criteria() if problems else criteria_of(values)
    if not problems and action(_address(page)) == "save":
        return page.redirect(f"/alerts/new?{criteria.query()}")
    asked = Search(
        criteria,
        await kernel.now(),
        everything=values["everything"] == "yes",
        sort=_sort(values["sort"], criteria),
        page=_page(page.request.query_params.get("page", "")),
        size=SIZE,
    )
    total, found, facets = await _find(kernel, asked)
    return page.render(
        "vacancies/search.html",
        422 if problems else 200,
        problems=problems,
        values={**values, "sort": asked.sort},
        keywords=CRITERIA[0],
        posted_since=CRITERIA[-1],
        sorts=SORT,
        everything=EVERYTHING,
        facets=_facets(page, facets, values),
        total=total,
        vacancies=[{**row, "open": is_open(row, asked.now), "places": places(row, page.language)} for row in found],
        criteria=criteria.query(),
        feed=urlencode([*criteria.items(), ("lang", page.language)]),
        **_paging(asked, total),
    )


async def _find(kernel: Kernel, asked: Search) -> tuple[int, list[Any], dict[str, dict[str, int]]]:
    counted, shown = counts(asked), results(asked)
    total, facets = tally(await kernel.views.fetch(SEARCH, counted.sql, *counted.args))
    found = rows_of(await kernel.views.fetch(SEARCH, shown.sql, *shown.args))
    return total, list(found), facets


def asked_of(page: PageContext) -> tuple[dict[str, Any], list[Problem]]:
    """What the address asks for, by field, and what of it is in none of the lists (R23)."""
    values = read(FORM, _address(page))
    return values, check(FORM, values)


def criteria_of(values: Mapping[str, Any]) -> Criteria:
    """The criteria among values without problems."""
    return Criteria.model_validate({field.name: values[field.name] for field in CRITERIA if values[field.name]})


def _address(page: PageContext) -> FormData:
    """The address read like a posted form, so that the search's form needs no other reader."""
    items: list[tuple[str, str | UploadFile]] = [*page.request.query_params.multi_items()]
    return FormData(items)


def _sort(asked: str, criteria: Criteria) -> Sort:
    if asked in {option.value for option in SORTS}:
        return cast("Sort", asked)
    return "relevance" if criteria.keywords else "newest"


def _page(text: str) -> int:
    return min(max(int(text), 1), MOST_PAGES) if text.isdecimal() and len(text) < 6 else 1


def _facets(page: PageContext, counted: Mapping[str, Mapping[str, int]], values: Mapping[str, Any]) -> list[Facet]:
    facets = [field for field in CRITERIA if field.name in FACETS]
    return [Facet(f.name, f.label, _values(f, page, counted[f.name], set(values[f.name]))) for f in facets]


def _values(field: Field, page: PageContext, counted: Mapping[str, int], chosen: set[str]) -> list[FacetValue]:
    if isinstance(field.options, PromptList):
        labels = dict(field.options.labels(page.language))
    else:
        labels = {option.value: page._(option.label) for option in field.options}
    return [
        FacetValue(value, label, counted.get(value, 0), value in chosen)
        for value, label in labels.items()
        if value in counted or value in chosen
    ]


def _paging(asked: Search, total: int) -> dict[str, Any]:
    pages = max(1, -(-total // asked.size))
    base = [*asked.criteria.items(), ("sort", asked.sort), *([("everything", "yes")] if asked.everything else [])]

    def link(number: int) -> str:
        return f"/vacancies?{urlencode([*base, ('page', number)])}" if 1 <= number <= pages else ""

    return {"number": asked.page, "pages": pages, "previous": link(asked.page - 1), "following": link(asked.page + 1)}
