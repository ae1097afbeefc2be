"""A candidate's profile as its pages see it, and the form of its sections."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from starlette.responses import Response

from services.profile.domain import PROFILE, SAVES, Completeness, Section, completeness
from services.profile.projections import PROFILE as VIEW
from services.profile.projections import ProfileDocument
from shared.auth import Who
from shared.model.errors import N_, Problem
from shared.runtime.kernel import Kernel
from shared.vocabulary.printing import unprintable_in
from shared.web import PageContext
from shared.web.section_form import Saved, SectionForm, Unsaved

SAVED: Final = N_("Your profile was saved successfully")

ShowAgain = Callable[[SectionForm[None], Unsaved], Awaitable[Response]]


class ProfileView(NamedTuple):
    """A candidate's profile as it is kept, and how complete that is today."""

    document: ProfileDocument
    complete: Completeness
    today: date

    def values(self, section: Section) -> Mapping[str, Any]:
        saved = self.document["sections"].get(section.key)
        return saved["values"] if saved else {}

    def problems(self, section: Section) -> list[Problem]:
        """What is missing or wrong in the section."""
        if not section.counts:
            return section.problems(self.values(section), self.today)
        return [Problem(step.field, step.problem, step.params) for step in self.complete.of(section).left]

    def unprintable(self, section: Section) -> list[Problem]:
        """What the PDF of an application cannot show of the section; the profile is complete all the same."""
        return unprintable_in(section.fields, self.values(section))

    def version(self, section: Section) -> int:
        saved = self.document["sections"].get(section.key)
        return saved["version"] if saved else 0


async def profile_view(kernel: Kernel, who: Who) -> ProfileView:
    """The profile of whoever is logged in, also in the moment before it was opened."""
    empty = ProfileDocument(user_code=who.user_code, email=who.email, sections={})
    document = await kernel.views.get(VIEW, who.account_id) or empty
    saved = {key: section["values"] for key, section in document["sections"].items()}
    today = (await kernel.now()).date()
    return ProfileView(document, completeness(saved, today), today)


async def section_form(
    page: PageContext, kernel: Kernel, who: Who, section: Section, again: ShowAgain
) -> SectionForm[None]:
    """The form that was posted about a section, or about a part of it."""

    async def saved() -> Saved[None]:
        """As it is saved now, not as a view will soon show it."""
        state = await kernel.state(PROFILE, who.account_id)
        return Saved(state.values.get(section.key, {}), state.versions.get(section.key, 0), None)

    async def write(values: dict[str, Any], seen: int | None) -> Saved[None]:
        command = SAVES[section.key](candidate_id=who.account_id, values=values, seen=seen)
        await kernel.execute(PROFILE, who.account_id, command)
        return await saved()

    form = await page.form()
    address = f"/profile/{section.slug}"
    return SectionForm(
        page, form, address, section.fields, await saved(), SAVED, write, saved, page._(section.title), again
    )
