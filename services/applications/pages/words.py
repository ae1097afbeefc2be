"""What states are called, and where a problem can be mended."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any, Final

from services.applications.domain.progress import Progress
from services.applications.events.sections import LETTER, SCREENING, SECTIONS
from shared.model.errors import N_, Problem
from shared.web.entries import mending, named

PROGRESS: Final[Mapping[Progress, str]] = {
    "cannot_start": N_("Cannot start yet"),
    "incomplete": N_("Incomplete"),
    "problem": N_("There is a problem"),
    "to_check": N_("To check"),
    "completed": N_("Completed"),
}


COPIED: Final = N_("Copied from your previous application: check it, then save it.")
COPIED_OTHERWISE: Final = {
    SCREENING: N_("Your earlier answers are not copied: answer the questions of this job opening, then save."),
    LETTER.name: N_(
        "Copied from your previous application: adapt the letter to this job opening, and answer the declarations anew."
    ),
}


def of_copied(name: str) -> str:
    """What is to be done in a section that came with a copy, as a catalogue key (R36)."""
    return COPIED_OTHERWISE.get(name, COPIED)


def places(application_id: str, problems: list[Problem]) -> list[dict[str, Any]]:
    """Problems of a whole application with the page and field where each can be mended (R22)."""
    return [_place(application_id, problem) for problem in problems]


def by_section(places: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """The places under their sections' labels, which are catalogue keys; what is in no section has none."""
    return [(label, list(found)) for label, found in groupby(places, key=lambda place: place["section"])]


def _place(application_id: str, problem: Problem) -> dict[str, Any]:
    """`section`: its label. `entry`: what the repeating entry is called that the problem is in."""
    area, _, rest = problem.field.partition(".")
    place = {"problem": problem, "section": "", "entry": None}
    if area in SECTIONS:
        href = mending(f"/applications/{application_id}/{area}", rest)
        return {**place, "href": href, "section": SECTIONS[area].label, "entry": named(SECTIONS[area].fields, rest)}
    elsewhere = {"profile": "/profile", "vacancy": f"/applications/{application_id}/vacancy"}
    return {**place, "href": elsewhere.get(area, "")}
