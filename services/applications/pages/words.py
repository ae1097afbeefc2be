"""What states and statuses are called, and what they mean, in one plain sentence each."""

from collections.abc import Mapping
from typing import Any, Final

from services.applications.domain.progress import Progress
from services.applications.domain.sections import SECTIONS
from shared.errors import N_, Problem
from shared.web.widgets import element_id

STATUSES: Final[Mapping[str, tuple[str, str]]] = {
    "draft": (N_("Draft"), N_("You can change it. It is not submitted.")),
    "applied": (N_("Applied"), N_("Your application was received.")),
    "under_consideration": (N_("Under consideration"), N_("Recruiters are examining your application.")),
    "selected": (N_("Selected"), N_("You were chosen for this job.")),
    "rostered": (N_("Rostered"), N_("You may be offered a similar job later without applying again.")),
    "recruitment_completed": (N_("Recruitment completed"), N_("Somebody else was chosen for this job.")),
    "filled_from_roster": (N_("Filled from roster"), N_("The job was given to somebody from the reserve list.")),
    "cancelled": (N_("Job opening cancelled"), N_("There will be no recruitment for this job opening.")),
    "withdrawn": (N_("Withdrawn"), N_("You are no longer a candidate for this job.")),
}

PROGRESS: Final[Mapping[Progress, str]] = {
    "cannot_start": N_("Cannot start yet"),
    "incomplete": N_("Incomplete"),
    "problem": N_("There is a problem"),
    "completed": N_("Completed"),
}

SAVED: Final = N_("You have successfully saved your job application")


def places(application_id: str, problems: list[Problem]) -> list[dict[str, Any]]:
    """Problems of a whole application with the page and field where each can be mended (R22)."""
    return [{"problem": problem, "href": _place(application_id, problem.field)} for problem in problems]


def _place(application_id: str, field: str) -> str:
    area, _, rest = field.partition(".")
    if area in SECTIONS:
        return f"/applications/{application_id}/{area}?check=1#{element_id(rest)}"
    return {"profile": "/profile", "vacancy": f"/applications/{application_id}/vacancy"}.get(area, "")
