"""Facts about the job openings that a candidate has saved: one stream a candidate."""

from typing import Final, Literal
from uuid import UUID

from services.identity.events import CandidateId
from shared.model.message import Event

Leaving = Literal["candidate", "lapsed", "merged", "account_closed"]


class OpeningSaved(Event):
    """The candidate keeps an eye on the job opening: they are told when its deadline nears and when it changes."""

    receipt = "Nothing for recruiting: who saves a job opening may never apply for it."

    candidate_id: CandidateId
    vacancy_id: UUID
    """The job opening: its id in vacancies."""
    vacancy_version: int
    """Which version of the job opening was known then."""


class OpeningLeft(Event):
    """The job opening is no longer among those that the candidate has saved."""

    receipt = "Nothing."

    candidate_id: CandidateId
    vacancy_id: UUID
    """The job opening: its id in vacancies."""
    reason: Leaving = "candidate"
    """Why: the candidate took it off; it ended a year ago; it is part of another one, which is saved in its place; the
    account was closed."""


OpeningEvent = OpeningSaved | OpeningLeft
OPENING_EVENTS: Final = (OpeningSaved, OpeningLeft)
