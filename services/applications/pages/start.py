""" "Postuler maintenant": recommendations, confirmation, and what the new draft starts from (R15, R16, R34, R35)."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from starlette.responses import Response

from services.applications.domain import steps
from services.applications.domain.inputs import VacancyFacts, not_open
from services.applications.domain.slot import TAKEN
from services.applications.events import Status
from services.applications.projections import Listed, VacancyDocument
from services.applications.use_cases import applications
from shared.auth import Candidate, Who
from shared.http import RequestId
from shared.model.errors import N_, Conflict, Invalid, Problem, refuse_if
from shared.runtime.kernel import Kernel, KernelDep
from shared.vocabulary.fields import Field, Option, check
from shared.web import Page, PageContext, pages_router
from shared.web.dates import moment_in_words
from shared.web.forms import read, text

router = pages_router()

CONFIRM = Field(
    "confirmed",
    N_("I have read these recommendations"),
    "choice",
    required=True,
    options=(Option("yes", N_("Confirm")),),
)
COPY, BLANK = "copy_previous", "start_blank"
COPIED: Final = N_("Everything is copied except your answers to the screening questions and your declarations.")
NOTHING_TO_COPY: Final = N_(
    "Everything is copied from an application of yours. This is your first one: there is none to copy yet."
)
FROM_CV: Final = N_("Education and experience, skills and references begin as they are kept with your profile.")
EMPTY: Final = N_("All six sections are empty. You fill them in one after the other.")
PICK: Final = N_("The last application that you created is chosen unless you pick another one.")


@router.get("/applications")
async def home(page: Page, _: Candidate) -> Response:
    return page.redirect("/careers")


@router.get("/applications/new")
async def new(kernel: KernelDep, page: Page, who: Candidate, vacancy: str = "") -> Response:
    return await _form(kernel, page, who, _identity(vacancy), {})


@router.post("/applications/new")
async def create(kernel: KernelDep, page: Page, who: Candidate, new_id: RequestId) -> Response:
    form = await page.form()
    source = _source(page, await applications.all_of(kernel, who))
    values = {name: text(form, name) for name in ("confirmed", "start")} | read((source,), form)
    vacancy_id = _identity(text(form, "vacancy"))
    try:
        if values["start"] not in (BLANK, steps.FROM_CV):
            refuse_if(check((source,), values))
        await applications.create(
            kernel,
            who,
            new_id,
            confirmed=values["confirmed"] == "yes",
            start=values["start"],
            source=_identity(values["source_application_id"]),
            vacancy_id=vacancy_id,
        )
    except Invalid as refusal:
        return await _form(kernel, page, who, vacancy_id, values, refusal.problems, 422)
    except Conflict as refusal:
        return await _form(kernel, page, who, vacancy_id, values, refusal.problems, 409)
    return page.redirect(f"/applications/{new_id}")


def _identity(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


async def _form(  # noqa: PLR0917 - what the form shows
    kernel: Kernel,
    page: PageContext,
    who: Who,
    vacancy_id: UUID | None,
    values: dict[str, str],
    problems: tuple[Problem, ...] = (),
    status: int = 200,
) -> Response:
    earlier = applications.to_copy(await applications.all_of(kernel, who))
    candidate = await applications.candidate_of(kernel, who.account_id)
    has_cv = candidate is not None and any(candidate.get("cv", {}).values())
    values = _preselected(earlier, has_cv, values)
    vacancy = await applications.vacancy_of(kernel, vacancy_id) if vacancy_id else None
    sent = (await applications.slot_of(kernel, who, vacancy)).application_id if vacancy else None
    return page.render(
        "applications/new.html",
        status,
        problems=problems,
        values=values,
        vacancy=vacancy,
        sent=sent,
        obstacle=Problem("vacancy", TAKEN) if sent else await _not_open(kernel, vacancy),
        confirm=CONFIRM,
        start=_start(earlier, has_cv),
        source=_source(page, earlier) if earlier else None,
    )


def _preselected(earlier: list[Listed], has_cv: bool, values: dict[str, str]) -> dict[str, str]:
    """The last application created is copied unless the candidate says otherwise (R34); without one, none (R35).

    Without one, but with a CV, it is the CV.
    """
    if not earlier:
        return {"start": steps.FROM_CV, **values} if has_cv else {**values, "start": BLANK}
    return {"start": COPY, "source_application_id": earlier[0]["id"], **values}


def _start(earlier: list[Listed], has_cv: bool) -> Field:
    copy = Option(COPY, N_("Copy a previous application"), COPIED if earlier else NOTHING_TO_COPY, bool(earlier))
    cv = [Option(steps.FROM_CV, N_("Start from the CV kept with your profile"), FROM_CV)] if has_cv else []
    blank = Option(BLANK, N_("Start from a blank application"), EMPTY)
    return Field("start", N_("How do you want to start?"), "choice", required=True, options=(copy, *cv, blank))


async def _not_open(kernel: Kernel, vacancy: VacancyDocument | None) -> Problem | None:
    """Why nobody can apply for this job opening now, said before anything is typed."""
    return not_open(VacancyFacts.model_validate(vacancy), await kernel.now()) if vacancy else None


def _source(page: PageContext, earlier: list[Listed]) -> Field:
    options = tuple(Option(row["id"], _line(page, row)) for row in earlier)
    label = N_("Previous application to copy")
    return Field("source_application_id", label, "lookup", options=options, hint=PICK, own=True)


def _line(page: PageContext, row: Listed) -> str:
    title: Any = row.get("name") or row["title"] or page._(N_("Without a job opening"))
    status = Status.of(row["status"]).label
    created = moment_in_words(datetime.fromisoformat(row["created_at"]), page.texts, page.zone)
    parts = (title, row["job_opening_number"], created, page._(status))
    return " – ".join(part for part in parts if part)
