"""What the doors and reactions read: applications, who has which, and what is known of candidates and vacancies."""

from typing import Final

from services.applications.projections.accommodations import ACCOMMODATION, AccommodationDocument, Standing
from services.applications.projections.application import APPLICATION, ApplicationDocument
from services.applications.projections.equivalence import CATALOGUE, REPORT, CatalogueDocument, ReportDocument
from services.applications.projections.learnt import CANDIDATE, VACANCY, CandidateDocument, VacancyDocument, described
from services.applications.projections.library import LIBRARY, KeptDocument, LibraryDocument
from services.applications.projections.lists import APPLICATIONS_OF, FOLLOWERS, Listed
from services.applications.projections.submissions import SUBMISSIONS, SubmissionDocument
from shared.model.projection import AnyProjection

ALL: Final[tuple[AnyProjection, ...]] = (
    APPLICATION, APPLICATIONS_OF, FOLLOWERS, SUBMISSIONS, CATALOGUE, REPORT, CANDIDATE, VACANCY, ACCOMMODATION,
    LIBRARY,
)  # fmt: skip

__all__ = [
    "ACCOMMODATION",
    "ALL",
    "APPLICATION",
    "APPLICATIONS_OF",
    "CANDIDATE",
    "CATALOGUE",
    "FOLLOWERS",
    "LIBRARY",
    "REPORT",
    "SUBMISSIONS",
    "VACANCY",
    "AccommodationDocument",
    "ApplicationDocument",
    "CandidateDocument",
    "CatalogueDocument",
    "KeptDocument",
    "LibraryDocument",
    "Listed",
    "ReportDocument",
    "Standing",
    "SubmissionDocument",
    "VacancyDocument",
    "described",
]
