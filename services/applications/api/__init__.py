"""The JSON door, and what both doors do with the world."""

from services.applications.api.accommodations import router as accommodations_router
from services.applications.api.candidate import router
from services.applications.api.curation import router as curation_router
from services.applications.api.diplomas import reporting
from services.applications.api.diplomas import router as diplomas_router
from services.applications.api.hr import router as hr_router
from services.applications.api.library import router as library_router
from services.applications.api.statuses import router as statuses_router

routers = (
    router, diplomas_router, reporting, hr_router, statuses_router, curation_router, accommodations_router,
    library_router,
)  # fmt: skip

__all__ = ["routers"]
