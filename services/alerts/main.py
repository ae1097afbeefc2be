"""How saved searches, saved job openings and optional mails are wired."""

from services.alerts import api, domain, events, pages, projections, reactions
from services.alerts.use_cases import recipients
from services.applications import events as applications
from services.identity import events as identity
from services.vacancies import events as vacancies
from shared.runtime.declaration import Service

SERVICE = Service(
    name="alerts",
    published=events.PUBLISHED,
    deciders=domain.ALL,
    projections=projections.ALL,
    reactions=reactions.ALL,
    timers=reactions.TIMERS,
    consumes=(identity.PUBLISHED, vacancies.PUBLISHED, applications.PUBLISHED),
    routers=(*api.ROUTERS, *pages.routers),
    on_start=recipients.prepare,
    reseal=recipients.reseal,
)
