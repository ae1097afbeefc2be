"""The applications service."""

from services.applications import api, domain, events, pages, projections, reactions
from services.applications.domain.accommodation import ACCOMMODATION, EraseAccommodation
from services.applications.domain.application import APPLICATION
from services.applications.domain.commands import EraseFile
from services.applications.use_cases import forgetting
from services.applications.use_cases.equivalence import activate_catalogue
from services.identity import events as identity
from services.profile import events as profile
from services.vacancies import events as vacancies
from shared.model.reaction import Do
from shared.runtime.declaration import Service

SERVICE = Service(
    name="applications",
    published=events.PUBLISHED,
    deciders=domain.ALL,
    projections=projections.ALL,
    reactions=reactions.ALL,
    timers=reactions.TIMERS,
    consumes=(identity.PUBLISHED, profile.PUBLISHED, vacancies.PUBLISHED),
    routers=(*api.routers, *pages.routers),
    on_start=activate_catalogue,
    settings=events.SETTINGS,
    uploads=(
        "/applications/{application_id}/attachments",
        "/applications/documents",
        "/applications/api/applications/{application_id}/attachments",
        "/applications/api/documents",
    ),
    on_erased={
        "application": lambda key: Do(APPLICATION, key, EraseFile()),
        "accommodation": lambda key: Do(ACCOMMODATION, key, EraseAccommodation()),
    },
    forgets=forgetting.forget,
)
