"""The HTML door."""

from services.applications.pages.accommodation import router as accommodation_router
from services.applications.pages.curation import router as curation_router
from services.applications.pages.draft import router as draft_router
from services.applications.pages.entries import router as entries_router
from services.applications.pages.equivalence import router as equivalence_router
from services.applications.pages.files import router as files_router
from services.applications.pages.keeping import router as keeping_router
from services.applications.pages.library import router as library_router
from services.applications.pages.start import router as start_router
from services.applications.pages.submission import router as submission_router
from services.applications.pages.target import router as target_router

routers = (
    start_router, library_router, files_router, target_router, keeping_router, submission_router, equivalence_router,
    curation_router, accommodation_router, entries_router, draft_router,
)  # fmt: skip

__all__ = ["routers"]
