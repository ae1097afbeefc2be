"""The page of one dependant, relative, job …: each entry of a section has its own."""

from collections.abc import Sequence
from typing import Any

from fastapi import Response

from services.profile.domain import ALL_SECTIONS, Section
from services.profile.pages.profile_view import profile_view, section_form
from shared.auth import Candidate
from shared.model.errors import Problem
from shared.runtime.kernel import KernelDep
from shared.vocabulary.fields import Entries, Values
from shared.web import Page, PageContext, pages_router
from shared.web.conflicts import seen
from shared.web.entries import EntryRef, entry_ref
from shared.web.section_form import Saved, SectionForm, Unsaved

router = pages_router()


def _pages_of(section: Section) -> None:
    """The page of one entry of this section: GET shows its form, POST saves it."""
    path = f"/profile/{section.slug}/{{group}}/{{number:int}}"

    @router.get(path)
    async def show(  # noqa: PLR0917 - one argument a part of the request
        page: Page, who: Candidate, kernel: KernelDep, group: str, number: int, check: str = ""
    ) -> Response:
        profile = await profile_view(kernel, who)
        saved = profile.values(section)
        here = entry_ref(section.fields, group, number, saved)
        problems = here.problems(profile.problems(section)) if check else []
        problems += here.problems(profile.unprintable(section))
        return _show(
            page, section, here, saved, values=here.entry(saved), version=profile.version(section), problems=problems
        )

    @router.post(path)
    async def save(page: Page, who: Candidate, kernel: KernelDep, group: str, number: int) -> Response:
        async def again(posted: SectionForm[None], found: Unsaved) -> Response:
            here, saved = entry_ref(section.fields, group, number, posted.saved.values), posted.saved
            return _show(
                page, section, here, saved.values, 422, values=found.typed, version=seen(posted.form),
                problems=found.problems,
            )  # fmt: skip

        async def problems(_: Saved[None], here: EntryRef) -> Sequence[Problem]:
            profile = await profile_view(kernel, who)
            return here.problems([*profile.problems(section), *profile.unprintable(section)])

        posted = await section_form(page, kernel, who, section, again)
        return await posted.save_entry(group, number, problems)


for each in ALL_SECTIONS:
    if any(isinstance(field, Entries) for field in each.fields):
        _pages_of(each)


def _show(
    page: PageContext, section: Section, here: EntryRef, saved: Values, status: int = 200, **context: Any
) -> Response:
    return page.render(
        "profile/part.html", status,
        **{"section": section, "entry": here, "known": here.is_in(saved), "problems": [], **context},
    )  # fmt: skip
