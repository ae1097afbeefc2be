"""What every public service says of itself: privacy, terms of use, cookies, accessibility, and what works now."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from babel.dates import format_timedelta
from starlette.requests import Request
from starlette.responses import Response

from services.applications import events as applications
from services.support import events as support
from shared.model.errors import N_
from shared.runtime.kernel import KernelDep
from shared.runtime.standing import standing
from shared.vocabulary.cookies import COOKIES
from shared.web import Page, PageContext, pages_router
from shared.web.errors import reader_if_known
from shared.web.language import Texts

router = pages_router()

FUNCTIONS: Final[Mapping[str, str]] = {
    "vacancies": N_("Finding and reading job openings"),
    "identity": N_("Registering and logging in"),
    "profile": N_("Your profile"),
    "applications": N_("Preparing, submitting and following applications"),
    "alerts": N_("Saved searches and job alerts"),
    "support": N_("Writing to the Technical Support Centre"),
    "careers": N_("The Careers page and the help pages"),
}
"""What each service is for its users, in the order in which they need it."""


@router.get("/privacy")
async def privacy(page: Page, kernel: KernelDep) -> Response:
    """What is held of whom, and when it goes: as the services do it."""
    days = {"file_days": applications.RETENTION, "ticket_days": support.RETENTION}
    return page.render("careers/privacy.html", 200, **{name: int(kernel.setting(of)) for name, of in days.items()})


@router.get("/terms")
async def terms(page: Page) -> Response:
    return page.render("careers/terms.html")


@router.get("/cookies")
async def cookies(page: Page) -> Response:
    rows = [(each.name, page._(each.purpose), lifetime(each.lasts, page.texts)) for each in COOKIES]
    return page.render("careers/cookies.html", 200, rows=rows)


@router.get("/accessibility")
async def accessibility(page: Page) -> Response:
    return page.render("careers/accessibility.html")


@router.get("/status")
async def status(request: Request) -> Response:
    """Whatever is down, this page comes: it waits for nobody, not even to learn who reads it."""
    works, reader = await asyncio.gather(standing(request).ready(), reader_if_known(request))
    functions = [(label, works[name]) for name, label in FUNCTIONS.items()]
    page = PageContext(request, reader)
    return page.render("careers/status.html", 200, functions=functions, all_work=all(works.values()))


def lifetime(lasts: timedelta, texts: Texts) -> str:
    """How long a browser keeps a cookie, in words."""
    return format_timedelta(lasts, locale=texts.language) if lasts else texts(N_("until you close the browser"))
