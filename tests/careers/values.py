"""Facts of the six services about Anna, as the Careers page hears of them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.alerts.events import SearchSaved
from services.applications.events import ApplicationSubmitted, DraftCreated, VacancyTargeted
from services.careers.projections import OVERVIEW, VACANCIES, Overview
from services.support.events import TicketAnswered, TicketOpened
from services.vacancies.events import DutyStation, VacancyPublished
from shared.model.message import Event, Recorded
from shared.model.testing import NOON, history
from shared.vocabulary.search import Criteria

ANNA = UUID(int=1)
VACANCY_ID = UUID(int=200)
YEAR = timedelta(days=365)

CREATED = DraftCreated(candidate_id=ANNA)
TARGETED = VacancyTargeted(
    candidate_id=ANNA, vacancy_id=VACANCY_ID, job_opening_number="26-ECO-1", title="Economist", vacancy_version=1
)
SUBMITTED = ApplicationSubmitted(
    candidate_id=ANNA, vacancy_id=VACANCY_ID, job_opening_number="26-ECO-1", title="Economist",
    reference="P-1", snapshot={},
)  # fmt: skip
SAVED = SearchSaved(
    candidate_id=ANNA, name="Geneva", criteria=Criteria(), alert=True, email="anna@example.org", rhythm="daily",
    language="en", expires_at=NOON + YEAR,
)  # fmt: skip
OPENED = TicketOpened(
    candidate_id=ANNA, number="T-1", nature="technical", subject="No PDF", full_name="Anna Müller", user_code="AM1",
    email="anna@example.org", language="en", job_opening_number="", description="Nothing happens", steps="Click",
)  # fmt: skip
ANSWERED = TicketAnswered(
    candidate_id=ANNA, message_id=UUID(int=9), number="T-1", text="Try again", email="anna@example.org", language="en"
)  # fmt: skip


def vacancy(**other: Any) -> VacancyPublished:
    values: dict[str, Any] = {
        "job_opening_number": "26-ECO-1", "language": "en", "title": "Economist", "description": "<p>Trade.</p>",
        "network": "ECON", "family": "ECON-AFF", "category": "P", "level": "P-4", "department": "UNCTAD",
        "duty_stations": (DutyStation(code="GENEVA", description="Geneva"),), "opens_at": NOON,
        "closes_at": NOON + timedelta(days=30),
    }  # fmt: skip
    return VacancyPublished(**{**values, **other})


def overview(*events: Recorded[Any]) -> Overview:
    """Anna's document after these events."""
    folded: Overview | None = None
    for event in events:
        assert tuple(OVERVIEW.keys(event)) == (str(ANNA),)
        folded = OVERVIEW.evolve(folded, event)
    assert folded is not None
    return folded


def application(*events: Event, key: str = "a", start: datetime = NOON) -> list[Recorded[Any]]:
    return history(f"application-{key}", *events, start=start)


def vacancies(*events: Event, key: UUID = VACANCY_ID) -> Any:
    """The vacancy's document after these events, under its id."""
    folded = None
    for event in history(f"vacancy-{key}", *events):
        folded = VACANCIES.evolve(folded, event)
    return {str(key): folded}
