"""Saving job openings, and what both doors show of those that are saved."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.alerts.domain import OPENING, LeaveOpening, SaveOpening
from services.alerts.projections import OPENINGS, VACANCIES, VacancyDocument, in_words, state_of
from services.vacancies.events import State
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


def state_at(vacancy: VacancyDocument, now: datetime) -> State:
    """How it stands: past its deadline it is closed, be that announced or not."""
    passed = datetime.fromisoformat(vacancy["closes_at"]) <= now
    return "closed" if passed and state_of(vacancy) == "open" else state_of(vacancy)


async def save(kernel: Kernel, who: Who, vacancy_id: UUID) -> None:
    """Nothing if it is saved already. Raises NotFound, Conflict."""
    vacancy = await find(kernel, vacancy_id)
    if state_at(vacancy, await kernel.now()) != "open":
        raise Conflict.because(OVER, reason=Reason.VACANCY_NOT_OPEN)
    key, version = UUID(vacancy["id"]), vacancy.get("version", 0)
    saving = SaveOpening(candidate_id=who.account_id, vacancy_id=key, version=version)
    await kernel.execute(OPENING, who.account_id, saving)


async def leave(kernel: Kernel, who: Who, vacancy_id: UUID) -> None:
    """Nothing if it is not saved."""
    await kernel.execute(OPENING, who.account_id, LeaveOpening(candidate_id=who.account_id, vacancy_id=vacancy_id))


async def saved(kernel: Kernel, who: Who, language: str) -> list[SavedOpening]:
    """All that the candidate has saved: what closes first before the others, and what is over last."""
    document = await kernel.current(OPENINGS, OPENING, who.account_id)
    if document is None:
        return []
    vacancies, now = await kernel.views.many(VACANCIES, document["openings"]), await kernel.now()
    rows = [
        SavedOpening(in_words(vacancy, language), state_at(vacancy, now), document["openings"][key]["at"])
        for key, vacancy in vacancies.items()
    ]
    return sorted(rows, key=lambda row: (row.state != "open", row.vacancy["closes_at"]))
