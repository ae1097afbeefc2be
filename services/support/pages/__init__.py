"""Support's HTML door: for whoever asks for help, and for the agents' desk."""

from services.support.pages.asking import router as asking_router
from services.support.pages.desk import router as desk_router

routers = (asking_router, desk_router)

__all__ = ["routers"]
