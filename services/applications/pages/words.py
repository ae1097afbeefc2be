"""What states are called, and where a problem can be mended."""

from collections.abc import Mapping
from typing import Any, Final

from services.applications.domain.progress import Progress
from services.applications.domain.sections import SECTIONS
from shared.errors import N_, Problem
from shared.web.widgets import element_id

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
