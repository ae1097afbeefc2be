"""The star of a job opening: saving it, and taking it off the list."""

from uuid import UUID

from starlette.responses import Response

from services.alerts.projections import in_words
from services.alerts.use_cases import openings
from shared.auth import Candidate
from shared.http.problems import status_of
from shared.model.errors import N_, Conflict
from shared.runtime.kernel import KernelDep
from shared.web import Page, pages_router
from shared.web.forms import action

router = pages_router(prefix="/alerts")

SAVED = N_("The job opening is saved. You find it on the Careers page, and we remind you of its deadline.")
SAVED_ELSEWHERE = N_("The job opening is saved. You find it on the Careers page, and we tell you if it changes.")
"""Of one that is published in Galaxy: nobody applies for it here, so nobody is reminded to."""
LEFT = N_("The job opening is no longer saved.")


@router.get("/openings/{vacancy_id:uuid}")
async def ask(page: Page, kernel: KernelDep, _who: Candidate, vacancy_id: UUID) -> Response:
    """Where whoever pressed a star without being logged in goes on: reading changes nothing."""
    vacancy = await openings.find(kernel, vacancy_id)
    return page.render("alerts/opening.html", 200, vacancy=in_words(vacancy, page.language), back=page.wanted)


@router.post("/openings/{vacancy_id:uuid}")
async def press(page: Page, kernel: KernelDep, who: Candidate, vacancy_id: UUID) -> Response:
    """Back to the page on which the star was."""
    leaving = action(await page.form()) == "leave"
    if leaving:
        await openings.leave(kernel, who, vacancy_id)
        return page.redirect(page.wanted or "/careers", LEFT)
    try:
        saved = await openings.save(kernel, who, vacancy_id)
    except Conflict as refused:
        vacancy = in_words(await openings.find(kernel, vacancy_id), page.language)
        shown = {"vacancy": vacancy, "back": page.wanted, "problems": refused.problems}
        return page.render("alerts/opening.html", status_of(refused), **shown)
    said = SAVED_ELSEWHERE if saved.get("source") == "galaxy" else SAVED
    return page.redirect(page.wanted or f"/vacancies/{vacancy_id}", said)
