"""A draft's hub and its sections, "Complétez votre candidature" (R17, R21, R25)."""

from typing import Any
from uuid import UUID

from starlette.datastructures import FormData
from starlette.responses import Response

from services.applications.api import desk
from services.applications.api import equivalence as degrees
from services.applications.domain.draft import CHANGED_ELSEWHERE
from services.applications.domain.facts import CandidateFacts
from services.applications.domain.progress import progress_of
from services.applications.domain.sections import SECTIONS, Section
from services.applications.domain.state import EDUCATION, Application, restored
from services.applications.domain.submission import fields_in, problems_in, profile_problems
from services.applications.pages import equivalence
from services.applications.pages.submission import submitted_page
from services.applications.pages.words import PROGRESS, SAVED, places
from services.applications.projections import ApplicationDocument
from shared.auth import Candidate
from shared.errors import Conflict, NotFound
from shared.fields import AnyField, Entries
from shared.runtime import Kernel, KernelDep
from shared.web import Page, PageContext, pages_router
from shared.web.forms import action, blank, read, text

router = pages_router()
NAMES = tuple(SECTIONS)


@router.get("/applications/{application_id:uuid}")
async def hub(kernel: KernelDep, page: Page, who: Candidate, application_id: UUID) -> Response:
    document = await desk.own(kernel, who, application_id)
    if document["status"] != "draft":
        return await submitted_page(kernel, page, document)
    candidate = await desk.candidate_of(kernel, who.account_id)
    person = CandidateFacts.model_validate(candidate) if candidate else None
    today = (await kernel.now()).date()
    return page.render(
        "applications/hub.html",
        document=document,
        vacancy=await desk.targeted(kernel, document),
        items=[_task(page, document, section, today) for section in SECTIONS.values()],
        profile=places(document["id"], list(profile_problems(person))),
        offers=degrees.offered(document, await degrees.catalogue(kernel), await kernel.now()),
    )


def _task(page: PageContext, document: ApplicationDocument, section: Section, today: Any) -> dict[str, Any]:
    state = restored(document)
    progress = progress_of(state, section.name, today)
    check = "?check=1" if progress == "problem" else ""
    reachable = progress != "cannot_start"
    return {
        "href": f"/applications/{document['id']}/{section.name}{check}" if reachable else None,
        "text": page._(section.label),
        "hint": _hint(page, section.name, section.name in state.carried_over, reachable),
        "status": page._(PROGRESS[progress]),
        "done": progress == "completed",
        "problem": progress == "problem",
    }


def _hint(page: PageContext, name: str, carried_over: bool, reachable: bool) -> str:
    if not reachable:
        return page._("Choose a job opening first: the questions depend on it.")
    if carried_over:
        return page._("Taken over from your previous application. Look at it once more.")
    return page._("Pay particular attention to this section.") if name in ("screening", "skills", "letter") else ""


def _section(name: str) -> Section:
    if name not in SECTIONS:
        raise NotFound
    return SECTIONS[name]


@router.get("/applications/{application_id:uuid}/{name}")
async def show(  # noqa: PLR0917 - one argument a part of the request
    kernel: KernelDep, page: Page, who: Candidate, application_id: UUID, name: str, check: str = ""
) -> Response:
    section = _section(name)
    document = await desk.own(kernel, who, application_id)
    if document["status"] != "draft":
        return page.redirect(f"/applications/{application_id}")
    values = document["sections"].get(name, {})
    return await _form(kernel, page, document, section, values, checked=bool(check))


@router.post("/applications/{application_id:uuid}/{name}")
async def save(kernel: KernelDep, page: Page, who: Candidate, application_id: UUID, name: str) -> Response:
    section, form = _section(name), await page.form()
    document = await desk.own(kernel, who, application_id)
    fields = fields_in(restored(document), name, page.language)
    values = read(fields, form)
    try:
        saved = await desk.save(
            kernel, who, application_id, name, values=_kept(fields, values), seen=_version(form, document, name)
        )
    except Conflict as refusal:
        if refusal.problems[0].message != CHANGED_ELSEWHERE or page.autosave:
            raise
        return _both(page, document, section, fields, values, form)
    if page.autosave:
        return page.saved(saved["saves"].get(name, 0))
    pressed = action(form)
    if pressed in ("add", "remove"):
        return await _form(kernel, page, saved, section, values)
    if diploma_id := equivalence.pressed(saved, text(form, "_report")):
        return page.redirect(f"/applications/{application_id}/diplomas/{diploma_id}/report")
    if diploma_id := equivalence.pressed(saved, text(form, "_take")):
        await degrees.take(kernel, who, application_id, diploma_id)
        return page.redirect(f"/applications/{application_id}/{name}", equivalence.TAKEN)
    return page.redirect(_after(application_id, name, pressed), SAVED)


def _after(application_id: UUID, name: str, pressed: str | None) -> str:
    """On to the next section, back to the hub until later, or here again with what still needs attention."""
    if pressed == "continue":
        return _next(application_id, name)
    hub = f"/applications/{application_id}"
    return hub if pressed == "later" else f"{hub}/{name}?check=1"


def _kept(fields: tuple[AnyField, ...], values: dict[str, Any]) -> dict[str, Any]:
    """Without the entries that were only just added and hold nothing."""
    groups = {field.name for field in fields if isinstance(field, Entries)}
    return {
        name: [entry for entry in value if not blank(entry)] if name in groups else value
        for name, value in values.items()
    }


def _version(form: FormData, document: ApplicationDocument, name: str) -> int:
    typed = text(form, "_version")
    return int(typed) if typed.isdecimal() and len(typed) < 10 else document["saves"].get(name, 0)


def _next(application_id: UUID, name: str) -> str:
    following = (*NAMES, "attachments")[NAMES.index(name) + 1]
    return f"/applications/{application_id}/{following}"


async def _form(
    kernel: Kernel,
    page: PageContext,
    document: ApplicationDocument,
    section: Section,
    values: Any,
    *,
    checked: bool = False,
) -> Response:
    state: Application = restored(document)
    today = (await kernel.now()).date()
    return page.render(
        "applications/section.html",
        document=document,
        section=section,
        fields_shown=fields_in(state, section.name, page.language),
        values=values,
        problems=problems_in(state, section.name, today, page.language) if checked else [],
        version=document["saves"].get(section.name, 0),
        carried_over=section.name in state.carried_over,
        targeted=state.target is not None,
        notes=await equivalence.notes(kernel, page, document, values) if section.name == EDUCATION else {},
        sections=_navigation(page, document, section.name, today),
    )


def _navigation(page: PageContext, document: ApplicationDocument, current: str, today: Any) -> list[dict[str, Any]]:
    base, state = f"/applications/{document['id']}", restored(document)
    items: list[dict[str, Any]] = [
        {
            "href": f"{base}/{section.name}",
            "text": page._(section.label),
            "current": section.name == current,
            "state": page._(PROGRESS[progress_of(state, section.name, today)]),
        }
        for section in SECTIONS.values()
    ]
    more = (("attachments", page._("Attachments")), ("review", page._("Review and submit")))
    return [*items, *({"href": f"{base}/{name}", "text": label, "current": False} for name, label in more)]


def _both(  # noqa: PLR0917 - what the page shows
    page: PageContext,
    document: ApplicationDocument,
    section: Section,
    fields: tuple[AnyField, ...],
    values: dict[str, Any],
    form: FormData,
) -> Response:
    """Two windows have edited the section: both versions, and a choice; nothing is overwritten unseen."""
    typed = [(name, value) for name, value in form.multi_items() if isinstance(value, str) and not name.startswith("_")]
    return page.render(
        "applications/conflict.html",
        409,
        document=document,
        section=section,
        fields_shown=fields,
        theirs=document["sections"].get(section.name, {}),
        mine=values,
        typed=typed,
        version=document["saves"].get(section.name, 0),
    )
