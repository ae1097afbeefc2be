"""Support's HTML door: for whoever asks for help or tells what they think of the site, and for the agents' desk."""

from services.support.pages.asking import router as asking_router
from services.support.pages.desk import router as desk_router
from services.support.pages.feedback import router as feedback_router

routers = (asking_router, feedback_router, desk_router)

__all__ = ["routers"]
