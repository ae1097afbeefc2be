"""The JSON door."""

from services.profile.api.files import router as files_router
from services.profile.api.sections import router as sections_router

routers = (files_router, sections_router)

__all__ = ["routers"]
