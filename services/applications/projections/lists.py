"""Which applications there are: of a candidate, and meant for a vacancy."""

from typing import Any, Final, NotRequired, TypedDict, assert_never, cast, get_args

from services.applications.events import (
    ApplicationArchived,
    ApplicationMovedUnderConsideration,
    ApplicationOutcomeRecorded,
    ApplicationRestored,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    Archiving,
    DraftCreated,
    DraftDiscarded,
    DraftNamed,
    Status,
    StatusReached,
    TermsAccepted,
    VacancyTargeted,
    VacancyUntargeted,
    status_after,
)
from services.identity.events import PersonalDataErased
from shared.model.message import Recorded
from shared.model.parts import part_of
from shared.model.projection import Projection


class Listed(TypedDict):
    """One application in the list of its candidate. `erased`: nothing is left of what was submitted.

    name: the draft's; older documents have none.
    """

    id: str
    status: str
    created_at: str
    submitted_at: str | None
    job_opening_number: str
    title: str
    erased: NotRequired[bool]
    name: NotRequired[str]
    archived: NotRequired[bool]


class ApplicationsDocument(TypedDict):
    """All applications of a candidate (R53), the last created first."""

    applications: list[Listed]


Listing = StatusReached | Archiving | DraftNamed | VacancyTargeted | VacancyUntargeted


def evolve_list(document: ApplicationsDocument | None, event: Recorded[Any]) -> ApplicationsDocument:
    """The candidate's list after the event."""
    rows = {row["id"]: row for row in document["applications"]} if document else {}
    match event.data:
        case DraftCreated():
            rows[event.key] = _new(event)
        case DraftDiscarded():
            rows.pop(event.key, None)
        case _ if event.key in rows:
            rows[event.key] = _after(rows[event.key], event)
        case _:
            pass
    newest_first = sorted(rows.values(), key=lambda row: (row["created_at"], row["id"]), reverse=True)
    return ApplicationsDocument(applications=newest_first)


def _new(event: Recorded[DraftCreated]) -> Listed:
    at = event.at.isoformat()
    return Listed(
        id=event.key, status=Status.DRAFT.value, created_at=at, submitted_at=None, job_opening_number="", title=""
    )


def _after(row: Listed, event: Recorded[Any]) -> Listed:
    fact: Listing = event.data
    match fact:
        case VacancyTargeted(job_opening_number=number, title=title):
            return {**row, "job_opening_number": number, "title": title}
        case VacancyUntargeted():
            return {**row, "job_opening_number": "", "title": ""}
        case DraftNamed(name=name):
            return {**row, "name": name}
        case ApplicationArchived() | ApplicationRestored():
            return {**row, "archived": isinstance(fact, ApplicationArchived)}
        case PersonalDataErased():
            return {**row, "erased": True}
        case (
            DraftCreated()
            | DraftDiscarded()
            | TermsAccepted()
            | ApplicationSubmitted()
            | ApplicationMovedUnderConsideration()
            | ApplicationOutcomeRecorded()
            | ApplicationWithdrawn()
        ):
            status = status_after(fact)
            submitted = {"submitted_at": event.at.isoformat(), "name": ""} if status is Status.APPLIED else {}
            return cast(Listed, {**row, "status": status.value if status else row["status"], **submitted})
    assert_never(fact)


APPLICATIONS_OF: Final[Projection[ApplicationsDocument]] = Projection(
    "applications_of", get_args(Listing), lambda event: (str(event.data.candidate_id),), evolve_list
)


class FollowersDocument(TypedDict):
    """The applications that a vacancy concerns, in one of its parts."""

    applications: list[str]


def evolve_followers(document: FollowersDocument | None, event: Recorded[Any]) -> FollowersDocument:
    """One part after the event."""
    known = document["applications"] if document else []
    return {"applications": known if event.key in known else [*known, event.key]}


FOLLOWERS: Final[Projection[FollowersDocument]] = Projection(
    "followers",
    (VacancyTargeted,),
    lambda event: (part_of(event.data.vacancy_id, event.key),),
    evolve_followers,
)
