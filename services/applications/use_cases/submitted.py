"""What those who recruit may see: submitted applications, for vacancies within their reach."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Final
from uuid import UUID

from services.applications.domain.application import APPLICATION as RULES
from services.applications.domain.commands import EraseFile
from services.applications.domain.draft import UNKNOWN
from services.applications.projections import APPLICATION, VACANCY, ApplicationDocument, VacancyDocument
from services.applications.use_cases.applications import all_folded, refuse_erased
from shared.model.errors import N_, Conflict, Gone, NotFound
from shared.runtime.kernel import Kernel
from shared.store.erasing import is_held
from shared.vocabulary.permissions import Owners, within_reach

HELD: Final = N_("What was submitted is under a legal hold: it cannot be erased before the hold ends")


async def reachable(kernel: Kernel, owners: Owners, ids: Sequence[UUID]) -> dict[UUID, ApplicationDocument]:
    """Those of these applications that are submitted, for vacancies within reach: looked up together, once.

    One that was submitted a moment ago may be missing in the view.
    """
    found = await kernel.views.many(APPLICATION, ids)
    there = {UUID(key): document for key, document in found.items() if document["submitted"] is not None}
    late = await all_folded(kernel, {*ids} - there.keys())
    there |= {key: document for key, document in late.items() if document["submitted"] is not None}
    vacancies = await kernel.views.many(VACANCY, {_vacancy(document) for document in there.values()})
    return {
        key: document
        for key, document in there.items()
        if within_reach(owners, _owner(vacancies.get(_vacancy(document))))
    }


async def erase_file(kernel: Kernel, owners: Owners, application_id: UUID) -> None:
    """Erases what was submitted before its time, because its holder has asked for it; Conflict while it is held."""
    with suppress(Gone):
        await submitted(kernel, owners, application_id)
        if await is_held(kernel.pool, RULES.stream(application_id)):
            raise Conflict.because(HELD)
        await kernel.execute(RULES, application_id, EraseFile())


async def submitted(kernel: Kernel, owners: Owners, application_id: UUID) -> ApplicationDocument:
    """The application; NotFound for a draft, and for one of somebody else's vacancy; Gone if it is erased."""
    document = await kernel.current(APPLICATION, RULES, application_id)
    if document is None or document["submitted"] is None:
        raise NotFound.because(UNKNOWN)
    vacancy = await kernel.views.get(VACANCY, _vacancy(document))
    if not within_reach(owners, _owner(vacancy)):
        raise NotFound.because(UNKNOWN)
    refuse_erased(document)
    return document


def _vacancy(document: ApplicationDocument) -> str:
    return str(document["submitted"]["vacancy_id"]) if document["submitted"] else ""


def _owner(vacancy: VacancyDocument | None) -> str:
    """Whose the vacancy is; "" for nobody's, also for one from before there were organisations."""
    return vacancy.get("organisation", "") if vacancy else ""
