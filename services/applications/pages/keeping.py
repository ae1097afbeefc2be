"""How a candidate keeps order in their own list: drafts have names, and what is over goes to the archive."""

from uuid import UUID

from starlette.responses import Response

from services.applications.domain.draft import NAME_FIELDS
from services.applications.events import Status
from services.applications.use_cases import applications
from shared.auth import Candidate
from shared.model.errors import N_, Invalid
from shared.runtime.kernel import KernelDep
from shared.web import Page, pages_router
from shared.web.forms import read

router = pages_router()

NAMED = N_("The name of the draft is saved")
ARCHIVED = N_("The application is archived. You find it under “In the archive”")
RESTORED = N_("The application is in your list again")


@router.get("/applications/{application_id:uuid}/rename")
async def ask_name(kernel: KernelDep, page: Page, who: Candidate, application_id: UUID) -> Response:
    document = await applications.own(kernel, who, application_id)
    if document["status"] != Status.DRAFT:
        return page.redirect(f"/applications/{application_id}")
    values = {"name": document.get("name", "")}
    return page.render("applications/rename.html", document=document, fields_shown=NAME_FIELDS, values=values)


@router.post("/applications/{application_id:uuid}/rename")
async def rename(kernel: KernelDep, page: Page, who: Candidate, application_id: UUID) -> Response:
    values = read(NAME_FIELDS, await page.form())
    try:
        await applications.rename(kernel, who, application_id, values["name"])
    except Invalid as refusal:
        context = {"document": await applications.own(kernel, who, application_id), "fields_shown": NAME_FIELDS}
        return page.render("applications/rename.html", 422, values=values, problems=refusal.problems, **context)
    return page.redirect(f"/applications/{application_id}", NAMED)


@router.post("/applications/{application_id:uuid}/archive")
async def archive(kernel: KernelDep, page: Page, who: Candidate, application_id: UUID) -> Response:
    await page.form()
    await applications.archive(kernel, who, application_id)
    return page.redirect("/careers", ARCHIVED)


@router.post("/applications/{application_id:uuid}/restore")
async def restore(kernel: KernelDep, page: Page, who: Candidate, application_id: UUID) -> Response:
    await page.form()
    await applications.restore(kernel, who, application_id)
    return page.redirect("/careers", RESTORED)
