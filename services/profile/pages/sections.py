"""The profile's pages: what is complete and what is left, and each section, with those of the CV, with its form."""

from typing import Any

from fastapi import Response

from services.profile.domain import ALL_SECTIONS, CV_SECTIONS, SECTIONS, Section, Step
from services.profile.pages.profile_view import SAVED, ProfileView, profile_view, section_form
from services.profile.use_cases import my_data as held
from shared.auth import Candidate, SignedIn
from shared.files.data_export import zip_response
from shared.model.errors import N_, Problem
from shared.runtime.kernel import KernelDep
from shared.vocabulary.fields import Entries
from shared.web import Page, PageContext, pages_router
from shared.web.conflicts import seen
from shared.web.entries import entries_of, mending, named
from shared.web.forms import action
from shared.web.section_form import Saved, SectionForm, Unsaved

router = pages_router()

SAVED_WITH_PROBLEMS = N_("What you entered is saved. The fields listed below still need your attention")


@router.get("/profile")
async def home(page: Page, who: Candidate, kernel: KernelDep) -> Response:
    profile = await profile_view(kernel, who)
    return page.render(
        "profile/home.html",
        profile=profile.document,
        complete=profile.complete,
        tasks=[_task(page, profile, section) for section in SECTIONS],
        cv=[{"section": section, "entries": _entries(profile, section)} for section in CV_SECTIONS],
        left=[(section, found) for section in SECTIONS if (found := _places(profile, section))],
    )


def _entries(profile: ProfileView, section: Section) -> int:
    """How many diplomas, jobs, languages … are kept."""
    groups = (field for field in section.fields if isinstance(field, Entries))
    return sum(len(entries_of(profile.values(section), group)) for group in groups)


def _places(profile: ProfileView, section: Section) -> list[dict[str, Any]]:
    """What is left in the section, with where it is to be mended and what the entry is called that it is in."""
    return [_place(step) for step in profile.complete.of(section).left]


def _place(step: Step) -> dict[str, Any]:
    return {
        "problem": Problem(step.field, step.problem, step.params),
        "href": mending(f"/profile/{step.section.slug}", step.field),
        "entry": named(step.section.fields, step.field),
    }


def _task(page: PageContext, profile: ProfileView, section: Section) -> dict[str, Any]:
    return {"href": f"/profile/{section.slug}", "text": page._(section.title), **_state(page, profile, section)}


def _state(page: PageContext, profile: ProfileView, section: Section) -> dict[str, Any]:
    """Completed, There is a problem, Incomplete, or Not started; of the CV nothing is asked."""
    if not section.counts:
        return {"status": "", "done": False, "problem": False}
    steps = profile.complete.of(section)
    wrong = any(not step.missing for step in steps.left)
    if steps.complete:
        status = N_("Completed")
    elif wrong:
        status = N_("There is a problem")
    else:
        status = N_("Incomplete") if profile.values(section) else N_("Not started")
    return {"status": page._(status), "done": steps.complete, "problem": wrong}


def _beside(section: Section) -> tuple[Section, ...]:
    """The section and those that are filled in together with it."""
    return SECTIONS if section.counts else CV_SECTIONS


def _show(page: PageContext, profile: ProfileView, section: Section, status: int = 200, **context: Any) -> Response:
    nav = [
        {
            "href": f"/profile/{other.slug}",
            "text": page._(other.title),
            "current": other is section,
            "state": _state(page, profile, other)["status"],
        }
        for other in _beside(section)
    ]
    defaults = {"values": profile.values(section), "version": profile.version(section), "problems": []}
    return page.render(
        "profile/section.html",
        status,
        **{
            **defaults,
            "profile": profile.document,
            "section": section,
            "nav": nav,
            "last": section is _beside(section)[-1],
            **context,
        },
    )


def _pages_of(section: Section) -> None:
    """The page of one section: GET shows its form, POST saves it. Exact paths: /profile/livez is not a section."""
    here = f"/profile/{section.slug}"

    @router.get(here)
    async def show(page: Page, who: Candidate, kernel: KernelDep, check: str = "") -> Response:
        profile = await profile_view(kernel, who)
        problems = profile.problems(section) if check else []
        return _show(page, profile, section, problems=[*problems, *profile.unprintable(section)])

    @router.post(here)
    async def save(page: Page, who: Candidate, kernel: KernelDep) -> Response:
        """Saves the section's own fields; its entries are saved on their pages, to which "Add" and "Change" lead."""

        async def again(posted: SectionForm[None], found: Unsaved) -> Response:
            return _show(
                page, await profile_view(kernel, who), section, 422, values=found.typed,
                version=seen(posted.form), problems=list(found.problems),
            )  # fmt: skip

        posted = await section_form(page, kernel, who, section, again)

        async def then(_: Saved[None]) -> Response:
            return _next_page(page, await profile_view(kernel, who), section, action(posted.form))

        return await posted.save_section(then)


for each in ALL_SECTIONS:
    _pages_of(each)


def _next_page(page: PageContext, profile: ProfileView, section: Section, button: str | None) -> Response:
    """On to the next section, or back to this one with what still needs attention (R12)."""
    here = f"/profile/{section.slug}"
    if profile.problems(section):
        return page.redirect(f"{here}?check=1", SAVED_WITH_PROBLEMS)
    if button == "continue":
        together = _beside(section)
        later = together[together.index(section) + 1 :]
        return page.redirect(f"/profile/{later[0].slug}" if later else "/profile", SAVED)
    return page.redirect(here, SAVED)


@router.get("/profile/my-data")
async def my_data(kernel: KernelDep, who: SignedIn) -> Response:
    """Everything that this service holds about whoever asks."""
    return zip_response("profile", who.user_code, held.my_data(kernel, who))
