"""The page "Recherche avancée" with its results (R32)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, NamedTuple, cast
from urllib.parse import urlencode

from fastapi import Response
from starlette.datastructures import FormData, UploadFile

from services.vacancies.pages.facets import Items, address, asked_for, facets_of
from services.vacancies.pages.words import NOTICE_IN, applied_to, in_list, saved_by, submission_to
from services.vacancies.projections import Submission
from services.vacancies.projections import query as queries
from services.vacancies.projections.query import Search, Sort, bookmark_of
from services.vacancies.use_cases import searching
from shared.model.errors import N_, Problem
from shared.runtime.kernel import Kernel, KernelDep
from shared.vocabulary.fields import Field, Option, check
from shared.vocabulary.search import CRITERIA, Criteria
from shared.web import Page, PageContext, pages_router
from shared.web.forms import action, read

router = pages_router()

SIZE: Final = 20
SORTS: Final = (
    Option("relevance", N_("Best match first")),
    Option("newest", N_("Newest first")),
    Option("deadline", N_("Closing soonest first")),
)
SORT: Final = Field("sort", N_("Order"), "choice", options=SORTS)
USUAL: Final = SORTS[0].value
"""Without keywords, all match alike and the newest come first."""

EVERYTHING: Final = Field("everything", N_("Also show closed and cancelled job openings"), "checkbox")
FORM: Final = (*CRITERIA, SORT, EVERYTHING)
POSTED_SINCE: Final = CRITERIA[-1]


class Found(NamedTuple):
    """What a search found: the number of all, by facet the number for each value, and one page."""

    total: int
    facets: Mapping[str, Mapping[str, int]]
    number: int
    page: queries.Page


@router.get("/vacancies")
async def search(page: Page, kernel: KernelDep) -> Response:
    values, problems = asked_of(page)
    criteria = criteria_of(_readable(values) if problems else values)
    if not problems and action(_address(page)) == "save":
        return page.redirect(f"/alerts/new?{criteria.query()}")
    asked = _search(page, criteria, values, await kernel.now())
    found, applied = await _find(kernel, asked), await applied_to(kernel, page.who)
    saved = await saved_by(kernel, page.who)
    others = _others(asked)
    return page.render(
        "vacancies/search.html",
        422 if problems else 200,
        problems=problems,
        values={**values, "sort": asked.sort},
        keywords=CRITERIA[0],
        posted_since=POSTED_SINCE,
        sorts=SORT,
        everything=EVERYTHING,
        facets=facets_of(page, found.facets, values, problems),
        chosen=asked_for(page, [*criteria.items()], others),
        total=found.total,
        vacancies=[{**_row(row, asked, page, applied), "saved": row["id"] in saved} for row in found.page.vacancies],
        here=page.here,
        criteria=criteria.query(),
        notice_in=NOTICE_IN,
        feed=urlencode([*criteria.items(), ("lang", page.language)]),
        candidate=page.who is not None and "candidate" in page.who.roles,
        **_paging(found, [*criteria.items(), *others]),
    )


def _row(row: Mapping[str, Any], asked: Search, page: PageContext, applied: Mapping[str, Submission]) -> dict[str, Any]:
    return {**in_list(row, asked.now, page), "applied": submission_to(row, applied)}


def _search(page: PageContext, criteria: Criteria, values: Mapping[str, Any], now: Any) -> Search:
    params, sort = page.request.query_params, _sort(values["sort"])
    return Search(
        criteria,
        now,
        everything=values["everything"] == "yes",
        sort=sort,
        page=_page(params.get("page", "")),
        size=SIZE,
        after=bookmark_of(params.get("after", ""), sort),
        before=bookmark_of(params.get("before", ""), sort),
    )


async def _find(kernel: Kernel, asked: Search) -> Found:
    """A page that is no longer there, since vacancies have gone, is the nearest that is."""
    page, (total, facets) = await searching.search(kernel, asked)
    pages = _pages(total)
    if asked.before and not page.before:
        asked = replace(asked, before=None, after=None, page=1)
        page = await searching.page(kernel, asked)
    elif total and not page.vacancies:
        asked = replace(asked, before=None, after=None, page=pages)
        page = await searching.page(kernel, asked)
    return Found(total, facets, min(asked.page, pages), page)


def _pages(total: int) -> int:
    return max(1, -(-total // SIZE))


def asked_of(page: PageContext) -> tuple[dict[str, Any], list[Problem]]:
    """What the address asks for, by field, and what of it is in none of the lists (R23)."""
    values = read(FORM, _address(page))
    values[POSTED_SINCE.name] = _as_typed(values[POSTED_SINCE.name])
    return values, check(FORM, values)


def _as_typed(day: str) -> str:
    """A date of an address; one that cannot be is spoken of as it stands in the form's boxes."""
    if not check((POSTED_SINCE,), {POSTED_SINCE.name: day}):
        return day
    return " ".join(part.lstrip("0") for part in reversed(day.split("-")))


def _readable(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values without those that have problems, so that one that is wrong does not take the others away."""
    return {**values, **{field.name: _right(field, values[field.name]) for field in CRITERIA}}


def _right(field: Field, value: Any) -> Any:
    if isinstance(value, list):
        return [each for each in value if not check((field,), {field.name: [each]})]
    return "" if check((field,), {field.name: value}) else value


def criteria_of(values: Mapping[str, Any]) -> Criteria:
    """The criteria among values without problems."""
    return Criteria.model_validate({field.name: values[field.name] for field in CRITERIA if values[field.name]})


def _address(page: PageContext) -> FormData:
    """The address read like a posted form, so that the search's form needs no other reader."""
    items: list[tuple[str, str | UploadFile]] = [*page.request.query_params.multi_items()]
    return FormData(items)


def _sort(asked: str) -> Sort:
    return cast("Sort", asked if asked in {option.value for option in SORTS} else USUAL)


def _page(text: str) -> int:
    return min(max(int(text), 1), queries.MOST_PAGES) if text.isascii() and text.isdecimal() and len(text) < 6 else 1


def _others(asked: Search) -> Items:
    """What else an address says of a search, where it is not as usual."""
    sort = [("sort", str(asked.sort))] if asked.sort != USUAL else []
    return [*sort, *([("everything", "yes")] if asked.everything else [])]


def _paging(found: Found, items: Items) -> dict[str, Any]:
    """Links hold a bookmark, so that the next page begins where this one ends, whatever comes or goes meanwhile."""
    number, page = found.number, found.page

    def link(number: int, name: str, bookmark: str) -> str:
        if not bookmark:
            return ""
        return address([*items, ("page", str(number)), (name, bookmark)] if number > 1 else items)

    return {
        "number": number,
        "pages": max(_pages(found.total), number + bool(page.after)),
        "previous": link(number - 1, "before", page.before),
        "following": link(number + 1, "after", page.after),
    }
