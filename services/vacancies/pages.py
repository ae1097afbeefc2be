"""The pages: "Recherche avancée" with its results, and a vacancy with "Postuler" (R32, R33, R45)."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, cast
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Response
from starlette.datastructures import FormData, UploadFile

from services.vacancies.domain import vacancy_id
from services.vacancies.projections import SEARCH, VACANCIES, VacancyDocument
from services.vacancies.projections.query import MOST_PAGES, Search, Sort, counts, is_open, results, rows_of, tally
from shared.errors import N_, NotFound
from shared.fields import Field, Option, PromptList, check
from shared.reference import CATEGORIES, DEPARTMENTS, DUTY_STATIONS, FAMILIES, NETWORKS
from shared.runtime import Kernel, KernelDep
from shared.search import CRITERIA, FACETS, LANGUAGES, Criteria
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

FACTS: Final[tuple[tuple[str, str, PromptList], ...]] = (
    ("network", N_("Job network"), NETWORKS),
    ("family", N_("Job family"), FAMILIES),
    ("category", N_("Category"), CATEGORIES),
)

LANGUAGE_NAMES: Final = {"en": N_("English"), "fr": N_("French")}


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
    form = _asked(page)
    values = read(FORM, form)
    problems = check(FORM, values)
    criteria = Criteria() if problems else Criteria.model_validate(_filled(values))
    if not problems and action(form) == "save":
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
        vacancies=[{**row, "open": is_open(row, asked.now), "places": _places(row, page)} for row in found],
        criteria=criteria.query(),
        **_paging(asked, total),
    )


@router.get("/vacancies/{vacancy}")
async def vacancy(vacancy: str, page: Page, kernel: KernelDep) -> Response:
    document = await kernel.views.get(VACANCIES, _id(vacancy))
    if document is None:
        raise NotFound.because(N_("There is no such vacancy"))
    others = [code for code in LANGUAGES if code != document["language"]]
    twins = await kernel.views.many(VACANCIES, [vacancy_id(document["job_opening_number"], code) for code in others])
    is_now_open = is_open(document, await kernel.now())
    return page.render(
        "vacancies/vacancy.html",
        vacancy=document,
        facts=_facts(document, page),
        open=is_now_open,
        applicable=is_now_open and document["source"] == "inspira",
        twins=[{"id": key, "language": twin["language"]} for key, twin in twins.items()],
    )


async def _find(kernel: Kernel, asked: Search) -> tuple[int, list[Any], dict[str, dict[str, int]]]:
    counted, shown = counts(asked), results(asked)
    total, facets = tally(await kernel.views.fetch(SEARCH, counted.sql, *counted.args))
    found = rows_of(await kernel.views.fetch(SEARCH, shown.sql, *shown.args))
    return total, list(found), facets


def _asked(page: PageContext) -> FormData:
    """The address read like a posted form, so that the search's form needs no other reader."""
    items: list[tuple[str, str | UploadFile]] = [*page.request.query_params.multi_items()]
    return FormData(items)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound.because(N_("There is no such vacancy")) from None


def _filled(values: Mapping[str, Any]) -> dict[str, Any]:
    return {field.name: values[field.name] for field in CRITERIA if values[field.name]}


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


def _places(document: Mapping[str, Any], page: PageContext) -> str:
    stations = document["duty_stations"]
    return ", ".join(DUTY_STATIONS.label(s["code"], page.language) for s in stations)


def _facts(document: VacancyDocument, page: PageContext) -> list[tuple[str, str]]:
    written_in = LANGUAGE_NAMES[document["language"]]
    facts = [
        (N_("Job opening number"), document["job_opening_number"]),
        (N_("Duty station"), _places(document, page)),
        (N_("Department or office"), DEPARTMENTS.label(document["department"], page.language)),
        (N_("Level"), document["level"]),
        *((label, prompts.label(str(document[name]), page.language)) for name, label, prompts in FACTS),  # type: ignore[literal-required]
        (N_("Type of recruitment"), document["recruitment_type"]),
        (N_("Language of the notice"), page._(written_in)),
    ]
    return [(page._(label), text) for label, text in facts if text]


def _paging(asked: Search, total: int) -> dict[str, Any]:
    pages = max(1, -(-total // asked.size))
    base = [*asked.criteria.items(), ("sort", asked.sort), *([("everything", "yes")] if asked.everything else [])]

    def link(number: int) -> str:
        return f"/vacancies?{urlencode([*base, ('page', number)])}" if 1 <= number <= pages else ""

    return {"number": asked.page, "pages": pages, "previous": link(asked.page - 1), "following": link(asked.page + 1)}
