"""The page of one diploma, job, language, referee …: each entry of a section has its own."""

from collections.abc import Sequence
from uuid import UUID

from starlette.responses import Response

from services.applications.domain.state import restored
from services.applications.domain.submission import problems_in, unprintable_problems
from services.applications.events import Status
from services.applications.events.sections import DIPLOMAS, Section
from services.applications.pages import equivalence
from services.applications.pages.saving import saved_in, section_form, section_named, version_in
from services.applications.projections import ApplicationDocument
from services.applications.use_cases import applications
from shared.auth import Candidate
from shared.model.errors import Problem
from shared.runtime.kernel import Kernel, KernelDep
from shared.vocabulary.fields import Values
from shared.web import Page, PageContext, pages_router
from shared.web.conflicts import seen
from shared.web.entries import EntryRef, entry_ref
from shared.web.section_form import Saved, SectionForm, Unsaved

router = pages_router()

PATH = "/applications/{application_id:uuid}/{name}/{group}/{number:int}"


@router.get(PATH)
async def show(  # noqa: PLR0917 - one argument a part of the request
    kernel: KernelDep, page: Page, who: Candidate, application_id: UUID, name: str, group: str, number: int,
    check: str = "",
) -> Response:  # fmt: skip
    section, document = section_named(name), await applications.own(kernel, who, application_id)
    if document["status"] != Status.DRAFT:
        return page.redirect(f"/applications/{application_id}")
    here = entry_ref(section.fields, group, number, saved_in(document, name))
    problems = await _problems(kernel, page.language, document, section, here) if check else []
    problems += here.problems(unprintable_problems(restored(document), name, page.language))
    return await _entry(kernel, page, document, section, here, here.entry(saved_in(document, name)), problems)


async def _entry(  # noqa: PLR0917 - what the page shows
    kernel: Kernel,
    page: PageContext,
    document: ApplicationDocument,
    section: Section,
    here: EntryRef,
    values: Values,
    problems: Sequence[Problem],
    status: int = 200,
    version: int | None = None,
) -> Response:
    """`version`: the one that the values were typed over; the saved one otherwise."""
    saved = saved_in(document, section.name)
    notes = await equivalence.notes(kernel, page, document, saved) if here.group.name == DIPLOMAS.name else {}
    return page.render(
        "applications/part.html",
        status,
        document=document,
        section=section,
        entry=here,
        values=values,
        known=here.is_in(saved),
        note=notes.get(here.number),
        problems=problems,
        version=version_in(document, section.name) if version is None else version,
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
    section = section_named(name)

    async def again(posted: SectionForm[ApplicationDocument], found: Unsaved) -> Response:
        document, version = posted.saved.document, seen(posted.form)
        here = entry_ref(section.fields, group, number, posted.saved.values)
        return await _entry(kernel, page, document, section, here, found.typed, found.problems, 422, version)

    posted = await section_form(kernel, page, who, application_id, name, again)

    async def problems(kept: Saved[ApplicationDocument], here: EntryRef) -> list[Problem]:
        unprintable = here.problems(unprintable_problems(restored(kept.document), name, page.language))
        return [*await _problems(kernel, page.language, kept.document, section, here), *unprintable]

    return await posted.save_entry(group, number, problems)
