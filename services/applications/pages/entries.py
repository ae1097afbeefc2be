"""The page of one diploma, job, language, referee …: each entry of a section has its own."""

from typing import Any
from uuid import UUID

from starlette.responses import Response

from services.applications.domain.sections import DIPLOMAS, Section
from services.applications.domain.state import restored
from services.applications.domain.submission import problems_in
from services.applications.pages import equivalence
from services.applications.pages.saving import SAVED, Draft, saved_in, section_named, version_in
from services.applications.projections import ApplicationDocument
from services.applications.use_cases import applications
from shared.auth import Candidate
from shared.model.errors import Problem
from shared.runtime.kernel import Kernel, KernelDep
from shared.web import Page, pages_router
from shared.web.entries import EntryRef, blank, entry_ref
from shared.web.forms import action, read

router = pages_router()

PATH = "/applications/{application_id:uuid}/{name}/{group}/{number:int}"


@router.get(PATH)
async def show(  # noqa: PLR0917 - one argument a part of the request
    kernel: KernelDep, page: Page, who: Candidate, application_id: UUID, name: str, group: str, number: int,
    check: str = "",
) -> Response:  # fmt: skip
    section, document = section_named(name), await applications.own(kernel, who, application_id)
    if document["status"] != "draft":
        return page.redirect(f"/applications/{application_id}")
    saved = saved_in(document, name)
    here = entry_ref(section.fields, group, number, saved)
    notes = await equivalence.notes(kernel, page, document, saved) if group == DIPLOMAS.name else {}
    return page.render(
        "applications/part.html",
        document=document,
        section=section,
        place=here,
        values=here.entry(saved),
        known=here.is_in(saved),
        note=notes.get(here.number),
        problems=await _problems(kernel, page.language, document, section, here) if check else [],
        version=version_in(document, name),
    )


async def _problems(
    kernel: Kernel, language: str, document: ApplicationDocument, section: Section, here: EntryRef
) -> list[Problem]:
    today = (await kernel.now()).date()
    return here.problems(problems_in(restored(document), section.name, today, language))


@router.post(PATH)
async def save(  # noqa: PLR0917 - one argument a part of the request
    kernel: KernelDep, page: Page, who: Candidate, application_id: UUID, name: str, group: str, number: int
) -> Response:
    section, form = section_named(name), await page.form()
    document = await applications.own(kernel, who, application_id)
    draft, saved = Draft(kernel, page, who, document, section, form), saved_in(document, name)
    here = entry_ref(section.fields, group, number, saved)
    entry, pressed = read(here.group.fields, form), action(form)
    if page.autosave and blank(entry):
        return page.saved()  # Emptied for the moment; it goes, and the others move up, when Save is pressed.
    kept = await draft.save(here.without(saved) if pressed == "remove" else here.put(saved, entry))
    if kept is None:
        return _both(draft, here, saved, entry)
    if page.autosave:
        return page.saved(version_in(kept, name))
    if pressed == "more":
        return page.redirect(f"{draft.address}/{here.after(saved_in(kept, name)).path}", SAVED)
    if pressed != "remove" and await _problems(kernel, page.language, kept, section, here):
        return page.redirect(f"{draft.address}/{here.path}?check=1", SAVED)
    return page.redirect(f"{draft.address}#{group}", None if pressed == "remove" else SAVED)


def _both(draft: Draft, here: EntryRef, saved: dict[str, Any], entry: dict[str, Any]) -> Response:
    """The entry as another window saved it, as it was typed here, or both of them."""
    page = draft.page
    return draft.both(
        here.group.fields,
        here.entry(saved),
        entry,
        title=f"{page._(here.group.one)} {here.number + 1}",
        here=f"{draft.address}/{here.path}",
        other=f"{draft.address}/{here.after(saved).path}",
    )
