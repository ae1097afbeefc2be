"""Saving job openings, and what both doors show of those that are saved."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.alerts.domain import OPENING, LeaveOpening, SaveOpening
from services.alerts.projections import OPENINGS, VACANCIES, OpeningsDocument, VacancyDocument, in_words, state_of
from services.vacancies.events import State, state_at
from shared.auth import Who
from shared.model.errors import N_, Conflict, NotFound
from shared.model.reasons import Reason
from shared.runtime.kernel import Kernel

NONE = N_("There is no such job opening")
OVER = N_("This job opening can no longer be applied for, so that there is nothing to be told of it.")


class SavedOpening(NamedTuple):
    """A saved job opening, in the reader's words, and since when it is saved, ISO 8601."""

    vacancy: VacancyDocument
    state: State
    saved_at: str


async def find(kernel: Kernel, vacancy_id: UUID) -> VacancyDocument:
    """The job opening, or the one that it is part of now. Raises NotFound."""
    vacancy = await kernel.views.get(VACANCIES, vacancy_id)
    if vacancy and (into := vacancy.get("into")):
        vacancy = await kernel.views.get(VACANCIES, into)
    if vacancy is None:
        raise NotFound.because(NONE)
    return vacancy


def _state(vacancy: VacancyDocument, now: datetime) -> State:
    return state_at(state_of(vacancy), datetime.fromisoformat(vacancy["closes_at"]), now)


async def save(kernel: Kernel, who: Who, vacancy_id: UUID) -> VacancyDocument:
    """The job opening that is saved now, or was already. Raises NotFound, Conflict."""
    vacancy = await find(kernel, vacancy_id)
    if _state(vacancy, await kernel.now()) != "open":
        raise Conflict.because(OVER, reason=Reason.VACANCY_NOT_OPEN)
    key, version = UUID(vacancy["id"]), vacancy.get("version", 0)
    saving = SaveOpening(candidate_id=who.account_id, vacancy_id=key, version=version)
    await kernel.execute(OPENING, who.account_id, saving)
    return vacancy


async def leave(kernel: Kernel, who: Who, vacancy_id: UUID) -> None:
    """What it is part of now is left too, as it is saved in its place. Nothing if it is not saved."""
    vacancy = await kernel.views.get(VACANCIES, vacancy_id)
    into = vacancy.get("into") if vacancy else None
    for key in (vacancy_id, *([UUID(into)] if into else [])):
        await kernel.execute(OPENING, who.account_id, LeaveOpening(candidate_id=who.account_id, vacancy_id=key))


async def saved(kernel: Kernel, who: Who, language: str) -> list[SavedOpening]:
    """All that the candidate has saved: what closes first before the others, and what is over last."""
    document = await kernel.current(OPENINGS, OPENING, who.account_id)
    if document is None:
        return []
    vacancies = await kernel.views.many(VACANCIES, document["openings"])
    return listed(document, vacancies, await kernel.now(), language)


def listed(
    document: OpeningsDocument, vacancies: Mapping[str, VacancyDocument], now: datetime, language: str
) -> list[SavedOpening]:
    """What closes first before the others, and what is over last; what is not known yet is left out."""
    rows = (
        SavedOpening(in_words(vacancy, language), _state(vacancy, now), document["openings"][key]["at"])
        for key, vacancy in vacancies.items()
    )
    return sorted(rows, key=lambda row: (row.state != "open", row.vacancy["closes_at"], row.vacancy["id"]))
