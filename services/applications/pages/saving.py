"""The form of a draft's sections: what is saved, what its pages read, and two windows at once."""

from collections.abc import Awaitable, Callable
from typing import Any, Final
from uuid import UUID

from starlette.responses import Response

from services.applications.domain.state import restored
from services.applications.domain.submission import fields_in
from services.applications.events.sections import SECTIONS, Section
from services.applications.projections import ApplicationDocument
from services.applications.use_cases import applications
from shared.auth import Who
from shared.model.errors import N_, NotFound
from shared.runtime.kernel import Kernel
from shared.web import PageContext
from shared.web.section_form import Saved, SectionForm, Unsaved

SAVED: Final = N_("You have successfully saved your job application")


def section_named(name: str) -> Section:
    """Raises NotFound."""
    if name not in SECTIONS:
        raise NotFound
    return SECTIONS[name]


def saved_in(document: ApplicationDocument, name: str) -> dict[str, Any]:
    """The section's values as they are saved."""
    return document["sections"].get(name, {})


def version_in(document: ApplicationDocument, name: str) -> int:
    return document["saves"].get(name, 0)


ShowAgain = Callable[[SectionForm[ApplicationDocument], Unsaved], Awaitable[Response]]


async def section_form(  # noqa: PLR0917 - what a form needs
    kernel: Kernel, page: PageContext, who: Who, application_id: UUID, name: str, again: ShowAgain
) -> SectionForm[ApplicationDocument]:
    """The form that was posted about a section of somebody's draft, or about a part of it."""
    section, form = section_named(name), await page.form()
    document = await applications.own(kernel, who, application_id)

    async def write(values: dict[str, Any], seen: int | None) -> Saved[ApplicationDocument]:
        known = version_in(document, name) if seen is None else seen
        kept = await applications.save(kernel, who, document, name, values=values, seen=known, in_place=page.autosave)
        return _saved(kept, name)

    async def reread() -> Saved[ApplicationDocument]:
        return _saved(await applications.folded(kernel, application_id) or document, name)

    address = f"/applications/{application_id}/{section.name}"
    fields = fields_in(restored(document), name, page.language)
    return SectionForm(
        page, form, address, fields, _saved(document, name), SAVED, write, reread, page._(section.label), again
    )


def _saved(document: ApplicationDocument, name: str) -> Saved[ApplicationDocument]:
    return Saved(saved_in(document, name), version_in(document, name), document)
