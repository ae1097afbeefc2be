"""The vacancies service, put together."""

from services.vacancies import api, domain, events, pages, projections, reactions
from services.vacancies.api.commands import commands
from shared.runtime.declaration import Service

SERVICE: Service = Service(
    name="vacancies",
    published=events.PUBLISHED,
    deciders=domain.ALL,
    projections=projections.ALL,
    reactions=reactions.ALL,
    timers=reactions.TIMERS,
    routers=(*api.ROUTERS, *pages.ROUTERS),
    commands=commands(lambda: SERVICE),
)
