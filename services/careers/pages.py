"""The portal's home, the Careers page, and the help pages."""

from typing import Final

from starlette.responses import Response

from services.careers.projections import OVERVIEW, STATUSES, VACANCIES, WITHDRAWABLE, nothing_yet, shown, vacancy_ids
from shared.auth import Candidate
from shared.errors import N_, NotFound
from shared.runtime import KernelDep
from shared.web import Page, pages_router

router = pages_router()

ALL: Final = "all"
HELP: Final = {"prepare": N_("Prepare your application offline"), "sessions": N_("Sessions and saving")}
"""The help pages by their names in the address."""


@router.get("/")
async def home(page: Page) -> Response:
    return page.render("careers/home.html")


@router.get("/careers")
async def careers(page: Page, kernel: KernelDep, who: Candidate, show: str = ALL) -> Response:
    """ "Afficher candidatures" filters; "Actualiser" is the same page again, which is never stale (R58, R59)."""
    known = await kernel.views.get(OVERVIEW, who.account_id) or nothing_yet()
    seen = shown(known, await kernel.views.many(VACANCIES, vacancy_ids(known)), await kernel.now())
    chosen = show if show in STATUSES else ALL
    rows = [row for row in seen["applications"] if chosen in (ALL, row["status"])]
    return page.render(
        "careers/careers.html", 200, rows=rows, total=len(seen["applications"]), chosen=chosen, statuses=STATUSES,
        withdrawable=WITHDRAWABLE, seen=seen, news=[row for row in seen["tickets"] if row["unread"]],
    )  # fmt: skip


@router.get("/help")
async def help_index(page: Page) -> Response:
    return page.render("careers/help/index.html", 200, topics=HELP)


@router.get("/help/{topic}")
async def help_page(page: Page, topic: str) -> Response:
    if topic not in HELP:
        raise NotFound.because(N_("There is no help page with this name."))
    return page.render(f"careers/help/{topic}.html", 200, title=HELP[topic])
