"""What those who recruit may see: submitted applications, for vacancies within their reach."""

from collections.abc import Sequence
from uuid import UUID

from services.applications.domain.draft import UNKNOWN
from services.applications.projections import APPLICATION, VACANCY, ApplicationDocument, VacancyDocument
from services.applications.use_cases.applications import folded
from shared.model.errors import NotFound
from shared.runtime.kernel import Kernel
from shared.vocabulary.permissions import Owners, within_reach


async def reachable(kernel: Kernel, owners: Owners, ids: Sequence[UUID]) -> frozenset[UUID]:
    """Those of these applications that are submitted, for vacancies within reach: looked up together, once."""
    found = await kernel.views.many(APPLICATION, ids)
    there = {key: document for key, document in found.items() if document["submitted"] is not None}
    for missing in {str(each) for each in ids} - there.keys():
        document = await folded(kernel, UUID(missing))
        if document is not None and document["submitted"] is not None:
            there[missing] = document
    vacancies = await kernel.views.many(VACANCY, {_vacancy(document) for document in there.values()})
    return frozenset(
        UUID(key) for key, document in there.items() if within_reach(owners, _owner(vacancies.get(_vacancy(document))))
    )


async def submitted(kernel: Kernel, owners: Owners, application_id: UUID) -> ApplicationDocument:
    """The application; NotFound for a draft, and for one whose vacancy belongs to somebody else.

    From the store where the view is behind: who learnt of it from Kafka may ask in the same moment.
    """
    document = await kernel.views.get(APPLICATION, application_id)
    if document is None or document["submitted"] is None:
        document = await folded(kernel, application_id)
    if document is None or document["submitted"] is None:
        raise NotFound.because(UNKNOWN)
    if not within_reach(owners, _owner(await kernel.views.get(VACANCY, _vacancy(document)))):
        raise NotFound.because(UNKNOWN)
    return document


def _vacancy(document: ApplicationDocument) -> str:
    return str(document["submitted"]["vacancy_id"]) if document["submitted"] else ""


def _owner(vacancy: VacancyDocument | None) -> str:
    """Whose the vacancy is; "" for nobody's, also for one from before there were organisations."""
    return vacancy.get("organisation", "") if vacancy else ""
