"""Identity's wiring."""

from services.identity import api, domain, pages, projections, reactions
from services.identity.api.operator import COMMANDS
from services.identity.events import PUBLISHED
from services.identity.use_cases.signing_keys import prepare_keys
from shared.runtime.declaration import Service

SERVICE = Service(
    name="identity",
    published=PUBLISHED,
    deciders=domain.ALL,
    projections=projections.ALL,
    reactions=reactions.ALL,
    timers=reactions.TIMERS,
    routers=(*api.ROUTERS, *pages.ROUTERS),
    commands=COMMANDS,
    on_start=prepare_keys,
)
