"""The profile service's wiring."""

from services.identity import events as identity
from services.profile import api, domain, events, pages, projections, reactions
from shared.runtime.declaration import Service

SERVICE = Service(
    name="profile",
    published=events.PUBLISHED,
    deciders=domain.ALL,
    projections=projections.ALL,
    reactions=reactions.ALL,
    consumes=(identity.PUBLISHED,),
    routers=(*api.routers, *pages.routers),
    uploads=("/profile/import", "/profile/import/taken", "/profile/api/imports/read"),
)
