"""Diploma equivalence on pages: what is said beside each diploma, and "Signaler une équivalence erronée" (R71, R72)."""

from typing import Any
from uuid import UUID

from starlette.responses import Response

from services.applications.domain.equivalence.fields import REPORT_FIELDS
from services.applications.domain.equivalence.levels import Proposed
from services.applications.domain.equivalence.reading import because, level_name
from services.applications.events import OFFICE, Status, diplomas_in
from services.applications.projections import ApplicationDocument
from services.applications.use_cases import applications
from services.applications.use_cases import equivalence as degrees
from shared.auth import Candidate
from shared.model.errors import N_, Conflict, Invalid, NotFound, Problem, refuse_if
from shared.runtime.kernel import Kernel, KernelDep
from shared.vocabulary.fields import Values, excess
from shared.web import Page, PageContext, pages_router
from shared.web.forms import read

router = pages_router()

TAKEN = N_("The diploma has the level that the catalogue proposes")
REPORTED = N_("Your report is on its way to %(office)s. Until then, choose the right level yourself")


def _said(page: PageContext, proposed: Proposed | None) -> dict[str, str] | None:
    if proposed is None:
        return None
    name = level_name(proposed["level"], page.texts)
    return {"name": name, "because": because(proposed, page.language, page.texts)}


def _levels(proposed: Proposed | None) -> list[str]:
    return [proposed["level"]] if proposed else []


async def notes(
    kernel: Kernel, page: PageContext, document: ApplicationDocument, values: Values
) -> dict[int, dict[str, Any]]:
    """What stands beside each diploma of a draft, by its number; nothing beside one without title or country."""
    offers = degrees.offered(document, await degrees.catalogue(kernel), await kernel.now())
    assessments, reported = degrees.assessments(document, values), await degrees.reported(kernel, document)
    found = {}
    for number, diploma, _ in diplomas_in(values):
        assessment, offer = assessments[number], offers.get(str(diploma.id))
        proposed = offer.proposed if offer else assessment["proposed"]
        found[number] = {
            "id": str(diploma.id),
            "title": diploma.title,
            "level": level_name(assessment["chosen"], page.texts),
            "own": assessment["chosen"] not in ("", *_levels(assessment["proposed"])),
            "proposed": _said(page, assessment["proposed"]),
            "offered": _said(page, offer.proposed if offer else None),
            "useful": proposed is not None and (offer is not None or proposed["level"] != assessment["chosen"]),
            "reported": str(diploma.id) in reported,
        }
    return found


def pressed(document: ApplicationDocument, button: str) -> UUID | None:
    """The diploma of this application whose button was pressed, if it is still there."""
    try:
        diploma_id = UUID(button)
        return degrees.diploma_in(document, diploma_id).id
    except (ValueError, NotFound):
        return None


@router.get("/applications/{application_id:uuid}/diplomas/{diploma_id:uuid}/report")
async def ask(kernel: KernelDep, page: Page, who: Candidate, application_id: UUID, diploma_id: UUID) -> Response:
    document = await applications.own(kernel, who, application_id)
    return await _form(kernel, page, document, diploma_id, {})


async def _form(  # noqa: PLR0917 - what the form shows
    kernel: Kernel,
    page: PageContext,
    document: ApplicationDocument,
    diploma_id: UUID,
    values: dict[str, Any],
    problems: tuple[Problem, ...] = (),
    status: int = 200,
) -> Response:
    diploma = degrees.diploma_in(document, diploma_id)
    return page.render(
        "applications/report.html",
        status,
        diploma=diploma,
        proposed=_said(page, await degrees.proposed_now(kernel, UUID(document["candidate_id"]), diploma)),
        fields_shown=REPORT_FIELDS,
        values=values,
        problems=problems,
        here=f"/applications/{document['id']}/diplomas/{diploma_id}/report",
        back=_back(document),
    )


def _back(document: ApplicationDocument) -> str:
    return f"/applications/{document['id']}" + ("/education" if document["status"] == Status.DRAFT else "")


@router.post("/applications/{application_id:uuid}/diplomas/{diploma_id:uuid}/report")
async def report(kernel: KernelDep, page: Page, who: Candidate, application_id: UUID, diploma_id: UUID) -> Response:
    values = read(REPORT_FIELDS, await page.form())
    document = await applications.own(kernel, who, application_id)
    try:
        refuse_if(excess(REPORT_FIELDS, values))
        await degrees.report(kernel, who, document, diploma_id, **values)
    except Invalid as refusal:
        return await _form(kernel, page, document, diploma_id, values, refusal.problems, 422)
    except Conflict as refusal:
        return await _form(kernel, page, document, diploma_id, values, refusal.problems, 409)
    return page.redirect(_back(document), REPORTED, office=kernel.setting(OFFICE))
