"""Saved searches and vacancies that the tests of alerts begin with."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from services.alerts.domain import VALID
from services.alerts.events import SearchSaved, UnsubscribeLinkMade
from services.vacancies.events import DutyStation, VacancyPublished
from shared.model.testing import NOON
from shared.vocabulary.search import Criteria

ANNA, BORIS = UUID(int=1), UUID(int=2)
SEARCH_ID, VACANCY_ID = UUID(int=100), UUID(int=200)
ADDRESS = "anna@example.org"
ECONOMISTS = Criteria(keywords="économiste", duty_stations=("GENEVA",))


def saved(**other: Any) -> SearchSaved:
    """Anna's search for economists in Geneva, a daily alert, saved at NOON."""
    values: dict[str, Any] = {
        "candidate_id": ANNA, "name": "Économistes", "criteria": ECONOMISTS, "alert": True, "email": ADDRESS,
        "rhythm": "daily", "language": "fr", "expires_at": NOON + VALID,
    }  # fmt: skip
    return SearchSaved(**{**values, **other})


PLAIN = saved(alert=False, email=None)
LINK = UnsubscribeLinkMade(candidate_id=ANNA, token="secret")


def vacancy(**other: Any) -> VacancyPublished:
    """An opening for an economist in Geneva, published at NOON, open for thirty days."""
    values: dict[str, Any] = {
        "job_opening_number": "26-ECO-1", "language": "fr", "title": "Économiste principale",
        "description": "<p>Vous analysez les échanges.</p>", "network": "ECON", "family": "ECON-AFF", "category": "P",
        "level": "P-4", "duty_stations": (DutyStation(code="GENEVA", description="Genève"),), "department": "UNCTAD",
        "opens_at": NOON, "closes_at": NOON + timedelta(days=30),
    }  # fmt: skip
    return VacancyPublished(**{**values, **other})
