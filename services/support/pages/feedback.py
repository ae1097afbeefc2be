"""What candidates think of the site: the page on which they say it, and the desk's list, which names nobody."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

from fastapi import Query, Response

from services.support.domain.feedback import FEEDBACK_FIELDS, RATINGS
from services.support.use_cases import feedback
from shared.auth import Agent, Candidate
from shared.http.problems import status_of
from shared.model.errors import N_, Invalid, Problem, TooMany
from shared.runtime.kernel import KernelDep
from shared.web import Page, PageContext, pages_router
from shared.web.forms import read

router = pages_router(prefix="/support")

ROWS: Final = 50
LABELS: Final = {int(each.value): each.label for each in RATINGS}
THANKS: Final = N_("Thank you for telling us what you think of this site")


@router.get("/feedback")
async def ask(page: Page, kernel: KernelDep, who: Candidate) -> Response:
    said = await feedback.mine(kernel, who)
    return _form(page, {"rating": str(said["rating"]), "text": said["text"]} if said else {})


def _form(page: PageContext, values: dict[str, Any], problems: Sequence[Problem] = (), status: int = 200) -> Response:
    return page.render("support/feedback.html", status, fields_shown=FEEDBACK_FIELDS, values=values, problems=problems)


@router.post("/feedback")
async def give(page: Page, kernel: KernelDep, who: Candidate) -> Response:
    values = read(FEEDBACK_FIELDS, await page.form())
    try:
        await feedback.give(kernel, who, values)
    except (Invalid, TooMany) as refused:
        return _form(page, values, refused.problems, status_of(refused))
    return page.redirect("/careers", THANKS)


@router.get("/desk/feedback")
async def listed(
    page: Page, kernel: KernelDep, _: Agent, number: Annotated[int, Query(alias="page", ge=1, le=100_000)] = 1
) -> Response:
    found = await feedback.page_of(kernel, ROWS, (number - 1) * ROWS)
    return page.render(
        "support/desk_feedback.html",
        said=found.said,
        labels=LABELS,
        counts=[(page._(label), str(found.counts.get(rating, 0))) for rating, label in LABELS.items()],
        number=number,
        pages=-(-sum(found.counts.values()) // ROWS),
        address="/support/desk/feedback?page=",
    )
