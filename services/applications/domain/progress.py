"""How far each section of a draft is, as the hub's task list shows it and as events tell it."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import reduce
from typing import Literal

from services.applications.domain.state import Application, evolve
from services.applications.domain.submission import fields_in, problems_in
from services.applications.events import ApplicationEvent, DraftProgress
from services.applications.events.sections import SCREENING, SECTIONS
from shared.vocabulary.fields import wrong

Progress = Literal["cannot_start", "incomplete", "problem", "to_check", "completed"]


def progress_of(state: Application, name: str, today: date) -> Progress:
    """Cannot start yet (R18), something typed is wrong, to check in a copy (R36), something is missing, or none."""
    fields = fields_in(state, name, "en")
    if name == SCREENING and state.target is None:
        return "cannot_start"
    if wrong(fields, state.sections.get(name, {}), today):
        return "problem"
    if unchecked(state, name):
        return "to_check"
    return "incomplete" if problems_in(state, name, today) else "completed"


def unchecked(state: Application, name: str) -> bool:
    """Whether the section came with a copy and nobody has looked at it since (R36); where nothing is asked, no need."""
    return name in state.carried_over and bool(fields_in(state, name, "en"))


def complete_in(state: Application, today: date) -> tuple[str, ...]:
    """The sections in which nothing is left to do."""
    return tuple(name for name in SECTIONS if progress_of(state, name, today) == "completed")


def with_progress(events: Sequence[ApplicationEvent], state: Application, at: datetime) -> Sequence[ApplicationEvent]:
    """What happens to this draft; the last event that can tell which sections are complete does, if that changes."""
    after = reduce(evolve, events, state)
    telling = [number for number, event in enumerate(events) if isinstance(event, DraftProgress)]
    complete = complete_in(after, at.date()) if telling and after.is_draft else state.complete
    if complete == state.complete:
        return events
    told = events[telling[-1]].model_copy(update={"complete": complete})
    return [*events[: telling[-1]], told, *events[telling[-1] + 1 :]]
