"""The curator's pages: reports of wrong equivalences, the catalogue, corrections and additions (R70, R72)."""

from collections.abc import Sequence
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import Path
from starlette.datastructures import FormData
from starlette.responses import Response

from services.applications.domain.equivalence.catalogue import AddEquivalence, CorrectEquivalence
from services.applications.domain.equivalence.fields import ADDITION_FIELDS, CORRECTION_FIELDS, SEARCH_FIELDS
from services.applications.domain.equivalence.reading import level_name
from services.applications.use_cases import curation
from services.applications.use_cases.curation import EntryRead, ReportRead
from shared.auth import Curator
from shared.http import RequestId
from shared.model.errors import N_, Conflict, Invalid, Problem, refuse_if
from shared.runtime.kernel import KernelDep
from shared.vocabulary.fields import COUNTRIES, check
from shared.web import Page, PageContext, pages_router
from shared.web.forms import read

HERE: Final = "/applications/equivalences"
ENTRIES: Final = f"{HERE}/entries"
ROWS: Final = 25

router = pages_router(prefix=HERE)

EntryId = Annotated[str, Path(max_length=100)]

ADDED: Final = N_("The entry is added. Later proposals use it")
CORRECTED: Final = N_("The entry is corrected, and open drafts that it concerns are offered the new level")
COUNTED: Final = N_("The entry is corrected. Open drafts that are offered the new level: %(number)s")
SAME: Final = N_("The entry has this level already. Choose another one")


def _number(page: PageContext) -> int:
    text = page.request.query_params.get("page", "")
    return max(1, int(text)) if text.isdecimal() and len(text) < 6 else 1


def _paging(page: PageContext, total: int, address: str) -> dict[str, Any]:
    number = _number(page)
    return {"number": number, "pages": -(-total // ROWS), "address": f"{address}page="}


def _navigation(page: PageContext, current: str) -> list[dict[str, Any]]:
    named = ((HERE, page._(N_("Reports"))), (ENTRIES, page._(N_("Catalogue"))))
    return [{"href": href, "text": text, "current": href == current} for href, text in named]


@router.get("")
async def reports(kernel: KernelDep, page: Page, _: Curator) -> Response:
    found = await curation.reports(kernel, ROWS, (_number(page) - 1) * ROWS)
    return page.render(
        "applications/reports.html",
        navigation=_navigation(page, HERE),
        reports=[_report(page, report) for report in found],
        **_paging(page, await curation.how_many_reports(kernel), f"{HERE}?"),
    )


def _report(page: PageContext, report: ReportRead) -> dict[str, Any]:
    new = urlencode({name: getattr(report, name) for name in ("country", "title", "institution")})
    return {
        "report": report,
        "country": COUNTRIES.label(report.country, page.language),
        "proposed": level_name(report.proposed or "", page.texts),
        "claimed": level_name(report.claimed, page.texts),
        "now": level_name(report.proposed_now or "", page.texts),
        "done": report.proposed_now == report.claimed,
        "entry": f"{ENTRIES}/{report.entry_now}" if report.entry_now else "",
        "new": f"{ENTRIES}/new?{new}",
    }


@router.get("/entries")
async def catalogue(kernel: KernelDep, page: Page, _: Curator) -> Response:
    values = _asked(page)
    problems = check(SEARCH_FIELDS, values)
    found = [] if problems else await curation.entries(kernel, values["country"] or None, values["words"])
    number = _number(page)
    return page.render(
        "applications/catalogue.html",
        navigation=_navigation(page, ENTRIES),
        fields=SEARCH_FIELDS,
        values=values,
        problems=problems,
        total=len(found),
        entries=[_line(page, entry) for entry in found[(number - 1) * ROWS : number * ROWS]],
        **_paging(page, len(found), f"{ENTRIES}?{urlencode(values)}&"),
    )


def _asked(page: PageContext) -> dict[str, Any]:
    return read(SEARCH_FIELDS, FormData([*page.request.query_params.multi_items()]))


def _line(page: PageContext, entry: EntryRead) -> dict[str, Any]:
    place = (entry.institution, _country(page, entry), _history(page, entry))
    return {
        "href": f"{ENTRIES}/{entry.id}",
        "text": entry.title,
        "hint": " · ".join(part for part in place if part),
        "status": level_name(entry.level, page.texts),
        "done": True,
    }


def _country(page: PageContext, entry: EntryRead) -> str:
    return COUNTRIES.label(entry.country, page.language) if entry.country else page._(N_("many countries"))


def _history(page: PageContext, entry: EntryRead) -> str:
    if entry.delivered is None:
        return page._(N_("added by a curator"))
    return page._(N_("corrected by a curator")) if entry.changed_at else ""


@router.get("/entries/new")
async def new(page: Page, _: Curator) -> Response:
    return _addition(page, read(ADDITION_FIELDS, FormData([*page.request.query_params.multi_items()])))


def _addition(
    page: PageContext, values: dict[str, Any], problems: Sequence[Problem] = (), status: int = 200
) -> Response:
    return page.render("applications/entry_new.html", status, fields=ADDITION_FIELDS, values=values, problems=problems)


@router.post("/entries/new")
async def add(kernel: KernelDep, page: Page, _: Curator, entry_id: RequestId) -> Response:
    values = read(ADDITION_FIELDS, await page.form())
    try:
        refuse_if(check(ADDITION_FIELDS, values))
        entry = await curation.add(kernel, AddEquivalence(entry_id=str(entry_id), **values))
    except (Invalid, Conflict) as refused:
        return _addition(page, values, refused.problems, 422 if isinstance(refused, Invalid) else 409)
    return page.redirect(f"{ENTRIES}/{entry.id}", ADDED)


@router.get("/entries/{entry_id}")
async def show(kernel: KernelDep, page: Page, _: Curator, entry_id: EntryId) -> Response:
    return _entry(page, await curation.one_entry(kernel, entry_id), {})


def _entry(page: PageContext, entry: EntryRead, values: dict[str, Any], problems: Sequence[Problem] = ()) -> Response:
    return page.render(
        "applications/entry.html",
        422 if problems else 200,
        entry=entry,
        country=_country(page, entry),
        level=level_name(entry.level, page.texts),
        delivered=level_name(entry.delivered or "", page.texts),
        here=f"{ENTRIES}/{entry.id}",
        fields=CORRECTION_FIELDS,
        values=values,
        problems=problems,
    )


@router.post("/entries/{entry_id}")
async def correct(kernel: KernelDep, page: Page, _: Curator, entry_id: EntryId) -> Response:
    values = read(CORRECTION_FIELDS, await page.form())
    entry = await curation.one_entry(kernel, entry_id)
    same = [Problem("level", SAME)] if values["level"] == entry.level else []
    if problems := [*check(CORRECTION_FIELDS, values), *same]:
        return _entry(page, entry, values, problems)
    entry = await curation.correct(kernel, CorrectEquivalence(entry_id=entry_id, **values))
    number = await curation.how_many_offers(kernel, entry)
    if number is None:
        return page.redirect(f"{ENTRIES}/{entry.id}", CORRECTED)
    return page.redirect(f"{ENTRIES}/{entry.id}", COUNTED, number=number)
