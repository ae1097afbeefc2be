"""The pages of saved searches, saved job openings and mails, for their owner and for whoever reads the mails."""

from services.alerts.pages.links import router as links_router
from services.alerts.pages.openings import router as openings_router
from services.alerts.pages.preferences import router as preferences_router
from services.alerts.pages.searches import router as searches_router

routers = (links_router, openings_router, preferences_router, searches_router)

__all__ = ["routers"]
