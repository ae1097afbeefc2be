"""Loading a CV from a file, and the profile as files."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson
from fastapi import Response
from starlette.datastructures import FormData, UploadFile

from services.profile.domain import ALL_SECTIONS
from services.profile.domain.cv import Reading, harmless, made, told
from services.profile.pages.proposed import shown
from services.profile.use_cases.exporting import FORMATS, Format, export, headers_of
from services.profile.use_cases.importing import Compared, compare, read_file, take
from shared.auth import Candidate, Who
from shared.http.problems import status_of
from shared.model.errors import N_, ChangedElsewhere, Invalid, Problem, Unavailable
from shared.runtime.kernel import Kernel, KernelDep
from shared.web import Page, PageContext, pages_router
from shared.web.forms import LARGEST, action, as_typed

router = pages_router()

IMPORT: Final = "/profile/import"
TAKEN: Final = f"{IMPORT}/taken"
READ: Final = "read"
"""The hidden field with what was read: it comes back with what is to be taken, so that nothing is kept in between."""

ALL_NEW: Final = "new"
NOTHING: Final = "nothing"

NOTHING_TICKED: Final = N_("Tick what is to be taken, or take everything that is new")
NOT_READABLE: Final = N_("What was read from your file did not come back whole. Choose the file again")
TOOK: Final = N_("What you chose was taken into your profile. Look at it, and complete what the file did not say")


@router.get(IMPORT)
async def begin(page: Page, who: Candidate, kernel: KernelDep) -> Response:
    """The page on which a file is chosen; or what was read, if the session ended while it was looked at."""
    return await _kept(page, who, kernel) or _choose(page)


async def _kept(page: PageContext, who: Who, kernel: Kernel) -> Response | None:
    """What was read and ticked when the session had ended."""
    kept = page.saved_form
    if kept is None or kept.action != TAKEN:
        return None
    try:
        reading, _ = _came_back(kept.form)
    except Invalid:
        return None
    return _proposed(page, await compare(kernel, who, reading), _ticked(kept.form))


def _choose(page: PageContext, problems: Sequence[Problem] = (), status: int = 200) -> Response:
    return page.render("profile/import.html", status, problems=problems)


@router.post(IMPORT)
async def read(page: Page, who: Candidate, kernel: KernelDep) -> Response:
    """Reads the file and shows what it says beside what is there."""
    upload = (await page.form()).get("file")
    if not isinstance(upload, UploadFile) or not upload.filename:
        return _choose(page, (Problem("file", N_("Choose a file")),), 422)
    try:
        reading = await read_file(kernel, upload)
    except (Invalid, Unavailable) as refusal:
        return _choose(page, refusal.problems, status_of(refusal))
    return _proposed(page, await compare(kernel, who, reading))


@router.get(TAKEN)
async def again(page: Page, who: Candidate, kernel: KernelDep) -> Response:
    return await _kept(page, who, kernel) or page.redirect(IMPORT)


@router.post(TAKEN)
async def taken(page: Page, who: Candidate, kernel: KernelDep) -> Response:
    form = await page.form()
    if action(form) == NOTHING:
        return page.redirect("/profile")
    reading, seen = _came_back(form)
    compared = await compare(kernel, who, reading)
    ids = harmless(compared.found) if action(form) == ALL_NEW else _ticked(form)
    if not ids:
        return _proposed(page, compared, ids, (Problem("take", NOTHING_TICKED),), 422)
    try:
        await take(kernel, who, reading, ids, seen)
    except (Invalid, ChangedElsewhere) as refusal:
        problems = [each._replace(field="take") for each in refusal.problems]
        return _proposed(page, await compare(kernel, who, reading), ids, problems, status_of(refusal))
    return page.redirect("/profile", TOOK)


def _ticked(form: FormData) -> frozenset[str]:
    return frozenset(value for value in form.getlist("take") if isinstance(value, str))


def _proposed(
    page: PageContext,
    compared: Compared,
    ticked: frozenset[str] = frozenset(),
    problems: Sequence[Problem] = (),
    status: int = 200,
) -> Response:
    reading = compared.reading
    return page.render(
        "profile/proposed.html",
        status,
        problems=problems,
        parts=[part for section in ALL_SECTIONS if (part := shown(page, section, compared))],
        left=reading.left,
        more=reading.more,
        ticked=ticked,
        same=[each for each in compared.found if each.state == "same"],
        some=any(each.state != "same" for each in compared.found),
        read=_going(compared),
    )


def _going(compared: Compared) -> str:
    reading = compared.reading
    content = {
        "sections": reading.sections,
        "rough": sorted(reading.rough),
        "left": [list(each) for each in reading.left],
        "more": reading.more,
        "seen": dict(compared.seen),
    }
    return orjson.dumps(content).decode()


def _came_back(form: FormData) -> tuple[Reading, Mapping[str, int]]:
    """What was read, and the versions with which it was compared. Raises Invalid for what nobody could have read."""
    text = as_typed(form, READ)
    try:
        content = orjson.loads(text if len(text) <= LARGEST else "")
        return _reading(content), {str(key): int(value) for key, value in content["seen"].items()}
    except (ValueError, TypeError, KeyError, AttributeError):
        raise Invalid.because(NOT_READABLE) from None


def _reading(content: Any) -> Reading:
    reading = made({str(key): values for key, values in content["sections"].items() if isinstance(values, dict)})
    left = tuple(told(str(where), words) for where, words in content["left"])
    return Reading(reading.sections, frozenset(map(str, content["rough"])), left, int(content["more"]))


def _pages_of(wanted: Format) -> None:
    """A download has an address of its own for each format."""

    @router.get(f"/profile/export/{wanted}")
    async def download(page: Page, who: Candidate, kernel: KernelDep) -> Response:
        content = await export(kernel, who, wanted, page.texts)
        return Response(content, media_type=FORMATS[wanted][1], headers=headers_of(wanted))


for each in FORMATS:
    _pages_of(each)
