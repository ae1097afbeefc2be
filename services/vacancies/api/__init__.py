"""The JSON door: HR systems publish and amend, everybody searches; and the operator's import."""

from services.vacancies.api.publishing import router as publishing
from services.vacancies.api.reading import router as reading

__all__ = ["ROUTERS"]

ROUTERS = (reading, publishing)
