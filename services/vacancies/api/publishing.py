"""What HR systems do (scope vacancies.write): publish, amend, extend, cancel, and list notices of Galaxy."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

from fastapi import Response

from services.vacancies.api.bodies import (
    AmendmentBody,
    CancellationBody,
    DeadlineBody,
    GalaxyBody,
    NoticeBody,
    Vacancy,
    VacancyId,
)
from services.vacancies.domain import (
    VACANCY,
    AmendVacancy,
    CancelVacancy,
    ExtendDeadline,
    PublishVacancy,
    RegisterGalaxyNotice,
    day_of,
)
from services.vacancies.domain.openings import merging, opening_of, places_of
from services.vacancies.domain.vacancy import Vacancy as Known
from services.vacancies.events import publisher_of
from shared.auth import Publisher, Who
from shared.http import CREATED, api_router
from shared.model.errors import N_, NotFound
from shared.model.reaction import Do
from shared.runtime.kernel import Kernel, KernelDep

router = api_router("vacancies", resources={"vacancy_id": VACANCY})


@router.post(
    "/vacancies", status_code=201, summary="Publish a vacancy",
    responses={200: {"description": "It was published already with the same content: nothing changed.",
                     "model": Vacancy}, **CREATED},
)  # fmt: skip
async def publish_vacancy(body: NoticeBody, who: Publisher, kernel: KernelDep, response: Response) -> Vacancy:
    """Publishes a vacancy. Publishing the same once more changes nothing and answers 200.

    Its number names it. A notice in a second language, sent with it in `translations` or later by itself, belongs to
    the same vacancy, with the same level, duty stations, questions and days. The vacancy belongs to the client's
    organisation from then on: only its clients, and staff, may change it. 403: the number is another organisation's.
    409: it says something else; amend it or extend its deadline instead. 422: what is wrong, field by field
    (`questions.0.text`). Other services, alerts among them, learn of it from the topic `postulo.vacancies.vacancy.v1`.
    """
    return await _announce(kernel, PublishVacancy, body, who, response)


@router.post(
    "/galaxy-notices", status_code=201, summary="List a notice of Galaxy",
    responses={200: {"description": "It was listed already with the same content: nothing changed.",
                     "model": Vacancy}, **CREATED},
)  # fmt: skip
async def register_galaxy_notice(body: GalaxyBody, who: Publisher, kernel: KernelDep, response: Response) -> Vacancy:
    """Lists a vacancy of Galaxy for information (R7, R51): nobody applies to it here, no job alert tells of it."""
    return await _announce(kernel, RegisterGalaxyNotice, body, who, response)


@router.put("/vacancies/{vacancy_id}", summary="Amend a vacancy")
async def amend_vacancy(vacancy_id: VacancyId, body: AmendmentBody, who: Publisher, kernel: KernelDep) -> Vacancy:
    """Replaces what an open notice says, in one language: `language`, or that of the first notice.

    What other languages say stays, unless `translations` says it anew. The version grows if anything differs but that
    there is one more language; the same once more changes nothing.
    The questions of a draft that is being written follow; a submitted application keeps those it answered.
    403: it is another organisation's. 409: the vacancy is closed or cancelled.
    """
    return await _carry_out(kernel, who, vacancy_id, AmendVacancy, body.content())


@router.put("/vacancies/{vacancy_id}/deadline", summary="Extend the deadline")
async def extend_deadline(vacancy_id: VacancyId, body: DeadlineBody, who: Publisher, kernel: KernelDep) -> Vacancy:
    """Keeps an open notice open until the end of a later day in New York (R45).

    403: it is another organisation's. 422: the day is earlier than the present one. 409: it is closed or cancelled.
    """
    return await _carry_out(kernel, who, vacancy_id, ExtendDeadline, {"closes_on": body.closes_on})


@router.put("/vacancies/{vacancy_id}/cancellation", summary="Cancel a vacancy")
async def cancel_vacancy(vacancy_id: VacancyId, body: CancellationBody, who: Publisher, kernel: KernelDep) -> Vacancy:
    """Cancels a notice for good. Those who applied are told, and their applications show it.

    403: it is another organisation's.
    """
    return await _carry_out(kernel, who, vacancy_id, CancelVacancy, {"reason": body.reason})


async def _announce(
    kernel: Kernel,
    kind: type[PublishVacancy | RegisterGalaxyNotice],
    body: NoticeBody,
    who: Who,
    response: Response,
) -> Vacancy:
    places = places_of(body.job_opening_number)
    known = await kernel.states(*((VACANCY, place) for place in places))
    opening = opening_of(body.job_opening_number, body.language, partial(known.state, VACANCY))
    wish = {**body.content(), "opens_on": body.opens_on or day_of(known.now), "organisation": who.organisation}
    steps = [*merging(opening), (opening.key, kind(**wish))]
    asked = await _asked_by(kernel, who, {key: known.state(VACANCY, key) for key, _ in steps})
    written = await kernel.execute_all(*(Do(VACANCY, key, step.model_copy(update=asked[key])) for key, step in steps))
    response.status_code = 201 if written.events else 200
    response.headers["location"] = f"/vacancies/api/vacancies/{opening.key}"
    return await _shown(kernel, opening.key)


async def _carry_out(
    kernel: Kernel,
    who: Who,
    key: UUID,
    kind: type[AmendVacancy | ExtendDeadline | CancelVacancy],
    wish: Mapping[str, Any],
) -> Vacancy:
    known = await kernel.state(VACANCY, key)
    if into := known.merged_into:
        key, known = into, await kernel.state(VACANCY, into)
    asked = await _asked_by(kernel, who, {key: known})
    await kernel.execute(VACANCY, key, kind(**wish, **asked[key]))
    return await _shown(kernel, key)


async def _asked_by(kernel: Kernel, who: Who, known: Mapping[UUID, Known]) -> dict[UUID, dict[str, Any]]:
    """Who asks, whose notices are within their reach, and whose each of these is: a notice from before there were
    organisations does not say it, but whoever recorded its first event does.
    """
    unsaid = [key for key, each in known.items() if each.announced and not each.announced.organisation]
    first = await kernel.store.first(*map(VACANCY.stream, unsaid)) if unsaid else {}
    published = {key: publisher_of(first[VACANCY.stream(key)]) for key in unsaid}
    return {key: {"by": who.actor, "owners": who.owners, "published_by": published.get(key, "")} for key in known}


async def _shown(kernel: Kernel, key: UUID) -> Vacancy:
    """The vacancy as its own stream tells it, not as a view will soon."""
    known = await kernel.state(VACANCY, key)
    if known.content is None:
        raise NotFound.because(N_("There is no such job opening"))
    return Vacancy.model_validate({**known.content.model_dump(), "id": key, "status": known.status,
                                   "extended": known.extended, "reason": known.reason})  # fmt: skip
