"""The views behind the Careers page: one document a candidate, one a vacancy."""

from services.careers.projections.attention import Attention, Kind, attention
from services.careers.projections.documents import Overview, nothing_yet
from services.careers.projections.overview import OVERVIEW
from services.careers.projections.shown import Shown, ShownApplication, Suggestion, places, shown, vacancy_ids
from services.careers.projections.statuses import STATUSES, WITHDRAWABLE, Status
from services.careers.projections.vacancies import VACANCIES
from shared.model.projection import AnyProjection

ALL: tuple[AnyProjection, ...] = (OVERVIEW, VACANCIES)

__all__ = [
    "ALL",
    "OVERVIEW",
    "STATUSES",
    "VACANCIES",
    "WITHDRAWABLE",
    "Attention",
    "Kind",
    "Overview",
    "Shown",
    "ShownApplication",
    "Status",
    "Suggestion",
    "attention",
    "nothing_yet",
    "places",
    "shown",
    "vacancy_ids",
]
