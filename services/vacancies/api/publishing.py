"""What HR systems do (scope hr): publish, amend, extend, cancel, and list notices of Galaxy."""

from uuid import UUID

from fastapi import Response

from services.vacancies.api.bodies import (
    AmendmentBody,
    CancellationBody,
    DeadlineBody,
    GalaxyBody,
    NoticeBody,
    Vacancy,
)
from services.vacancies.domain import (
    VACANCY,
    AmendVacancy,
    CancelVacancy,
    ExtendDeadline,
    PublishVacancy,
    RegisterGalaxyNotice,
    VacancyCommand,
    day_of,
    vacancy_id,
)
from shared.auth import Hr
from shared.errors import N_, NotFound
from shared.http import api_router
from shared.runtime import Kernel, KernelDep

router = api_router("vacancies")


@router.post("/vacancies", status_code=201, responses={200: {"description": "It was published already."}})
async def publish_vacancy(body: NoticeBody, who: Hr, kernel: KernelDep, response: Response) -> Vacancy:
    """Publishes a vacancy. Publishing the same once more changes nothing and answers 200."""
    return await _announce(kernel, PublishVacancy, body, who.actor, response)


@router.post("/galaxy-notices", status_code=201, responses={200: {"description": "It was listed already."}})
async def register_galaxy_notice(body: GalaxyBody, who: Hr, kernel: KernelDep, response: Response) -> Vacancy:
    """Lists a vacancy of Galaxy for information (R7, R51)."""
    return await _announce(kernel, RegisterGalaxyNotice, body, who.actor, response)


@router.put("/vacancies/{vacancy_id}")
async def amend_vacancy(vacancy_id: UUID, body: AmendmentBody, who: Hr, kernel: KernelDep) -> Vacancy:
    """Replaces what an open notice says. Its version grows if anything differs."""
    return await _carry_out(kernel, vacancy_id, AmendVacancy(by=who.actor, **body.content()))


@router.put("/vacancies/{vacancy_id}/deadline")
async def extend_deadline(vacancy_id: UUID, body: DeadlineBody, who: Hr, kernel: KernelDep) -> Vacancy:
    """Keeps an open notice open until the end of a later day in New York (R45)."""
    return await _carry_out(kernel, vacancy_id, ExtendDeadline(by=who.actor, closes_on=body.closes_on))


@router.put("/vacancies/{vacancy_id}/cancellation")
async def cancel_vacancy(vacancy_id: UUID, body: CancellationBody, who: Hr, kernel: KernelDep) -> Vacancy:
    """Cancels a notice for good. Those who applied are told."""
    return await _carry_out(kernel, vacancy_id, CancelVacancy(by=who.actor, reason=body.reason))


async def _announce(
    kernel: Kernel,
    kind: type[PublishVacancy | RegisterGalaxyNotice],
    body: NoticeBody,
    actor: str,
    response: Response,
) -> Vacancy:
    key = vacancy_id(body.job_opening_number, body.language)
    opens_on = body.opens_on or day_of(await kernel.now())
    written = await kernel.execute(VACANCY, key, kind(**{**body.content(), "opens_on": opens_on, "by": actor}))
    response.status_code = 201 if written.events else 200
    response.headers["location"] = f"/vacancies/api/vacancies/{key}"
    return await _shown(kernel, key)


async def _carry_out(kernel: Kernel, key: UUID, command: VacancyCommand) -> Vacancy:
    await kernel.execute(VACANCY, key, command)
    return await _shown(kernel, key)


async def _shown(kernel: Kernel, key: UUID) -> Vacancy:
    """The vacancy as its own stream tells it, not as a view will soon."""
    known = await kernel.state(VACANCY, key)
    if known.content is None:
        raise NotFound.because(N_("There is no such vacancy"))
    return Vacancy.model_validate({**known.content.model_dump(), "id": key, "status": known.status,
                                   "extended": known.extended, "reason": known.reason})  # fmt: skip
