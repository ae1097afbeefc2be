"""The profile's pages: what is complete and what is left, and for each of the four sections a page with its form."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from fastapi import Response
from starlette.datastructures import FormData

from services.profile import api
from services.profile.domain import PROFILE, SAVES, SECTIONS, Completeness, Profile, Section, Step, completeness
from services.profile.projections import PROFILE as VIEW
from services.profile.projections import ProfileDocument
from shared.auth import Candidate, SignedIn, Who
from shared.errors import N_, Conflict, Problem
from shared.fields import AnyField, Entries, Values, shown
from shared.runtime import Kernel, KernelDep
from shared.takeout import takeout
from shared.web import Page, PageContext, pages_router
from shared.web.forms import action, read, text

router = pages_router()

SAVED = N_("Your profile was saved successfully")
SAVED_WITH_PROBLEMS = N_("What you entered is saved. The fields listed below still need your attention")


class Shelf(NamedTuple):
    """A candidate's profile as it is kept, and how complete that is today."""

    document: ProfileDocument
    complete: Completeness

    def values(self, section: Section) -> Mapping[str, Any]:
        saved = self.document["sections"].get(section.key)
        return saved["values"] if saved else {}

    def version(self, section: Section) -> int:
        saved = self.document["sections"].get(section.key)
        return saved["version"] if saved else 0


async def shelf(kernel: Kernel, who: Who) -> Shelf:
    """The profile of whoever is logged in, also in the moment before it was opened."""
    empty = ProfileDocument(user_code=who.user_code, email=who.email, sections={})
    document = await kernel.views.get(VIEW, who.account_id) or empty
    saved = {key: section["values"] for key, section in document["sections"].items()}
    return Shelf(document, completeness(saved, (await kernel.now()).date()))


@router.get("/profile")
async def home(page: Page, who: Candidate, kernel: KernelDep) -> Response:
    profile = await shelf(kernel, who)
    return page.render(
        "profile/home.html",
        profile=profile.document,
        complete=profile.complete,
        tasks=[_task(page, profile, section) for section in SECTIONS],
        left=[(_address(step), Problem(step.field, step.problem, step.params)) for step in profile.complete.left],
    )


def _address(step: Step) -> str:
    """Where the field is to be mended."""
    return f"/profile/{step.section.slug}?check=1#{step.field.replace('.', '-')}"


def _task(page: PageContext, profile: Shelf, section: Section) -> dict[str, Any]:
    return {"href": f"/profile/{section.slug}", "text": page._(section.title), **_state(page, profile, section)}


def _state(page: PageContext, profile: Shelf, section: Section) -> dict[str, Any]:
    """Complete, There is a problem, Incomplete, or Not started."""
    steps = profile.complete.of(section)
    wrong = any(not step.missing for step in steps.left)
    if steps.complete:
        status = N_("Complete")
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
        left = profile.complete.of(section).left if check else ()
        problems = [Problem(step.field, step.problem, step.params) for step in left]
        return _show(page, profile, section, problems=problems)

    @router.post(here)
    async def save(page: Page, who: Candidate, kernel: KernelDep) -> Response:
        form = await page.form()
        values = read(section.fields, form)
        command = SAVES[section.key](candidate_id=who.account_id, values=values, seen=_seen(form))
        try:
            await kernel.execute(PROFILE, who.account_id, command)
        except Conflict as conflict:
            if page.autosave:
                raise
            return await _clash(Visit(page, kernel, who), section, values, conflict)
        return await _saved(Visit(page, kernel, who), section, values, action(form))


for each in SECTIONS:
    _pages_of(each)


def _seen(form: FormData) -> int | None:
    version = text(form, "_version")
    return int(version) if version.isdecimal() and len(version) < 10 else None


class Visit(NamedTuple):
    """Somebody at a page."""

    page: PageContext
    kernel: Kernel
    who: Who

    async def state(self) -> Profile:
        return await self.kernel.state(PROFILE, self.who.account_id)


async def _saved(visit: Visit, section: Section, values: Values, pressed: str | None) -> Response:
    """On to the next section, or back to this one with what still needs attention (R12)."""
    page = visit.page
    if page.autosave:
        return page.saved((await visit.state()).versions.get(section.key, 0))
    profile = await shelf(visit.kernel, visit.who)
    if pressed in ("add", "remove"):
        return _show(page, profile, section, values=values)
    if not profile.complete.of(section).complete:
        return page.redirect(f"/profile/{section.slug}?check=1", SAVED_WITH_PROBLEMS)
    if pressed == "continue":
        later = SECTIONS[SECTIONS.index(section) + 1 :]
        return page.redirect(f"/profile/{later[0].slug}" if later else "/profile", SAVED)
    return page.redirect(f"/profile/{section.slug}", SAVED)


async def _clash(visit: Visit, section: Section, values: Values, conflict: Conflict) -> Response:
    """Both versions side by side, and the form filled with what was typed here, ready to be saved over the other."""
    page, state = visit.page, await visit.state()
    saved = state.values.get(section.key, {})
    return _show(
        page,
        await shelf(visit.kernel, visit.who),
        section,
        409,
        values=values,
        version=state.versions.get(section.key, 0),
        problems=list(conflict.problems),
        clash=[(page._(f.label), *both) for f in section.fields if (both := _both(page, f, saved, values))],
    )


def _both(page: PageContext, field: AnyField, saved: Values, typed: Values) -> tuple[str, str] | None:
    """The field in words in both versions, if they differ."""
    one, other = (_in_words(page, field, values.get(field.name)) for values in (saved, typed))
    return None if one == other else (one, other)


def _in_words(page: PageContext, field: AnyField, value: Any) -> str:
    if not isinstance(field, Entries):
        return shown(field, value, page.language, page._)
    return "; ".join(", ".join(_entry_in_words(page, field, entry)) for entry in value or [])


def _entry_in_words(page: PageContext, group: Entries, entry: Values) -> Iterable[str]:
    said = (shown(field, entry.get(field.name), page.language, page._) for field in group.fields)
    return (words for words in said if words)


@router.get("/profile/my-data")
async def my_data(kernel: KernelDep, who: SignedIn) -> Response:
    """Everything that this service holds about whoever asks."""
    return takeout("profile", who, api.my_data(kernel, who))
