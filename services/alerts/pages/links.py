"""The pages behind the links of mails, for whoever reads them, with no session."""

from uuid import UUID

from starlette.responses import Response

from services.alerts.domain import SEARCH, check_link
from services.alerts.use_cases import recipients
from shared.runtime.kernel import KernelDep
from shared.web import Page, pages_router
from shared.web.forms import action

router = pages_router(prefix="/alerts")


@router.get("/unsubscribe/{search_id:uuid}/{token}")
async def ask_to_unsubscribe(page: Page, kernel: KernelDep, search_id: UUID, token: str) -> Response:
    """Reading changes nothing: mail programs and scanners follow links by themselves. A used link says so at once."""
    search = await kernel.state(SEARCH, search_id)
    check_link(token, search)
    path = f"/alerts/unsubscribe/{search_id}/{token}"
    return page.render("alerts/unsubscribe.html", 200, name=search.name, action=path, done=not search.mailing)


@router.post("/unsubscribe/{search_id:uuid}/{token}")
async def unsubscribe(page: Page, kernel: KernelDep, search_id: UUID, token: str) -> Response:
    """RFC 8058: whoever holds the link may, without cookies and without a form's token; the answer is no redirect."""
    name = await recipients.unsubscribe(kernel, search_id, token)
    return page.render("alerts/unsubscribe.html", 200, name=name, action="", done=True)


@router.get("/confirm/{search_id:uuid}/{token}")
async def ask_to_confirm(page: Page, kernel: KernelDep, search_id: UUID, token: str) -> Response:
    """Nothing of the search is shown: its words are its owner's, who may be a stranger to whoever reads this."""
    search = await recipients.asked(kernel, search_id, token)
    path = f"/alerts/confirm/{search_id}/{token}"
    return page.render("alerts/confirm.html", 200, email=search.email, action=path)


@router.post("/confirm/{search_id:uuid}/{token}")
async def answer(page: Page, kernel: KernelDep, search_id: UUID, token: str) -> Response:
    """Without cookies and without a form's token, as the link alone is what counts."""
    yes = action(await page.request.form()) != "refuse"
    said = recipients.confirm if yes else recipients.refuse
    email = await said(kernel, search_id, token)
    return page.render("alerts/confirmed.html", 200, email=email, yes=yes)
