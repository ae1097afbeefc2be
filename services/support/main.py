"""The support service's wiring."""

from services.identity import events as identity
from services.support import api, domain, events, pages, projections, reactions
from services.support.use_cases import forgetting
from shared.model.reaction import Do
from shared.runtime.declaration import Service

SERVICE = Service(
    name="support",
    published=events.PUBLISHED,
    deciders=domain.ALL,
    projections=projections.ALL,
    reactions=reactions.ALL,
    timers=reactions.TIMERS,
    consumes=(identity.PUBLISHED,),
    routers=(api.router, *pages.routers),
    settings=events.SETTINGS,
    uploads=("/support", "/support/tickets/{ticket}/reply"),
    on_erased={"ticket": lambda key: Do(domain.TICKET, key, domain.EraseTicket())},
    forgets=forgetting.forget,
)
