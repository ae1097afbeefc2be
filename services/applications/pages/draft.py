"""A draft's hub and its sections, "Complétez votre candidature" (R17, R21, R25)."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from starlette.responses import Response

from services.applications.domain.draft import NOT_EDITABLE
from services.applications.domain.inputs import CandidateFacts
from services.applications.domain.progress import Progress, progress_of, unchecked
from services.applications.domain.questionnaire import ATTACH
from services.applications.domain.slot import TAKEN
from services.applications.domain.state import EDUCATION, restored
from services.applications.domain.submission import fields_in, problems_in, profile_problems, unprintable_problems
from services.applications.events import Status
from services.applications.events.sections import DECISIVE, SECTIONS, Section
from services.applications.pages import equivalence
from services.applications.pages.listing import details
from services.applications.pages.saving import SAVED, saved_in, section_form, section_named, version_in
from services.applications.pages.submission import submitted_page
from services.applications.pages.words import PROGRESS, of_copied, places
from services.applications.projections import ApplicationDocument
from services.applications.use_cases import accommodations, applications
from services.applications.use_cases import equivalence as degrees
from shared.auth import Candidate, Who
from shared.model.errors import N_, Conflict, Problem
from shared.model.reasons import Reason
from shared.runtime.kernel import Kernel, KernelDep
from shared.vocabulary.fields import Values
from shared.web import Page, PageContext, pages_router
from shared.web.conflicts import seen
from shared.web.forms import action, text
from shared.web.section_form import Saved, SectionForm, Unsaved

router = pages_router()
NAMES = tuple(SECTIONS)
UNPRINTABLE = N_(
    "Your application is saved. It contains characters that cannot be printed: they are listed before you submit"
)


@router.get("/applications/{application_id:uuid}")
async def hub(kernel: KernelDep, page: Page, who: Candidate, application_id: UUID) -> Response:
    document = await applications.own(kernel, who, application_id)
    if document["status"] != Status.DRAFT:
        return await submitted_page(kernel, page, document)
    candidate = await applications.candidate_of(kernel, who.account_id)
    person = CandidateFacts.model_validate(candidate) if candidate else None
    now, vacancy = await kernel.now(), await applications.targeted(kernel, document)
    return page.render(
        "applications/hub.html",
        document=document,
        vacancy=vacancy,
        sent=(await applications.slot_of(kernel, who, vacancy)).application_id if vacancy else None,
        taken=TAKEN,
        items=[_task(page, document, section, now.date()) for section in SECTIONS.values()],
        profile=places(document["id"], list(profile_problems(person))),
        offers=degrees.offered(document, await degrees.catalogue(kernel), now),
        accommodation=await accommodations.mine(kernel, application_id),
    )


@router.post("/applications/{application_id:uuid}")
async def keep(kernel: KernelDep, page: Page, who: Candidate, application_id: UUID) -> Response:
    """Everything typed was saved on its own page, or by the script before this was sent: says so, as the guide does."""
    await page.form()
    document = await applications.own(kernel, who, application_id)
    if document["status"] != Status.DRAFT:
        raise Conflict.because(NOT_EDITABLE, reason=Reason.NOT_EDITABLE)
    return page.redirect(f"/applications/{application_id}", SAVED)


def _task(page: PageContext, document: ApplicationDocument, section: Section, today: Any) -> dict[str, Any]:
    state = restored(document)
    progress = progress_of(state, section.name, today)
    check = "?check=1" if progress == "problem" else ""
    return {
        "href": f"/applications/{document['id']}/{section.name}{check}" if progress != "cannot_start" else None,
        "text": page._(section.label),
        "hint": _hint(page, section.name, progress, unchecked(state, section.name)),
        "status": page._(PROGRESS[progress]),
        "done": progress == "completed",
        "problem": progress == "problem",
    }


def _hint(page: PageContext, name: str, progress: Progress, copied: bool) -> str:
    if progress == "cannot_start":
        return page._("Choose a job opening first: the questions depend on it.")
    if copied:
        return page._(of_copied(name))
    decisive = name in DECISIVE and progress != "completed"
    return page._("Pay particular attention to this section.") if decisive else ""


@router.get("/applications/{application_id:uuid}/{name}")
async def show(  # noqa: PLR0917 - one argument a part of the request
    kernel: KernelDep, page: Page, who: Candidate, application_id: UUID, name: str, check: str = ""
) -> Response:
    section = section_named(name)
    document = await applications.own(kernel, who, application_id)
    if document["status"] != Status.DRAFT:
        return page.redirect(f"/applications/{application_id}")
    today = (await kernel.now()).date()
    state = restored(document)
    problems = problems_in(state, name, today, page.language) if check else []
    problems += unprintable_problems(state, name, page.language)
    return await _section(kernel, page, document, section, saved_in(document, name), problems, today=today)


async def _section(  # noqa: PLR0917 - what the page shows
    kernel: Kernel,
    page: PageContext,
    document: ApplicationDocument,
    section: Section,
    values: Values,
    problems: Sequence[Problem],
    status: int = 200,
    version: int | None = None,
    *,
    today: date,
) -> Response:
    """`version`: the one that the values were typed over; the saved one otherwise."""
    state, name = restored(document), section.name
    return page.render(
        "applications/section.html",
        status,
        document=document,
        section=section,
        fields_shown=fields_in(state, name, page.language),
        values=values,
        problems=problems,
        version=version_in(document, name) if version is None else version,
        copied=of_copied(name) if unchecked(state, name) else "",
        targeted=state.target is not None,
        notes=await equivalence.notes(kernel, page, document, values) if name == EDUCATION else {},
        details=details(page, section, values),
        sections=_navigation(page, document, name, today),
    )


@router.post("/applications/{application_id:uuid}/{name}")
async def save(kernel: KernelDep, page: Page, who: Candidate, application_id: UUID, name: str) -> Response:
    """Saves the section's own fields; its entries are saved on their pages, to which "Add" and "Change" lead."""

    async def again(posted: SectionForm[ApplicationDocument], found: Unsaved) -> Response:
        document, version = posted.saved.document, seen(posted.form)
        today, section = (await kernel.now()).date(), section_named(name)
        return await _section(kernel, page, document, section, found.typed, found.problems, 422, version, today=today)

    posted = await section_form(kernel, page, who, application_id, name, again)

    async def then(kept: Saved[ApplicationDocument]) -> Response:
        return await _next_page(kernel, who, posted, kept.document, name)

    return await posted.save_section(then)


async def _next_page(
    kernel: Kernel, who: Who, posted: SectionForm[ApplicationDocument], kept: ApplicationDocument, name: str
) -> Response:
    """Where the button leads: to a diploma's report, on to the next section, back to the hub until later, or here."""
    page, hub = posted.page, f"/applications/{kept['id']}"
    if diploma_id := equivalence.pressed(kept, text(posted.form, "_report")):
        return page.redirect(f"{hub}/diplomas/{diploma_id}/report")
    if diploma_id := equivalence.pressed(kept, text(posted.form, "_take")):
        await degrees.take(kernel, who, UUID(kept["id"]), diploma_id)
        return page.redirect(posted.address, equivalence.TAKEN)
    following = (*NAMES, "attachments")[NAMES.index(name) + 1]
    leads_to = {"continue": f"{hub}/{following}", "later": hub, ATTACH.value: f"{hub}/{ATTACH.value}"}
    said = UNPRINTABLE if unprintable_problems(restored(kept), name, page.language) else SAVED
    return page.redirect(leads_to.get(action(posted.form) or "", f"{posted.address}?check=1"), said)


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
