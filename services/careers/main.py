"""How the Careers page is wired: it owns no facts and listens to all six services."""

from services.alerts import events as alerts
from services.applications import events as applications
from services.careers import api, pages, projections
from services.identity import events as identity
from services.profile import events as profile
from services.support import events as support
from services.vacancies import events as vacancies
from shared.model.message import Published
from shared.runtime.declaration import Service

SERVICE = Service(
    name="careers",
    published=Published("careers", {}),
    projections=projections.ALL,
    consumes=(
        identity.PUBLISHED,
        profile.PUBLISHED,
        applications.PUBLISHED,
        vacancies.PUBLISHED,
        alerts.PUBLISHED,
        support.PUBLISHED,
    ),
    routers=(api.router, *pages.ROUTERS),
    settings={
        **{name: applications.SETTINGS[name] for name in (applications.OFFICE, applications.RETENTION)},
        **support.SETTINGS,
        **pages.SETTINGS,
    },
)
