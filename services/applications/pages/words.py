"""What states are called, and where a problem can be mended."""

from collections.abc import Mapping
from typing import Any, Final

from services.applications.domain.progress import Progress
from services.applications.domain.sections import SECTIONS
from shared.errors import N_, Problem
from shared.web.entries import mending, named

PROGRESS: Final[Mapping[Progress, str]] = {
    "cannot_start": N_("Cannot start yet"),
    "incomplete": N_("Incomplete"),
    "problem": N_("There is a problem"),
    "completed": N_("Completed"),
}


def places(application_id: str, problems: list[Problem]) -> list[dict[str, Any]]:
    """Problems of a whole application with the page and field where each can be mended (R22)."""
    return [_place(application_id, problem) for problem in problems]


def _place(application_id: str, problem: Problem) -> dict[str, Any]:
    """`entry`: what the repeating entry is called that the problem is in."""
    area, _, rest = problem.field.partition(".")
    place = {"problem": problem, "entry": None}
    if area in SECTIONS:
        href = mending(f"/applications/{application_id}/{area}", rest)
        return {**place, "href": href, "entry": named(SECTIONS[area].fields, rest)}
    elsewhere = {"profile": "/profile", "vacancy": f"/applications/{application_id}/vacancy"}
    return {**place, "href": elsewhere.get(area, "")}
