"""What saving a part of a draft has in common: the section, the version that was seen, and two windows at once."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from starlette.datastructures import FormData
from starlette.responses import Response

from services.applications.api import desk
from services.applications.domain.draft import CHANGED_ELSEWHERE
from services.applications.domain.sections import SECTIONS, Section
from services.applications.projections import ApplicationDocument
from shared.auth import Who
from shared.errors import N_, Conflict, NotFound
from shared.fields import Field, Values, shown
from shared.runtime import Kernel
from shared.web import PageContext
from shared.web.forms import text

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
        typed, name = text(self.form, "_version"), self.section.name
        seen = int(typed) if typed.isdecimal() and len(typed) < 10 else version_in(self.document, name)
        try:
            return await desk.save(self.kernel, self.who, UUID(self.document["id"]), name, values=values, seen=seen)
        except Conflict as refusal:
            if refusal.problems[0].message != CHANGED_ELSEWHERE or self.page.autosave:
                raise
            return None

    def both(self, fields: Sequence[Field], theirs: Values, mine: Values, **more: Any) -> Response:
        """Where two versions differ, and a choice: nothing is overwritten unseen. `more`: for the template."""
        pairs = self.form.multi_items()
        return self.page.render(
            "applications/conflict.html",
            409,
            **{
                "document": self.document,
                "title": self.page._(self.section.label),
                "here": self.address,
                "clash": list(_differences(self.page, fields, theirs, mine)),
                "typed": [(name, value) for name, value in pairs if isinstance(value, str) and name[:1] != "_"],
                "version": version_in(self.document, self.section.name),
                "other": "",
                **more,
            },
        )


def _differences(
    page: PageContext, fields: Iterable[Field], theirs: Values, mine: Values
) -> Iterable[tuple[str, str, str]]:
    """The fields that two windows filled in differently: label, what was saved, what was typed, in words."""
    for field in fields:
        one, other = (shown(field, values.get(field.name), page.language, page.texts) for values in (theirs, mine))
        if one != other:
            yield page._(field.label), one, other
