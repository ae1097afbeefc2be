"""The vacancies service, put together."""

from services.alerts import events as alerts
from services.applications import events as applications
from services.identity import events as identity
from services.vacancies import api, domain, events, pages, projections, reactions
from services.vacancies.api.commands import commands
from services.vacancies.use_cases.index import SEARCHED
from shared.runtime.declaration import Service

SERVICE: Service = Service(
    name="vacancies",
    published=events.PUBLISHED,
    deciders=domain.ALL,
    projections=projections.ALL,
    indexes=(SEARCHED,),
    consumes=(alerts.PUBLISHED, applications.PUBLISHED, identity.PUBLISHED),
    reactions=reactions.ALL,
    timers=reactions.TIMERS,
    routers=(*api.ROUTERS, *pages.ROUTERS),
    commands=commands(lambda: SERVICE),
    addresses=(pages.SITEMAP,),
)
