"""Which job openings somebody has applied to, so that their pages offer that no second time (R42)."""

from typing import Any, NotRequired, TypedDict

from services.applications.events import ApplicationSubmitted
from services.identity.events import AccountClosed
from shared.model.message import Recorded
from shared.model.projection import Projection


class Submission(TypedDict):
    """An application and when it was submitted, ISO 8601."""

    application_id: str
    at: str


class AppliedDocument(TypedDict):
    """What one candidate has submitted, by the vacancy's id; withdrawn ones too (R44). Empty for ever once `closed`."""

    vacancies: dict[str, Submission]
    closed: NotRequired[bool]


def _candidate(event: Recorded[Any]) -> tuple[str]:
    return (str(event.data.candidate_id) if isinstance(event.data, ApplicationSubmitted) else event.key,)


def _applied(document: AppliedDocument | None, event: Recorded[Any]) -> AppliedDocument | None:
    """An application may be heard of after its account was closed: topics come in any order."""
    if not isinstance(event.data, ApplicationSubmitted) or (document and document.get("closed")):
        return AppliedDocument(vacancies={}, closed=True)
    before = document["vacancies"] if document else {}
    submission = Submission(application_id=event.key, at=event.at.isoformat())
    return AppliedDocument(vacancies={**before, str(event.data.vacancy_id): submission}, closed=False)


APPLIED = Projection[AppliedDocument]("applied", (ApplicationSubmitted, AccountClosed), _candidate, _applied)
