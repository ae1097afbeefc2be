"""What saving a part of a draft has in common: the section, the version that was seen, and two windows at once."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from starlette.datastructures import FormData
from starlette.responses import Response

from services.applications.domain.draft import CHANGED_ELSEWHERE
from services.applications.domain.sections import SECTIONS, Section
from services.applications.projections import ApplicationDocument
from services.applications.use_cases import applications
from shared.auth import Who
from shared.model.errors import N_, Conflict, NotFound
from shared.runtime.kernel import Kernel
from shared.vocabulary.fields import AnyField, Values
from shared.web import PageContext
from shared.web.conflicts import differences, seen

SAVED: Final = N_("You have successfully saved your job application")
NOT_REMOVED: Final = N_(
    "This section was saved elsewhere in the meantime, so nothing was removed. Look at it once more"
)


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


class Draft(NamedTuple):
    """A section of somebody's draft, and the form that was posted about it or a part of it."""

    kernel: Kernel
    page: PageContext
    who: Who
    document: ApplicationDocument
    section: Section
    form: FormData

    @property
    def address(self) -> str:
        """The section's page."""
        return f"/applications/{self.document['id']}/{self.section.name}"

    async def save(self, values: dict[str, Any]) -> ApplicationDocument | None:
        """The application with these values in the section; None if another window saved others meanwhile.

        A background save raises Conflict then.
        """
        name = self.section.name
        known = version_in(self.document, name) if (version := seen(self.form)) is None else version
        try:
            return await applications.save(
                self.kernel, self.who, UUID(self.document["id"]), name, values=values, seen=known
            )
        except Conflict as refusal:
            if refusal.problems[0].message != CHANGED_ELSEWHERE or self.page.autosave:
                raise
            return None

    def both(self, fields: Sequence[AnyField], theirs: Values, mine: Values, **more: Any) -> Response:
        """Where two versions differ, and a choice: nothing is overwritten unseen. `more`: for the template.

        If they do not, it was an entry's removal that another window came before: back to the section as it is now.
        """
        clash = differences(fields, self.page.texts, theirs, mine)
        if not clash:
            return self.page.redirect(self.address, NOT_REMOVED)
        pairs = self.form.multi_items()
        return self.page.render(
            "applications/conflict.html",
            409,
            **{
                "document": self.document,
                "title": self.page._(self.section.label),
                "here": self.address,
                "clash": clash,
                "typed": [(name, value) for name, value in pairs if isinstance(value, str) and name[:1] != "_"],
                "version": version_in(self.document, self.section.name),
                "other": "",
                **more,
            },
        )
