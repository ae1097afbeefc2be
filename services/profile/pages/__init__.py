"""The HTML door."""

from services.profile.pages.entries import router as entries_router
from services.profile.pages.importing import router as importing_router
from services.profile.pages.sections import router as sections_router

routers = (importing_router, entries_router, sections_router)

__all__ = ["routers"]
