"""The pages of saved searches and job alerts, for their owner and for whoever reads the mails."""

from services.alerts.pages.links import router as links_router
from services.alerts.pages.searches import router as searches_router

routers = (links_router, searches_router)

__all__ = ["routers"]
