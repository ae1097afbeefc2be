"""The page of one dependant or relative: each entry of a section has its own."""

from typing import Any

from fastapi import Response

from services.profile.domain import SECTIONS, Section
from services.profile.pages.shelf import SAVED, Visit, shelf
from shared.auth import Candidate
from shared.runtime.kernel import KernelDep
from shared.vocabulary.fields import Entries, Values
from shared.web import Page, PageContext, pages_router
from shared.web.conflicts import differences
from shared.web.entries import EntryRef, blank, entry_ref
from shared.web.forms import action, read

router = pages_router()


def _pages_of(section: Section) -> None:
    """The page of one entry of this section: GET shows its form, POST saves it."""
    path = f"/profile/{section.slug}/{{group}}/{{number:int}}"

    @router.get(path)
    async def show(  # noqa: PLR0917 - one argument a part of the request
        page: Page, who: Candidate, kernel: KernelDep, group: str, number: int, check: str = ""
    ) -> Response:
        profile = await shelf(kernel, who)
        saved = profile.values(section)
        here = entry_ref(section.fields, group, number, saved)
        problems = here.problems(profile.problems(section)) if check else []
        return _show(
            page, section, here, saved, values=here.entry(saved), version=profile.version(section), problems=problems
        )

    @router.post(path)
    async def save(page: Page, who: Candidate, kernel: KernelDep, group: str, number: int) -> Response:
        visit = Visit(page, kernel, who, section, await page.form())
        saved, _ = await visit.saved()
        here = entry_ref(section.fields, group, number, saved)
        entry, button = read(here.group.fields, visit.form), action(visit.form)
        if page.autosave and blank(entry):
            return page.saved()  # Emptied for the moment; it goes, and the others move up, when Save is pressed.
        if await visit.save(here.without(saved) if button == "remove" else here.put(saved, entry)):
            return await _clash(visit, here, entry)
        if page.autosave:
            return page.saved((await visit.saved())[1])
        return await _after(visit, here, button)


for each in SECTIONS:
    if any(isinstance(field, Entries) for field in each.fields):
        _pages_of(each)


async def _after(visit: Visit, here: EntryRef, button: str | None) -> Response:
    """Back to the section, on to one more entry, or here again with what still needs attention (R12)."""
    page, profile = visit.page, await shelf(visit.kernel, visit.who)
    if button == "more":
        return page.redirect(f"{visit.address}/{here.after(profile.values(visit.section)).path}", SAVED)
    if button != "remove" and here.problems(profile.problems(visit.section)):
        return page.redirect(f"{visit.address}/{here.path}?check=1", SAVED)
    return page.redirect(f"{visit.address}#{here.group.name}", None if button == "remove" else SAVED)


async def _clash(visit: Visit, here: EntryRef, entry: Values) -> Response:
    """Both versions side by side, and the form filled with what was typed here, ready to be saved over the other."""
    saved, version = await visit.saved()
    both = differences(here.group.fields, visit.page.texts, here.entry(saved), entry)
    return _show(visit.page, visit.section, here, saved, 409, values=entry, version=version, clash=both)


def _show(
    page: PageContext, section: Section, here: EntryRef, saved: Values, status: int = 200, **context: Any
) -> Response:
    return page.render(
        "profile/part.html", status,
        **{"section": section, "place": here, "known": here.is_in(saved), "problems": [], "clash": [],
           "other": here.after(saved), **context},
    )  # fmt: skip
