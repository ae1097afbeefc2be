"""How an application's events become its row and its timeline."""

from datetime import datetime
from typing import Final, assert_never

from services.applications.events import (
    ApplicationEvent,
    ApplicationMovedUnderConsideration,
    ApplicationOutcomeRecorded,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    AttachmentAdded,
    AttachmentRemoved,
    DegreeLevelOverridden,
    DegreeLevelProposed,
    DraftCreated,
    DraftDiscarded,
    DraftSaved,
    ScreeningQuestionsLoaded,
    Status,
    StatusReached,
    TermsAccepted,
    VacancyTargeted,
    VacancyUntargeted,
    reason_of,
    status_after,
)
from services.careers.projections.documents import Application, Step
from shared.model.message import Recorded

_NOTHING: Final[tuple[object, ...]] = ("", [], None)


def evolved(row: Application | None, event: Recorded[ApplicationEvent]) -> Application | None:
    """The row after the event; None once the draft is discarded, or if its beginning was never seen."""
    if isinstance(event.data, DraftCreated):
        return _created(event.key, event.at)
    if row is None or isinstance(event.data, DraftDiscarded):
        return None
    return _changed({**row, "changed_at": event.at.isoformat()}, event.data, event.at.isoformat())


def _created(key: str, at: datetime) -> Application:
    now = at.isoformat()
    return Application(
        id=key, created_at=now, changed_at=now, submitted_at="", vacancy_id="", number="", title="", lost_number="",
        status=Status.DRAFT.value, reference="", filled=[],
        timeline=[Step(status=Status.DRAFT.value, at=now, reason="")],
    )  # fmt: skip


def _changed(row: Application, fact: ApplicationEvent, at: str) -> Application:  # noqa: PLR0911
    match fact:
        case VacancyTargeted():
            return {**_meant_for(row, fact), "lost_number": ""}
        case VacancyUntargeted():
            return {**row, "vacancy_id": "", "number": "", "title": "", "lost_number": row["number"]}
        case ScreeningQuestionsLoaded(questions=questions):
            return {**row, "asked": bool(questions)}
        case DraftSaved():
            return {**row, "filled": _filled(row.get("filled", []), fact)}
        case ApplicationSubmitted():
            submitted = _meant_for({**row, "submitted_at": at, "reference": fact.reference}, fact)
            return _stepped(submitted, fact, at)
        case (
            DraftCreated()
            | TermsAccepted()
            | ApplicationMovedUnderConsideration()
            | ApplicationOutcomeRecorded()
            | ApplicationWithdrawn()
            | DraftDiscarded()
        ):
            return _stepped(row, fact, at)
        case AttachmentAdded() | AttachmentRemoved() | DegreeLevelProposed() | DegreeLevelOverridden():
            return row
    assert_never(fact)


def _meant_for(row: Application, fact: VacancyTargeted | ApplicationSubmitted) -> Application:
    target = str(fact.vacancy_id)
    return {**row, "vacancy_id": target, "number": fact.job_opening_number, "title": fact.title}


def _filled(sections: list[str], fact: DraftSaved) -> list[str]:
    """A box that is not ticked says nothing; as an answer to a screening question, "no" does."""
    others = [name for name in sections if name != fact.section]
    nothing = _NOTHING if fact.section == "screening" else (*_NOTHING, "no")
    return [*others, fact.section] if any(value not in nothing for value in fact.values.values()) else others


def _stepped(row: Application, fact: StatusReached, at: str) -> Application:
    if (status := status_after(fact)) is None:
        return row
    timeline = [*row["timeline"], Step(status=status.value, at=at, reason=reason_of(fact))]
    return {**row, "status": status.value, "timeline": timeline}
