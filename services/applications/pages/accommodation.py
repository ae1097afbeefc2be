"""Reasonable accommodation in tests and interviews: asking for it, changing and withdrawing it."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from starlette.responses import Response

from services.applications.events.accommodation import ACCOMMODATION_FIELDS
from services.applications.use_cases import accommodations, applications
from shared.auth import Candidate
from shared.model.errors import N_, Invalid, Problem
from shared.runtime.kernel import KernelDep
from shared.vocabulary.fields import Values
from shared.web import Page, PageContext, pages_router
from shared.web.forms import read

router = pages_router()

PATH: Final = "/applications/{application_id:uuid}/accommodation"
ASKED: Final = N_("Your request is saved. Only those who arrange accommodation read it")
WITHDRAWN: Final = N_("Your request is withdrawn. From now on nobody is shown what you wrote")


@router.get(PATH)
async def show(kernel: KernelDep, page: Page, who: Candidate, application_id: UUID) -> Response:
    document = await applications.own(kernel, who, application_id)
    standing = await accommodations.mine(kernel, application_id)
    return _page(page, document, standing, standing or {})


def _page(
    page: PageContext, document: Any, standing: Any, values: Values, problems: Sequence[Problem] = ()
) -> Response:
    return page.render(
        "applications/accommodation.html",
        422 if problems else 200,
        document=document,
        standing=standing,
        is_open=accommodations.is_open(document),
        fields_shown=ACCOMMODATION_FIELDS,
        values=values,
        problems=problems,
    )


@router.post(PATH)
async def ask(kernel: KernelDep, page: Page, who: Candidate, application_id: UUID) -> Response:
    values = read(ACCOMMODATION_FIELDS, await page.form())
    try:
        await accommodations.ask(kernel, who, application_id, values)
    except Invalid as refusal:
        document = await applications.own(kernel, who, application_id)
        return _page(page, document, await accommodations.mine(kernel, application_id), values, refusal.problems)
    return page.redirect(PATH.replace("{application_id:uuid}", str(application_id)), ASKED)


@router.get(f"{PATH}/withdraw")
async def ask_withdraw(kernel: KernelDep, page: Page, who: Candidate, application_id: UUID) -> Response:
    document = await applications.own(kernel, who, application_id)
    if await accommodations.mine(kernel, application_id) is None:
        return page.redirect(f"/applications/{application_id}/accommodation")
    return page.render("applications/accommodation_withdraw.html", document=document)


@router.post(f"{PATH}/withdraw")
async def withdraw(kernel: KernelDep, page: Page, who: Candidate, application_id: UUID) -> Response:
    await page.form()
    await accommodations.withdraw(kernel, who, application_id)
    return page.redirect(f"/applications/{application_id}", WITHDRAWN)
