"""The views behind the Careers page: one document a candidate, one a vacancy."""

from services.careers.projections.attention import Attention, Kind, attention
from services.careers.projections.careers_view import (
    ApplicationRow,
    CareersView,
    OpeningRow,
    Suggestion,
    careers_view,
    places,
    vacancy_ids,
)
from services.careers.projections.documents import Overview, nothing_yet
from services.careers.projections.overview import OVERVIEW
from services.careers.projections.vacancies import VACANCIES
from shared.model.projection import AnyProjection

ALL: tuple[AnyProjection, ...] = (OVERVIEW, VACANCIES)

__all__ = [
    "ALL",
    "OVERVIEW",
    "VACANCIES",
    "ApplicationRow",
    "Attention",
    "CareersView",
    "Kind",
    "OpeningRow",
    "Overview",
    "Suggestion",
    "attention",
    "careers_view",
    "nothing_yet",
    "places",
    "vacancy_ids",
]
