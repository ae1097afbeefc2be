"""The JSON door, and what both doors do with the world."""

from services.applications.api.candidate import router
from services.applications.api.hr import router as hr_router

routers = (router, hr_router)

__all__ = ["routers"]
