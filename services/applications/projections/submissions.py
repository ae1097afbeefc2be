"""Each submitted application in one line, for the lists that HR systems compare theirs with."""

from datetime import UTC, datetime
from typing import Any, Final, TypedDict, cast

from services.applications.events import (
    ApplicationMovedUnderConsideration,
    ApplicationOutcomeRecorded,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    status_after,
)
from shared.model.message import Recorded
from shared.model.projection import Projection, by_key

MOMENT: Final = "%Y-%m-%dT%H:%M:%S.%fZ"
"""How times are written: UTC and all alike, so that text order is time order."""


class SubmissionDocument(TypedDict):
    """One line. organisation: whose the job opening is; None where the event is too old to tell."""

    id: str
    candidate_id: str
    vacancy_id: str
    job_opening_number: str
    title: str
    reference: str
    status: str
    submitted_at: str
    changed_at: str
    organisation: str | None


def evolve_submission(document: SubmissionDocument | None, event: Recorded[Any]) -> SubmissionDocument | None:
    """The line after the event."""
    status, at = status_after(event.data), moment(event.at)
    if isinstance(event.data, ApplicationSubmitted):
        fields = event.data.model_dump(mode="json", exclude={"snapshot"})
        return cast(
            SubmissionDocument, {**fields, "id": event.key, "status": status, "submitted_at": at, "changed_at": at}
        )
    if document is None or status is None:
        return document
    return {**document, "status": status.value, "changed_at": at}


def moment(at: datetime) -> str:
    """A time as the lines have it."""
    return at.astimezone(UTC).strftime(MOMENT)


SUBMISSIONS: Final[Projection[SubmissionDocument]] = Projection(
    "submissions",
    (ApplicationSubmitted, ApplicationMovedUnderConsideration, ApplicationOutcomeRecorded, ApplicationWithdrawn),
    by_key,
    evolve_submission,
)
