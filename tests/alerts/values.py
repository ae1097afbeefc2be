"""Saved searches and vacancies that the tests of alerts begin with."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.alerts.domain import VALID, RecordMatch, SaveSearch
from services.alerts.events import SearchSaved, UnsubscribeLinkMade, VacancyMatched
from services.vacancies.events import DutyStation, VacancyPublished
from shared.model.testing import NOON
from shared.vocabulary.search import Criteria

ANNA, BORIS = UUID(int=1), UUID(int=2)
SEARCH_ID, VACANCY_ID, OTHER_VACANCY = UUID(int=100), UUID(int=200), UUID(int=201)
STREAM = f"search-{SEARCH_ID}"
ADDRESS = "anna@example.org"
ECONOMISTS = Criteria(keywords="économiste", duty_stations=("GENEVA",))


def saved(**other: Any) -> SearchSaved:
    """Anna's search for economists in Geneva, a daily alert, saved at NOON."""
    values: dict[str, Any] = {
        "candidate_id": ANNA, "name": "Économistes", "criteria": ECONOMISTS, "alert": True, "email": ADDRESS,
        "rhythm": "daily", "language": "fr", "expires_at": NOON + VALID,
    }  # fmt: skip
    return SearchSaved(**{**values, **other})


def save(**other: Any) -> SaveSearch:
    """The command that leads to `saved` with the same changes."""
    values: dict[str, Any] = {
        "candidate_id": ANNA, "name": "Économistes", "criteria": ECONOMISTS, "alert": True, "email": ADDRESS,
        "rhythm": "daily", "language": "fr", "token": "secret", "proven": True,
    }  # fmt: skip
    return SaveSearch(**{**values, **other})


def fits(vacancy_id: UUID = VACANCY_ID, at: datetime = NOON) -> RecordMatch:
    """A vacancy that is open for another thirty days fits the search."""
    return RecordMatch(vacancy_id=vacancy_id, closes_at=at + timedelta(days=30), at=at)


PLAIN = saved(alert=False, email=None)
DAILY = VacancyMatched(candidate_id=ANNA, vacancy_id=VACANCY_ID, rhythm="daily", email=ADDRESS)
AT_ONCE = DAILY.model_copy(update={"rhythm": "at_once"})
LINK = UnsubscribeLinkMade(candidate_id=ANNA, token="secret")
FRESH = "another secret"
MOVED = UnsubscribeLinkMade(candidate_id=ANNA, token=FRESH)
"""To another address, mails bear another link."""


def vacancy(**other: Any) -> VacancyPublished:
    """An opening for an economist in Geneva, published at NOON, open for thirty days."""
    values: dict[str, Any] = {
        "job_opening_number": "26-ECO-1", "language": "fr", "title": "Économiste principale",
        "description": "<p>Vous analysez les échanges.</p>", "network": "ECON", "family": "ECON-AFF", "category": "P",
        "level": "P-4", "duty_stations": (DutyStation(code="GENEVA", description="Genève"),), "department": "UNCTAD",
        "opens_at": NOON, "closes_at": NOON + timedelta(days=30),
    }  # fmt: skip
    return VacancyPublished(**{**values, **other})
