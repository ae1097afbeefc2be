"""How an application's events become its row and its timeline."""

from datetime import datetime
from typing import assert_never

from services.applications.events import (
    ApplicationArchived,
    ApplicationEvent,
    ApplicationMovedUnderConsideration,
    ApplicationOutcomeRecorded,
    ApplicationRestored,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    AttachmentAdded,
    AttachmentRemoved,
    DegreeLevelOverridden,
    DegreeLevelProposed,
    DraftCreated,
    DraftDiscarded,
    DraftNamed,
    DraftProgress,
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
from services.identity.events import PersonalDataErased
from shared.model.message import Recorded


def evolved(row: Application | None, event: Recorded[ApplicationEvent]) -> Application | None:
    """The row after the event; None once the draft is discarded, or if its beginning was never seen."""
    if isinstance(event.data, DraftCreated):
        return _created(event.key, event.at)
    if row is None or isinstance(event.data, DraftDiscarded):
        return None
    now = event.at.isoformat()
    return _changed(_progressed({**row, "changed_at": now}, event.data), event.data, now)


def _progressed(row: Application, fact: ApplicationEvent) -> Application:
    if not isinstance(fact, DraftProgress) or fact.complete is None:
        return row
    return {**row, "complete": list(fact.complete)}


def _created(key: str, at: datetime) -> Application:
    now = at.isoformat()
    return Application(
        id=key, created_at=now, changed_at=now, submitted_at="", vacancy_id="", number="", title="", lost_number="",
        status=Status.DRAFT.value, reference="",
        timeline=[Step(status=Status.DRAFT.value, at=now, reason="")],
    )  # fmt: skip


def _changed(row: Application, fact: ApplicationEvent, at: str) -> Application:  # noqa: PLR0911 - one an event
    match fact:
        case DraftNamed(name=name):
            return {**row, "name": name}
        case ApplicationArchived() | ApplicationRestored():
            return {**row, "archived": isinstance(fact, ApplicationArchived)}
        case VacancyTargeted():
            return {**_meant_for(row, fact), "lost_number": ""}
        case VacancyUntargeted():
            return {**row, "vacancy_id": "", "number": "", "title": "", "lost_number": row["number"]}
        case PersonalDataErased():
            return {**row, "timeline": [{**step, "reason": ""} for step in row["timeline"]]}
        case ApplicationSubmitted():
            submitted = _meant_for({**row, "submitted_at": at, "reference": fact.reference, "name": ""}, fact)
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
        case (
            DraftSaved()
            | ScreeningQuestionsLoaded()
            | AttachmentAdded()
            | AttachmentRemoved()
            | DegreeLevelProposed()
            | DegreeLevelOverridden()
        ):
            return row
    assert_never(fact)


def _meant_for(row: Application, fact: VacancyTargeted | ApplicationSubmitted) -> Application:
    target = str(fact.vacancy_id)
    return {**row, "vacancy_id": target, "number": fact.job_opening_number, "title": fact.title}


def _stepped(row: Application, fact: StatusReached, at: str) -> Application:
    if (status := status_after(fact)) is None:
        return row
    timeline = [*row["timeline"], Step(status=status.value, at=at, reason=reason_of(fact))]
    return {**row, "status": status.value, "timeline": timeline}
