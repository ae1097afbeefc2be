"""The portal's home and the Careers page."""

from collections.abc import Mapping
from typing import Final

from starlette.responses import Response

from services.applications.events import Status
from services.careers.projections import (
    OVERVIEW,
    VACANCIES,
    ApplicationRow,
    attention,
    careers_view,
    nothing_yet,
    places,
    vacancy_ids,
)  # fmt: skip
from shared.auth import Candidate
from shared.runtime.kernel import KernelDep
from shared.web import Page, pages_router

router = pages_router()

ALL: Final = "all"
CURRENT, ARCHIVED = "current", "archived"
"""What is shown unless something else is asked for, and what was put out of the way."""

STATUSES: Final[Mapping[str, Status]] = {status.value: status for status in Status}
COLOURS: Final[Mapping[str, str]] = {
    Status.DRAFT: "yellow",
    Status.APPLIED: "blue",
    Status.UNDER_CONSIDERATION: "blue",
    Status.SELECTED: "green",
    Status.ROSTERED: "green",
}
"""Of a status's tag; grey where nothing is to be expected any more."""


@router.get("/")
async def home(page: Page) -> Response:
    return page.render("careers/home.html")


@router.get("/careers")
async def careers(page: Page, kernel: KernelDep, who: Candidate, show: str = "") -> Response:
    """ "Afficher candidatures" filters; "Actualiser" is the same page again, which is never stale (R58, R59)."""
    known = await kernel.views.get(OVERVIEW, who.account_id) or nothing_yet()
    now = await kernel.now()
    seen = careers_view(known, await kernel.views.many(VACANCIES, vacancy_ids(known)), now, page.language)
    archived = sum(bool(row.get("archived")) for row in seen["applications"])
    offered = (*STATUSES, ALL, *((CURRENT, ARCHIVED) if archived else ()))
    chosen = show if show in offered else CURRENT if archived else ALL
    rows = [row for row in seen["applications"] if _is_shown(row, chosen)]
    return page.render(
        "careers/careers.html", 200, rows=rows, total=len(seen["applications"]), chosen=chosen, statuses=STATUSES,
        colours=COLOURS, archived=archived, seen=seen, todo=attention(seen, now), places=places,
    )  # fmt: skip


def _is_shown(row: ApplicationRow, chosen: str) -> bool:
    """Every one under "all" (R58); under a status, those in the archive too."""
    if chosen in (CURRENT, ARCHIVED):
        return bool(row.get("archived")) is (chosen == ARCHIVED)
    return chosen in (ALL, row["status"])
