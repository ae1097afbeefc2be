"""A vacancy's page (R33, R45) and the calendar file of its deadline."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from fastapi import Response
from starlette.responses import RedirectResponse

from services.vacancies.events import NEW_YORK, in_language
from services.vacancies.pages.calendars import calendar
from services.vacancies.pages.postings import posting
from services.vacancies.pages.words import (
    THIS_NOTICE_IN,
    applied_to,
    in_list,
    places,
    recruitment,
    saved_by,
    submission_to,
    summary,
)
from services.vacancies.projections import VACANCIES, VacancyDocument
from services.vacancies.projections.query import is_open
from services.vacancies.use_cases import searching
from services.vacancies.use_cases.searching import Similar
from shared.model.errors import N_, NotFound, Unavailable
from shared.runtime.kernel import Kernel, KernelDep
from shared.vocabulary.fields import PromptList, day_in_words
from shared.vocabulary.official import NAMES
from shared.vocabulary.reference import CATEGORIES, DEPARTMENTS, DUTY_STATIONS, FAMILIES, NETWORKS
from shared.vocabulary.search import Criteria
from shared.web import Page, PageContext, pages_router

router = pages_router()

FACTS: Final[tuple[tuple[str, str, PromptList], ...]] = (
    ("network", N_("Job network"), NETWORKS),
    ("family", N_("Job family"), FAMILIES),
    ("category", N_("Category"), CATEGORIES),
)


@router.get("/vacancies/{vacancy}.ics")
async def deadline(vacancy: str, page: Page, kernel: KernelDep) -> Response:
    """The deadline as an event for a calendar."""
    known = await _known(kernel, vacancy)
    if "merged_into" in known:
        return RedirectResponse(f"/vacancies/{known['merged_into']}.ics", 308)
    document = in_language(known, page.language)
    text = calendar(document, await kernel.now(), _address(kernel, document), page.texts)
    name = {"content-disposition": f'attachment; filename="deadline-{document["id"]}.ics"'}
    return Response(text, headers=name, media_type="text/calendar; charset=utf-8")


@router.get("/vacancies/{vacancy}")
async def vacancy(vacancy: str, page: Page, kernel: KernelDep) -> Response:
    """In the reader's language if there is a notice in it; `notice` in the address asks for another one."""
    known = await _known(kernel, vacancy)
    if "merged_into" in known:
        return RedirectResponse(f"/vacancies/{known['merged_into']}", 308)
    languages = [known["language"], *(notice["language"] for notice in known.get("translations", ()))]
    asked = page.request.query_params.get("notice", "")
    document = in_language(known, asked if asked in languages else page.language)
    now = await kernel.now()
    is_now_open, alike = is_open(document, now), await _similar(kernel, known, now)
    return page.render(
        "vacancies/vacancy.html",
        vacancy=document,
        summary=summary(document, page.texts),
        own_address=_address(kernel, document),
        facts=_facts(document, page),
        open=is_now_open,
        applicable=is_now_open and document["source"] == "inspira",
        posting=posting(document, _address(kernel, document)) if is_now_open else None,
        applied=submission_to(known, await applied_to(kernel, page.who)),
        saved=known["id"] in await saved_by(kernel, page.who),
        candidate=page.who is not None and "candidate" in page.who.roles,
        here=page.here,
        similar=[in_list(each, now, page) for each in alike.vacancies],
        elsewhere=_elsewhere(document, alike.elsewhere, page),
        others=[language for language in languages if language != document["language"]],
        this_notice_in=THIS_NOTICE_IN,
    )


async def _known(kernel: Kernel, text: str) -> VacancyDocument:
    try:
        document = await kernel.views.get(VACANCIES, UUID(text))
    except ValueError:
        document = None
    if document is None:
        raise NotFound.because(N_("There is no such job opening"))
    return document


async def _similar(kernel: Kernel, document: VacancyDocument, now: datetime) -> Similar:
    """Nothing while the index is being prepared: the notice is read without it."""
    try:
        return await searching.similar(kernel, document, now)
    except Unavailable:
        return Similar([], {})


def _elsewhere(document: VacancyDocument, found: Mapping[str, int], page: PageContext) -> list[tuple[str, str, int]]:
    """For each duty station the search for it, its name, and how many are found there."""
    kind = Criteria(families=(document["family"],), levels=(document["level"],))
    there = ((place, kind.model_copy(update={"duty_stations": (place,)})) for place in found)
    return [(f"/vacancies?{search.query()}", DUTY_STATIONS.label(place, page.language), found[place])
            for place, search in there]  # fmt: skip


def _address(kernel: Kernel, document: VacancyDocument) -> str:
    return f"{kernel.settings.public_url.rstrip('/')}/vacancies/{document['id']}"


def _posted_on(document: VacancyDocument, page: PageContext) -> str:
    """The day in New York, as the search means it."""
    return day_in_words(datetime.fromisoformat(document["opens_at"]).astimezone(NEW_YORK), page.language)


def _facts(document: VacancyDocument, page: PageContext) -> list[tuple[str, str]]:
    written_in = NAMES[document["language"]]
    facts = [
        (N_("Job opening number"), document["job_opening_number"]),
        (N_("Duty station"), places(document, page.language)),
        (N_("Department or office"), DEPARTMENTS.label(document["department"], page.language)),
        (N_("Level"), document["level"]),
        *((label, prompts.label(str(document[name]), page.language)) for name, label, prompts in FACTS),  # type: ignore[literal-required]
        (N_("Type of recruitment"), recruitment(document["recruitment_type"], page.texts)),
        (N_("Posted on"), _posted_on(document, page)),
        (N_("Language of the notice"), page._(written_in)),
    ]
    return [(page._(label), text) for label, text in facts if text]
