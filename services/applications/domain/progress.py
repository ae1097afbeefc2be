"""How far each section of a draft is, as the hub's task list shows it."""

from datetime import date
from typing import Literal

from services.applications.domain.sections import SCREENING
from services.applications.domain.state import Application
from services.applications.domain.submission import fields_in, problems_in
from shared.vocabulary.fields import wrong

Progress = Literal["cannot_start", "incomplete", "problem", "completed"]


def progress_of(state: Application, name: str, today: date) -> Progress:
    """Cannot start yet (R18), something typed is wrong, something is missing, or nothing of it."""
    if name == SCREENING and state.target is None:
        return "cannot_start"
    if wrong(fields_in(state, name, "en"), state.sections.get(name, {}), today):
        return "problem"
    return "incomplete" if problems_in(state, name, today) else "completed"
