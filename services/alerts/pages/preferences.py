"""The one place where candidates see which mails they receive, and switch off what they may."""

from uuid import UUID

from starlette.responses import Response

from services.alerts.events import MailKind
from services.alerts.projections import SEARCHES, kept, search_key
from services.alerts.use_cases import preferences
from services.alerts.use_cases.showing import shown
from shared.auth import Candidate
from shared.model.errors import N_
from shared.runtime.kernel import KernelDep
from shared.vocabulary.fields import Field, Option
from shared.web import Page, pages_router
from shared.web.forms import read

router = pages_router(prefix="/alerts")

CHANGED = N_("Your choice of e-mails is saved.")
KINDS = Field(
    "kinds", N_("E-mails that you can switch off"), "choices",
    options=tuple(Option(kind.value, kind.label) for kind in MailKind),
    hint=N_("Tick those that you want to receive."),
)  # fmt: skip


@router.get("/preferences")
async def choice(page: Page, kernel: KernelDep, who: Candidate) -> Response:
    searches = await shown(kernel, *kept(await kernel.views.prefixed(SEARCHES, search_key(who.account_id, ""))))
    values = {KINDS.name: [kind.value for kind in await preferences.wanted(kernel, who)]}
    return page.render("alerts/preferences.html", 200, kinds=KINDS, values=values, searches=searches)


@router.post("/preferences")
async def choose(page: Page, kernel: KernelDep, who: Candidate) -> Response:
    ticked = read((KINDS,), await page.form())[KINDS.name]
    await preferences.choose(kernel, who, [kind for kind in MailKind if kind.value in ticked])
    return page.redirect("/alerts/preferences", CHANGED)


@router.get("/mails/{kind}/{candidate_id:uuid}/{token}")
async def ask_to_stop(page: Page, kernel: KernelDep, kind: str, candidate_id: UUID, token: str) -> Response:
    """Reading changes nothing: mail programs and scanners follow links by themselves. A used link says so at once."""
    named = preferences.kind_named(kind)
    done = await preferences.is_stopped(kernel, named, candidate_id, token)
    path = f"/alerts/mails/{kind}/{candidate_id}/{token}"
    return page.render("alerts/mails_stopped.html", 200, kind=named, action=path, done=done)


@router.post("/mails/{kind}/{candidate_id:uuid}/{token}")
async def stop(page: Page, kernel: KernelDep, kind: str, candidate_id: UUID, token: str) -> Response:
    """RFC 8058: whoever holds the link may, without cookies and without a form's token; the answer is no redirect."""
    named = preferences.kind_named(kind)
    await preferences.stop(kernel, named, candidate_id, token)
    return page.render("alerts/mails_stopped.html", 200, kind=named, action="", done=True)
