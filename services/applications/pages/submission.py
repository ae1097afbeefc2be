""" "Visualiser & Soumettre", terms, confirmation, and what follows: the submitted file, its PDF, withdrawal."""

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from services.applications.domain.progress import unchecked
from services.applications.domain.sheet import printed
from services.applications.domain.state import restored
from services.applications.events import Status, WithdrawalReason, diplomas_in
from services.applications.events.sections import SECTIONS, Section
from services.applications.events.withdrawal import WITHDRAWAL_FIELDS
from services.applications.pages.words import by_section, places
from services.applications.projections import ApplicationDocument
from services.applications.use_cases import accommodations, applications, downloads
from services.applications.use_cases.equivalence import education_of
from shared.auth import Candidate
from shared.model.errors import N_, Conflict, Invalid, Problem, refuse_if
from shared.runtime.kernel import Kernel, KernelDep
from shared.vocabulary.fields import Values, check, display
from shared.web import Page, PageContext, conflicts, pages_router
from shared.web.forms import read, text

router = pages_router()

REVIEW_AGAIN = N_("The application was changed after you reviewed it. Review it again")


@router.get("/applications/{application_id:uuid}/php")
async def php(request: Request, kernel: KernelDep, who: Candidate, application_id: UUID) -> Response:
    return await downloads.send_php(request, kernel, await applications.own(kernel, who, application_id))


@router.get("/applications/{application_id:uuid}/review")
async def review(kernel: KernelDep, page: Page, who: Candidate, application_id: UUID) -> Response:
    document = await applications.own(kernel, who, application_id)
    if document["status"] != Status.DRAFT:
        return page.redirect(f"/applications/{application_id}")
    return await _sheet(kernel, page, document)


async def _sheet(
    kernel: Kernel, page: PageContext, document: ApplicationDocument, problems: Any = (), status: int = 200
) -> Response:
    content = await applications.snapshot(kernel, document)
    unprintable = await applications.unprintable(kernel, document, page.language)
    return page.render(
        "applications/review.html",
        status,
        document=document,
        vacancy=await applications.targeted(kernel, document),
        file=printed(content, Status.DRAFT, page.language, page.texts),
        problems=problems,
        sections=by_section(places(document["id"], list(problems))),
        unprintable=places(document["id"], unprintable),
        unchecked=_unchecked(document),
    )


def _unchecked(document: ApplicationDocument) -> list[Section]:
    """What came with a copy and was not looked at since: it stands in the way of nothing, but it is said (R36)."""
    state = restored(document)
    return [section for section in SECTIONS.values() if unchecked(state, section.name)]


@router.post("/applications/{application_id:uuid}/review")
async def press_submit(kernel: KernelDep, page: Page, who: Candidate, application_id: UUID) -> Response:
    """ "Soumettre" was pressed: the terms follow (R39), unless something stands in the way."""
    seen = text(await page.form(), "_version")
    document = await applications.own(kernel, who, application_id)
    if document["status"] != Status.DRAFT:
        return page.redirect(f"/applications/{application_id}")
    if seen != str(document["revision"]):
        return await _sheet(kernel, page, document, [Problem("", REVIEW_AGAIN)], 409)
    if problems := await applications.what_blocks(kernel, who, document, page.language):
        return await _sheet(kernel, page, document, problems, 422)
    return page.redirect(f"/applications/{application_id}/terms?seen={seen}")


@router.get("/applications/{application_id:uuid}/terms")
async def terms(kernel: KernelDep, page: Page, who: Candidate, application_id: UUID, seen: str = "") -> Response:
    document = await applications.own(kernel, who, application_id)
    if document["status"] != Status.DRAFT:
        return page.redirect(f"/applications/{application_id}")
    return page.render("applications/terms.html", document=document, seen=seen)


@router.post("/applications/{application_id:uuid}/terms")
async def submit(kernel: KernelDep, page: Page, who: Candidate, application_id: UUID) -> Response:
    form = await page.form()
    seen, accepted = text(form, "_version"), text(form, "terms") == "yes"
    document = await applications.own(kernel, who, application_id)
    try:
        revision = conflicts.seen(form) or 0
        await applications.submit(kernel, who, application_id, revision, accepted)
    except Invalid as refusal:
        if [problem.field for problem in refusal.problems] == ["terms"]:
            context: dict[str, Any] = {"document": document, "seen": seen, "problems": refusal.problems}
            return page.render("applications/terms.html", 422, **context)
        return await _sheet(kernel, page, document, refusal.problems, 422)
    except Conflict as refusal:
        if document["status"] != Status.DRAFT:
            raise
        return await _sheet(kernel, page, document, refusal.problems, 409)
    return page.redirect(f"/applications/{application_id}/confirmation")


@router.get("/applications/{application_id:uuid}/confirmation")
async def confirmation(kernel: KernelDep, page: Page, who: Candidate, application_id: UUID) -> Response:
    submitted = await applications.submission_of(kernel, who, application_id)
    if submitted is None:
        return page.redirect(f"/applications/{application_id}")
    candidate = await applications.candidate_of(kernel, who.account_id)
    email = candidate["email"] if candidate else ""
    return page.render("applications/confirmation.html", id=application_id, submitted=submitted, email=email)


async def submitted_page(kernel: Kernel, page: PageContext, document: ApplicationDocument) -> Response:
    """A submitted application: its status, its timeline and the frozen file (R40)."""
    content, status = await applications.snapshot(kernel, document), Status.of(document["status"])
    timeline = [
        {**step, "name": page._(status.label), "meaning": page._(status.meaning)}
        for step in document["timeline"]
        for status in [Status.of(step["status"])]
    ]
    return page.render(
        "applications/submitted.html",
        document=document,
        timeline=timeline,
        file=printed(content, document["status"], page.language, page.texts),
        diplomas=[diploma for _, diploma, _ in diplomas_in(education_of(document))],
        withdrawal=_as_said(page, document),
        over=status.final,
        can_withdraw=status.withdrawable,
        accommodation=await accommodations.mine(kernel, document["id"]),
    )


def _as_said(page: PageContext, document: ApplicationDocument) -> list[tuple[str, str]]:
    """What the candidate said on withdrawing, with its labels."""
    said: Values = cast("Values", document.get("withdrawal") or {})
    shown = (
        (page._(each.label_read), display(each, said.get(each.name), page.language, page.texts))
        for each in WITHDRAWAL_FIELDS
    )
    return [(label, value) for label, value in shown if value]


@router.get("/applications/{application_id:uuid}/withdraw")
async def ask_withdraw(kernel: KernelDep, page: Page, who: Candidate, application_id: UUID) -> Response:
    return _withdrawal(page, await applications.own(kernel, who, application_id), {})


def _withdrawal(
    page: PageContext, document: ApplicationDocument, values: Values, problems: Sequence[Problem] = ()
) -> Response:
    """What cannot be withdrawn is shown instead, whatever was said of it."""
    if not Status.of(document["status"]).withdrawable:
        return page.redirect(f"/applications/{document['id']}")
    shown = {"fields_shown": WITHDRAWAL_FIELDS, "values": values, "problems": problems}
    return page.render("applications/withdraw.html", 422 if problems else 200, document=document, **shown)


@router.post("/applications/{application_id:uuid}/withdraw")
async def withdraw(kernel: KernelDep, page: Page, who: Candidate, application_id: UUID) -> Response:
    values = read(WITHDRAWAL_FIELDS, await page.form())
    try:
        refuse_if(check(WITHDRAWAL_FIELDS, values))
        reason = WithdrawalReason.of(values["reason"]) if values["reason"] else None
        await applications.withdraw(kernel, who, application_id, reason, values["explanation"])
    except Invalid as refusal:
        return _withdrawal(page, await applications.own(kernel, who, application_id), values, refusal.problems)
    return page.redirect(f"/applications/{application_id}", N_("Your application is withdrawn"))
