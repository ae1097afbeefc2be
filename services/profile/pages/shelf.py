"""A candidate's profile as its pages see it, and what saving a part of it has in common."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from starlette.datastructures import FormData

from services.profile.domain import PROFILE, SAVES, Completeness, Section, completeness
from services.profile.projections import PROFILE as VIEW
from services.profile.projections import ProfileDocument
from shared.auth import Who
from shared.model.errors import N_, Conflict, Problem
from shared.runtime.kernel import Kernel
from shared.vocabulary.fields import Values
from shared.web import PageContext
from shared.web.conflicts import seen

SAVED: Final = N_("Your profile was saved successfully")


class Shelf(NamedTuple):
    """A candidate's profile as it is kept, and how complete that is today."""

    document: ProfileDocument
    complete: Completeness

    def values(self, section: Section) -> Mapping[str, Any]:
        saved = self.document["sections"].get(section.key)
        return saved["values"] if saved else {}

    def problems(self, section: Section) -> list[Problem]:
        """What is missing or wrong in the section."""
        return [Problem(step.field, step.problem, step.params) for step in self.complete.of(section).left]

    def version(self, section: Section) -> int:
        saved = self.document["sections"].get(section.key)
        return saved["version"] if saved else 0


async def shelf(kernel: Kernel, who: Who) -> Shelf:
    """The profile of whoever is logged in, also in the moment before it was opened."""
    empty = ProfileDocument(user_code=who.user_code, email=who.email, sections={})
    document = await kernel.views.get(VIEW, who.account_id) or empty
    saved = {key: section["values"] for key, section in document["sections"].items()}
    return Shelf(document, completeness(saved, (await kernel.now()).date()))


class Visit(NamedTuple):
    """Somebody at a page, who posted a form about a section of their profile or a part of it."""

    page: PageContext
    kernel: Kernel
    who: Who
    section: Section
    form: FormData

    @property
    def address(self) -> str:
        """The section's page."""
        return f"/profile/{self.section.slug}"

    async def save(self, values: dict[str, Any]) -> Conflict | None:
        """Saves these values of the section; returns the refusal if another window saved others meanwhile.

        A background save raises it.
        """
        command = SAVES[self.section.key](candidate_id=self.who.account_id, values=values, seen=seen(self.form))
        try:
            await self.kernel.execute(PROFILE, self.who.account_id, command)
        except Conflict as conflict:
            if self.page.autosave:
                raise
            return conflict
        return None

    async def saved(self) -> tuple[Values, int]:
        """The section's values as they are saved now, not as a view will soon show them, and their version."""
        state = await self.kernel.state(PROFILE, self.who.account_id)
        return state.values.get(self.section.key, {}), state.versions.get(self.section.key, 0)
