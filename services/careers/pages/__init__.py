"""The pages: the portal, the Careers page, help, what a public service says of itself, what programs look for."""

from services.careers.pages.crawlers import router as crawlers
from services.careers.pages.helping import SETTINGS
from services.careers.pages.helping import router as helping
from services.careers.pages.notices import router as notices
from services.careers.pages.portal import router as portal

__all__ = ["ROUTERS", "SETTINGS"]

ROUTERS = (portal, helping, notices, crawlers)
