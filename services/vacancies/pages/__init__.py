"""Search with feeds (R32), a vacancy with "Postuler" (R33) and its calendar file, and the sitemaps."""

from services.vacancies.pages.following import router as following
from services.vacancies.pages.searching import router as searching
from services.vacancies.pages.showing import router as showing
from services.vacancies.pages.sitemaps import SITEMAP
from services.vacancies.pages.sitemaps import router as sitemaps

__all__ = ["ROUTERS", "SITEMAP"]

ROUTERS = (following, searching, sitemaps, showing)
"""In this order: a feed's or a sitemap's address would be a vacancy's otherwise."""
