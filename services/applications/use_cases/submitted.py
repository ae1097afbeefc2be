"""What those who recruit may see: submitted applications, for vacancies within their reach."""

from uuid import UUID

from services.applications.domain.draft import UNKNOWN
from services.applications.projections import APPLICATION, VACANCY, ApplicationDocument
from services.applications.use_cases.applications import folded
from shared.model.errors import NotFound
from shared.runtime.kernel import Kernel
from shared.vocabulary.permissions import Owners, within_reach


async def submitted(kernel: Kernel, owners: Owners, application_id: UUID) -> ApplicationDocument:
    """The application; NotFound for a draft, and for one whose vacancy belongs to somebody else.

    From the store where the view is behind: who learnt of it from Kafka may ask in the same moment.
    """
    document = await kernel.views.get(APPLICATION, application_id)
    if document is None or document["submitted"] is None:
        document = await folded(kernel, application_id)
    if document is None or document["submitted"] is None:
        raise NotFound.because(UNKNOWN)
    if not within_reach(owners, await _organisation(kernel, document["submitted"]["vacancy_id"])):
        raise NotFound.because(UNKNOWN)
    return document


async def _organisation(kernel: Kernel, vacancy_id: str) -> str:
    vacancy = await kernel.views.get(VACANCY, vacancy_id)
    return vacancy.get("organisation", "") if vacancy else ""
