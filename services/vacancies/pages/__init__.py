"""The pages: "Recherche avancée" with its feeds (R32), a vacancy with "Postuler" (R33) and its calendar file."""

from services.vacancies.pages.following import router as following
from services.vacancies.pages.searching import router as searching
from services.vacancies.pages.showing import router as showing

__all__ = ["ROUTERS"]

ROUTERS = (following, searching, showing)
"""In this order: a feed's address would be a vacancy's otherwise."""
