"""The JSON doors: saved searches, saved job openings, and which mails are wanted."""

from services.alerts.api.openings import router as openings
from services.alerts.api.preferences import mailed, preferences
from services.alerts.api.searches import ROUTERS as SEARCHES

ROUTERS = (*SEARCHES, openings, preferences, mailed)

__all__ = ["ROUTERS"]
