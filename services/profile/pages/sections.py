"""The profile's pages: what is complete and what is left, and for each of the four sections a page with its form."""

from typing import Any

from fastapi import Response

from services.profile import use_cases
from services.profile.domain import SECTIONS, Section, Step
from services.profile.pages.shelf import SAVED, Shelf, Visit, shelf
from shared.auth import Candidate, SignedIn
from shared.files.data_export import zip_response
from shared.model.errors import N_, Conflict, Problem
from shared.runtime.kernel import KernelDep
from shared.vocabulary.fields import Values
from shared.web import Page, PageContext, pages_router
from shared.web.conflicts import differences
from shared.web.entries import mending, named, pressed, section_values
from shared.web.forms import action

router = pages_router()

SAVED_WITH_PROBLEMS = N_("What you entered is saved. The fields listed below still need your attention")
NOT_REMOVED = N_("This section was saved in another window meanwhile, so nothing was removed. Look at it once more")


@router.get("/profile")
async def home(page: Page, who: Candidate, kernel: KernelDep) -> Response:
    profile = await shelf(kernel, who)
    return page.render(
        "profile/home.html",
        profile=profile.document,
        complete=profile.complete,
        tasks=[_task(page, profile, section) for section in SECTIONS],
        left=[(section, found) for section in SECTIONS if (found := _places(profile, section))],
    )


def _places(profile: Shelf, section: Section) -> list[dict[str, Any]]:
    """What is left in the section, with where it is to be mended and what the entry is called that it is in."""
    return [_place(step) for step in profile.complete.of(section).left]


def _place(step: Step) -> dict[str, Any]:
    return {
        "problem": Problem(step.field, step.problem, step.params),
        "href": mending(f"/profile/{step.section.slug}", step.field),
        "entry": named(step.section.fields, step.field),
    }


def _task(page: PageContext, profile: Shelf, section: Section) -> dict[str, Any]:
    return {"href": f"/profile/{section.slug}", "text": page._(section.title), **_state(page, profile, section)}


def _state(page: PageContext, profile: Shelf, section: Section) -> dict[str, Any]:
    """Completed, There is a problem, Incomplete, or Not started."""
    steps = profile.complete.of(section)
    wrong = any(not step.missing for step in steps.left)
    if steps.complete:
        status = N_("Completed")
    elif wrong:
        status = N_("There is a problem")
    else:
        status = N_("Incomplete") if profile.values(section) else N_("Not started")
    return {"status": page._(status), "done": steps.complete, "problem": wrong}


def _show(page: PageContext, profile: Shelf, section: Section, status: int = 200, **context: Any) -> Response:
    nav = [
        {
            "href": f"/profile/{other.slug}",
            "text": page._(other.title),
            "current": other is section,
            "state": _state(page, profile, other)["status"],
        }
        for other in SECTIONS
    ]
    defaults = {"values": profile.values(section), "version": profile.version(section), "problems": [], "clash": []}
    return page.render(
        "profile/section.html",
        status,
        **{
            **defaults,
            "profile": profile.document,
            "section": section,
            "nav": nav,
            "last": section is SECTIONS[-1],
            **context,
        },
    )


def _pages_of(section: Section) -> None:
    """The page of one section: GET shows its form, POST saves it. Exact paths: /profile/livez is no section."""
    here = f"/profile/{section.slug}"

    @router.get(here)
    async def show(page: Page, who: Candidate, kernel: KernelDep, check: str = "") -> Response:
        profile = await shelf(kernel, who)
        return _show(page, profile, section, problems=profile.problems(section) if check else [])

    @router.post(here)
    async def save(page: Page, who: Candidate, kernel: KernelDep) -> Response:
        """Saves the section's own fields; its entries are saved on their pages, to which "Add" and "Change" lead."""
        visit = Visit(page, kernel, who, section, await page.form())
        saved, _ = await visit.saved()
        values = section_values(section.fields, visit.form, saved)
        button = pressed(section.fields, visit.form, values)
        if refused := await visit.save(button.place.without(values) if button and button.verb == "remove" else values):
            return await _clash(visit, values, refused)
        if page.autosave:
            return page.saved((await visit.saved())[1])
        if button:
            return page.redirect(here + button.leads_to)
        return await _saved(visit, action(visit.form))


for each in SECTIONS:
    _pages_of(each)


async def _saved(visit: Visit, button: str | None) -> Response:
    """On to the next section, or back to this one with what still needs attention (R12)."""
    page, section = visit.page, visit.section
    profile = await shelf(visit.kernel, visit.who)
    if not profile.complete.of(section).complete:
        return page.redirect(f"{visit.address}?check=1", SAVED_WITH_PROBLEMS)
    if button == "continue":
        later = SECTIONS[SECTIONS.index(section) + 1 :]
        return page.redirect(f"/profile/{later[0].slug}" if later else "/profile", SAVED)
    return page.redirect(visit.address, SAVED)


async def _clash(visit: Visit, values: Values, conflict: Conflict) -> Response:
    """Both versions side by side, and the form filled with what was typed here, ready to be saved over the other."""
    page, section, (saved, version) = visit.page, visit.section, await visit.saved()
    clash = differences(section.fields, page.texts, saved, values)
    if not clash:
        return page.redirect(visit.address, NOT_REMOVED)
    return _show(
        page, await shelf(visit.kernel, visit.who), section, 409, values=values, version=version,
        problems=list(conflict.problems), clash=clash,
    )  # fmt: skip


@router.get("/profile/my-data")
async def my_data(kernel: KernelDep, who: SignedIn) -> Response:
    """Everything that this service holds about whoever asks."""
    return zip_response("profile", who.user_code, use_cases.my_data(kernel, who))
