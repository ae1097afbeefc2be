"""Which job opening a draft is meant for: a search of the open ones, with a button beside each (R18, R29)."""

from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from starlette.responses import Response

from services.applications.events import Status
from services.applications.pages.saving import SAVED
from services.applications.projections import ApplicationDocument
from services.applications.use_cases import applications, openings
from shared.auth import Candidate
from shared.http.problems import status_of
from shared.model.errors import N_, Conflict, NotFound, Problem
from shared.runtime.kernel import Kernel, KernelDep
from shared.vocabulary.fields import LINE, Field
from shared.web import Page, PageContext, pages_router
from shared.web.forms import text

router = pages_router()

PATH: Final = "/applications/{application_id:uuid}/vacancy"
ROWS: Final = 20
WORDS: Final = Field(
    "words",
    N_("Words of the title, or the number"),
    autocomplete="off",
    hint=N_("Leave this empty to see all open job openings, those that close first at the top."),
)
NONE_CHOSEN: Final = N_("Choose one of the job openings in the list")


@router.get(PATH)
async def choose(kernel: KernelDep, page: Page, who: Candidate, application_id: UUID) -> Response:
    document = await applications.own(kernel, who, application_id)
    if document["status"] != Status.DRAFT:
        return page.redirect(f"/applications/{application_id}")
    return await _choice(kernel, page, document)


async def _choice(
    kernel: Kernel, page: PageContext, document: ApplicationDocument, problems: tuple[Problem, ...] = (),
    status: int = 200,
) -> Response:  # fmt: skip
    words, number, now = _asked(page, "words"), _number(page), await kernel.now()
    found = await openings.open_at(kernel, words, now, page.language, size=ROWS, page=number)
    if number > 1 and not found.openings:
        number, found = 1, await openings.open_at(kernel, words, now, page.language, size=ROWS, page=1)
    here = f"/applications/{document['id']}/vacancy"
    return page.render(
        "applications/vacancy.html",
        status,
        document=document,
        words=WORDS,
        values={"words": words},
        problems=problems,
        here=f"{here}?{urlencode({'words': words, 'page': number})}",
        address=f"{here}?{urlencode({'words': words})}&page=",
        total=found.total,
        openings=found.openings,
        number=number,
        pages=-(-found.total // ROWS),
    )


def _asked(page: PageContext, name: str) -> str:
    return page.request.query_params.get(name, "")[:LINE].strip()


def _number(page: PageContext) -> int:
    asked = _asked(page, "page")
    return max(1, int(asked)) if asked.isdecimal() and len(asked) < 6 else 1


@router.post(PATH)
async def aim(kernel: KernelDep, page: Page, who: Candidate, application_id: UUID) -> Response:
    vacancy_id = text(await page.form(), "vacancy")
    document = await applications.own(kernel, who, application_id)
    if not vacancy_id:
        return await _choice(kernel, page, document, (Problem("vacancy", NONE_CHOSEN),), 422)
    try:
        await applications.aim(kernel, who, application_id, await applications.vacancy_of(kernel, vacancy_id))
    except (NotFound, Conflict) as refusal:
        status = 422 if isinstance(refusal, NotFound) else status_of(refusal)
        return await _choice(kernel, page, document, refusal.problems, status)
    return page.redirect(f"/applications/{application_id}", SAVED)
